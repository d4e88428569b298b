"""The page's style: ink on paper, colour is data. Phone first, then tablet, desk and A4."""

LIGHT = {
    "paper": "#FBFCFB", "panel": "#EEF2F0", "ink": "#16211F", "muted": "#50605C", "line": "#C5CFCC",
    "leg": "#E3E9E7", "left": "#1C5FB6", "right": "#A94604", "lift": "#0B756A", "hold": "#4A3B00",
    "lower": "#7E30C8", "mark": "#FFE66B", "markink": "#16211F", "stop": "#B0122C",
}  # fmt: skip
DARK = {
    "paper": "#0F1716", "panel": "#1A2422", "ink": "#E8EEEC", "muted": "#A3B1AD", "line": "#3A4845",
    "leg": "#2B3835", "left": "#86B6FF", "right": "#FFA65C", "lift": "#7DEBDD", "hold": "#C9A23E",
    "lower": "#C485F7", "mark": "#4A4000", "markink": "#FFEFA0", "stop": "#FF8E96",
}  # fmt: skip
# order ramps, early to late
RAMPS = {
    "light": {
        "r": "C77B3C C16F32 BA6427 B3581C AC4C0E 9C4103 833602 6B2C01 542200 3E1800",
        "l": "5B8ED6 4E84CF 4179C8 336FC1 2464BA 1957A9 14488E 0E3A75 092C5C 051F45",
    },
    "dark": {
        "r": "96581F A96629 BD7534 D1833E E69249 F2A25E F6B37A FAC395 FDD3AE FFE3C8",
        "l": "3F70B4 4E7FC4 5E8FD5 6E9EE6 7EAEF6 90BCFF A5C9FF B9D5FF CDE2FF E2EEFF",
    },
}
BASE = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body,h1,h2,p,ul,ol,dl,dd,li,table{margin:0;padding:0}
body{background:var(--paper);color:var(--ink);font:16px/1.45 var(--sans);font-variant-numeric:tabular-nums}
main{max-width:1136px;margin:0 auto;padding:20px 16px 40px}
ul,ol{list-style:none}
.top{display:flex;justify-content:space-between;align-items:flex-start;gap:16px;font-size:14px;
color:var(--muted)}
.top p{text-align:right;max-width:40ch;overflow-wrap:anywhere}
.logo{display:inline-flex;gap:8px;align-items:center;font-size:18px;font-weight:700;color:var(--ink)}
.logo svg{width:22px;height:22px}
h1{font-size:30px;line-height:1.12;letter-spacing:-.022em;font-weight:680;margin-top:16px;text-wrap:balance;
overflow-wrap:anywhere}
.lead{font-size:18px;line-height:1.4;max-width:62ch;margin-top:12px}
.keys{display:grid;grid-template-columns:1fr 1fr;gap:16px;margin:24px 0 28px}
.keys dt,.keys .i{font-size:14px;color:var(--muted)}
.keys .n{font-size:30px;line-height:1.15;font-weight:650;letter-spacing:-.02em}
.keys .n small{font-size:16px;font-weight:500;letter-spacing:0}
.keys>div,.cell{min-width:0;overflow-wrap:break-word}
.cells{display:grid;grid-template-columns:minmax(0,1fr);gap:36px 28px}
.cell{border-top:2px solid var(--ink);padding-top:10px;display:flex;flex-direction:column}
.cell h2{font-size:18px;line-height:1.25;font-weight:650;letter-spacing:-.01em;text-wrap:balance}
.say{font-size:15px;margin:4px 0 12px}
.term{font-size:13px;color:var(--muted);margin-top:auto;padding-top:10px}
.unit{font-size:13px;color:var(--muted);margin-bottom:6px}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:14px;margin-bottom:8px}
.key li{display:flex;align-items:center;gap:6px}
.key svg{width:32px;height:10px}
.list{display:grid;gap:12px;font-size:15px;margin-top:6px}
mark{background:var(--mark);color:var(--markink);padding:1px 5px;font-weight:650;box-decoration-break:clone;
-webkit-box-decoration-break:clone}
.why{color:var(--muted);font-size:13px}
.next li{display:grid;grid-template-columns:24px 1fr}
.next b{font-size:18px;line-height:1.3;font-weight:650}
.sure{display:grid}
.sure li{display:grid;grid-template-columns:1fr auto;column-gap:12px;padding:7px 0;
border-top:1px solid var(--line);
font-size:15px}
.sure li:first-child{border-top:0}
.sure b{font-weight:650}
.sure .r{text-align:right;font-weight:650}
.sure .why{grid-column:1/-1}
.null{text-decoration:underline dashed 1px var(--muted);text-underline-offset:3px}
.keys .null{font-size:.72em;font-weight:600}
details{margin-top:28px;border-top:1px solid var(--line)}
summary{min-height:44px;display:flex;align-items:center;cursor:pointer;font-weight:650}
summary::before{content:"+";width:20px;font-size:20px}
details[open] summary::before{content:"\\2212"}
:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:right;padding:5px 8px;border-bottom:1px solid var(--line);font-weight:400;
vertical-align:middle}
thead th{color:var(--muted);vertical-align:bottom}
.all table{min-width:720px}
th:first-child,td:first-child,.l{text-align:left}
td small{color:var(--muted);font-size:13px;white-space:nowrap}
td b{font-weight:650}
.rows th,.rows td{padding:5px 4px}.rows th:first-child{padding-left:0}
.rows .what{display:flex;flex-wrap:wrap;align-items:center;
gap:4px 12px;text-align:left}.rows .what>div{min-width:6em;flex:1}
.task{padding:6px 0}.task details{margin-top:2px;border:0}
footer{margin-top:32px;border-top:1px solid var(--line);padding-top:10px;font-size:13px;color:var(--muted);
display:grid;
gap:4px}
.fig{display:block;width:100%;height:auto;overflow:visible}
.fig.t{width:48px}
svg text{font:12px var(--sans);fill:var(--ink);font-variant-numeric:tabular-nums}
svg .m{fill:var(--muted)}svg .b{font-weight:650}svg .e{text-anchor:end}svg .c{text-anchor:middle}
svg .h{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
svg .inv{fill:var(--paper)}
svg .grid{stroke:var(--line);fill:none}
svg .axis{stroke:var(--ink);fill:none}
svg .ci{stroke:var(--ink);fill:none}
svg .limb{stroke:var(--leg);stroke-linecap:round;fill:none}
svg .cuff{stroke:var(--ink);fill:none}
svg .joint{fill:var(--paper);stroke:var(--ink);stroke-width:2px}
svg .dot{fill:var(--ink)}
svg .between{stroke:var(--muted);stroke-width:1px}
svg .ph{stroke-linejoin:round}
svg .lift{stroke:var(--lift);stroke-width:1.9px}
svg .hold{stroke:var(--hold);stroke-width:3.4px}
svg .lower{stroke:var(--lower);stroke-width:1.9px;stroke-dasharray:3 2}
svg .f-lift{fill:url(#p-lift)}svg .f-hold{fill:var(--hold)}svg .f-lower{fill:url(#p-lower)}
svg .s-lift{fill:var(--lift)}svg .s-hold{fill:var(--hold)}svg .s-lower{fill:var(--lower)}
svg .null-box{fill:url(#p-null);stroke:var(--muted);stroke-dasharray:3 3}
svg .d-left{fill:var(--left)}svg .d-right{fill:var(--right)}
svg .t-left{fill:var(--left)}svg .t-right{fill:var(--right)}
svg .n-left{stroke:var(--left);fill:none}svg .n-right{stroke:var(--right);fill:none}
svg .d-both,svg .b-both{fill:var(--ink)}svg .n-both{stroke:var(--ink);fill:none}
svg .round{stroke-linecap:round}
svg .band{opacity:.2}svg .b-left{fill:var(--left)}svg .b-right{fill:var(--right)}
.w744,.w1136,.w240,.paper{display:none}
"""
WIDER = """
@media (min-width:600px) and (max-width:759px){.cell>.w360,.cell>.fig:not([class*=w]){max-width:440px}
.wide>.w360{display:none}.wide>.w744{display:block}}
@media (min-width:760px){main{padding:28px 24px 56px}h1{font-size:42px}.lead{font-size:20px}
.keys{grid-template-columns:repeat(4,1fr);gap:24px}.cells{grid-template-columns:repeat(2,minmax(0,1fr))}
.wide{grid-column:1/-1}.wide>.w360{display:none}.wide>.w744{display:block}}
@media (min-width:1184px){main{padding:28px 0 56px}
.cells{grid-template-columns:repeat(3,minmax(0,1fr));gap:44px 28px}.two{grid-column:span 2}
.two>.w360{display:none}.two>.w744{display:block}.wide>.w744{display:none}.wide>.w1136{display:block}}
"""
PRINT = """
@page{size:A4;margin:6mm 10mm}
@media print{:root{--paper:#fff}
body{font-size:11px;line-height:1.32;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
.top{font-size:10.5px}.top p{max-width:none}.top br{display:none}.logo{font-size:14px}
.logo svg{width:18px;height:18px}
h1{font-size:22px;margin-top:6px}.lead{font-size:12.5px;margin-top:4px;max-width:none}
.keys{grid-template-columns:repeat(4,1fr);gap:12px;margin:6px 0 8px}.keys dt,.keys .i{font-size:10.5px}
.keys .n{font-size:18px}.keys .n small{font-size:11px}
.cells{grid-template-columns:repeat(6,minmax(0,1fr));gap:6px 16px}
.cell{border-top-width:1.5px;padding-top:3px;grid-column:span 2;break-inside:avoid}
.cell.half{grid-column:span 3}.cell.most{grid-column:span 4}.cell.wide{grid-column:1/-1}
.cell h2{font-size:12.5px}.say{font-size:10.5px;margin:1px 0 5px}
.term,.unit{font-size:9.5px;line-height:1.25;padding-top:3px;margin-bottom:2px}
.fig{display:none!important}.fig.t,.fig.w240,.half>.fig,.wide>.fig.w744{display:block!important}
.most>.fig.w744{display:block!important}.task{padding:1px 0}
.half>.w744,.half>.w1136{display:none!important}.half>.fig{max-height:158px}.fig.t{width:32px}
.key{font-size:10px;margin-bottom:4px}
.list,.sure li{font-size:10.5px;gap:3px;line-height:1.27}.list{margin-top:2px;gap:4px}
.why{font-size:9.5px;line-height:1.25}
.sure li{padding:1px 0;line-height:1.2}.sure .why{line-height:1.15}.sure li,.next li{column-gap:8px}
.next li{grid-template-columns:16px 1fr}.next b{font-size:12px}
mark{padding:0 3px}.rows .what{flex-wrap:nowrap}table{font-size:10.5px}th,td{padding:1px 6px}
td small{font-size:9.5px;white-space:nowrap}.rows th,.rows td{padding:1px 4px}
details,.screen{display:none}.paper{display:block}
footer{margin-top:6px;padding-top:3px;font-size:8.5px;gap:0;line-height:1.25}}
"""
SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif'


def palette() -> str:
    """The colours of both modes, as CSS names: every page has the same."""
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{_colours(DARK, 'dark')}}}}}"
    return f":root{{color-scheme:light dark;--sans:{SANS};{_colours(LIGHT, 'light')}}}{dark}"


def style() -> str:
    """The whole style sheet."""
    return f"{palette()}{BASE}{WIDER}{PRINT}"


def _colours(palette: dict[str, str], mode: str) -> str:
    plain = "".join(f"--{name}:{value};" for name, value in palette.items())
    steps = [(f"{key}{k}", value) for key, row in RAMPS[mode].items() for k, value in enumerate(row.split())]
    return plain + "".join(f"--{name}:#{value};" for name, value in steps)

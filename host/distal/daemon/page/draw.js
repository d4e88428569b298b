// Drawings of the live page. Every text comes from the page's words; nothing is eased or counted up.

const SVG = "http://www.w3.org/2000/svg";

export function make(name, attributes = {}, text) {
  const out = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) out.setAttribute(key, value);
  if (text !== undefined) out.textContent = text;
  return out;
}

// ---- numbers, as the reports write them -------------------------------------------------------------------

export function number(value, digits) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
}

// Decimals of a value whose interval has this half width: one digit of it, two after a leading 1 or 2.
export function digitsFor(half) {
  if (!(half > 0)) return 1;
  const power = Math.floor(Math.log10(half));
  const lead = half / 10 ** power;
  return Math.min(Math.max(-power + (lead < 3 ? 1 : 0), 0), 3);
}

export function ends(low, high, say, digits = digitsFor((high - low) / 2)) {
  return say("to", { low: number(low, digits), high: number(high, digits) });
}

// ---- the drawn rep ----------------------------------------------------------------------------------------

const LEFT = 34, RIGHT = 16, TOP = 14, BOTTOM = 28, SPACE = 22;
const HOLE_S = 0.25; // points further apart have missing samples between them

// Points (s, degrees) in pieces: a hole in the samples is a hole in the line.
function pieces(points) {
  const out = [];
  let last = -1e9;
  for (const point of points) {
    if (point[0] - last > HOLE_S) out.push([]);
    out[out.length - 1].push(point);
    last = point[0];
  }
  return out;
}

export class Chart {
  constructor(svg) {
    this.svg = svg;
    this.seen = "";
  }

  // Axes for so many seconds and degrees; drawn again only when they change. strips: how many above each other
  axesFor_(seconds, most, words, strips = 1) {
    const width = this.svg.clientWidth || 360;
    const height = width < 520 ? 214 : 300;
    // text is 12 units: 12 px on a phone, larger on a desk, where it is read from further away
    const scale = width < 520 ? 1 : 1.3;
    [this.w, this.h] = [width / scale, height / scale];
    const tall = (this.h - BOTTOM - TOP - (strips - 1) * SPACE) / strips;
    this.x = (s) => LEFT + ((this.w - LEFT - RIGHT) * s) / seconds;
    this.y = (deg, strip = 0) => TOP + tall + strip * (tall + SPACE) - (tall * deg) / most;
    const key = [width, seconds, most, words.ago, strips].join();
    if (key === this.seen) return;
    this.seen = key;
    this.svg.setAttribute("viewBox", `0 0 ${this.w} ${this.h}`);
    this.svg.replaceChildren();
    for (let strip = 0; strip < strips; strip += 1) this.heights_(most, strip);
    this.times_(seconds, words, strips - 1);
    this.layer = make("g");
    this.svg.append(this.layer);
  }

  heights_(most, strip) {
    for (let deg = 0; deg <= most; deg += 30) {
      const y = this.y(deg, strip);
      this.svg.append(make("path", { class: deg ? "grid" : "axis", d: `M${LEFT} ${y}H${this.w - RIGHT}` }));
      this.svg.append(make("text", { class: "m e", x: LEFT - 6, y: y + 4 }, `${deg}°`));
    }
  }

  times_(seconds, words, strip) {
    const step = seconds <= 4 ? 1 : seconds <= 8 ? 2 : seconds <= 16 ? 4 : 10;
    const y = this.y(0, strip);
    for (let s = 0; s <= seconds; s += step) {
      const last = s + step > seconds;
      const label = words.ago ? (last ? words.last : number(s - seconds, 0)) : String(s);
      this.svg.append(make("path", { class: "axis", d: `M${this.x(s)} ${y}v4` }));
      const unit = (words.ago ? s === 0 : last) ? ` ${words.s}` : "";
      this.svg.append(make("text", { class: "m c", x: this.x(s), y: y + 17 }, label + unit));
    }
  }

  line_(points, start, kind, strip = 0) {
    for (const part of pieces(points)) {
      const d = part.map(([t, deg]) => `${this.x(t - start).toFixed(1)},${this.y(deg, strip).toFixed(1)}`).join(" ");
      this.layer.append(make("polyline", { class: kind, points: d, fill: "none" }));
    }
  }

  // A rep in its phases over earlier ones. past: [[points, start], ...]; now: its newest point while it is being done
  rep({ points, marks, past, now, words }) {
    const start = marks.length ? marks[0][1] : 0;
    const length = points.length ? points.at(-1)[0] - start : 0;
    const longest = Math.max(length, ...past.map(([part, from]) => (part.length ? part.at(-1)[0] - from : 0)));
    const seconds = longest <= 4 ? 4 : longest <= 8 ? 8 : longest <= 16 ? 16 : Math.ceil(longest / 10) * 10;
    this.axesFor_(seconds, mostOf([points, ...past.map((one) => one[0])]), words);
    this.layer.replaceChildren();
    for (const [part, from] of past) this.line_(part, from, "past");
    marks.forEach(([phase, from], k) => {
      const until = k + 1 < marks.length ? marks[k + 1][1] : Infinity;
      // a point on the border belongs to both, so that the line has no holes
      const own = points.filter(([t]) => t >= from - 0.021 && t <= until + 0.021);
      this.line_(own, start, `ph ${phase}`);
    });
    if (!now) return;
    this.layer.append(make("circle", { cx: this.x(Math.max(now[0] - start, 0)), cy: this.y(now[1]), r: 8, class: "dot" }));
  }

  // Both legs in the last seconds, one above the other: what walking looks like. sides: [[side, points, name], ...]
  walk({ sides, now, seconds, words }) {
    const most = mostOf(sides.map((one) => one[1]));
    this.axesFor_(seconds, most, { ...words, ago: true }, sides.length);
    this.layer.replaceChildren();
    sides.forEach(([side, points, name], strip) => {
      this.line_(points.filter(([t]) => t > now - seconds), now - seconds, `walk ${side}`, strip);
      const at = { class: `b f-${side}${strip ? " e" : ""} halo`, x: strip ? this.w - RIGHT : LEFT, y: this.y(most, strip) - 2 };
      this.layer.append(make("text", at, name));
    });
  }

  // Nothing is known: said, not left white.
  none(words) {
    this.axesFor_(8, 90, words);
    this.layer.replaceChildren();
    const [x0, x1, y0, y1] = [LEFT, this.w - RIGHT, TOP, this.h - BOTTOM];
    for (let x = x0 - (y1 - y0); x < x1; x += 14) {
      const [a, b] = [Math.max(x, x0), Math.min(x + (y1 - y0), x1)];
      this.layer.append(make("path", { class: "hatch", d: `M${a} ${y1 - (a - x)}L${b} ${y1 - (b - x)}` }));
    }
    this.layer.append(make("rect", { class: "null", x: x0, y: y0, width: x1 - x0, height: y1 - y0 }));
    const middle = (x0 + x1) / 2;
    this.layer.append(make("text", { class: "b c halo", x: middle, y: (y0 + y1) / 2 }, words.none));
    this.layer.append(make("text", { class: "m c halo", x: middle, y: (y0 + y1) / 2 + 17 }, words.why));
  }
}

// Degrees that the axis reaches: level, unless every course stays far below or goes far above.
function mostOf(lines) {
  let most = 0;
  for (const line of lines) for (const [, deg] of line) most = Math.max(most, deg);
  if (most > 148) return 180;
  if (most > 100) return 150;
  return most > 57 || most < 15 ? 104 : 60;
}

// ---- the leg with its rings -------------------------------------------------------------------------------

const JOINT = [36, 34], FIRST = 36, OUTER = 92, STEP = 5.6;

function polar(deg, radius) {
  const a = (deg * Math.PI) / 180;
  return `${(JOINT[0] + radius * Math.sin(a)).toFixed(1)} ${(JOINT[1] + radius * Math.cos(a)).toFixed(1)}`;
}

function arc(from, to, radius) {
  return `M${polar(from, radius)}A${radius} ${radius} 0 0 0 ${polar(Math.max(to, from + 0.5), radius)}`;
}

export class Figure {
  constructor(svg) {
    this.svg = svg;
    this.thigh = make("path", { class: "limb", d: `M12 34H36`, "stroke-width": 22 });
    this.shank = make("g");
    this.shank.append(make("path", { class: "limb", d: "M36 34H136", "stroke-width": 17 }));
    this.shank.append(make("path", { class: "limb", d: "M149 35v-17", "stroke-width": 12 }));
    this.rings = make("g");
    this.cuff = make("path", { class: "cuff", d: "M130 25.500v17", "stroke-width": 13 });
    this.live = make("path", { class: "arc" });
    const joint = make("circle", { class: "joint", cx: JOINT[0], cy: JOINT[1], r: 5.5 });
    svg.append(this.thigh, this.shank, this.rings, this.live, this.cuff, joint);
    this.drawn = "";
  }

  show({ reps, deg, low, phase, side, seated }) {
    const turn = `rotate(${(90 - deg).toFixed(1)} ${JOINT[0]} ${JOINT[1]})`;
    this.shank.setAttribute("transform", turn);
    this.cuff.setAttribute("transform", turn);
    this.thigh.setAttribute("visibility", seated ? "inherit" : "hidden");
    const step = Math.min(STEP, (OUTER - FIRST) / Math.max(reps.length, 1));
    const key = side + reps.map((rep) => rep.start_s).join();
    if (key !== this.drawn) {
      this.drawn = key;
      this.rings.replaceChildren(...reps.map((rep, k) => this.ring_(rep, k, reps.length, step, side)));
    }
    const radius = FIRST + reps.length * step;
    this.live.setAttribute("d", phase ? arc(low, Math.max(deg, low), radius) : "");
    this.live.setAttribute("class", `arc ${phase || ""}`);
  }

  ring_(rep, k, n, step, side) {
    // first rep ink and thick, the others in the side's ramp from early to late
    const order = n > 1 ? Math.round((9 * k) / Math.max(n - 1, 9)) : 0;
    const out = make("path", { class: "arc", d: arc(rep.top_deg - rep.rom_deg, rep.top_deg, FIRST + k * step) });
    out.style.stroke = k ? `var(--${side[0]}${order})` : "var(--ink)";
    out.style.strokeWidth = `${Math.min(k ? 3 : 3.6, step * 0.62)}px`;
    return out;
  }
}

// ---- load by side -----------------------------------------------------------------------------------------

const MIDDLE = 180, REACH = 150, ROOM = 84;

// sides: {left: {load, why, title}, right: ...}; a load is {value, low, high} or null
export function drawLoad(svg, sides, say) {
  svg.replaceChildren();
  const most = Math.max(1e-9, ...Object.values(sides).map((one) => (one.load ? one.load.high : 0)));
  for (const [side, one] of Object.entries(sides)) {
    const left = side === "left";
    const away = left ? -1 : 1;
    svg.append(make("text", { class: `b f-${side}${left ? "" : " e"}`, x: left ? 0 : 360, y: 12 }, one.title));
    if (!one.load) {
      nothing(svg, left, one.why);
      continue;
    }
    const long = (REACH * one.load.value) / most;
    svg.append(make("rect", { class: `f-${side}`, x: left ? MIDDLE - long - 1 : MIDDLE + 1, y: 22, width: long, height: 32 }));
    const digits = digitsFor((one.load.high - one.load.low) / 2);
    const inside = long > 48;
    const at = MIDDLE + away * (inside ? 10 : long + 8);
    const kind = `b${inside ? " inv" : ""}${left ? " e" : ""}`;
    svg.append(make("text", { class: kind, x: at, y: 43 }, number(one.load.value, one.load.high > 0 ? digits : 0)));
    if (one.load.high > 0) range(svg, left, one.load, most, digits, say);
  }
  svg.append(make("path", { class: "axis", d: `M${MIDDLE} 18V58` }));
}

function range(svg, left, load, most, digits, say) {
  const away = left ? -1 : 1;
  const [a, b] = [load.low, load.high].map((value) => MIDDLE + (away * REACH * value) / most);
  svg.append(make("path", { class: "ci", d: `M${a} 59v8M${b} 59v8M${a} 63H${b}` }));
  const text = ends(load.low, load.high, say, digits);
  // below its mark, away from the other side's
  const x = left ? Math.min(Math.max(b - 2, 0), MIDDLE - ROOM) : Math.max(Math.min(b + 2, 360), MIDDLE + ROOM);
  svg.append(make("text", { class: left ? "m" : "m e", x, y: 82 }, text));
}

function nothing(svg, left, why) {
  const x = left ? MIDDLE - 1 - REACH : MIDDLE + 1;
  for (let at = x; at < x + REACH; at += 12) {
    const end = Math.min(at + 32, x + REACH);
    svg.append(make("path", { class: "hatch", d: `M${at} 54L${end} ${54 - (end - at)}` }));
  }
  svg.append(make("rect", { class: "null", x, y: 22, width: REACH, height: 32 }));
  svg.append(make("text", { class: "c halo", x: x + REACH / 2, y: 43 }, why));
}

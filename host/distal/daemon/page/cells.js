// Below the fold: load by side, cuffs, reports, what happened.

import { drawLoad, make, number } from "./draw.js";
import { SIDES, build, cap, clock, count, dateOf, el, fill, label, percent, put, say, timeOfDay } from "./text.js";

const ARROW = { left: "◀", right: "▶" };
const MOST_REPORTS = 6, MOST_MESSAGES = 6;

export function showCells(state) {
  showLoad(state);
  showCuffs(state);
  showReports(state);
  showMessages(state);
}

function showLoad(state) {
  const cell = el("load-cell");
  cell.hidden = !state.live;
  if (!state.live) return;
  const sides = {};
  for (const one of SIDES) {
    const leg = state.live.legs[one];
    const cuff = state.cuffs.find((other) => other.side === one);
    const why = !leg ? "no_cuff" : cuff && cuff.mass_g === null && leg.moment_nm === null ? "no_mass" : "no_lever";
    const reps = count("reps", leg ? leg.reps : 0);
    sides[one] = { load: leg ? leg.load_nms : null, why: say(`live.load.${why}`), title: say(`live.load.${one}`, { reps }) };
  }
  const abouts = new Set(SIDES.map((one) => state.live.legs[one]?.about).filter(Boolean));
  put("load-head", say(abouts.size === 1 && abouts.has("knee") ? "live.load.knee" : "live.load.none"));
  const key = JSON.stringify(sides);
  const svg = el("load");
  if (svg.dataset.key === key) return;
  svg.dataset.key = key;
  drawLoad(svg, sides, say);
  const text = (load) => (load ? `${number(load.value, 1)} N·m·s` : say("unknown"));
  label("load", say("live.load.alt", { left: text(sides.left.load), right: text(sides.right.load) }));
}

function battery(pct) {
  const svg = make("svg", { viewBox: "0 0 22 16", "aria-hidden": "true" });
  const shell = { x: 1, y: 3, width: 17, height: 10, rx: 2, fill: "none", stroke: "currentColor", "stroke-width": 1.5 };
  if (pct === null) shell["stroke-dasharray"] = "2 2";
  svg.append(make("rect", shell), make("path", { d: "M20 6v4", stroke: "currentColor", "stroke-width": 2 }));
  svg.append(make("rect", { x: 3, y: 5, width: (13 * (pct ?? 0)) / 100, height: 6, fill: "currentColor" }));
  return svg;
}

function bars(cuff) {
  const svg = make("svg", { viewBox: "0 0 22 16", "aria-hidden": "true", fill: "currentColor" });
  const strong = cuff.link !== "linked" ? 0 : cuff.rssi === null ? 4 : cuff.rssi > -60 ? 4 : cuff.rssi > -70 ? 3 : cuff.rssi > -80 ? 2 : 1;
  ["M2 11h3v4H2z", "M7 8h3v7H7z", "M12 5h3v10h-3z", "M17 1h3v14h-3z"].forEach((d, k) => {
    svg.append(make("path", { d, opacity: k < strong ? 1 : 0.3 }));
  });
  return svg;
}

function value(kind, ...children) {
  return build("span", { class: `v ${kind}` }, ...children);
}

function cuffRow(cuff) {
  const name = cuff.side ? `${ARROW[cuff.side]} ${say(`side.${cap(cuff.side)}`)}` : say("cuff.no_side");
  const known = cuff.battery_pct !== null;
  const charge = build("span", known ? {} : { class: "null-word" }, known ? `${cuff.battery_pct} %` : say("unknown"));
  const label_ = build("span", { class: "vh" }, known ? say("cuff.battery", { value: "" }) : say("cuff.battery.unknown"));
  const samples = cuff.coverage === null ? say("cuff.samples.none") : percent(cuff.coverage);
  const worn = cuff.mass_g === null ? say("cuff.worn.none") : say("cuff.worn", { mass: `${number(cuff.mass_g / 1000, 1)} kg` });
  return build(
    "li",
    { "data-cuff": cuff.cuff },
    build("span", { class: `s ${cuff.side ?? ""}` }, name),
    value(cuff.link, bars(cuff), say(`cuff.${cuff.link}`)),
    value("charge", battery(cuff.battery_pct), ...(known ? [label_] : []), charge),
    value("samples", build("span", { class: "vh" }, say("cuff.samples.say", { value: "" })), samples),
    build("span", { class: "more" }, `${cuff.name}, ${worn}`),
    ...keeps(cuff),
  );
}

// What the cuff recorded without a computer: waiting, or on its way.
function keeps(cuff) {
  if (!cuff.kept_s) return [];
  const long = clock(cuff.kept_s);
  if (cuff.fetching === null) return [build("span", { class: "more keeps" }, cap(count("cuff.keeps", cuff.kept_sessions, { long })))];
  const share = `${cuff.fetching} %`;
  const bar = build("progress", { max: 100, value: cuff.fetching, "aria-hidden": "true" });
  return [build("span", { class: "more keeps" }, bar, cap(say("cuff.fetching", { share, long })))];
}

function showCuffs(state) {
  const whole = (share) => (share === null ? null : Math.floor(100 * share));
  const rows = state.cuffs.map((cuff) => ({ ...cuff, fetching: whole(cuff.fetching) }));
  rows.sort((a, b) => SIDES.indexOf(a.side ?? "right") - SIDES.indexOf(b.side ?? "right"));
  fill("cuffs", () => (rows.length ? rows.map(cuffRow) : [build("li", {}, say("live.cuffs.none"))]), rows);
}

// What the cuffs recorded without a computer, and how much of it is here.
function alone(report) {
  if (!report.alone.length) return [];
  const legs = report.alone.length > 1 ? "both" : report.alone[0];
  return [build("span", { class: "more" }, say(`live.alone.${legs}`))];
}

function showReports(state) {
  const link = (one) => build("a", { href: `/sessions/${encodeURIComponent(one.name)}` }, one.when ? dateOf(one.when) : one.name);
  const row = (one) => build("li", {}, link(one), ...alone(one));
  const rows = state.reports.slice(0, MOST_REPORTS);
  fill("reports", () => (rows.length ? rows.map(row) : [build("li", {}, say("live.reports.none"))]), rows);
}

function messageRow(one) {
  const word = say(`level.${one.level}`);
  const level = one.level === "warning" ? build("mark", {}, word) : build("b", { class: `level-${one.level}` }, word);
  return build("li", {}, build("time", { datetime: one.when }, timeOfDay(one.when)), level, build("span", { class: "say" }, one.text));
}

function showMessages(state) {
  const rows = state.messages.slice(-MOST_MESSAGES).reverse();
  fill("messages", () => (rows.length ? rows.map(messageRow) : [build("li", {}, say("live.messages.none"))]), rows);
}

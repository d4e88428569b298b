// The leg that moves: count, cue, drawn rep, numbers. The page remembers the course of a session for drawing.

import { Chart, Figure, digitsFor, ends, number } from "./draw.js";
import { SIDES, build, cap, count, degrees, el, exerciseName, label, legWords, put, say } from "./text.js";

const SHAPES = {
  lift: "M13 3L24 22H2Z", hold: "M3 3H23V23H3Z", lower: "M13 23L2 4H24Z", none: "M3 11H23V15H3Z",
  stop: "M8 2H18L24 8V18L18 24H8L2 18V8Z",
};
const KEPT_S = 600; // of each leg's course
const PAST = 12; // earlier reps drawn
const FEW = 3; // tops before the pace has an interval
const STRIP_S = 8;
const FRESH_S = 2.5; // older samples are not "now"
const T95 = [0, 12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];
const NOTHING = { t: 0, legs: {}, exercise: null, cadence_spm: null, walking: false };

const lastEnd = (leg) => (leg.set.length ? leg.set.at(-1).end_s : -1);
const reach = (leg) => Math.max(0, ...leg.angle.map((point) => point[1]));
const between = (line, a, b) => line.filter(([t]) => t >= a && t <= b);

export class Stage {
  constructor() {
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.chart = new Chart(el("chart"));
    this.figure = new Figure(el("figure"));
    this.begin();
  }

  // A new session: nothing is remembered of the last one.
  begin() {
    this.side = null; // the leg in the middle of the page
    this.course = { left: [], right: [] };
    this.busy = { left: -1, right: -1 }; // when it last did a rep
    this.last = { left: null, right: null }; // marks and end of the rep that was being done last
    this.said = { left: 0, right: 0 };
    this.drawn = null;
  }

  // The daemon sends the last seconds; a rep may be longer.
  keep(live) {
    for (const side of SIDES) {
      const leg = live.legs[side];
      if (!leg) continue;
      const line = this.course[side];
      const last = line.length ? line.at(-1)[0] + 0.02 : -Infinity;
      for (const point of leg.angle) if (point[0] > last) line.push(point);
      const old = line.findIndex(([t]) => t > live.t - KEPT_S);
      if (old > 500) line.splice(0, old);
      if (leg.phase) {
        this.busy[side] = live.t;
        this.last[side] = { marks: leg.marks, end: live.t };
      }
    }
  }

  // The leg that does a rep; while none does, the one that was last.
  choose(legs) {
    const here = SIDES.filter((one) => legs[one]);
    const busy = here.filter((one) => legs[one].phase);
    const own = this.side && legs[this.side];
    if (own && (own.phase || !busy.length)) return this.side;
    const best = (sides, key) => sides.reduce((a, b) => (key(legs[a]) >= key(legs[b]) ? a : b));
    if (busy.length) return best(busy, reach);
    return here.length ? best(here, lastEnd) : null;
  }

  show(state) {
    const live = state.live ?? NOTHING;
    this.side = this.choose(live.legs);
    const leg = this.side ? live.legs[this.side] : null;
    const walks = live.walking && !(leg && leg.phase);
    this.showHead(live, leg, walks);
    this.showCue(state, live, leg, walks);
    this.showNumbers(live, leg, walks);
    this.announce(live);
    const phase = walks ? "walk" : (leg && leg.phase) || "rest";
    if (this.still.matches && phase === this.drawn) return; // drawn at each change of phase
    this.drawn = phase;
    this.draw(live, leg, walks);
  }

  showHead(live, leg, walks) {
    const n = el("n");
    const known = live.cadence_spm !== null;
    if (walks) {
      put("head", say("live.walking"));
      put(n, known ? number(live.cadence_spm, 0) : "–");
      const [low, high] = [live.cadence_low_spm, live.cadence_high_spm];
      const range = known && low !== null && high !== null ? `, ${ends(low, high, say, 0)}` : "";
      put("of", say("live.walking.unit") + range);
    } else {
      const name = live.exercise ? exerciseName(live.exercise) : say("live.reps");
      const moves = this.side && (live.exercise || leg.count);
      put("head", moves ? say("live.head", { exercise: name, side: legWords(this.side) }) : say("live.no_exercise"));
      put(n, leg ? String(leg.count) : "–");
      const done = leg && leg.count ? count("live.count.done", leg.count) : say("live.count.none");
      put("of", leg && leg.phase ? say("live.count.now") : done);
    }
    n.classList.toggle("long", n.textContent.length > 2);
    el("hero").classList.toggle("alone", walks);
  }

  showCue(state, live, leg, walks) {
    const lost = state.cuffs.filter((cuff) => cuff.link === "lost" && cuff.side);
    const [kind, word, more] = lost.length ? lostCue(lost) : this.cueOf(live, leg, walks);
    el("cue").className = `cue ${kind}`;
    el("cue-shape").setAttribute("d", SHAPES[kind] ?? SHAPES.none);
    put("cue-word", word);
    put("cue-more", more);
  }

  cueOf(live, leg, walks) {
    if (walks) return ["none", say("cue.walk"), ""];
    if (leg && leg.phase) {
      const since = leg.marks.length ? leg.marks.at(-1)[1] : live.t;
      return [leg.phase, say(`cue.${leg.phase}`), say("cue.seconds", { s: number(Math.max(0, live.t - since), 1) })];
    }
    const end = Math.max(leg ? lastEnd(leg) : -1, this.side ? this.busy[this.side] : -1);
    if (end < 0 || !leg.count) return ["none", say("cue.ready"), ""];
    return ["none", say("cue.rest"), say("cue.seconds", { s: number(Math.max(0, live.t - end), 0) })];
  }

  // One polite line, once for each finished rep.
  announce(live) {
    for (const side of SIDES) {
      const done = live.legs[side] ? live.legs[side].set.length : 0;
      if (done > this.said[side]) put("say", count("live.say", done, { side: legWords(side) }));
      this.said[side] = done;
    }
  }

  showNumbers(live, leg, walks) {
    put("pace-name", say(walks ? "num.done" : "num.pace"));
    if (walks) showDone(live);
    else showPace(leg);
    const about = leg && leg.about ? leg.about : "none";
    put("moment-name", say(`num.load.${about}`));
    showMoment(leg, walks ? `${legWords(this.side)}, ` : "");
    const rep = leg && leg.set.at(-1);
    const range = rep ? say("num.range", { range: degrees(rep.rom_deg) }) : say("num.why.top");
    showNumber("top", rep ? [degrees(rep.top_deg)] : null, range);
  }

  draw(live, leg, walks) {
    const words = { none: say("draw.none"), why: say("draw.none.say"), last: say("draw.last"), s: say("draw.s") };
    const line = this.side ? this.course[this.side] : [];
    const fresh = Boolean(line.length) && live.t - line.at(-1)[0] < FRESH_S;
    put("chart-term", say(walks ? "draw.term.walk" : "draw.term"));
    if (!walks) this.drawFigure(leg, line, fresh);
    if (walks) {
      const sides = SIDES.map((one) => [one, between(this.course[one], live.t - STRIP_S, live.t), say(`draw.${one}`)]);
      this.chart.walk({ sides, now: live.t, seconds: STRIP_S, words });
      label("chart", say("draw.alt.walk"));
    } else if (!fresh) {
      this.chart.none(words);
      label("chart", say("draw.alt.none"));
    } else this.drawRep(leg, line, words);
  }

  // The rep being done; at rest the last one stays, without its dot.
  drawRep(leg, line, words) {
    const does = leg.marks.length > 0;
    const { marks, end } = does ? { marks: leg.marks, end: Infinity } : (this.last[this.side] ?? { marks: [], end: 0 });
    const points = marks.length ? between(line, marks[0][1] - 0.05, end) : [];
    const reps = leg.set.filter((rep) => !marks.length || rep.end_s < marks[0][1] + 0.3);
    const past = reps.slice(-PAST).map((rep) => [between(line, rep.start_s, rep.end_s), rep.start_s]);
    this.chart.rep({ points, marks, past, now: does ? line.at(-1) : null, words });
    const top = leg.set.length ? degrees(leg.set.at(-1).top_deg) : say("unknown");
    const now = degrees(10 * Math.round(line.at(-1)[1] / 10));
    label("chart", say("draw.alt", { side: legWords(this.side), now, top }));
  }

  drawFigure(leg, line, fresh) {
    const deg = fresh ? line.at(-1)[1] : 0;
    const reps = leg ? leg.set : [];
    const begun = leg && leg.marks.length ? line.find(([t]) => t >= leg.marks[0][1]) : null;
    const low = begun ? begun[1] : deg;
    const seated = Boolean(leg) && leg.about === "knee";
    this.figure.show({ reps, deg, low, phase: fresh && leg ? leg.phase : null, side: this.side ?? "right", seated });
    const now = fresh ? degrees(10 * Math.round(deg / 10)) : say("unknown");
    label("figure", say("rings.live.alt", { n: reps.length, now }));
  }
}

function lostCue(lost) {
  const word = lost.length > 1 ? say("cue.lost.both") : say("cue.lost", { side: say(`side.${cap(lost[0].side)}`) });
  return ["stop", word, say("cue.lost.more")];
}

function showNumber(id, parts, below) {
  const at = el(id);
  if (parts) {
    at.replaceChildren(...parts);
    at.classList.remove("null");
  } else put(at, say("unknown"), true);
  put(`${id}-i`, below);
}

function showMoment(leg, whose) {
  if (!leg || leg.moment_nm === null) {
    return showNumber("moment", null, say(leg && leg.angle.length ? "num.why.load" : "num.why.samples"));
  }
  const [low, high] = [leg.moment_low_nm, leg.moment_high_nm];
  const range = low !== null && high !== null ? ends(low, high, say, 1) : say("num.why.interval");
  showNumber("moment", [number(leg.moment_nm, 1), " ", build("small", {}, "N·m")], whose + range);
}

function showDone(live) {
  const done = Object.fromEntries(SIDES.map((side) => [side, live.legs[side] ? live.legs[side].reps : 0]));
  showNumber("pace", [String(done.left + done.right)], say("num.sides", done));
}

// Reps a minute from the times between tops, with the interval of their mean.
function showPace(leg) {
  const tops = leg ? leg.set.map((rep) => rep.top_s) : [];
  const gaps = tops.slice(1).map((t, k) => t - tops[k]);
  if (gaps.length < FEW - 1) return showNumber("pace", null, say("num.why.pace"));
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
  const spread = Math.sqrt(gaps.reduce((a, b) => a + (b - mean) ** 2, 0) / (gaps.length - 1));
  const half = Math.min(((T95[gaps.length - 1] ?? 2.1) * spread) / Math.sqrt(gaps.length), 0.9 * mean);
  const [low, high] = [60 / (mean + half), 60 / (mean - half)];
  const digits = Math.min(digitsFor((high - low) / 2), 1);
  showNumber("pace", [number(60 / mean, digits)], ends(low, high, say, digits));
}

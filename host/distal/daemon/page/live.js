// The live page: takes the daemon's state as it comes and shows it. It decides nothing.

import { showCells } from "./cells.js";
import { Stage } from "./stage.js";
import { build, clock, dateOf, el, put, say } from "./text.js";

const GO = { start: "M5 3L17 10L5 17Z", stop: "M4 4H16V16H4Z" };
const SILENT_MS = 4000; // the daemon speaks at least each second
const AGAIN_MS = 2000;

const stage = new Stage();
let state = null;
let session = null; // the name of the one that runs, or ran last
let heard = 0;
let asking = false;
let refusal = "";

function take(next) {
  state = next;
  heard = performance.now();
  el("gone").hidden = true;
  if (next.session && next.session.name !== session) {
    session = next.session.name;
    stage.begin();
  }
  if (next.live) stage.keep(next.live);
  show();
}

function show() {
  const runs = state.phase === "recording" && Boolean(state.session);
  document.body.dataset.phase = state.phase;
  el("stage").hidden = !runs;
  el("stand").hidden = runs;
  showWhere(runs);
  showButton();
  if (runs) stage.show(state);
  else showStand();
  showCells(state);
}

function showWhere(runs) {
  const time = state.session ? clock(state.session.seconds) : "";
  put("where", state.session ? say("live.where", { name: state.session.name, time }) : "");
  const title = runs ? say("live.title.recording", { time }) : say("live.title");
  if (document.title !== title) document.title = title;
}

// Between sessions: how things stand and what to do; after one, its report.
function showStand() {
  const made = state.phase === "recording" || state.phase === "saving" ? null : state.reports.find((one) => one.name === session);
  const nobody = state.phase === "waiting" && state.cuffs.length === 0;
  put("stand-head", say(made ? "live.done" : `live.phase.${state.phase}`));
  put("stand-say", say(made ? "live.done.say" : nobody ? "live.phase.waiting.none" : `live.phase.${state.phase}.say`));
  const link = el("stand-report");
  link.hidden = !made;
  if (!made) return;
  link.setAttribute("href", `/sessions/${encodeURIComponent(made.name)}`);
  put(link, made.when ? say("live.done.open", { when: dateOf(made.when) }) : made.name);
}

function showButton() {
  const go = el("go");
  const stops = state.phase === "recording";
  const waits = state.phase === "waiting";
  go.hidden = false;
  // not `disabled`: that would take the keyboard's focus away
  go.setAttribute("aria-disabled", String(asking || waits || state.phase === "saving"));
  put("go-word", say(stops ? "live.stop" : state.phase === "saving" ? "live.saving" : "live.start"));
  el("go-shape").setAttribute("d", stops ? GO.stop : GO.start);
  put("wait", refusal || (waits ? say("live.start.wait") : ""));
  el("wait").hidden = !el("wait").textContent;
}

async function ask(path) {
  [asking, refusal] = [true, ""];
  showButton();
  try {
    const answer = await fetch(path, { method: "POST" });
    const told = answer.ok ? null : await answer.json().catch(() => ({}));
    if (told) refusal = say("live.refused", { why: told.detail ?? answer.status });
  } catch {
    refusal = say("live.unreached");
  }
  asking = false;
  showButton();
}

// What is on the page stays, with the word that it is old.
function lose() {
  const gone = el("gone");
  if (!gone.hidden) return;
  const when = new Date(Date.now() - (performance.now() - heard)).toLocaleTimeString();
  gone.replaceChildren(build("b", {}, say("live.gone", { when })), ` ${say("live.gone.say")}`);
  gone.hidden = false;
}

function listen() {
  const events = new EventSource("/events");
  events.addEventListener("state", (event) => take(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    if (state) lose();
    // a browser gives up for good on an answer that it dislikes
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
  });
}

el("go").addEventListener("click", () => {
  if (el("go").getAttribute("aria-disabled") === "false") ask(state.phase === "recording" ? "/stop" : "/start");
});
addEventListener("resize", () => {
  if (state) show();
});
setInterval(() => {
  if (state && performance.now() - heard > SILENT_MS) lose();
}, 1000);
listen();

// Words and nodes: text only, so what comes from cuffs and names never becomes markup.

import { number } from "./draw.js";

const TABLE = JSON.parse(document.getElementById("words").textContent);
export const SIDES = ["left", "right"];

export const el = (id) => document.getElementById(id);

export function say(key, values = {}) {
  return (TABLE[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export const count = (key, n, values = {}) => say(`${key}.${n === 1 ? "one" : "many"}`, { n, ...values });
export const cap = (text) => text[0].toUpperCase() + text.slice(1);
export const legWords = (side) => say(`live.leg.${side}`);
export const exerciseName = (code) => (`exercise.${code}` in TABLE ? say(`exercise.${code}`) : code);

// Same text, same node: nothing flickers and nothing is read out twice.
export function put(id, text, isUnknown = false) {
  const at = typeof id === "string" ? el(id) : id;
  if (at.textContent !== text) at.textContent = text;
  at.classList.toggle("null", isUnknown);
}

export function label(id, text) {
  if (el(id).getAttribute("aria-label") !== text) el(id).setAttribute("aria-label", text);
}

export function build(name, attributes = {}, ...children) {
  const out = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) out.setAttribute(key, value);
  out.append(...children);
  return out;
}

// Lists are built anew only when what they say has changed: a link keeps its focus.
export function fill(id, rows, key) {
  const at = el(id);
  const now = JSON.stringify(key);
  if (at.dataset.key === now) return;
  at.dataset.key = now;
  at.replaceChildren(...rows());
}

export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const pad = (value) => String(value).padStart(2, "0");
  return s < 3600
    ? `${Math.floor(s / 60)}:${pad(s % 60)}`
    : `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
}

export const timeOfDay = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
export const dateOf = (iso) =>
  new Date(iso).toLocaleString([], { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });

// Rounded down: 100 % means that nothing is missing.
export const percent = (share) => (share >= 1 ? "100 %" : `${number(Math.floor(share * 1000) / 10, 1)} %`);
export const degrees = (deg) => `${number(deg, 0)}°`;

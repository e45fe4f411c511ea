// One terminal's page: follows the state and draws device, acquirer's app and bancada.

import { follow, get, post } from "./api.js";
import { drawScreen } from "./screen.js";
import { drawOverlay } from "./overlay.js";
import { alertText, drawBench } from "./bench.js";
import { patch, h } from "./dom.js";

const serial = decodeURIComponent(location.pathname.split("/").pop());
const base = `/api/terminals/${encodeURIComponent(serial)}`;
const $ = (id) => document.getElementById(id);
const parts = { root: $("screen"), title: $("title"), status: $("status"), body: $("body"), actions: $("actions") };

/** How long a passing note stays, in milliseconds. */
const TOAST_MS = 5000;
/** How long the light above the screen is lit, in milliseconds. */
const LIGHT_MS = 4000;

let state = null;
let toastTimer = null;
let lightTimer = null;
let seenAlerts = null;

const send = (path, body) => post(`${base}/${path}`, body).catch((error) => toast(error.message));
const act = { tap: (id) => send("tap", { id }), text: (id, value) => send("text", { id, value }) };
/** Keys go out one after another: digits that overtake each other would be another number. */
let pressed = Promise.resolve();
const press = (key) => { pressed = pressed.then(() => send("key", { key })); };

function draw(now) {
  state = now;
  document.title = `${state.screen?.title ?? "Desligado"} · ${state.model} ${serial}`;
  document.body.dataset.model = state.model;
  document.body.dataset.power = state.power ? "on" : "off";
  $("model").textContent = state.model_name;
  $("serial").textContent = serial;
  $("off").hidden = state.power && state.screen !== null;
  $("off-words").textContent = state.problem ?? (state.power ? "Iniciando" : "Desligado");
  $("keypad").hidden = !state.keypad;
  // What lies behind the acquirer's app cannot be reached, and the keys belong to it.
  parts.root.inert = $("keypad").inert = state.acquirer.request !== null;
  drawScreen(parts, state.screen, state.keypad, act);
  const closed = drawOverlay($("overlay"), state.acquirer.request, (name, details) => send(`acquirer/${name}`, details));
  if (closed) parts.title.focus({ preventScroll: true });
  drawBench($("bench"), state, send, () => draw(state));
  light();
}

/** An alert lights up the device, because a browser page must not beep by itself. */
function light() {
  const { count, last } = state.alerts;
  if (seenAlerts !== null && count > seenAlerts && last) {
    const [text, tone] = alertText(last);
    $("light").className = `light lit tone-${tone}`;
    $("alert").textContent = text;
    clearTimeout(lightTimer);
    lightTimer = setTimeout(() => { $("light").className = "light"; }, LIGHT_MS);
  }
  seenAlerts = count;
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, TOAST_MS);
}

const KEYS = [["1"], ["2"], ["3"], ["back", "Cancela", "✕"], ["4"], ["5"], ["6"], ["clear", "Limpa", "◁"],
  ["7"], ["8"], ["9"], ["enter", "Entra", "◯"], ["0"]];
patch($("keypad"), KEYS.map(([key, name, sign]) =>
  h("button", { key, type: "button", class: `key ${name ? key : key === "0" ? "zero" : "digit"}`, "aria-label": name ?? key,
    onclick: () => press(key) }, sign ?? key)));

// The computer's keyboard does what the keypad does, unless something on the page wants the key itself.
const PRESSED = { Enter: "enter", Escape: "back", Backspace: "clear", Delete: "clear" };
document.addEventListener("keydown", (event) => {
  const key = /^[0-9]$/.test(event.key) ? event.key : PRESSED[event.key];
  const wanted = event.target.closest("input, select, textarea, a, #bench, #overlay");
  const clicks = event.key === "Enter" && event.target.closest("button");
  if (!key || !state?.keypad || !state.power || state.acquirer.request || wanted || clicks) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  event.preventDefault();
  press(key);
});

follow(`${base}/state`, draw, (lost) => { $("lost").hidden = !lost; });

get("/api/terminals").then(({ terminals }) => {
  patch($("others"), terminals.map((other) =>
    h("a", { key: other.serial, href: `/t/${other.serial}`, "aria-current": other.serial === serial ? "page" : null },
      `${other.model} ${other.serial}`)));
}).catch(() => {});

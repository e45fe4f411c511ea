// Draws the agent's Screen. No logic of its own: every text is final, every id goes back unchanged.

import { h, patch } from "./dom.js";

const KEY_NAMES = { enter: "verde", back: "vermelha", clear: "amarela" };

/** Scroll positions by page and lists. */
const scrolls = new Map();
let shownPlace = null;

/**
 * Draws `screen` into the parts of the device: `title`, `status`, `body` and `actions`.
 * `act.tap(id)` and `act.text(id, value)` are called when the operator does something.
 */
export function drawScreen(parts, screen, keypad, act) {
  const place = screen ? [screen.page, ...lists(screen).map((list) => list.id)].join("/") : null;
  const moved = place !== shownPlace;
  const focused = parts.root.contains(document.activeElement);
  if (moved && shownPlace !== null) scrolls.set(shownPlace, parts.body.scrollTop);

  patch(parts.title, [screen?.title ?? ""]);
  parts.status.className = `status tone-${screen?.status.tone ?? "neutral"}`;
  patch(parts.status, [screen?.status.text ?? ""]);
  patch(parts.body, (screen?.widgets ?? []).map((widget, index) => drawWidget(widget, index, screen, keypad, act)));
  patch(parts.actions, drawActions(screen, keypad, act));

  if (moved) {
    shownPlace = place;
    parts.body.scrollTop = scrolls.get(place) ?? 0;
    // What had the focus is gone: the heading takes it, so that keyboard and screen reader begin at the new page.
    if (focused && !parts.root.contains(document.activeElement)) parts.title.focus({ preventScroll: true });
  }
}

function lists(screen) {
  return screen.widgets.filter((widget) => widget.type === "list");
}

function drawWidget(widget, index, screen, keypad, act) {
  const key = `${screen.page}/${widget.type}/${widget.id ?? index}`;
  switch (widget.type) {
    case "amount":
      return h("div", { key, class: widget.main ? "amount main" : "amount" },
        h("span", { class: "label" }, widget.label), " ",
        h("strong", { class: "value" }, widget.value));
    case "message":
      return h("div", { key, class: `message tone-${widget.tone}`, role: widget.tone === "bad" ? "alert" : "status" },
        widget.title && h("p", { class: "point" }, widget.title),
        widget.text && h("p", { class: "text" }, widget.text));
    case "list":
      return drawList(widget, key, screen, act);
    case "choice":
      return h("div", { key, class: "choice", role: "group", "aria-label": widget.label },
        h("p", { class: "label" }, widget.label),
        widget.options.map((option) =>
          h("button", { key: option.id, type: "button", class: "option", onclick: () => act.tap(option.id) },
            keyHint(option.key, keypad),
            h("span", { class: "words" },
              h("span", { class: "name" }, option.label),
              option.detail && h("span", { class: "detail" }, option.detail)))));
    case "keypad":
      return widget.kind === "code" ? drawCode(widget, key, act) : drawKeypad(widget, key, keypad, act);
    case "progress":
      return h("div", { key, class: "progress", role: "status" },
        h("p", { class: "label" }, widget.label),
        widget.of > 0
          ? [h("progress", { key: "bar", max: widget.of, value: widget.done, "aria-label": widget.label }),
             h("p", { class: "steps" }, `${widget.done} de ${widget.of}`)]
          : h("progress", { key: "running", "aria-label": widget.label }));
    default:
      return h("div", { key, class: "message tone-bad", role: "alert" }, `Elemento desconhecido: ${widget.type}`);
  }
}

function drawList(list, key, screen, act) {
  const search = list.search;
  return h("section", { key, class: "list", "aria-label": screen.title },
    search && h("div", { key: "search", class: "search" },
      h("input", {
        type: "search", enterkeyhint: "search", autocomplete: "off", spellcheck: "false",
        "aria-label": search.hint, placeholder: search.hint, value: search.value,
        oninput: (event) => typed(event.target, search.id, act),
        onblur: (event) => { event.target.typing = false; },
      })),
    list.rows.length
      ? h("ul", { key: "rows" }, list.rows.map((row, index) => drawRow(row, index, act)))
      : list.empty && h("p", { key: "empty", class: "empty" }, list.empty),
    list.more && h("button", { key: "more", type: "button", class: "more", onclick: () => act.tap(list.more.id) },
      list.more.label));
}

function drawRow(row, index, act) {
  const selects = row.selected !== null && row.selected !== undefined;
  const inside = [
    selects && h("span", { key: "mark", class: "mark", "aria-hidden": "true" }, row.selected ? "✓" : ""),
    h("span", { key: "words", class: "words" },
      h("span", { class: "name" }, row.title),
      row.detail && h("span", { class: "detail" }, row.detail)),
    h("span", { key: "right", class: "right" },
      row.value && h("span", { class: "value" }, row.value),
      row.badge && h("span", { class: "badge" }, row.badge)),
  ];
  const look = `row tone-${row.tone}`;
  return h("li", { key: row.id ?? `fact-${index}` },
    row.id
      ? h("button", { type: "button", class: look, "aria-pressed": selects ? String(row.selected) : null,
          onclick: () => act.tap(row.id) }, inside)
      : h("div", { class: `${look} fact` }, inside));
}

function drawCode(widget, key, act) {
  return h("div", { key, class: "code" },
    h("label", {},
      h("span", { class: "label" }, widget.label),
      h("input", {
        type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", value: widget.value,
        oninput: (event) => typed(event.target, widget.id, act),
        onblur: (event) => { event.target.typing = false; },
      })));
}

function drawKeypad(widget, key, keypad, act) {
  return h("div", { key, class: `keypad ${widget.kind}`, role: "group", "aria-label": widget.label },
    h("p", { class: "label" }, widget.label),
    h("output", { class: "value", "aria-live": "polite" }, widget.value),
    h("div", { class: "keys" },
      widget.keys.map((choice) =>
        h("button", { key: choice.id, type: "button", "aria-label": choice.detail || null,
          onclick: () => act.tap(choice.id) }, choice.label))));
}

/** Buttons in pairs, or in threes when there are many; the main one takes the whole width, those left over share it. */
function drawActions(screen, keypad, act) {
  const actions = screen?.actions ?? [];
  const others = actions.filter((action) => action.style !== "primary");
  const columns = others.length > 4 ? 3 : 2;
  const full = others.length - (others.length % columns);
  const look = (action) => {
    const index = others.indexOf(action);
    if (index < 0) return "whole";
    if (index < full) return columns === 3 ? "third" : "half";
    return others.length - full === 1 ? "whole" : "half";
  };
  return actions.map((action) =>
    h("button", {
      key: `${screen.page}/${action.id}`, type: "button", class: `${action.style} ${look(action)}`,
      onclick: () => act.tap(action.id),
    }, keyHint(action.key, keypad), h("span", {}, action.label)));
}

/** The physical key that does the same, on models that have keys. */
function keyHint(key, keypad) {
  if (!key || !keypad) return null;
  const digit = typeof key === "object" ? key.digit : null;
  return digit === null || digit === undefined
    ? h("kbd", { key: "hint", class: `hint ${key}`, "aria-label": `tecla ${KEY_NAMES[key]}` })
    : h("kbd", { key: "hint", class: "hint", "aria-label": `tecla ${digit}` }, digit);
}

/** Sends what is in a field: one request at a time, always the newest text. */
function typed(field, id, act) {
  field.typing = true;
  field.waitingText = field.value;
  if (field.sending) return;
  field.sending = true;
  (async () => {
    while (field.waitingText !== undefined) {
      const value = field.waitingText;
      field.waitingText = undefined;
      await act.text(id, value);
    }
    field.sending = false;
    field.typing = false;
  })();
}

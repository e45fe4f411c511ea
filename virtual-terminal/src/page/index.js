// The list of terminals.

import { follow, post } from "./api.js";
import { h, patch } from "./dom.js";

const $ = (id) => document.getElementById(id);

function draw({ terminals, service }) {
  $("service").textContent = service;
  patch($("terminals"), terminals.map(thumbnail));
  $("none").hidden = terminals.length > 0;
}

function thumbnail(terminal) {
  const { screen } = terminal;
  const figure = screen?.widgets.find((widget) => widget.type === "amount" && widget.main);
  const rows = screen?.widgets.filter((widget) => widget.type === "list").flatMap((list) => list.rows) ?? [];
  return h("li", { key: terminal.serial },
    h("a", { class: "thumbnail", href: `/t/${encodeURIComponent(terminal.serial)}` },
      h("span", { class: "mini", "aria-hidden": "true" },
        screen
          ? [h("span", { key: "title", class: "mini-title" }, screen.title),
             h("span", { key: "status", class: `mini-status tone-${screen.status.tone}` }, screen.status.text),
             figure && h("span", { key: "figure", class: "mini-figure" }, figure.value),
             rows.slice(0, 4).map((row, index) => h("span", { key: `row${index}`, class: "mini-row" },
               h("span", {}, row.title), h("b", {}, row.value)))]
          : h("span", { key: "off", class: "mini-off" }, terminal.power ? "Iniciando" : "Desligado")),
      h("span", { class: "about" },
        h("strong", {}, terminal.model_name), h("span", {}, terminal.serial),
        h("span", { class: "now" }, terminal.acquirer.request
          ? `Adquirente aberta: ${terminal.acquirer.request.heading.toLowerCase()}`
          : screen?.title ?? (terminal.power ? "Iniciando" : "Desligado")))));
}

$("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  $("add-problem").textContent = "";
  try {
    const terminal = await post("/api/terminals", { serial: form.get("serial").trim(), model: form.get("model") });
    location.href = `/t/${encodeURIComponent(terminal.serial)}`;
  } catch (error) {
    $("add-problem").textContent = error.message;
  }
});

follow("/api/terminals", draw, (lost) => { $("lost").hidden = !lost; });

// The acquirer's app, as it lies over the agent's screen.

import { h, patch } from "./dom.js";

const NAMES = {
  pay: "Aplicativo de pagamento",
  cancel: "Aplicativo de estorno",
  print: "Aplicativo de impressão",
  reprint: "Aplicativo de reimpressão",
  unreadable: "Aplicativo da adquirente",
};

let shownNumber = null;

/** Draws the request on the screen, or hides the app. `answer(name, details)` makes it answer. */
export function drawOverlay(root, request, answer) {
  const number = request?.number ?? null;
  const appeared = number !== null && number !== shownNumber;
  const vanished = number === null && shownNumber !== null;
  const hadFocus = root.contains(document.activeElement);
  shownNumber = number;
  root.hidden = number === null;
  patch(root, request ? [drawRequest(request, answer)] : []);
  if (appeared) root.querySelector("button")?.focus({ preventScroll: true });
  return vanished && hadFocus;
}

function drawRequest(request, answer) {
  const printing = request.kind === "print" || request.kind === "reprint";
  const buttons = {
    pay: [["approve", "Aprovar", "yes"], ["decline", "Recusar", "no"], ["cancel", "Operador cancela", "plain"]],
    cancel: [["approve", "Estornar", "yes"], ["decline", "Recusar", "no"], ["cancel", "Operador desiste", "plain"]],
    print: [["approve", "Imprimir", "yes"], ["decline", "Falhar", "no"]],
    reprint: [["approve", "Imprimir", "yes"], ["decline", "Falhar", "no"]],
    unreadable: [],
  }[request.kind];
  return h("div", { key: request.number, class: "app", role: "dialog", "aria-modal": "true", "aria-labelledby": "app-heading" },
    h("header", {}, h("span", { class: "who" }, NAMES[request.kind]), h("span", { class: "sim" }, "simulado")),
    h("div", { class: "middle" },
      h("h3", { id: "app-heading" }, request.heading),
      request.amount_text && h("p", { class: "figure" }, request.amount_text),
      request.method_text && h("p", { class: "method" }, request.method_text),
      request.note && h("p", { class: "note" }, request.note),
      !printing && request.kind !== "unreadable" && h("p", { class: "hint" },
        request.kind === "pay" ? "Aproxime, insira ou passe o cartão" : "Confirme a devolução ao cliente")),
    h("div", { class: "buttons" },
      buttons.map(([name, label, look]) =>
        h("button", { key: name, type: "button", class: look, onclick: () => answer(name) }, label)),
      h("button", { key: "silent", type: "button", class: "link", onclick: () => answer("silent") },
        "Fechar sem responder")));
}

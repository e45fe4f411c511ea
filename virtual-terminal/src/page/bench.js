// The "bancada": everything around the terminal that a person can switch.

import { h, patch } from "./dom.js";

const CONDITIONS = [
  ["ready", "Com papel, pronta"], ["no_paper", "Sem papel"], ["overheating", "Superaquecida"], ["busy", "Ocupada"],
  ["paper_jam", "Papel preso"], ["low_energy", "Bateria fraca"], ["init_error", "Não inicia"],
  ["invalid_data", "Recusa os dados"], ["unsupported_format", "Recusa o formato"], ["print_error", "Erro de impressão"],
  ["unknown_error", "Erro fora da lista"],
];
const DAMAGES = [
  ["no_result", "sem resultado"], ["percent", "% inválidos"], ["empty", "vazia"], ["repeated", "parâmetros repetidos"],
  ["text_amount", "valor em texto"], ["wrong_host", "outro endereço"],
];
const AUTOS = [["ask", "Pergunta a cada vez"], ["approve", "Aprova sozinho"], ["decline", "Recusa sozinho"],
  ["cancel", "Operador sempre cancela"]];
const ANSWERS = [["pass", "Chegam"], ["cut", "A conexão cai na resposta"], ["swallow", "Somem sem aviso"]];
const LATENCIES = [[0, "Nenhum"], [300, "300 ms"], [1000, "1 s"], [5000, "5 s"], [20000, "20 s"]];
const APPS = [["payment", "Pagamento"], ["cancel", "Estorno"], ["printer", "Impressão"], ["reprinter", "Reimpressão"]];
const ALERTS = {
  direct_order: ["Chegou um pagamento direto", "neutral"], approved: ["Aprovado", "good"],
  refused: ["Não concluído", "warning"], attention: ["Precisa de atenção", "bad"],
};
let damage = "no_result";

/** Draws all cards. `post(path, body)` sends a control; `redraw()` draws again after a change of the page's own. */
export function drawBench(root, state, post, redraw) {
  patch(root, [
    acquirerCard(state, post, redraw), printerCard(state, post), networkCard(state, post), powerCard(state, post),
    alertsCard(state),
  ]);
}

export const alertText = (alert) => ALERTS[alert] ?? ["Aviso", "neutral"];

function card(key, title, summary, ...inside) {
  return h("section", { key, class: "card", "aria-labelledby": `card-${key}` },
    h("h2", { id: `card-${key}` }, title, h("span", { class: "summary" }, summary)), ...inside);
}

function toggle(key, label, on, act) {
  return h("label", { key, class: "switch" },
    h("input", { type: "checkbox", role: "switch", checked: on, onchange: (event) => act(event.target.checked) }),
    h("span", { class: "track", "aria-hidden": "true" }), h("span", { class: "words" }, label));
}

function choose(key, label, options, value, act) {
  return h("label", { key, class: "choose" }, h("span", {}, label),
    h("select", { value: String(value), onchange: (event) => act(event.target.value) },
      options.map(([id, text]) => h("option", { key: id, value: id }, text))));
}

function button(key, label, act, look = "", disabled = false) {
  return h("button", { key, type: "button", class: look, disabled, onclick: act }, label);
}

function powerCard(state, post) {
  const waiting = state.pending_returns.length;
  return card("power", "Energia", state.power ? "ligado" : "desligado",
    h("div", { class: "buttons" },
      state.power
        ? [button("off", "Cortar energia", () => post("power", { on: false }), "danger"),
           button("restart", "Matar e reabrir o app", () => post("restart"))]
        : [button("on", "Ligar", () => post("power", { on: true }), "primary"),
           waiting > 0 && button("lose", "Ligar e perder respostas", () => post("power", { on: true, lose_returns: true }))]),
    waiting > 0 && h("p", { class: "note" },
      waiting === 1 ? "1 resposta espera o app abrir." : `${waiting} respostas esperam o app abrir.`),
    state.problem && h("p", { class: "note bad" }, state.problem));
}

function networkCard(state, post) {
  const network = state.network;
  const fine = network.connected && network.reachable && network.answers === "pass";
  const summary = !network.connected ? "sem rede" : !network.reachable ? "loja fora do alcance" : fine ? "ligada" : "com falhas";
  return card("network", "Rede", summary,
    toggle("connected", "Wi-Fi ou chip com sinal", network.connected, (on) => post("network", { connected: on })),
    toggle("reachable", "mobilepayment ao alcance", network.reachable, (on) => post("network", { reachable: on })),
    choose("latency", "Atraso", withCurrent(LATENCIES, network.latency_ms), network.latency_ms,
      (ms) => post("network", { latency_ms: Number(ms) })),
    choose("answers", "Respostas da loja", ANSWERS, network.answers, (answers) => post("network", { answers })));
}

function withCurrent(options, value) {
  return options.some(([id]) => id === value) ? options : [...options, [value, `${value} ms`]];
}

function acquirerCard(state, post, redraw) {
  const { request, held, missing, auto } = state.acquirer;
  const answer = (name, details) => post(`acquirer/${name}`, details);
  const pays = request?.kind === "pay";
  const money = pays || request?.kind === "cancel";
  return card("acquirer", "Adquirente", request ? "aberta" : missing.length ? "incompleta" : "instalada",
    money && h("div", { key: "open", class: "group" },
      h("p", { class: "label" }, "Respostas difíceis ao pedido aberto"),
      h("div", { class: "buttons small" },
        button("late", "Aprovar, responder depois", () => answer("late")),
        button("late5", "Aprovar, responder em 5 s", () => answer("late", { after_ms: 5000 })),
        button("charged", "Aprovar e calar", () => answer("silent", { answer: "approve" })),
        button("twice", "Aprovar duas vezes", () => answer("twice")),
        button("amount", "Outro valor", () => answer("other-amount")),
        pays && button("method", "Outra forma", () => answer("other-method")),
        !pays && button("atk", "Transação desconhecida", () => answer("unknown-atk")),
        button("forge", "Forjar com o número certo", () => answer("forge", { forgery: "same_order" }))),
      h("div", { class: "pair" },
        choose("damage", "Resposta estragada", DAMAGES, damage, (id) => { damage = id; redraw(); }),
        button("malformed", "Enviar", () => answer("malformed", { damage })))),
    held.length > 0 && h("div", { key: "held", class: "group" },
      h("p", { class: "label" }, "Pedidos sem resposta até agora"),
      held.map((request) => drawHeld(request, answer))),
    h("div", { key: "always", class: "buttons small" },
      button("forge-any", "Forjar resposta desconhecida", () => answer("forge"))),
    choose("auto", "Ao abrir", AUTOS, auto ?? "ask", (id) => post("acquirer", { auto: id })),
    h("div", { key: "apps", class: "apps" }, APPS.map(([app, name]) =>
      toggle(app, name, !missing.includes(app), (installed) => post("acquirer", { app, installed })))),
    h("p", { key: "count", class: "note" },
      state.acquirer.transactions === 1 ? "1 pagamento aprovado neste terminal." :
        `${state.acquirer.transactions} pagamentos aprovados neste terminal.`),
    h("div", { key: "slip", class: "buttons small" },
      button("reprint-last", "Reimprimir a última venda", () => answer("reprint-last"), "",
        state.acquirer.transactions === 0)));
}

function drawHeld(request, answer) {
  const to = (name) => () => answer(name, { request: request.number });
  return h("div", { key: request.number, class: "held" },
    h("p", {}, `${request.heading} ${request.amount_text}`.trim(), request.decided ? " · já decidido" : " · sem decisão"),
    h("div", { class: "buttons small" },
      request.decided
        ? button("now", "Responder agora", to("now"))
        : [request.kind !== "unreadable" && button("approve", "Aprovar agora", to("approve")),
           request.kind !== "unreadable" && button("decline", "Recusar agora", to("decline"))],
      button("forget", "Esquecer", to("forget"))));
}

function printerCard(state, post) {
  const { printer, paper } = state;
  const name = CONDITIONS.find(([id]) => id === printer.condition)[1];
  const shown = paper.height_dots > 0;
  const height = Math.round(paper.height_dots / 8);
  return card("printer", "Impressora", name.toLowerCase(),
    choose("condition", "Estado", CONDITIONS, printer.condition, (condition) => post("printer", { condition })),
    toggle("hold", "Espera confirmação para imprimir", printer.hold, (hold) => post("printer", { hold })),
    h("div", { key: "roll", class: "buttons small" },
      button("short", "Papel acaba em 40 mm", () => post("printer", { paper_left_dots: 320 })),
      button("tear", "Destacar papel", () => post("printer/tear-off"), "", !shown)),
    printer.paper_left_dots > 0 && h("p", { key: "left", class: "note" },
      `Restam ${Math.round(printer.paper_left_dots / 8)} mm de papel.`),
    h("div", { key: "paper", class: "slot" },
      shown
        ? h("a", { href: `/api/terminals/${state.serial}/paper.png`, target: "_blank", class: "paper",
            title: "Abrir em tamanho real" },
            h("img", { src: `/api/terminals/${state.serial}/paper.png?printed=${paper.printed_dots}`, width: 384,
              height: paper.height_dots, alt: `Papel impresso, ${height} mm`,
              onload: (event) => { const slot = event.target.closest(".paper"); slot.scrollTop = slot.scrollHeight; } }))
        : h("p", { class: "empty" }, "Nada impresso ainda.")),
    shown && h("p", { key: "height", class: "note" }, `${height} mm de papel, ${paper.height_dots} linhas de pontos.`));
}

function alertsCard(state) {
  const { count, last } = state.alerts;
  return card("alerts", "Avisos", String(count),
    h("p", { class: `alert tone-${last ? alertText(last)[1] : "neutral"}` },
      last ? alertText(last)[0] : "O terminal ainda não chamou o operador."),
    h("p", { class: "note" }, state.keep_awake ? "Tela mantida acesa." : "Tela pode apagar."));
}

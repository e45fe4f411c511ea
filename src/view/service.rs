//! Pages for the technician: activation, diagnostics, stray returns, a journal that cannot be used.

use super::listing::{failed, why};
use super::screen::{KeypadKind, Row, Tone, Widget};
use super::words::ago;
use super::{Drawn, PageName, fact, facts, message};
use crate::flow::browsing::ACTIVATION_CODE;
use crate::flow::live::{Item, Page};
use crate::flow::record::StrayReason;
use crate::flow::{Agent, CallFailure, Moment, Tap};

pub(super) fn activation(agent: &Agent, code: &str, busy: bool, problem: Option<&CallFailure>) -> Drawn {
    if agent.config().service.is_empty() {
        return setup(
            agent,
            "O endereço da loja não está configurado",
            "Peça ao técnico para configurar este terminal. Sem o endereço, o terminal não recebe pedidos.",
        );
    }
    let Some(serial) = agent.serial_to_activate() else {
        return setup(
            agent,
            "O número de série não está configurado",
            "Peça ao técnico para configurar o número da etiqueta (S/N) deste terminal. Sem ele não há ativação.",
        );
    };
    let drawn = Drawn::new(PageName::Activation, "Ativar terminal").with(message(
        Tone::Neutral,
        format!("Número de série {serial}"),
        "Peça à loja um código de ativação para este terminal e digite-o aqui.",
    ));
    let drawn = drawn.with_all(problem.map(|failure| message(Tone::Bad, why(failure), "")));
    if busy {
        let label = "Ativando".to_owned();
        return drawn.with(Widget::Progress { label, done: 0, of: 0 });
    }
    let drawn = drawn
        .with(Widget::Keypad {
            id: ACTIVATION_CODE.to_owned(),
            label: "Código de ativação".to_owned(),
            value: code.to_owned(),
            kind: KeypadKind::Code,
            keys: Vec::new(),
        })
        .primary(&Tap::Activate, "Ativar");
    if agent.durable().identity.is_some() { drawn.back("Voltar") } else { drawn }
}

/// What only the technician can set is missing.
fn setup(agent: &Agent, title: &str, text: &str) -> Drawn {
    let drawn = Drawn::new(PageName::Setup, "Configurar terminal")
        .with(message(Tone::Warning, title, text))
        .secondary(&Tap::Diagnostics, "Diagnóstico");
    if agent.durable().identity.is_some() { drawn.back("Voltar") } else { drawn }
}

/// The journal cannot be used: nothing can be recorded, so nothing is charged.
pub(super) fn journal(agent: &Agent, page: &Page, now: Moment) -> Drawn {
    if matches!(page, Page::Diagnostics) {
        return diagnostics(agent, now);
    }
    let problem = agent.live().journal_problem.clone().unwrap_or_default();
    let drawn = Drawn::new(PageName::Journal, "Pagamentos bloqueados")
        .with(message(Tone::Bad, "Os registros deste terminal não podem ser usados", problem))
        .with(message(
            Tone::Neutral,
            "",
            "Não cobre neste terminal. Nada foi apagado: os registros ficam guardados.",
        ));
    let unrecorded =
        agent.live().errors.iter().any(|error| matches!(error.what, crate::flow::live::Failed::Stray));
    let drawn = drawn.with_all(unrecorded.then(|| {
        let text = "Anote o resultado mostrado pelo aplicativo de pagamento e avise o gerente.";
        message(Tone::Warning, "Chegou uma resposta que não pôde ser guardada", text)
    }));
    drawn.secondary(&Tap::Diagnostics, "Diagnóstico")
}

pub(super) fn strays(agent: &Agent, now: Moment) -> Drawn {
    let rows = agent
        .durable()
        .strays
        .iter()
        .rev()
        .map(|stray| Row {
            id: None,
            title: stray_words(stray.why).to_owned(),
            detail: stray.attempt_id.map_or_else(String::new, |id| format!("Tentativa {id}")),
            value: ago(now.wall.since_ms(stray.at)),
            badge: String::new(),
            tone: Tone::Warning,
            selected: None,
        })
        .collect();
    let text = "Chegou uma resposta que não pertence a nenhum pagamento aberto. Ela foi guardada e não conta como \
                pagamento. Avise o gerente.";
    Drawn::new(PageName::Strays, "Resposta não reconhecida")
        .with(message(Tone::Warning, "Não conta como pagamento", text))
        .with(facts("strays", rows))
        .primary(&Tap::SawStrays, "Entendi")
        .back("Voltar")
}

const fn stray_words(why: StrayReason) -> &'static str {
    match why {
        StrayReason::Unknown => "Pagamento desconhecido",
        StrayReason::Repeated => "Resposta repetida",
        StrayReason::Contradicts => "Resposta contraditória",
        StrayReason::Unreadable => "Resposta ilegível",
        StrayReason::NothingOpen => "Resposta de impressão sem impressão",
    }
}

pub(super) fn diagnostics(agent: &Agent, now: Moment) -> Drawn {
    let errors: Vec<Row> = agent
        .live()
        .errors
        .iter()
        .rev()
        .map(|error| Row { detail: failed(&error.what), ..fact(ago(now.wall.since_ms(error.at)), "") })
        .collect();
    let errors = Widget::List {
        id: "errors".to_owned(),
        search: None,
        rows: errors,
        more: None,
        empty: "Nenhum erro desde que o aplicativo abriu.".to_owned(),
    };
    let drawn = Drawn::new(PageName::Diagnostics, "Diagnóstico")
        .with(facts("facts", [identity(agent), connection(agent, now), work(agent), device(agent)].concat()))
        .with(message(Tone::Neutral, "Últimos erros", ""))
        .with(errors);
    let drawn = if agent.live().journal_problem.is_some() {
        drawn
    } else {
        drawn.primary(&Tap::SyncNow, "Sincronizar agora")
    };
    let drawn = if agent.durable().strays_total > agent.durable().strays_seen {
        drawn.secondary(&Tap::SawStrays, "Marcar respostas como vistas")
    } else {
        drawn
    };
    let drawn =
        if agent.durable().blocked { drawn.secondary(&Tap::Reactivate, "Ativar de novo") } else { drawn };
    drawn.back("Voltar")
}

fn identity(agent: &Agent) -> Vec<Row> {
    let config = agent.config();
    let store = agent.durable().settings().map_or("sem ativação", |settings| settings.store_name.as_str());
    vec![
        fact("Versão", config.version.clone()),
        fact(
            "Número de série",
            agent.serial().map_or_else(|| "não configurado".to_owned(), |s| s.to_string()),
        ),
        fact("Loja", store),
        fact("Serviço", if config.service.is_empty() { "não configurado" } else { &config.service }),
    ]
}

fn connection(agent: &Agent, now: Moment) -> Vec<Row> {
    let (durable, live) = (agent.durable(), agent.live());
    let contact = match (live.failure, live.contact) {
        (None, Some(contact)) => format!("começou {}", ago(now.wall.since_ms(contact.since))),
        (None, None) => "ainda não".to_owned(),
        (Some(why), _) => super::words::unreachable(why).to_owned(),
    };
    let contact = Row { detail: contact, ..fact("Contato com a loja", "") };
    vec![
        contact,
        fact(
            "Última novidade",
            durable.feed_at.map_or_else(|| "nenhuma".to_owned(), |at| ago(now.wall.since_ms(at))),
        ),
        fact("Cursor", durable.cursor.map_or_else(|| "do início".to_owned(), |cursor| cursor.to_string())),
        fact("Pedidos na lista", durable.orders.len().to_string()),
        fact("Pedidos com este terminal", durable.claims.len().to_string()),
    ]
}

fn work(agent: &Agent) -> Vec<Row> {
    let durable = agent.durable();
    let outbox = agent.outbox();
    let outcomes = outbox.iter().filter(|item| matches!(item, Item::Outcome(_) | Item::Reversal(_))).count();
    let open = durable.attempts.values().filter(|a| a.ended.is_none()).count();
    let doubtful = durable.attempts.values().filter(|a| a.ended.is_some() && a.is_unclear()).count();
    let reversals = durable.reversals.values().filter(|r| r.is_unclear()).count();
    let strays = durable.strays_total;
    vec![
        fact("A enviar à loja", format!("{} ({outcomes} resultados)", outbox.len())),
        fact("Pagamentos abertos", open.to_string()),
        fact("Pagamentos em dúvida", doubtful.to_string()),
        fact("Estornos sem resposta", reversals.to_string()),
        fact("Respostas não reconhecidas", strays.to_string()),
    ]
}

fn device(agent: &Agent) -> Vec<Row> {
    let device = &agent.live().device;
    let mut rows = Vec::new();
    let mut tell = |title: &str, value: Option<String>| rows.extend(value.map(|value| fact(title, value)));
    tell("Sistema", device.system.clone());
    let charging = if device.charging == Some(true) { ", carregando" } else { "" };
    tell("Bateria", device.battery_percent.map(|percent| format!("{percent} %{charging}")));
    tell("Armazenamento livre", device.storage_free_bytes.map(megabytes));
    tell("Registros", device.journal_bytes.map(megabytes));
    rows
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{},{} MB", tenths / 10, tenths % 10)
}

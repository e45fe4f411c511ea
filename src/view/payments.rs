//! Payments taken on this terminal, and giving them back.

use core::cmp::Reverse;

use protocol::attempt::Outcome;
use protocol::{AttemptId, Centavos, OrderId, ReversalId};

use super::order::keypad;
use super::screen::{Action, ActionStyle, Key, Row, Search, Tone, Widget};
use super::words::{ago, choice, date_and_time, money, outcome, reason, reversal_reason};
use super::{Drawn, PageName, choices, fact, facts, figure, message, named, ordinals};
use crate::acquirer::SlipCopy;
use crate::flow::browsing::{ROWS_MAX, SEARCH_PAYMENTS};
use crate::flow::paying::STOP_WAITING_AFTER_MS;
use crate::flow::search::{Findable, Wanted};
use crate::flow::state::Attempt;
use crate::flow::{Agent, Moment, Tap};

pub(super) fn list(agent: &Agent, query: &str, rows_max: usize, now: Moment) -> Drawn {
    let found = found(agent, query);
    let count = found.len();
    let rows =
        found.iter().take(rows_max).map(|(attempt, called)| row(agent, attempt, called, now)).collect();
    let more = (count > rows_max && rows_max < ROWS_MAX).then(|| Action {
        id: Tap::More.id(),
        label: format!("Mostrar mais ({count} no total)"),
        style: ActionStyle::Secondary,
        key: None,
    });
    let empty = if query.is_empty() {
        "Nenhum pagamento feito neste terminal."
    } else {
        "Nenhum pagamento encontrado. Confira o número, o nome, o valor ou o NSU."
    };
    let search = Search {
        id: SEARCH_PAYMENTS.to_owned(),
        value: query.to_owned(),
        hint: "Pedido, nome, valor ou NSU".to_owned(),
    };
    let list =
        Widget::List { id: "payments".to_owned(), search: Some(search), rows, more, empty: empty.to_owned() };
    Drawn::new(PageName::Payments, "Pagamentos deste terminal").with(list).back("Voltar")
}

/// Ended payments that fit the search, the best first, with what they are called.
fn found<'a>(agent: &'a Agent, query: &str) -> Vec<(&'a Attempt, String)> {
    let mut ended: Vec<&Attempt> = agent.durable().attempts.values().filter(|a| a.ended.is_some()).collect();
    ended.sort_unstable_by_key(|attempt| attempt.counter);
    let orders: Vec<&OrderId> = ended.iter().map(|attempt| &attempt.start.attempt.order_id).collect();
    let wanted = Wanted::new(query);
    let mut found: Vec<_> = ended
        .iter()
        .zip(ordinals(&orders))
        .filter_map(|(attempt, ordinal)| {
            let called = format!("{}{ordinal}", attempt.start.order_number);
            let said = attempt.ended.as_ref().map(|ended| &ended.evidence);
            let codes = said.into_iter().flat_map(|said| [&said.authorization_code, &said.atk]);
            let mut numbers = vec![called.as_str(), attempt.start.order_number.as_str()];
            numbers.extend(codes.filter_map(|code| code.as_deref()));
            let name = attempt.start.order_name.as_str();
            let fit =
                wanted.fit(&Findable { numbers, name, values: vec![attempt.start.attempt.amount.get()] })?;
            let wanted_back = agent.wanted_back(attempt.start.attempt.attempt_id).is_some();
            Some(((fit, Reverse((wanted_back, attempt.counter))), *attempt, called))
        })
        .collect();
    found.sort_unstable_by_key(|(rank, ..)| *rank);
    found.into_iter().map(|(_, attempt, called)| (attempt, called)).collect()
}

fn row(agent: &Agent, attempt: &Attempt, called: &str, now: Moment) -> Row {
    let asked = &attempt.start.attempt;
    let when = attempt.ended.as_ref().map_or(asked.started_at, |ended| ended.ended_at);
    let mut detail = format!("{} · {}", choice(&asked.choice), ago(now.wall.since_ms(when)));
    if attempt.needs_report() {
        detail.push_str(" · a enviar");
    }
    let (badge, tone) = if agent.wanted_back(asked.attempt_id).is_some() {
        ("Estorno pedido", Tone::Warning)
    } else if !attempt.reversed.is_zero() {
        (if attempt.reversible().is_zero() { "Estornado" } else { "Estornado em parte" }, Tone::Neutral)
    } else {
        (outcome(attempt.outcome()), tone_of(attempt.outcome()))
    };
    Row {
        id: Some(Tap::Payment(asked.attempt_id).id()),
        title: named(called, &attempt.start.order_name),
        detail,
        value: money(asked.amount),
        badge: badge.to_owned(),
        tone,
        selected: None,
    }
}

const fn tone_of(outcome: Option<Outcome>) -> Tone {
    match outcome {
        Some(Outcome::Approved) => Tone::Good,
        Some(Outcome::Declined | Outcome::Cancelled) => Tone::Neutral,
        Some(Outcome::InDoubt) | None => Tone::Warning,
    }
}

pub(super) fn payment(agent: &Agent, attempt_id: AttemptId, now: Moment) -> Drawn {
    let Some(attempt) = agent.durable().attempts.get(&attempt_id) else {
        return Drawn::new(PageName::Payment, "Pagamento").back("Voltar");
    };
    let mut drawn =
        Drawn::new(PageName::Payment, format!("Pagamento do pedido {}", attempt.start.order_number))
            .with(figure(outcome(attempt.outcome()), attempt.start.attempt.amount, true))
            .with_all(agent.wanted_back(attempt_id).map(|amount| {
                message(Tone::Warning, format!("A loja pediu o estorno de {}", money(amount)), "")
            }))
            .with(facts("payment", evidence(agent, attempt, now)));
    if let Some(stated) = agent.stated(attempt_id) {
        drawn = drawn.with(super::stating::told(agent, stated));
    }
    if agent.can_state(attempt_id) {
        drawn = drawn.secondary(&Tap::State, "Informar o comprovante");
    }
    if !copies_of(agent, attempt).is_empty() {
        drawn = drawn.secondary(&Tap::Copies, "Imprimir");
    }
    if agent.atk(attempt_id).is_some() && !agent.reversible(attempt_id).is_zero() {
        drawn = drawn.danger(&Tap::Reverse, "Estornar");
    }
    drawn.back("Voltar")
}

/// What can be printed of a payment.
fn copies_of(agent: &Agent, attempt: &Attempt) -> Vec<(Tap, String, String)> {
    let asked = &attempt.start.attempt;
    let slips = attempt.outcome() == Some(Outcome::Approved)
        && agent.atk(asked.attempt_id).is_some()
        && agent.acquirer().capabilities().can_reprint_slip;
    let slip = |copy, label: &str| (Tap::Reprint(copy), label.to_owned(), String::new());
    let receipt = agent
        .durable()
        .receipts
        .values()
        .find(|receipt| receipt.notice.order_id == asked.order_id && receipt.prepared.is_some());
    let receipt = receipt.map(|receipt| {
        let tap = Tap::Receipt(receipt.notice.print_id.clone());
        (tap, "Comprovante fiscal".to_owned(), String::new())
    });
    [
        slips.then(|| slip(SlipCopy::Customer, "Via do cliente")),
        slips.then(|| slip(SlipCopy::Merchant, "Via da loja")),
        receipt,
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn copies(agent: &Agent, attempt_id: AttemptId) -> Drawn {
    let attempt = agent.durable().attempts.get(&attempt_id);
    let number = attempt.map_or("", |attempt| attempt.start.order_number.as_str());
    let options = attempt.map_or_else(Vec::new, |attempt| copies_of(agent, attempt));
    Drawn::new(PageName::Copies, format!("Imprimir do pedido {number}"))
        .with(choices("O que imprimir?", options))
        .back("Voltar")
}

fn evidence(agent: &Agent, attempt: &Attempt, now: Moment) -> Vec<Row> {
    let asked = &attempt.start.attempt;
    let mut rows =
        vec![fact("Forma", choice(&asked.choice)), fact("Quando", ago(now.wall.since_ms(asked.started_at)))];
    if let Some(ended) = &attempt.ended {
        let said = &ended.evidence;
        let mut tell = |title: &str, value: Option<&String>| {
            rows.extend(value.map(|value| fact(title, value.clone())));
        };
        tell("Data e hora", said.authorized_at_local.as_deref().map(date_and_time).as_ref());
        tell("Bandeira", said.brand.as_ref());
        tell("Final do cartão", said.last4.as_ref());
        tell("Autorização", said.authorization_code.as_ref());
        tell("NSU (ATK)", said.atk.as_ref());
        let unclear = attempt.settled.is_none();
        rows.extend(ended.reason.filter(|_| unclear).map(|why| fact("Motivo", reason(why))));
    }
    if !attempt.reversed.is_zero() {
        rows.push(fact("Estornado", money(attempt.reversed)));
    }
    let doubtful = agent.in_doubt_back(asked.attempt_id);
    if !doubtful.is_zero() {
        rows.push(fact("Estorno em dúvida", money(doubtful)));
    }
    rows.push(fact("Tentativa", asked.attempt_id.to_string()));
    rows.push(fact("Enviado à loja", if attempt.needs_report() { "ainda não" } else { "sim" }));
    rows
}

pub(super) fn reversal_amount(agent: &Agent, attempt_id: AttemptId, typed: u64, refused: bool) -> Drawn {
    let text = "Valor inválido. Digite um valor maior que zero e até o valor que pode ser estornado.";
    Drawn::new(PageName::ReversalAmount, "Estornar parte")
        .with(figure("Pode ser estornado", agent.reversible(attempt_id), false))
        .with_all(refused.then(|| message(Tone::Bad, text, "")))
        .with(keypad("Valor a estornar", typed))
        .primary(&Tap::Confirm, "Continuar")
        .back("Voltar")
}

pub(super) fn reversal_confirm(agent: &Agent, attempt_id: AttemptId, amount: Centavos) -> Drawn {
    let number = agent.durable().attempts.get(&attempt_id).map_or("", |a| a.start.order_number.as_str());
    let text = "O cliente precisa apresentar o mesmo cartão, se pedido.";
    let drawn = Drawn::new(PageName::ReversalConfirm, format!("Estornar pagamento do pedido {number}"))
        .with(figure("Devolver ao cliente", amount, true))
        .with(message(Tone::Warning, "Confirma o estorno?", text))
        .action(&Tap::ReverseConfirmed, "Estornar", ActionStyle::Danger, Some(Key::Enter));
    let drawn = if agent.acquirer().capabilities().can_reverse_part {
        drawn.secondary(&Tap::ReversePart, "Outro valor")
    } else {
        drawn
    };
    drawn.back("Não estornar")
}

pub(super) fn reversing(agent: &Agent, reversal_id: ReversalId, now: Moment) -> Drawn {
    let amount = agent.durable().reversals.get(&reversal_id).map_or(Centavos::ZERO, |r| r.start.amount);
    let acquirer = agent.acquirer().capabilities().name;
    let drawn = Drawn::new(PageName::Reversing, "Estorno").with(figure("Estornar", amount, true)).with(
        Widget::Progress { label: format!("Conclua o estorno no aplicativo da {acquirer}"), done: 0, of: 0 },
    );
    if now.mono_ms >= agent.live().page_since_ms + STOP_WAITING_AFTER_MS {
        return drawn.danger(&Tap::StopWaiting, "Não houve resposta");
    }
    drawn
}

pub(super) fn reversal_result(agent: &Agent, reversal_id: ReversalId) -> Drawn {
    let Some(reversal) = agent.durable().reversals.get(&reversal_id) else {
        return Drawn::new(PageName::Payment, "Estorno").back("Voltar");
    };
    let why = reversal.ended.as_ref().and_then(|ended| ended.reason).map_or("", reversal_reason);
    let (page, tone, title, text) = match reversal.outcome() {
        Some(Outcome::Declined) if reversal.settled.is_some() => {
            let text = "A loja confirmou que o dinheiro não voltou. O pagamento continua valendo.".to_owned();
            (PageName::ReversalDeclined, Tone::Bad, "Não foi estornado", text)
        }
        Some(Outcome::Approved) => (PageName::Reversed, Tone::Good, "Estorno feito", String::new()),
        Some(Outcome::Declined) => {
            let text = format!("{why} O pagamento continua valendo. Tente de novo ou fale com o gerente.");
            (PageName::ReversalDeclined, Tone::Bad, "Estorno recusado", text)
        }
        Some(Outcome::Cancelled) => {
            let text = "O pagamento continua valendo.".to_owned();
            (PageName::ReversalCancelled, Tone::Neutral, "Estorno cancelado", text)
        }
        Some(Outcome::InDoubt) | None => {
            let next = if agent.can_retry(reversal) {
                "O terminal tenta de novo a cada hora."
            } else {
                "Avise o gerente: a loja confirma com a operadora."
            };
            let text = format!("{why} NÃO estorne de novo. {next}");
            (PageName::ReversalInDoubt, Tone::Warning, "Estorno em dúvida", text)
        }
    };
    Drawn::new(page, "Estorno")
        .with(message(tone, title, text))
        .with(figure("Valor", reversal.start.amount, true))
        .back("Voltar")
}

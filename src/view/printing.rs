//! Receipts and slips.

use core::cmp::Reverse;
use std::collections::BTreeMap;

use protocol::receipt::{ReceiptKind, ReceiptState};
use protocol::{Centavos, OrderId, PrintId};

use super::screen::{Row, Search, Tone, Widget};
use super::words::{ago, money, print_problem};
use super::{Drawn, PageName, message, named, ordinals};
use crate::flow::browsing::SEARCH_RECEIPTS;
use crate::flow::live::PrintProblem;
use crate::flow::paying::STOP_WAITING_AFTER_MS;
use crate::flow::search::{Findable, Wanted};
use crate::flow::state::Receipt;
use crate::flow::{Agent, Moment, Tap};

pub(super) fn receipts(agent: &Agent, query: &str, now: Moment) -> Drawn {
    let rows = found(agent, query).iter().map(|found| found.row(now)).collect();
    let empty = if query.is_empty() {
        "Nenhum comprovante neste terminal."
    } else {
        "Nenhum comprovante encontrado. Confira o número, o nome ou o valor."
    };
    let search = Search {
        id: SEARCH_RECEIPTS.to_owned(),
        value: query.to_owned(),
        hint: "Pedido, nome ou valor".to_owned(),
    };
    let list = Widget::List {
        id: "receipts".to_owned(),
        search: Some(search),
        rows,
        more: None,
        empty: empty.to_owned(),
    };
    Drawn::new(PageName::Receipts, "Comprovantes").with(list).back("Voltar")
}

/// A receipt and what this terminal knows of its order.
struct Found<'a> {
    receipt: &'a Receipt,
    /// Its order's number; "/2" is the second receipt of that order.
    called: String,
    name: &'a str,
    value: Option<Centavos>,
}

impl Found<'_> {
    fn row(&self, now: Moment) -> Row {
        let notice = &self.receipt.notice;
        Row {
            id: Some(Tap::Receipt(notice.print_id.clone()).id()),
            title: named(&self.called, self.name),
            detail: format!("{} · {}", kind(notice.kind), ago(now.wall.since_ms(notice.created_at))),
            value: self.value.map_or_else(String::new, money),
            badge: state(self.receipt).to_owned(),
            tone: if self.receipt.bad.is_some() { Tone::Warning } else { Tone::Neutral },
            selected: None,
        }
    }
}

/// Receipts that fit the search, the best first; those that wait before those that are done.
fn found<'a>(agent: &'a Agent, query: &str) -> Vec<Found<'a>> {
    let durable = agent.durable();
    let paid = durable.attempts.values().map(|attempt| &attempt.start);
    let paid: BTreeMap<&OrderId, (&str, Centavos)> = paid
        .map(|start| (&start.attempt.order_id, (start.order_name.as_str(), start.order_total)))
        .chain(durable.orders.iter().map(|(id, order)| (id, (order.display_name.as_str(), order.total))))
        .collect();
    let mut receipts: Vec<&Receipt> = durable.receipts.values().collect();
    receipts.sort_unstable_by_key(|receipt| (receipt.notice.created_at, &receipt.notice.print_id));
    let orders: Vec<&OrderId> = receipts.iter().map(|receipt| &receipt.notice.order_id).collect();
    let wanted = Wanted::new(query);
    let mut found: Vec<_> = receipts
        .iter()
        .zip(ordinals(&orders))
        .filter_map(|(receipt, ordinal)| {
            let number = receipt.notice.order_number.as_str();
            let called = format!("{number}{ordinal}");
            let order = paid.get(&receipt.notice.order_id);
            let (name, value) = order.map_or(("", None), |(name, total)| (*name, Some(*total)));
            let values = value.map(Centavos::get).into_iter().collect();
            let fit = wanted.fit(&Findable { numbers: vec![&called, number], name, values })?;
            let rank = (fit, receipt.done.is_some(), Reverse(receipt.notice.created_at));
            Some((rank, Found { receipt, called, name, value }))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, found)| found).collect()
}

const fn kind(kind: ReceiptKind) -> &'static str {
    match kind {
        ReceiptKind::Nfe => "NFC-e",
        ReceiptKind::Cupom => "CF-e",
        ReceiptKind::Receipt => "Comprovante",
    }
}

const fn state(receipt: &Receipt) -> &'static str {
    match (&receipt.done, &receipt.bad, &receipt.prepared) {
        (Some(done), _, _) => match done.state {
            ReceiptState::Printed => "Impresso",
            ReceiptState::Skipped => "Não impresso",
            ReceiptState::Failed => "Falhou",
        },
        (None, Some(_), _) => "Com problema",
        (None, None, Some(_)) => "Para imprimir",
        (None, None, None) => "Chegando",
    }
}

pub(super) fn receipt(agent: &Agent, print_id: &PrintId, part: u32, problem: Option<PrintProblem>) -> Drawn {
    let Some(receipt) = agent.durable().receipts.get(print_id) else {
        let text = "Este comprovante não está mais disponível. Peça a reimpressão no PDV.";
        return Drawn::new(PageName::Receipt, "Comprovante")
            .with(message(Tone::Warning, text, ""))
            .back("Voltar");
    };
    let drawn =
        Drawn::new(PageName::Receipt, format!("Comprovante do pedido {}", receipt.notice.order_number));
    let printed_before = receipt.done.as_ref().is_some_and(|done| done.state == ReceiptState::Printed);
    if let Some((code, sentence)) = &receipt.bad {
        return drawn
            .with(message(Tone::Bad, "O comprovante não pode ser impresso", format!("{sentence} ({code})")))
            .with(message(Tone::Neutral, "", "O pagamento não muda: continua como está."))
            .back("Voltar");
    }
    if receipt.prepared.is_none() {
        let label = "Recebendo o comprovante da loja".to_owned();
        return drawn.with(Widget::Progress { label, done: 0, of: 0 }).back("Voltar");
    }
    let drawn = match problem {
        Some(problem) => drawn
            .with(message(Tone::Bad, "A impressão parou", print_problem(problem)))
            .with(message(Tone::Neutral, "", "O pagamento não muda: continua como está.")),
        None if printed_before => drawn.with(message(Tone::Neutral, "Imprimir outra vez?", "")),
        None => {
            drawn.with(message(Tone::Neutral, "Imprimir o comprovante fiscal?", kind(receipt.notice.kind)))
        }
    };
    let label = match (problem, part) {
        (Some(_), 0) => "Tentar de novo",
        (Some(_), _) => "Continuar a impressão",
        (None, _) => "Imprimir",
    };
    let drawn = drawn.primary(&Tap::Print, label);
    if receipt.done.is_some() {
        drawn.back("Voltar")
    } else {
        drawn.secondary(&Tap::SkipPrint, "Não imprimir").back("Deixar para depois")
    }
}

pub(super) fn printing(agent: &Agent, print_id: &PrintId, part: u32, now: Moment) -> Drawn {
    let of =
        agent.durable().receipts.get(print_id).and_then(|r| r.prepared).map_or(0, |prepared| prepared.parts);
    let drawn = Drawn::new(PageName::Printing, "Comprovante").with(Widget::Progress {
        label: "Imprimindo".to_owned(),
        done: part,
        of,
    });
    give_up(drawn, agent, now)
}

pub(super) fn reprinting(agent: &Agent, now: Moment) -> Drawn {
    let acquirer = agent.acquirer().capabilities().name;
    let drawn = Drawn::new(PageName::Reprinting, "Via do cartão").with(Widget::Progress {
        label: format!("Imprimindo pelo aplicativo da {acquirer}"),
        done: 0,
        of: 0,
    });
    give_up(drawn, agent, now)
}

fn give_up(drawn: Drawn, agent: &Agent, now: Moment) -> Drawn {
    if now.mono_ms >= agent.live().page_since_ms + STOP_WAITING_AFTER_MS {
        return drawn.secondary(&Tap::StopWaiting, "A impressora não respondeu");
    }
    drawn
}

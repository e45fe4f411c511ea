//! Receipts and slips.

use protocol::PrintId;
use protocol::receipt::{ReceiptKind, ReceiptState};

use super::screen::{Row, Tone, Widget};
use super::words::{ago, print_problem};
use super::{Drawn, PageName, message};
use crate::flow::live::PrintProblem;
use crate::flow::paying::STOP_WAITING_AFTER_MS;
use crate::flow::state::Receipt;
use crate::flow::{Agent, Moment, Tap};

pub(super) fn receipts(agent: &Agent, now: Moment) -> Drawn {
    let mut receipts: Vec<&Receipt> = agent.durable().receipts.values().collect();
    receipts.sort_unstable_by_key(|receipt| {
        core::cmp::Reverse((receipt.done.is_none(), receipt.notice.created_at))
    });
    let rows = receipts
        .iter()
        .map(|receipt| Row {
            id: Some(Tap::Receipt(receipt.notice.print_id.clone()).id()),
            title: format!("Pedido {}", receipt.notice.order_number),
            detail: format!(
                "{} · {}",
                kind(receipt.notice.kind),
                ago(now.wall.since_ms(receipt.notice.created_at))
            ),
            value: String::new(),
            badge: state(receipt).to_owned(),
            tone: if receipt.bad.is_some() { Tone::Warning } else { Tone::Neutral },
            selected: None,
        })
        .collect();
    let empty = "Nenhum comprovante neste terminal.".to_owned();
    Drawn::new(PageName::Receipts, "Comprovantes")
        .with(Widget::List { id: "receipts".to_owned(), search: None, rows, more: None, empty })
        .back("Voltar")
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

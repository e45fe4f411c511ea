//! What the card slip of a payment in doubt says, asked step by step.

use protocol::AttemptId;
use protocol::statement::Said;

use super::screen::{KeypadKind, Tone, Widget};
use super::words::choice;
use super::{Drawn, PageName, choices, fact, facts, figure, message};
use crate::flow::browsing::{STATEMENT_ATK, STATEMENT_CODE};
use crate::flow::state::Stated;
use crate::flow::{Agent, Tap};

/// The payment that is asked about: whoever answers sees its amount.
fn begin(agent: &Agent, page: PageName, attempt_id: AttemptId) -> Drawn {
    let Some(attempt) = agent.durable().attempts.get(&attempt_id) else {
        return Drawn::new(page, "Pagamento em dúvida");
    };
    let asked = &attempt.start.attempt;
    Drawn::new(page, format!("Pagamento do pedido {}", attempt.start.order_number)).with(figure(
        choice(&asked.choice),
        asked.amount,
        matches!(page, PageName::Statement),
    ))
}

pub(super) fn statement(agent: &Agent, attempt_id: AttemptId) -> Drawn {
    let acquirer = agent.acquirer().capabilities().name;
    let option = |tap, label: &str, detail: String| (tap, label.to_owned(), detail);
    let charged = format!("O comprovante da {acquirer} é deste pagamento e deste valor");
    let not_charged =
        format!("O aplicativo da {acquirer} não tem este pagamento, ou diz que não foi aprovado");
    let options = vec![
        option(Tap::SaidCharged, "Aprovado", charged),
        option(Tap::SaidNotCharged, "Não aprovado", not_charged),
    ];
    begin(agent, PageName::Statement, attempt_id)
        .with(choices("O que diz o comprovante?", options))
        .back("Voltar")
}

pub(super) fn code(agent: &Agent, attempt_id: AttemptId, typed: &str, invalid: bool) -> Drawn {
    let label = "Código de autorização (AUT)";
    field(begin(agent, PageName::StatementCode, attempt_id), STATEMENT_CODE, label, typed, invalid)
}

pub(super) fn atk(agent: &Agent, attempt_id: AttemptId, typed: &str, invalid: bool) -> Drawn {
    let label = "NSU (ATK ou Stone ID)";
    field(begin(agent, PageName::StatementAtk, attempt_id), STATEMENT_ATK, label, typed, invalid)
}

fn field(drawn: Drawn, id: &str, label: &str, typed: &str, invalid: bool) -> Drawn {
    let text = "Só letras e números, como estão no comprovante. Nunca o número do cartão.";
    drawn
        .with_all(invalid.then(|| message(Tone::Bad, "Código inválido", text)))
        .with(Widget::Keypad {
            id: id.to_owned(),
            label: label.to_owned(),
            value: typed.to_owned(),
            kind: KeypadKind::Code,
            keys: Vec::new(),
        })
        .primary(&Tap::Confirm, "Continuar")
        .back("Voltar")
}

pub(super) fn confirm(agent: &Agent, attempt_id: AttemptId, said: &Said) -> Drawn {
    let (title, rows) = match said {
        Said::Charged { authorization_code, atk } => (
            "O comprovante diz: aprovado",
            vec![fact("Autorização", authorization_code.as_str()), fact("NSU (ATK)", atk.as_str())],
        ),
        Said::NotCharged => ("O comprovante diz: não aprovado", vec![]),
    };
    let text = "Confira. A loja recebe o que você informa, e o gerente confirma.";
    let drawn =
        begin(agent, PageName::StatementConfirm, attempt_id).with(message(Tone::Neutral, title, text));
    let drawn = if rows.is_empty() { drawn } else { drawn.with(facts("statement", rows)) };
    drawn.primary(&Tap::Confirm, "Informar à loja").back("Corrigir")
}

/// What was said, and how far it has come.
pub(super) fn told(agent: &Agent, stated: &Stated) -> Widget {
    let said = match &stated.statement.said {
        Said::Charged { authorization_code, atk } => {
            format!("Você informou: aprovado, autorização {authorization_code}, NSU {atk}")
        }
        Said::NotCharged => "Você informou: não aprovado".to_owned(),
    };
    let text = if stated.told {
        "Enviado à loja; o gerente confirma."
    } else if agent.live().failure.is_none() {
        "Enviando à loja."
    } else {
        "Guardado. Será enviado à loja assim que houver rede."
    };
    message(Tone::Neutral, said, text)
}

//! While a payment runs, and what came of it.

use protocol::AttemptId;
use protocol::attempt::{Flag, Outcome};
use protocol::order::OrderStatus;

use super::screen::{Tone, Widget};
use super::words::{choice, reason};
use super::{Drawn, PageName, figure, message};
use crate::flow::paying::STOP_WAITING_AFTER_MS;
use crate::flow::state::Attempt;
use crate::flow::{Agent, Moment, Tap};

pub(super) fn announcing(agent: &Agent, attempt_id: AttemptId) -> Drawn {
    let Some(attempt) = agent.durable().attempts.get(&attempt_id) else {
        return Drawn::new(PageName::Announcing, "Pagamento");
    };
    Drawn::new(PageName::Announcing, title(attempt))
        .with(figure(choice(&attempt.start.attempt.choice), attempt.start.attempt.amount, true))
        .with(Widget::Progress { label: "Avisando a loja".to_owned(), done: 0, of: 0 })
        .back("Cancelar")
}

pub(super) fn paying(agent: &Agent, attempt_id: AttemptId, now: Moment) -> Drawn {
    let Some(attempt) = agent.durable().attempts.get(&attempt_id) else {
        return Drawn::new(PageName::Paying, "Pagamento");
    };
    let acquirer = agent.acquirer().capabilities().name;
    let drawn = Drawn::new(PageName::Paying, title(attempt))
        .with(figure(choice(&attempt.start.attempt.choice), attempt.start.attempt.amount, true))
        .with_all(closing(agent, attempt))
        .with(Widget::Progress {
            label: format!("Conclua o pagamento no aplicativo da {acquirer}"),
            done: 0,
            of: 0,
        });
    if now.mono_ms >= agent.live().page_since_ms + STOP_WAITING_AFTER_MS {
        let text = "Só use se o aplicativo de pagamento fechou sem resposta. O pagamento ficará em dúvida.";
        return drawn.with(message(Tone::Neutral, "", text)).danger(&Tap::StopWaiting, "Não houve resposta");
    }
    drawn
}

/// The PDV wants the order closed while the customer pays.
fn closing(agent: &Agent, attempt: &Attempt) -> Option<Widget> {
    let order = agent.durable().orders.get(&attempt.start.attempt.order_id)?;
    let text =
        "Se o cliente ainda não pagou, cancele no aplicativo de pagamento. Se já pagou, o pagamento vale.";
    (order.status == OrderStatus::Closing)
        .then(|| message(Tone::Warning, "A loja está encerrando este pedido", text))
}

pub(super) fn result(agent: &Agent, attempt_id: AttemptId) -> Drawn {
    let Some(attempt) = agent.durable().attempts.get(&attempt_id) else {
        return Drawn::new(PageName::Payment, "Pagamento").back("Voltar");
    };
    match attempt.outcome() {
        Some(Outcome::Approved) => approved(agent, attempt),
        Some(Outcome::Declined | Outcome::Cancelled) => refused(agent, attempt),
        Some(Outcome::InDoubt) | None => in_doubt(agent, attempt),
    }
}

fn approved(agent: &Agent, attempt: &Attempt) -> Drawn {
    let order_id = &attempt.start.attempt.order_id;
    let order = agent.durable().order(order_id);
    let rest = order.as_ref().map(|order| order.balance()).filter(|rest| !rest.is_zero());
    let mut drawn = Drawn::new(PageName::Approved, title(attempt))
        .with(message(Tone::Good, "Pagamento aprovado", choice(&attempt.start.attempt.choice)))
        .with(figure("Recebido", attempt.start.attempt.amount, true))
        .with(sent(agent, attempt));
    if rest.is_none() && attempt.start.receipt_expected {
        let label = "Aguardando o comprovante fiscal do PDV".to_owned();
        drawn = drawn.with(Widget::Progress { label, done: 0, of: 0 });
    }
    let details = Tap::Payment(attempt.start.attempt.attempt_id);
    match rest {
        Some(rest) => drawn
            .with(figure("Falta pagar", rest, false))
            .primary(&Tap::ChargeRest, "Cobrar o restante")
            .secondary(&details, "Ver pagamento")
            .back("Concluir"),
        None => drawn.primary(&Tap::Back, "Concluir").secondary(&details, "Ver pagamento"),
    }
}

fn sent(agent: &Agent, attempt: &Attempt) -> Widget {
    if attempt.needs_report() && agent.live().failure.is_none() {
        message(Tone::Neutral, "", "Enviando o resultado à loja.")
    } else if attempt.needs_report() {
        message(Tone::Warning, "", "O resultado está guardado e será enviado à loja assim que houver rede.")
    } else {
        message(Tone::Neutral, "", "A loja já recebeu este pagamento.")
    }
}

fn refused(agent: &Agent, attempt: &Attempt) -> Drawn {
    let cancelled = attempt.outcome() == Some(Outcome::Cancelled);
    let title_text = if cancelled { "Pagamento cancelado" } else { "Pagamento não aprovado" };
    let why = attempt.ended.as_ref().and_then(|ended| ended.reason).map_or("", reason);
    let advice = if cancelled { "" } else { "Tente de novo ou use outra forma de pagamento." };
    let drawn = Drawn::new(if cancelled { PageName::Cancelled } else { PageName::Declined }, title(attempt))
        .with(message(Tone::Bad, title_text, format!("{why} Nada foi cobrado. {advice}").trim().to_owned()))
        .with(figure(choice(&attempt.start.attempt.choice), attempt.start.attempt.amount, true));
    let open = agent.durable().order(&attempt.start.attempt.order_id);
    let drawn = if open.is_some_and(|order| order.status == OrderStatus::Open) {
        drawn.primary(&Tap::TryAgain, "Tentar de novo")
    } else {
        drawn
    };
    drawn.back("Voltar à lista")
}

fn in_doubt(agent: &Agent, attempt: &Attempt) -> Drawn {
    let ended = attempt.ended.as_ref();
    let why =
        ended.and_then(|ended| ended.reason).map_or("A loja ainda não confirmou este pagamento.", reason);
    let acquirer = agent.acquirer().capabilities().name;
    let id = attempt.start.attempt.attempt_id;
    let stated = agent.stated(id);
    let advice = if stated.is_some() {
        format!("{why} NÃO cobre de novo. A loja decide com o que você informou.")
    } else {
        format!(
            "{why} NÃO cobre de novo. Reimprima o comprovante da última venda no aplicativo da {acquirer} e \
             informe aqui o que ele diz. Só a loja pode confirmar."
        )
    };
    let drawn = Drawn::new(PageName::InDoubt, title(attempt))
        .with(message(Tone::Warning, "Pagamento em dúvida", advice))
        .with(figure(choice(&attempt.start.attempt.choice), attempt.start.attempt.amount, true))
        .with_all((!attempt.flags.is_empty()).then(|| {
            let list: Vec<&str> = attempt.flags.iter().map(|flag| flag_words(*flag)).collect();
            message(Tone::Bad, "A loja encontrou um problema", list.join(" "))
        }))
        .with_all(stated.map(|stated| super::stating::told(agent, stated)))
        .with(super::facts(
            "evidence",
            vec![
                super::fact("Número da tentativa", id.to_string()),
                super::fact("Enviado à loja", if attempt.needs_report() { "ainda não" } else { "sim" }),
            ],
        ));
    let drawn = match stated {
        _ if !agent.can_state(id) => drawn,
        Some(_) => drawn.secondary(&Tap::State, "Informar de novo"),
        None => drawn.primary(&Tap::State, "Informar o comprovante"),
    };
    drawn.back("Voltar à lista")
}

/// What the service found wrong, in words.
pub(super) const fn flag_words(flag: Flag) -> &'static str {
    match flag {
        Flag::UnknownOrder => "A loja não conhece o pedido.",
        Flag::WrongTerminal => "O pedido não era deste terminal.",
        Flag::StaleClaim => "O pedido não estava mais com este terminal.",
        Flag::ExceedsBalance => "O valor passa do saldo do pedido.",
        Flag::NotWholeTotal => "O pedido deve ser cobrado de uma só vez.",
        Flag::MethodNotAllowed => "A forma de pagamento não é a permitida.",
        Flag::InstallmentsNotAllowed => "As parcelas não são as permitidas.",
        Flag::AmountDiffers => "O valor informado pelo aplicativo é diferente.",
        Flag::MethodDiffers => "A forma informada pelo aplicativo é diferente.",
        Flag::AfterClose => "O pedido já estava encerrado.",
        Flag::Contradiction => "Antes foi informado outro resultado.",
        Flag::IdReused => "O número da tentativa já foi usado.",
        Flag::NoEvidence => "Falta o código de autorização.",
    }
}

fn title(attempt: &Attempt) -> String {
    if attempt.start.order_name.is_empty() {
        format!("Pedido {}", attempt.start.order_number)
    } else {
        format!("Pedido {} · {}", attempt.start.order_number, attempt.start.order_name)
    }
}

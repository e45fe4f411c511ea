//! One order: what to charge and how.

use protocol::claim::ClaimKind;
use protocol::method::{ContractedMethod, InstallmentType, Method};
use protocol::order::{OrderKind, OrderView};
use protocol::refusal::RefusalCode;
use protocol::{Centavos, OrderId};

use super::screen::{ActionStyle, Choice, Key, KeypadKind, Tone, Widget};
use super::words::{choice, interest, method, money};
use super::{Drawn, PageName, choices, choices_with, figure, message};
use crate::flow::paying::{OPTIONS_SHOWN, SPLIT_MAX};
use crate::flow::{Agent, Tap};

pub(super) fn claiming(agent: &Agent, order_id: &OrderId, by_itself: bool) -> Drawn {
    let order = agent.durable().order(order_id);
    let text = if by_itself { "Abrindo o pagamento enviado pelo PDV" } else { "Reservando o pedido na loja" };
    Drawn::new(PageName::Claiming, title(order.as_ref()))
        .with_all(order.map(|order| figure("Falta pagar", order.balance(), true)))
        .with(Widget::Progress { label: text.to_owned(), done: 0, of: 0 })
        .back("Cancelar")
}

pub(super) fn order(agent: &Agent, order_id: &OrderId, amount: Option<Centavos>) -> Drawn {
    let order = agent.durable().order(order_id);
    let drawn = Drawn::new(PageName::Order, title(order.as_ref()));
    let Some(order) = order else {
        return drawn.back("Voltar");
    };
    let charge = agent.amount_to_charge(&order, amount);
    let whole = charge == order.balance();
    let label = if whole { "Saldo a cobrar" } else { "Cobrar agora" };
    let mut drawn = drawn.with(figure(label, charge, true)).with_all(balance(&order, charge));
    if charge.is_zero() {
        return drawn.with(message(Tone::Warning, "Nada a cobrar agora", "")).back("Voltar");
    }
    drawn = match &order.fixed {
        Some(fixed) => drawn
            .with(message(Tone::Neutral, choice(fixed), "Forma de pagamento definida no PDV."))
            .primary(&Tap::Charge, format!("Cobrar {}", money(charge))),
        None => drawn.with(choices("Forma de pagamento", methods(agent))),
    };
    let on_tour = agent.durable().claims.get(order_id).is_some_and(|held| held.kind == ClaimKind::Delivery);
    if order.kind == OrderKind::Listed {
        drawn = drawn.secondary(&Tap::OtherAmount, "Outro valor");
        // Where "Cobrar" and "Devolver" stand there is no room for more; parts can be entered as other amounts.
        if !(on_tour && order.fixed.is_some()) {
            drawn = drawn.secondary(&Tap::Split, "Dividir");
        }
    }
    if on_tour {
        drawn = drawn.secondary(&Tap::GiveBack, "Devolver pedido");
    }
    drawn.back("Voltar")
}

/// "Pedido 123 · Mesa 4"
fn title(order: Option<&OrderView>) -> String {
    match order {
        Some(order) if order.display_name.is_empty() => format!("Pedido {}", order.number),
        Some(order) => format!("Pedido {} · {}", order.number, order.display_name),
        None => "Pedido".to_owned(),
    }
}

/// What else there is to know about the order's money. The remaining balance always shows, here or as what is charged.
fn balance(order: &OrderView, charge: Centavos) -> Vec<Widget> {
    let mut widgets = Vec::new();
    if order.balance() != order.total || charge != order.total {
        widgets.push(figure("Total do pedido", order.total, false));
    }
    if !order.paid.is_zero() {
        widgets.push(figure("Já pago", order.paid, false));
    }
    if charge != order.balance() {
        widgets.push(figure("Saldo do pedido", order.balance(), false));
    }
    if !order.reserved.is_zero() {
        let title = format!("{} em dúvida", money(order.reserved));
        widgets.push(message(
            Tone::Warning,
            title,
            "Essa parte não pode ser cobrada de novo até ser resolvida.",
        ));
    }
    widgets
}

fn methods(agent: &Agent) -> Vec<(Tap, String, String)> {
    let contract = agent.durable().settings().map_or(&[][..], |settings| settings.methods.as_slice());
    Method::ALL
        .into_iter()
        .filter_map(|wanted| contract.iter().find(|line| line.method == wanted))
        .map(|line| (Tap::Method(line.method), method(line.method).to_owned(), up_to(line)))
        .collect()
}

fn up_to(line: &ContractedMethod) -> String {
    let most = line.merchant_installments_max.max(line.issuer_installments_max);
    if line.method == Method::Credit && most > 1 { format!("até {most}x") } else { String::new() }
}

pub(super) fn amount(agent: &Agent, order_id: &OrderId, typed: u64, refused: Option<RefusalCode>) -> Drawn {
    let order = agent.durable().order(order_id);
    let drawn = Drawn::new(PageName::Amount, "Outro valor");
    let Some(order) = order else {
        return drawn.back("Voltar");
    };
    drawn
        .with(figure("Saldo a cobrar", order.chargeable(), false))
        .with_all(refused.map(|code| message(Tone::Bad, code.sentence(), "")))
        .with(keypad("Valor a cobrar", typed))
        .primary(&Tap::Confirm, "Continuar")
        .back("Voltar")
}

/// A keypad for money.
pub(super) fn keypad(label: &str, typed: u64) -> Widget {
    let digit = |n: u8| Choice {
        id: Tap::Digit(n).id(),
        label: n.to_string(),
        detail: String::new(),
        key: Some(Key::Digit(n)),
    };
    let plain = |tap: &Tap, label: &str, detail: &str, key| Choice {
        id: tap.id(),
        label: label.to_owned(),
        detail: detail.to_owned(),
        key,
    };
    let mut keys: Vec<Choice> = (1..=9).map(digit).collect();
    keys.push(plain(&Tap::DoubleZero, "00", "dois zeros", None));
    keys.push(digit(0));
    keys.push(plain(&Tap::Erase, "⌫", "apagar", Some(Key::Clear)));
    Widget::Keypad {
        id: "amount".to_owned(),
        label: label.to_owned(),
        value: money(Centavos::new(typed).unwrap_or(Centavos::ZERO)),
        kind: KeypadKind::Money,
        keys,
    }
}

pub(super) fn split(agent: &Agent, order_id: &OrderId) -> Drawn {
    let order = agent.durable().order(order_id);
    let drawn = Drawn::new(PageName::Split, "Dividir");
    let Some(order) = order else {
        return drawn.back("Voltar");
    };
    let options =
        (2..=SPLIT_MAX).filter(|parts| order.chargeable().get() >= u64::from(*parts)).map(|parts| {
            let shares = order.chargeable().split(parts);
            let first = shares.first().copied().unwrap_or(Centavos::ZERO);
            // The key is the number of parts; 0 stands for 10.
            let key = u8::try_from(parts % 10).ok().map(Key::Digit);
            ((Tap::SplitInto(parts), format!("{parts}x"), money(first)), key)
        });
    drawn
        .with(figure("Saldo a dividir", order.chargeable(), true))
        .with(choices_with("Em quantas partes?", options))
        .back("Voltar")
}

pub(super) fn installments(agent: &Agent, amount: Centavos, first: usize) -> Drawn {
    let all = agent.installment_options();
    let shown = all.iter().skip(first).take(OPTIONS_SHOWN).map(|(kind, count)| {
        let share = amount.split(u32::from(*count)).first().copied().unwrap_or(amount);
        let (label, detail) = match (kind, count) {
            (_, 0 | 1) => ("À vista".to_owned(), money(amount)),
            (InstallmentType::Merchant, _) => {
                (format!("{count}x {}", interest(*kind)), format!("{count}x de {}", money(share)))
            }
            (InstallmentType::Issuer, _) => {
                (format!("{count}x {}", interest(*kind)), "juros do emissor".to_owned())
            }
        };
        (Tap::Installments(*kind, *count), label, detail)
    });
    let drawn = Drawn::new(PageName::Installments, "Parcelas")
        .with(figure("Cobrar no crédito", amount, true))
        .with(choices("Em quantas vezes?", shown.collect()));
    let drawn = if all.len() > OPTIONS_SHOWN {
        drawn.action(&Tap::MoreOptions, "Mais opções", ActionStyle::Secondary, Some(Key::Digit(0)))
    } else {
        drawn
    };
    drawn.back("Voltar")
}

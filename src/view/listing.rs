//! The list of orders and "levar pedidos".

use std::collections::BTreeSet;

use protocol::OrderId;
use protocol::claim::ClaimKind;
use protocol::order::{OrderKind, OrderStatus, OrderView};

use super::screen::{Action, ActionStyle, Key, Row, Search, Tone, Widget};
use super::status::counted;
use super::words::{ago, choice, money};
use super::{Drawn, PageName, choices, message, named};
use crate::flow::browsing::{ROWS_MAX, SEARCH_ORDERS, SEARCH_TO_TAKE};
use crate::flow::live::{Failed, Take};
use crate::flow::{Agent, CallFailure, Moment, Tap};

pub(super) fn orders(agent: &Agent, now: Moment) -> Drawn {
    let query = &agent.live().list.query;
    let free = query.is_empty();
    let drawn = Drawn::new(PageName::List, "Pedidos").with_all(banners(agent)).with(list(
        agent,
        SEARCH_ORDERS,
        query,
        now,
        None,
    ));
    let delivery = agent.durable().settings().is_some_and(|settings| settings.delivery);
    let drawn = if delivery {
        let key = Some(Key::Enter).filter(|_| free);
        drawn.action(&Tap::TakeOrders, "Levar pedidos", ActionStyle::Secondary, key)
    } else {
        drawn
    };
    drawn.action(&Tap::Menu, "Menu", ActionStyle::Secondary, Some(Key::Clear).filter(|_| free))
}

/// Everything that the list has no room for.
pub(super) fn menu(agent: &Agent) -> Drawn {
    let turn = if agent.live().list.oldest_first { "Mais novos primeiro" } else { "Mais antigos primeiro" };
    let waiting = agent.receipts_waiting().count();
    let receipts = if waiting > 0 { format!("Comprovantes ({waiting})") } else { "Comprovantes".to_owned() };
    let receipts = (!agent.durable().receipts.is_empty()).then_some((Tap::Receipts, receipts));
    let options = [Some((Tap::Payments, "Pagamentos".to_owned())), receipts]
        .into_iter()
        .flatten()
        .chain([
            (Tap::Turn, turn.to_owned()),
            (Tap::Diagnostics, "Diagnóstico".to_owned()),
            (Tap::SyncNow, "Sincronizar agora".to_owned()),
        ])
        .map(|(tap, label)| (tap, label, String::new()))
        .collect();
    Drawn::new(PageName::Menu, "Menu").with(choices("O que você quer ver?", options)).back("Voltar")
}

fn banners(agent: &Agent) -> Vec<Widget> {
    let durable = agent.durable();
    let mut banners = Vec::new();
    if durable.blocked {
        let text = "Não cobre neste terminal. Fale com o gerente. Resultados já obtidos continuam guardados.";
        banners.push(message(Tone::Bad, "Terminal bloqueado pela loja", text));
    }
    let wanted = durable.reversals_wanted.len();
    if wanted > 0 {
        let title = counted(wanted, "estorno pedido pela loja", "estornos pedidos pela loja");
        banners.push(message(Tone::Warning, title, "Abra Pagamentos para estornar."));
    }
    banners
}

fn list(
    agent: &Agent,
    field: &str,
    query: &str,
    now: Moment,
    selected: Option<&BTreeSet<OrderId>>,
) -> Widget {
    let rows_max = agent.live().list.rows_max;
    let (found, count) = agent.listed(query, rows_max);
    let rows = found.iter().map(|order| row(agent, order, now, selected)).collect();
    let more = (count > found.len() && rows_max < ROWS_MAX).then(|| Action {
        id: Tap::More.id(),
        label: format!("Mostrar mais ({} no total)", count),
        style: ActionStyle::Secondary,
        key: None,
    });
    let empty = if query.is_empty() {
        "Nenhum pedido aguardando pagamento."
    } else {
        "Nenhum pedido encontrado. Confira o número, o nome ou o valor."
    };
    Widget::List {
        id: "orders".to_owned(),
        search: Some(Search {
            id: field.to_owned(),
            value: query.to_owned(),
            hint: "Número, nome ou valor".to_owned(),
        }),
        rows,
        more,
        empty: empty.to_owned(),
    }
}

fn row(agent: &Agent, order: &OrderView, now: Moment, selected: Option<&BTreeSet<OrderId>>) -> Row {
    let corrected = agent.durable().order(&order.id);
    let order = corrected.as_ref().unwrap_or(order);
    let title = named(&order.number, &order.display_name);
    let mut detail = vec![ago(now.wall.since_ms(order.created_at))];
    if let Some(fixed) = &order.fixed {
        detail.push(choice(fixed));
    }
    if !order.paid.is_zero() {
        detail.push(format!("pago {} de {}", money(order.paid), money(order.total)));
    }
    if !order.reserved.is_zero() {
        detail.push(format!("{} sem resposta", money(order.reserved)));
    }
    let (badge, tone) = mark(agent, order);
    let takeable = agent.can_be_taken(&order.id);
    let tappable = selected.is_none() || takeable;
    Row {
        id: tappable.then(|| Tap::Order(order.id.clone()).id()),
        title,
        detail: detail.join(" · "),
        value: money(order.balance()),
        badge,
        tone,
        selected: selected.filter(|_| takeable).map(|set| set.contains(&order.id)),
    }
}

fn mark(agent: &Agent, order: &OrderView) -> (String, Tone) {
    let ours = agent.durable().claims.get(&order.id).map(|held| held.kind);
    if ours.is_some() && !order.reserved.is_zero() {
        return ("Sem resposta".to_owned(), Tone::Warning);
    }
    match (order.status, ours, &order.claim) {
        (OrderStatus::Closing, _, _) => ("Encerrando".to_owned(), Tone::Warning),
        (_, Some(ClaimKind::Delivery), _) => ("Com você".to_owned(), Tone::Good),
        (_, Some(ClaimKind::Now), _) => ("Neste terminal".to_owned(), Tone::Good),
        (_, None, Some(claim)) if agent.serial().as_ref() == Some(&claim.terminal) => {
            (String::new(), Tone::Neutral)
        }
        (_, None, Some(_)) => ("Com outro terminal".to_owned(), Tone::Warning),
        (_, None, None) if order.kind == OrderKind::Direct => ("Direto".to_owned(), Tone::Neutral),
        (_, None, None) => (String::new(), Tone::Neutral),
    }
}

pub(super) fn taking(agent: &Agent, selected: &BTreeSet<OrderId>, query: &str, now: Moment) -> Drawn {
    let count = selected.len();
    let key = Some(Key::Enter).filter(|_| query.is_empty());
    let chosen = if count == 0 {
        let text = "Escolha os que vão com você. Depois podem ser cobrados mesmo sem rede.";
        message(Tone::Neutral, "Nenhum pedido escolhido", text)
    } else {
        message(Tone::Neutral, counted(count, "pedido escolhido", "pedidos escolhidos"), "")
    };
    let drawn = Drawn::new(PageName::Taking, "Levar pedidos").with(chosen).with(list(
        agent,
        SEARCH_TO_TAKE,
        query,
        now,
        Some(selected),
    ));
    let drawn = if count > 0 {
        let label = format!("Levar {}", counted(count, "pedido", "pedidos"));
        drawn.action(&Tap::TakeSelected, label, ActionStyle::Primary, key)
    } else {
        drawn.action(&Tap::TakeAll, "Escolher todos os livres", ActionStyle::Secondary, key)
    };
    drawn.back("Voltar")
}

pub(super) fn taking_now(take: &Take) -> Drawn {
    let done = take.taken + u32::try_from(take.refused.len()).unwrap_or(u32::MAX);
    Drawn::new(PageName::TakingNow, "Levar pedidos").with(Widget::Progress {
        label: "Reservando pedidos na loja".to_owned(),
        done,
        of: take.of,
    })
}

/// How "levar pedidos" ended.
pub(super) fn taken(take: &Take) -> Drawn {
    let taken = usize::try_from(take.taken).unwrap_or(usize::MAX);
    let tone = if take.refused.is_empty() { Tone::Good } else { Tone::Warning };
    let title = match taken {
        0 => "Nenhum pedido está com você".to_owned(),
        1 => "1 pedido está com você".to_owned(),
        _ => format!("{taken} pedidos estão com você"),
    };
    let text = match taken {
        0 => "",
        1 => "Pode sair: ele pode ser cobrado mesmo sem rede.",
        _ => "Pode sair: eles podem ser cobrados mesmo sem rede.",
    };
    let rows = take
        .refused
        .iter()
        .map(|(number, failure)| Row {
            id: None,
            title: format!("Pedido {number}"),
            detail: why(failure),
            value: String::new(),
            badge: "Não levado".to_owned(),
            tone: Tone::Warning,
            selected: None,
        })
        .collect::<Vec<_>>();
    let drawn = Drawn::new(PageName::Taken, "Levar pedidos").with(message(tone, title, text));
    let drawn = if rows.is_empty() { drawn } else { drawn.with(super::facts("refused", rows)) };
    drawn.primary(&Tap::Back, "Ver pedidos")
}

/// A failed call in words.
pub(super) fn why(failure: &CallFailure) -> String {
    match failure {
        CallFailure::Refused(refusal) => refusal.message.clone(),
        CallFailure::Unreachable(why) => super::words::unreachable(*why).to_owned(),
    }
}

/// A logged error in words.
pub(super) fn failed(what: &Failed) -> String {
    match what {
        Failed::Call(_, failure) => why(failure),
        Failed::Image(code) => format!("Comprovante não pôde ser preparado ({code})."),
        Failed::Print(answer) => {
            super::words::print_problem(crate::flow::live::PrintProblem::Answer(*answer)).to_owned()
        }
        Failed::Stray => "Chegou uma resposta de pagamento não reconhecida.".to_owned(),
    }
}

//! What the operator sees, built from [`crate::flow::Agent`]. Every pt-BR text of the terminal lives here.
//!
//! May import `protocol`, [`crate::acquirer`] and [`crate::flow`]. Pure: the same agent at the same moment gives the same
//! [`Screen`]. Start with [`screen()`]; each file draws the pages of one step.

mod listing;
mod notice;
mod order;
mod page_name;
mod paying;
mod payments;
mod printing;
mod safe;
pub mod screen;
mod service;
mod stating;
mod status;
#[cfg(test)]
mod tests;
mod words;

use protocol::OrderId;

use crate::flow::live::Page;
use crate::flow::{Agent, Moment, Tap};
use page_name::PageName;
use screen::{Action, ActionStyle, Choice, Key, Row, Tone, Widget};

pub use safe::{Safe, safe};
pub use screen::Screen;
pub use words::money;

/// The screen for the agent's present state.
#[must_use]
pub fn screen(agent: &Agent, now: Moment) -> Screen {
    screen_of(agent, &agent.live().page, now)
}

fn screen_of(agent: &Agent, page: &Page, now: Moment) -> Screen {
    let drawn = match page {
        page if agent.live().journal_problem.is_some() => service::journal(agent, page, now),
        Page::Activation { code, call, problem } => {
            service::activation(agent, code, call.is_some(), problem.as_ref())
        }
        Page::List => listing::orders(agent, now),
        Page::Menu => listing::menu(agent),
        Page::Taking { selected, query } => listing::taking(agent, selected, query, now),
        Page::TakingNow(take) => listing::taking_now(take),
        Page::Claiming { order_id, by_itself, .. } => order::claiming(agent, order_id, *by_itself),
        Page::Order { order_id, amount } => order::order(agent, order_id, *amount),
        Page::Amount { order_id, typed, refused } => order::amount(agent, order_id, *typed, *refused),
        Page::Split { order_id } => order::split(agent, order_id),
        Page::Installments { amount, first, .. } => order::installments(agent, *amount, *first),
        Page::Announcing { attempt_id, .. } => paying::announcing(agent, *attempt_id),
        Page::Paying { attempt_id } => paying::paying(agent, *attempt_id, now),
        Page::Result { attempt_id } => paying::result(agent, *attempt_id),
        Page::Statement { attempt_id } => stating::statement(agent, *attempt_id),
        Page::StatementCode { attempt_id, typed, invalid } => {
            stating::code(agent, *attempt_id, typed, *invalid)
        }
        Page::StatementAtk { attempt_id, typed, invalid, .. } => {
            stating::atk(agent, *attempt_id, typed, *invalid)
        }
        Page::StatementConfirm { attempt_id, said } => stating::confirm(agent, *attempt_id, said),
        Page::Payments { rows_max, query } => payments::list(agent, query, *rows_max, now),
        Page::Payment { attempt_id } => payments::payment(agent, *attempt_id, now),
        Page::Copies { attempt_id } => payments::copies(agent, *attempt_id),
        Page::ReversalAmount { attempt_id, typed, refused } => {
            payments::reversal_amount(agent, *attempt_id, *typed, *refused)
        }
        Page::ReversalConfirm { attempt_id, amount } => {
            payments::reversal_confirm(agent, *attempt_id, *amount)
        }
        Page::Reversing { reversal_id } => payments::reversing(agent, *reversal_id, now),
        Page::ReversalResult { reversal_id } => payments::reversal_result(agent, *reversal_id),
        Page::Reprinting { .. } => printing::reprinting(agent, now),
        Page::Receipts { query } => printing::receipts(agent, query, now),
        Page::Receipt { print_id, part, problem } => printing::receipt(agent, print_id, *part, *problem),
        Page::Printing { print_id, part } => printing::printing(agent, print_id, *part, now),
        Page::Strays => service::strays(agent, now),
        Page::Diagnostics => service::diagnostics(agent, now),
        Page::Notice(notice) => notice::notice(notice),
    };
    let drawn = drawn.numbered();
    Screen {
        page: drawn.page.text().to_owned(),
        title: drawn.title,
        status: status::status(agent, now),
        widgets: drawn.widgets,
        actions: drawn.actions,
    }
}

/// A screen without its status line.
struct Drawn {
    page: PageName,
    title: String,
    widgets: Vec<Widget>,
    actions: Vec<Action>,
}

impl Drawn {
    fn new(page: PageName, title: impl Into<String>) -> Self {
        Self { page, title: title.into(), widgets: Vec::new(), actions: Vec::new() }
    }

    fn with(mut self, widget: Widget) -> Self {
        self.widgets.push(widget);
        self
    }

    fn with_all(mut self, widgets: impl IntoIterator<Item = Widget>) -> Self {
        self.widgets.extend(widgets);
        self
    }

    fn primary(self, tap: &Tap, label: impl Into<String>) -> Self {
        self.action(tap, label, ActionStyle::Primary, Some(Key::Enter))
    }

    fn secondary(self, tap: &Tap, label: impl Into<String>) -> Self {
        self.action(tap, label, ActionStyle::Secondary, None)
    }

    fn danger(self, tap: &Tap, label: impl Into<String>) -> Self {
        self.action(tap, label, ActionStyle::Danger, None)
    }

    fn back(self, label: impl Into<String>) -> Self {
        self.action(&Tap::Back, label, ActionStyle::Secondary, Some(Key::Back))
    }

    fn action(mut self, tap: &Tap, label: impl Into<String>, style: ActionStyle, key: Option<Key>) -> Self {
        self.actions.push(Action { id: tap.id(), label: label.into(), style, key });
        self
    }

    /// Gives the buttons that have no key the digits that nothing else on the page uses, so that a keypad reaches them.
    /// Where digits are typed they are not keys, and the page says itself which keys its buttons have.
    fn numbered(mut self) -> Self {
        let mut used: Vec<Key> = self.actions.iter().filter_map(|action| action.key).collect();
        for widget in &self.widgets {
            match widget {
                Widget::List { search: Some(_), .. } | Widget::Keypad { .. } => return self,
                Widget::Choice { options, .. } => used.extend(options.iter().filter_map(|option| option.key)),
                Widget::List { search: None, .. }
                | Widget::Amount { .. }
                | Widget::Message { .. }
                | Widget::Progress { .. } => {}
            }
        }
        let free = (1..=9).map(Key::Digit).filter(|key| !used.contains(key));
        for (action, key) in self.actions.iter_mut().filter(|action| action.key.is_none()).zip(free) {
            action.key = Some(key);
        }
        self
    }
}

fn message(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Widget {
    Widget::Message { tone, title: title.into(), text: text.into() }
}

fn figure(label: impl Into<String>, amount: protocol::Centavos, main: bool) -> Widget {
    Widget::Amount { label: label.into(), value: money(amount), main }
}

/// Options with the keys 1, 2, 3, … in their order.
fn choices(label: impl Into<String>, options: Vec<(Tap, String, String)>) -> Widget {
    let keys = (1..=9).map(|digit| Some(Key::Digit(digit))).chain(core::iter::repeat(None));
    choices_with(label, options.into_iter().zip(keys))
}

/// Options with their keys.
fn choices_with(
    label: impl Into<String>,
    options: impl IntoIterator<Item = ((Tap, String, String), Option<Key>)>,
) -> Widget {
    let options = options
        .into_iter()
        .map(|((tap, label, detail), key)| Choice { id: tap.id(), label, detail, key })
        .collect();
    Widget::Choice { label: label.into(), options }
}

/// "123 · Mesa 4"
fn named(number: &str, name: &str) -> String {
    if name.is_empty() { format!("Pedido {number}") } else { format!("{number} · {name}") }
}

/// For each of these orders, oldest first, what tells it from others of the same order: "/2", or nothing when it is alone.
fn ordinals(orders: &[&OrderId]) -> Vec<String> {
    let ordinal = |(place, order): (usize, &&OrderId)| {
        let before = orders.iter().take(place).filter(|other| *other == order).count();
        let alone = orders.iter().filter(|other| *other == order).count() == 1;
        if alone { String::new() } else { format!("/{}", before + 1) }
    };
    orders.iter().enumerate().map(ordinal).collect()
}

/// A row that only tells something.
fn fact(title: impl Into<String>, value: impl Into<String>) -> Row {
    Row {
        id: None,
        title: title.into(),
        detail: String::new(),
        value: value.into(),
        badge: String::new(),
        tone: Tone::Neutral,
        selected: None,
    }
}

fn facts(id: &str, rows: Vec<Row>) -> Widget {
    Widget::List { id: id.to_owned(), search: None, rows, more: None, empty: String::new() }
}

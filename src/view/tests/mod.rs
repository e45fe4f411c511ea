//! What people read, page by page: the texts are kept as golden files, and every page must be complete.

use protocol::method::Method;
use protocol::refusal::{Refusal, RefusalCode};

use super::screen::{KeypadKind, Screen, Widget};
use super::*;
use crate::flow::{CallFailure, Event, HubCall, Unreachable};
use stage::{Terminal, order};

mod catalogue;
mod keys;

mod stage;

/// A screen as a person reads it, one line a piece.
fn read(screen: &Screen) -> String {
    let mut lines =
        vec![format!("# {} [{}]", screen.title, screen.page), format!("~ {}", screen.status.text)];
    for widget in &screen.widgets {
        match widget {
            Widget::Amount { label, value, main } => {
                lines.push(format!("{} {label}: {value}", if *main { "**" } else { "*" }));
            }
            Widget::Message { title, text, .. } => lines.push(format!("! {title} | {text}")),
            Widget::List { rows, more, empty, .. } => {
                let row =
                    |row: &Row| format!("- {} | {} | {} | {}", row.title, row.detail, row.value, row.badge);
                lines.extend(rows.iter().map(row));
                lines.extend(rows.is_empty().then(|| format!("- ({empty})")));
                lines.extend(more.iter().map(|more| format!("- [{}]", more.label)));
            }
            Widget::Choice { label, options } => {
                let words: Vec<String> =
                    options.iter().map(|o| format!("{} {}", o.label, o.detail).trim().to_owned()).collect();
                lines.push(format!("? {label} {}", words.join(" / ")));
            }
            Widget::Keypad { label, value, .. } => lines.push(format!("# {label}: {value}")),
            Widget::Progress { label, done, of } => lines.push(format!("… {label} {done}/{of}")),
        }
    }
    let buttons: Vec<&str> = screen.actions.iter().map(|action| action.label.as_str()).collect();
    lines.push(format!("[{}]", buttons.join("] [")));
    lines.join("\n")
}

#[test]
fn a_payment_in_words() {
    let mut terminal = Terminal::new(1);
    let mut pages = vec![read(&terminal.screen())];
    terminal.tap(&Tap::Order(order(1).id));
    pages.push(read(&terminal.screen()));
    terminal.claim();
    pages.push(read(&terminal.screen()));
    terminal.tap(&Tap::Split);
    pages.push(read(&terminal.screen()));
    terminal.tap(&Tap::SplitInto(2));
    terminal.tap(&Tap::Method(Method::Credit));
    pages.push(read(&terminal.screen()));
    terminal.tap(&Tap::Installments(protocol::InstallmentType::Merchant, 2));
    let id = terminal.launch();
    pages.push(read(&terminal.screen()));
    let answer = format!("posconnect://pay-response?code=0&amount=6173&installment_count=2&order_id={id}");
    terminal.event(Event::Returned(answer));
    pages.push(read(&terminal.screen()));
    insta::assert_snapshot!(pages.join("\n\n").replace(&id.to_string(), "ATTEMPT"));
}

#[test]
fn what_can_go_wrong_in_words() {
    let mut pages = vec![];
    for failure in [
        CallFailure::Refused(Refusal { holder: Some("SUNMI1234".into()), ..RefusalCode::HeldByOther.into() }),
        CallFailure::Unreachable(Unreachable::Clock),
        CallFailure::Unreachable(Unreachable::NoConnection),
    ] {
        let mut terminal = Terminal::new(1);
        terminal.tap(&Tap::Order(order(1).id));
        terminal.answer(Err(failure));
        pages.push(read(&terminal.screen()));
    }
    let mut terminal = Terminal::new(1);
    terminal.tap(&Tap::Order(order(1).id));
    terminal.claim();
    terminal.tap(&Tap::Method(Method::Debit));
    let id = terminal.launch();
    terminal.now.mono_ms += 30_000;
    pages.push(read(&terminal.screen()));
    terminal.now.mono_ms += 150_000;
    terminal.event(Event::Deadline);
    pages.push(read(&terminal.screen()));
    terminal.event(Event::Returned("posconnect://pay-response?code=0&amount=1&order_id=9".into()));
    terminal.tap(&Tap::Back);
    pages.push(read(&terminal.screen()));
    let mut terminal = Terminal::new(1);
    terminal.agent.block("O arquivo de registros está danificado. Chame o suporte.");
    pages.push(read(&terminal.screen()));
    insta::assert_snapshot!(pages.join("\n\n").replace(&id.to_string(), "ATTEMPT"));
}

#[test]
fn the_list_shows_a_window_and_says_how_many_there_are() {
    let mut terminal = Terminal::new(300);
    let rows = |terminal: &Terminal| {
        let screen = terminal.screen();
        let Widget::List { rows, more, .. } = &screen.widgets[0] else { panic!("{screen:?}") };
        (rows.len(), more.as_ref().map(|more| more.label.clone()))
    };
    assert_eq!(rows(&terminal), (50, Some("Mostrar mais (300 no total)".to_owned())));
    terminal.tap(&Tap::More);
    assert_eq!(rows(&terminal).0, 100);
}

/// Every page of every journey of these tests: each id can be tapped, each page can be worked with the keys, nothing is
/// without words.
#[test]
fn every_page_is_complete() {
    let mut terminal = Terminal::new(3);
    for tap in [
        Tap::Menu,
        Tap::Diagnostics,
        Tap::SyncNow,
        Tap::Back,
        Tap::Menu,
        Tap::Payments,
        Tap::Back,
        Tap::Menu,
        Tap::Turn,
        Tap::TakeOrders,
    ] {
        terminal.tap(&tap);
    }
    terminal.tap(&Tap::TakeAll);
    terminal.tap(&Tap::TakeSelected);
    terminal.claim();
    terminal.answer(Err(CallFailure::Unreachable(Unreachable::Timeout)));
    terminal.tap(&Tap::Back);
    terminal.tap(&Tap::Order(order(1).id));
    terminal.tap(&Tap::OtherAmount);
    terminal.tap(&Tap::Confirm);
    for screen in &terminal.seen {
        assert!(!screen.title.is_empty() && !screen.page.is_empty() && !screen.status.text.is_empty());
        let keys: Vec<_> = screen.actions.iter().filter_map(|action| action.key).collect();
        let mut distinct = keys.clone();
        distinct.dedup();
        assert_eq!(keys, distinct, "{}: two buttons with one key", screen.page);
        for action in &screen.actions {
            assert!(Tap::parse(&action.id).is_some() && !action.label.is_empty(), "{action:?}");
        }
        for widget in &screen.widgets {
            if let Widget::List { rows, .. } = widget {
                let ids = rows.iter().filter_map(|row| row.id.as_deref());
                assert!(ids.into_iter().all(|id| Tap::parse(id).is_some()));
            }
        }
    }
}

#[test]
fn the_keys_of_an_l3_work_a_payment() {
    let mut terminal = Terminal::new(3);
    terminal.press(Key::Digit(2));
    terminal.press(Key::Enter);
    terminal.claim();
    terminal.press(Key::Digit(2));
    let Some((_, HubCall::Start(start))) = terminal.calls.last() else { panic!("charged") };
    assert_eq!((start.order_id.as_str(), start.choice.method), ("or_2", Method::Debit));
}

#[test]
fn a_code_is_typed_into_its_field() {
    let agent = &Terminal::new(0).agent;
    let drawn = service::activation(agent, "AB", false, None);
    let field = drawn
        .widgets
        .iter()
        .any(|w| matches!(w, Widget::Keypad { kind: KeypadKind::Code, value, .. } if value == "AB"));
    assert!(field);
}

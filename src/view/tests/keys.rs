//! The keypad of an L3: digits, Enter, Back and Clear work every screen of the catalogue.
//!
//! What is exempt, and why: the letters of an activation code need the device's keyboard; "00" is 0 pressed twice; "mostrar
//! mais" only brings rows into sight that typing finds as well.

use std::collections::BTreeSet;

use super::catalogue::Catalogue;
use super::stage::Terminal;
use crate::flow::{Event, Input, Tap};
use crate::view::screen::{Choice, Key, Row, Screen, Widget};

fn keys() -> impl Iterator<Item = Key> {
    (0..=9).map(Key::Digit).chain([Key::Enter, Key::Back, Key::Clear])
}

fn choices(screen: &Screen) -> impl Iterator<Item = &Choice> {
    screen.widgets.iter().flat_map(|widget| match widget {
        Widget::Choice { options, .. } => options.as_slice(),
        Widget::Keypad { keys, .. } => keys.as_slice(),
        Widget::Amount { .. } | Widget::Message { .. } | Widget::List { .. } | Widget::Progress { .. } => &[],
    })
}

fn rows(screen: &Screen) -> impl Iterator<Item = &Row> {
    screen
        .widgets
        .iter()
        .flat_map(|widget| if let Widget::List { rows, .. } = widget { rows.as_slice() } else { &[] })
}

fn has_more(screen: &Screen) -> bool {
    screen.widgets.iter().any(|widget| matches!(widget, Widget::List { more: Some(_), .. }))
}

/// What stands in the search field, if there is one.
fn searched(screen: &Screen) -> Option<&str> {
    screen.widgets.iter().find_map(|widget| match widget {
        Widget::List { search: Some(search), .. } => Some(search.value.as_str()),
        Widget::List { .. }
        | Widget::Amount { .. }
        | Widget::Message { .. }
        | Widget::Choice { .. }
        | Widget::Keypad { .. }
        | Widget::Progress { .. } => None,
    })
}

/// What one key taps.
fn tapped(screen: &Screen) -> BTreeSet<String> {
    keys()
        .filter_map(|key| match screen.input_for(key)? {
            Input::Tap(id) => Some(id),
            Input::Text { .. } => None,
        })
        .collect()
}

/// Everything but rows.
fn buttons(screen: &Screen) -> impl Iterator<Item = &str> {
    let actions = screen.actions.iter().map(|action| action.id.as_str());
    actions.chain(choices(screen).map(|choice| choice.id.as_str()))
}

/// The terminal with nothing in its search, by the key Clear.
fn cleared(terminal: &Terminal) -> Terminal {
    let mut terminal = terminal.clone();
    while searched(&terminal.screen()).is_some_and(|value| !value.is_empty()) {
        terminal.press(Key::Clear);
    }
    terminal
}

/// Whether typing some of what the row says, and Enter, picks it.
fn can_be_typed(terminal: &Terminal, row: &Row) -> bool {
    let number = row.title.split(" · ").next().unwrap_or_default();
    let digits = |text: &str| text.chars().filter_map(|c| c.to_digit(10)).collect::<Vec<_>>();
    [digits(number), digits(&row.value)].into_iter().filter(|digits| !digits.is_empty()).any(|digits| {
        let mut terminal = cleared(terminal);
        for digit in digits {
            terminal.press(Key::Digit(u8::try_from(digit).unwrap()));
        }
        terminal.screen().input_for(Key::Enter) == row.id.clone().map(Input::Tap)
    })
}

/// The rows with those that "mostrar mais" brings.
fn all_rows(terminal: &Terminal) -> Vec<Row> {
    let mut terminal = terminal.clone();
    while has_more(&terminal.screen()) {
        terminal.tap(&Tap::More);
    }
    rows(&terminal.screen()).cloned().collect()
}

#[test]
fn whatever_can_be_tapped_can_be_reached_with_the_keypad() {
    let catalogue = Catalogue::whole();
    let mut unreached = vec![];
    for (name, screen) in &catalogue.screens {
        let terminal = catalogue.terminals.get(name);
        let mut tapped = tapped(screen);
        if let Some(terminal) = terminal {
            tapped.extend(self::tapped(&cleared(terminal).screen()));
        }
        let zeros = Tap::DoubleZero.id();
        let by_key = buttons(screen).filter(|id| !tapped.contains(*id) && *id != zeros).map(str::to_owned);
        unreached.extend(by_key.map(|id| format!("{name}: {id}")));
        let rows = terminal.map_or_else(|| rows(screen).cloned().collect(), all_rows);
        let typed = |row: &&Row| terminal.is_some_and(|terminal| can_be_typed(terminal, row));
        let by_typing = rows.iter().filter(|row| row.id.is_some()).filter(|row| !typed(row));
        unreached.extend(by_typing.map(|row| format!("{name}: {}", row.title)));
    }
    assert!(unreached.is_empty(), "no key leads there:\n{}", unreached.join("\n"));
}

#[test]
fn no_key_has_two_meanings_on_one_screen() {
    for (name, screen) in &Catalogue::whole().screens {
        let actions = screen.actions.iter().map(|action| action.key);
        let with_keys: Vec<Key> = actions.chain(choices(screen).map(|choice| choice.key)).flatten().collect();
        for (place, key) in with_keys.iter().enumerate() {
            assert!(!with_keys[..place].contains(key), "{name}: {key:?} twice");
            let means = screen.input_for(*key);
            assert!(
                matches!(means, Some(Input::Tap(_))),
                "{name}: {key:?} is drawn on a button but {means:?}"
            );
        }
    }
}

/// What a screen of 320 by 480 dots has room for, below what it has to say.
#[test]
fn no_page_has_more_than_four_buttons_or_nine_options() {
    for (name, screen) in &Catalogue::whole().screens {
        let options = screen.widgets.iter().map(|widget| match widget {
            Widget::Choice { options, .. } => options.len(),
            Widget::Amount { .. }
            | Widget::Message { .. }
            | Widget::List { .. }
            | Widget::Keypad { .. }
            | Widget::Progress { .. } => 0,
        });
        assert!(screen.actions.len() <= 4 && options.sum::<usize>() <= 9, "{name} is crowded");
    }
}

#[test]
fn in_a_search_enter_presses_no_button_and_clear_opens_no_menu() {
    let mut terminal = Terminal::new(12);
    terminal.press(Key::Digit(1));
    terminal.press(Key::Digit(2));
    assert_eq!(rows(&terminal.screen()).count(), 12, "the amounts have these digits too");
    terminal.press(Key::Clear);
    assert_eq!((terminal.screen().page.as_str(), searched(&terminal.screen())), ("list", Some("1")));
    terminal.press(Key::Digit(9));
    assert_eq!(terminal.screen().input_for(Key::Enter), None, "nothing is found");
    terminal.press(Key::Clear);
    terminal.press(Key::Clear);
    terminal.press(Key::Clear);
    assert_eq!(terminal.screen().page, "menu");
}

#[test]
fn a_courier_takes_orders_along_with_the_keypad() {
    let mut terminal = Terminal::new(12);
    terminal.press(Key::Enter);
    assert_eq!(terminal.screen().page, "taking");
    for n in [3, 7] {
        terminal.press(Key::Digit(n));
        terminal.press(Key::Enter);
        assert_eq!(searched(&terminal.screen()), Some(""));
    }
    assert_eq!(terminal.screen().actions[0].label, "Levar 2 pedidos");
    terminal.press(Key::Enter);
    assert_eq!(terminal.screen().page, "taking_now");
}

#[test]
fn a_search_whose_first_row_cannot_be_tapped_picks_no_other() {
    let mut terminal = Terminal::new(12);
    terminal.press(Key::Enter);
    terminal.press(Key::Digit(3));
    terminal.press(Key::Enter);
    terminal.press(Key::Enter);
    terminal.claim();
    terminal.tap(&Tap::Back);
    terminal.press(Key::Enter);
    terminal.press(Key::Digit(3));
    assert!(rows(&terminal.screen()).count() > 1, "others have a 3 in their amount");
    assert_eq!(terminal.screen().input_for(Key::Enter), None, "it is already with this terminal");
}

#[test]
fn the_second_payment_of_an_order_is_found_by_its_own_number() {
    let mut terminal = Terminal::new(12);
    let order = super::stage::order(4);
    terminal.take(&order.id);
    terminal.tap(&Tap::Split);
    terminal.tap(&Tap::SplitInto(2));
    let mut paid = vec![];
    for _ in 0..2 {
        terminal.tap(&Tap::Method(protocol::Method::Debit));
        let id = terminal.launch();
        terminal.approve(id);
        terminal.acknowledge(vec![]);
        paid.push(id);
        if paid.len() == 1 {
            terminal.tap(&Tap::ChargeRest);
        }
    }
    terminal.press(Key::Enter);
    terminal.press(Key::Clear);
    terminal.press(Key::Digit(1));
    for (digits, id) in [([4, 1], paid[0]), ([4, 2], paid[1])] {
        for digit in digits {
            terminal.press(Key::Digit(digit));
        }
        assert_eq!(terminal.screen().input_for(Key::Enter), Some(Input::Tap(Tap::Payment(id).id())));
        terminal.press(Key::Clear);
        terminal.press(Key::Clear);
    }
    let nsu = terminal.agent.atk(paid[0]).unwrap().to_owned();
    for digit in nsu.chars().filter_map(|c| c.to_digit(10)) {
        terminal.press(Key::Digit(u8::try_from(digit).unwrap()));
    }
    assert_eq!(rows(&terminal.screen()).count(), 1);
    terminal.event(Event::Input(terminal.screen().input_for(Key::Enter).unwrap()));
    assert_eq!(terminal.screen().page, "payment");
}

//! A person at the terminal: sees a screen, does something that it offers.

use pos_connect::flow::Input;
use pos_connect::view::Screen;
use pos_connect::view::screen::{ActionStyle, KeypadKind, Widget};

use crate::dice::Dice;

/// The codes of a card slip.
#[derive(Clone, Debug)]
pub struct Slip {
    /// Of the issuer.
    pub authorization_code: String,
    /// The acquirer's key.
    pub atk: String,
}

/// What this person does now; `None`: just looks. `leaving`: takes no new payment any more. `slip`: the one that the
/// screen asks about, if there is one.
pub fn act(screen: &Screen, dice: &mut Dice, leaving: bool, slip: Option<&Slip>) -> Option<Input> {
    let mut offered: Vec<(u64, &str)> = Vec::new();
    for action in &screen.actions {
        let weight = match (action.id.as_str(), action.style) {
            ("stop-waiting", _) => 1,
            ("back" | "home", _) if screen.page == "diagnostics" => 10,
            ("back" | "home", _) => 2,
            (_, ActionStyle::Primary) => 10,
            (_, ActionStyle::Secondary) => 3,
            (_, ActionStyle::Danger) => 2,
        };
        offered.push((weight, &action.id));
    }
    for widget in &screen.widgets {
        match widget {
            Widget::List { rows, .. } => {
                let weight = (12 / (rows.len() as u64 + 1)).max(1);
                offered.extend(rows.iter().filter_map(|row| Some((weight, row.id.as_deref()?))));
            }
            Widget::Choice { options, .. } => offered.extend(options.iter().map(|o| (5, o.id.as_str()))),
            Widget::Keypad { keys, kind: KeypadKind::Money | KeypadKind::Number, .. } => {
                offered.extend(keys.iter().map(|key| (2, key.id.as_str())));
            }
            Widget::Keypad { kind: KeypadKind::Code, .. }
            | Widget::Amount { .. }
            | Widget::Message { .. }
            | Widget::Progress { .. } => {}
        }
    }
    if let Some(field) = code_field(screen)
        && dice.chance(400)
    {
        let read = slip.filter(|_| dice.chance(700)).map(|slip| match field {
            "atk" => slip.atk.clone(),
            _ => slip.authorization_code.clone(),
        });
        let value = read.unwrap_or_else(|| dice.below(1_000_000).to_string());
        return Some(Input::Text { id: field.to_owned(), value });
    }
    if leaving {
        offered
            .retain(|(_, id)| matches!(*id, "back" | "home" | "saw-strays" | "stop-waiting" | "skip-print"));
    }
    if offered.is_empty() || dice.chance(50) {
        return None;
    }
    Some(Input::Tap((*dice.weighted(&offered)).to_owned()))
}

/// The field that a code is typed into.
#[must_use]
pub fn code_field(screen: &Screen) -> Option<&str> {
    screen.widgets.iter().find_map(|widget| match widget {
        Widget::Keypad { id, kind: KeypadKind::Code, .. } => Some(id.as_str()),
        Widget::Keypad { .. }
        | Widget::List { .. }
        | Widget::Choice { .. }
        | Widget::Amount { .. }
        | Widget::Message { .. }
        | Widget::Progress { .. } => None,
    })
}

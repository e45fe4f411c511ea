//! The screen as data: a small fixed vocabulary that Kotlin and a web page draw without logic of their own.
//!
//! All text is pt-BR and final; a renderer formats nothing. Whatever can be tapped has an `id` that comes back
//! unchanged as [`crate::flow::Input::Tap`]; a field's text comes back as [`crate::flow::Input::Text`].

use serde::{Deserialize, Serialize};

use crate::flow::Input;

/// What the operator sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// Stable name of the page ("list", "paying", "in_doubt", …) for tests and for keeping scroll positions.
    pub page: String,
    /// Heading.
    pub title: String,
    /// One line about the connection and about what needs attention.
    pub status: Status,
    /// From top to bottom.
    pub widgets: Vec<Widget>,
    /// Buttons at the bottom, most important first.
    pub actions: Vec<Action>,
}

/// The status line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// How much it matters.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// How something is meant; a renderer chooses colours and icons, never meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Plain.
    Neutral,
    /// All is well.
    Good,
    /// Needs attention.
    Warning,
    /// Something is wrong.
    Bad,
}

/// A piece of a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Widget {
    /// A large figure.
    Amount {
        /// What it is ("Falta pagar").
        label: String,
        /// "R$ 1.234,56".
        value: String,
        /// The main figure of the screen.
        main: bool,
    },
    /// A message.
    Message {
        /// How it is meant.
        tone: Tone,
        /// The point.
        title: String,
        /// What to do; may be empty.
        text: String,
    },
    /// Rows, scrolled when they do not fit; also used for facts (rows without id).
    List {
        /// Name of the list, to keep its scroll position.
        id: String,
        /// The search field above it, if it has one.
        search: Option<Search>,
        /// The rows.
        rows: Vec<Row>,
        /// Tap to get more rows, with its label.
        more: Option<Action>,
        /// Shown when there are no rows.
        empty: String,
    },
    /// A few options, drawn as large buttons.
    Choice {
        /// What is to be chosen.
        label: String,
        /// The options.
        options: Vec<Choice>,
    },
    /// Entry of an amount, a number or a code.
    Keypad {
        /// The field: [`crate::flow::Input::Text`] with this id when [`KeypadKind::Code`].
        id: String,
        /// What is entered.
        label: String,
        /// What was entered so far, formatted.
        value: String,
        /// Which keys.
        kind: KeypadKind,
        /// The keys with their tap ids, row by row ("1"…"9", "00", "0", "⌫"); empty for [`KeypadKind::Code`].
        keys: Vec<Choice>,
    },
    /// Something takes time.
    Progress {
        /// What.
        label: String,
        /// Steps done; 0 of 0: not known.
        done: u32,
        /// Steps in all.
        of: u32,
    },
}

/// Which keys a keypad has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeypadKind {
    /// Money: digits fill from the right.
    Money,
    /// A number.
    Number,
    /// Letters and digits: the device's own keyboard and a text field.
    Code,
}

/// A search field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// The field's id.
    pub id: String,
    /// Its text.
    pub value: String,
    /// Shown while it is empty.
    pub hint: String,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Tap id; `None`: cannot be tapped.
    pub id: Option<String>,
    /// First line.
    pub title: String,
    /// Second line; may be empty.
    pub detail: String,
    /// At the right, large; may be empty.
    pub value: String,
    /// A short mark ("Com você"); may be empty.
    pub badge: String,
    /// How the row is meant.
    pub tone: Tone,
    /// For lists that select: whether this row is selected.
    pub selected: Option<bool>,
}

/// One option or key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Tap id.
    pub id: String,
    /// What it says.
    pub label: String,
    /// A second line; may be empty.
    pub detail: String,
    /// Physical key that does the same.
    pub key: Option<Key>,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Tap id.
    pub id: String,
    /// What it says.
    pub label: String,
    /// How it looks.
    pub style: ActionStyle,
    /// Physical key that does the same.
    pub key: Option<Key>,
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionStyle {
    /// The one to press.
    Primary,
    /// Another way.
    Secondary,
    /// Cannot be undone.
    Danger,
}

/// A physical key, as on the L3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// 0 to 9.
    Digit(u8),
    /// Green.
    Enter,
    /// Red.
    Back,
    /// Yellow.
    Clear,
}

impl Screen {
    /// What a physical key does on this screen; `None`: nothing.
    #[must_use]
    pub fn input_for(&self, key: Key) -> Option<Input> {
        let actions = self.actions.iter().map(|a| (a.key, &a.id));
        let choices = self.widgets.iter().flat_map(|widget| match widget {
            Widget::Choice { options, .. } => options.as_slice(),
            Widget::Keypad { keys, .. } => keys.as_slice(),
            Widget::Amount { .. }
            | Widget::Message { .. }
            | Widget::List { .. }
            | Widget::Progress { .. } => &[],
        });
        let direct = actions.chain(choices.map(|c| (c.key, &c.id))).find(|(k, _)| *k == Some(key));
        direct.map(|(_, id)| Input::Tap(id.clone())).or_else(|| self.typed_into_field(key))
    }

    /// Digits go into a search or code field, Clear takes the last one away, Enter opens the first row found.
    fn typed_into_field(&self, key: Key) -> Option<Input> {
        self.widgets.iter().find_map(|widget| {
            let (id, value, first_row) = match widget {
                Widget::List { search: Some(search), rows, .. } => {
                    (&search.id, &search.value, rows.iter().find_map(|row| row.id.clone()))
                }
                Widget::Keypad { id, value, kind: KeypadKind::Code, .. } => (id, value, None),
                Widget::List { .. }
                | Widget::Keypad { .. }
                | Widget::Amount { .. }
                | Widget::Message { .. }
                | Widget::Choice { .. }
                | Widget::Progress { .. } => return None,
            };
            let text = |value: String| Some(Input::Text { id: id.clone(), value });
            match key {
                Key::Digit(digit) => text(format!("{value}{digit}")),
                Key::Clear => text(value.chars().take(value.chars().count().saturating_sub(1)).collect()),
                Key::Enter => first_row.map(Input::Tap),
                Key::Back => None,
            }
        })
    }
}

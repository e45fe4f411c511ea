//! The screen as data: a small fixed vocabulary that Kotlin and a web page draw without logic of their own.
//!
//! All text is pt-BR and final; a renderer formats nothing. Whatever can be tapped has an `id` that comes back
//! unchanged as [`crate::flow::Input::Tap`]; a field's text comes back as [`crate::flow::Input::Text`].

use serde::{Deserialize, Serialize};

use crate::flow::{Input, Tap};

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
    ///
    /// In a field digits are typed and Clear takes the last character away. While something stands in a search, Enter is
    /// the first row found, and nothing else: whoever searches never presses a button of the page by it. Otherwise a key
    /// does what the button or option does that has it. Back is always the way back.
    #[must_use]
    pub fn input_for(&self, key: Key) -> Option<Input> {
        if let Some(field) = self.field() {
            let text = |value: String| Some(Input::Text { id: field.id.to_owned(), value });
            match key {
                Key::Digit(digit) => return text(format!("{}{digit}", field.value)),
                Key::Clear if !field.value.is_empty() => {
                    let mut rest = field.value.to_owned();
                    rest.pop();
                    return text(rest);
                }
                Key::Enter if !field.value.is_empty() && field.searches => {
                    return field.first_row.map(|id| Input::Tap(id.to_owned()));
                }
                Key::Clear | Key::Enter | Key::Back => {}
            }
        }
        let offered = self.offered().find(|(_, has)| *has == Some(key));
        let way_back = || self.offered().find(|(id, _)| key == Key::Back && *id == Tap::Back.id());
        offered.or_else(way_back).map(|(id, _)| Input::Tap(id.to_owned()))
    }

    /// Buttons, options and keys, each with its physical key.
    fn offered(&self) -> impl Iterator<Item = (&str, Option<Key>)> {
        let actions = self.actions.iter().map(|action| (action.id.as_str(), action.key));
        let choices = self.widgets.iter().flat_map(|widget| match widget {
            Widget::Choice { options, .. } => options.as_slice(),
            Widget::Keypad { keys, .. } => keys.as_slice(),
            Widget::Amount { .. }
            | Widget::Message { .. }
            | Widget::List { .. }
            | Widget::Progress { .. } => &[],
        });
        actions.chain(choices.map(|choice| (choice.id.as_str(), choice.key)))
    }

    /// The field that keys are typed into.
    fn field(&self) -> Option<Field<'_>> {
        self.widgets.iter().find_map(|widget| match widget {
            Widget::List { search: Some(search), rows, .. } => Some(Field {
                id: &search.id,
                value: &search.value,
                searches: true,
                first_row: rows.first().and_then(|row| row.id.as_deref()),
            }),
            Widget::Keypad { id, value, kind: KeypadKind::Code, .. } => {
                Some(Field { id, value, searches: false, first_row: None })
            }
            Widget::List { .. }
            | Widget::Keypad { .. }
            | Widget::Amount { .. }
            | Widget::Message { .. }
            | Widget::Choice { .. }
            | Widget::Progress { .. } => None,
        })
    }
}

/// A field that keys are typed into.
struct Field<'a> {
    id: &'a str,
    value: &'a str,
    searches: bool,
    /// What Enter picks; `None`: no row is found, or the first one cannot be tapped.
    first_row: Option<&'a str>,
}

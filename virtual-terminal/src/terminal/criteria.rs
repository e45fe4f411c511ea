//! What a test can wait for.

use pos_connect::view::Screen;
use pos_connect::view::screen::Widget;
use serde::Deserialize;

use super::view::StateView;

/// Conditions on the state of a terminal; all that are given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Criteria {
    /// Name of the page.
    pub page: Option<String>,
    /// Appears somewhere on the screen.
    pub text: Option<String>,
    /// Appears nowhere on the screen.
    pub no_text: Option<String>,
    /// Can be tapped.
    pub tap: Option<String>,
    /// Kind of the acquirer's request on the screen; `none`: there is none; `any`: there is one.
    pub acquirer: Option<String>,
    /// The acquirer was opened at least so many times.
    pub acquirer_number: Option<u64>,
    /// At least so many alerts so far.
    pub alerts: Option<u64>,
    /// At least so many prints so far.
    pub prints: Option<u64>,
    /// At least so many approved transactions.
    pub transactions: Option<u64>,
    /// The state's version is another than this.
    pub not_version: Option<u64>,
    /// Seconds to wait.
    pub timeout_s: Option<u64>,
}

impl Criteria {
    /// Whether a state fulfils them all.
    #[must_use]
    pub fn hold_for(&self, state: &StateView) -> bool {
        fn given<T>(condition: Option<&T>, holds: impl FnOnce(&T) -> bool) -> bool {
            condition.is_none_or(holds)
        }
        let on_screen = |holds: &dyn Fn(&Screen) -> bool| state.screen.as_deref().is_some_and(holds);
        let kind = state.acquirer.request.as_ref().map(|request| request.kind);
        given(self.page.as_ref(), |page| on_screen(&|screen| screen.page == *page))
            && given(self.text.as_ref(), |text| on_screen(&|screen| shows(screen, text)))
            && given(self.no_text.as_ref(), |text| on_screen(&|screen| !shows(screen, text)))
            && given(self.tap.as_ref(), |id| on_screen(&|screen| taps(screen).any(|tap| tap == id)))
            && given(self.acquirer.as_ref(), |wanted| match wanted.as_str() {
                "none" => kind.is_none(),
                "any" => kind.is_some(),
                wanted => kind == Some(wanted),
            })
            && given(self.acquirer_number.as_ref(), |number| state.acquirer.opened >= *number)
            && given(self.alerts.as_ref(), |count| state.alerts.count >= *count)
            && given(self.prints.as_ref(), |count| state.paper.prints >= *count)
            && given(self.transactions.as_ref(), |count| state.acquirer.transactions >= *count)
            && given(self.not_version.as_ref(), |version| state.version != *version)
    }
}

/// Whether a text appears somewhere on a screen.
fn shows(screen: &Screen, wanted: &str) -> bool {
    texts(screen).into_iter().any(|text| text.contains(wanted))
}

/// Every text on a screen.
fn texts(screen: &Screen) -> Vec<&str> {
    let mut texts = vec![screen.title.as_str(), &screen.status.text];
    for widget in &screen.widgets {
        match widget {
            Widget::Amount { label, value, .. } => texts.extend([label.as_str(), value]),
            Widget::Message { title, text, .. } => texts.extend([title.as_str(), text]),
            Widget::List { search, rows, more, empty, .. } => {
                texts.extend(search.iter().flat_map(|search| [search.value.as_str(), &search.hint]));
                texts.extend(
                    rows.iter().flat_map(|row| [row.title.as_str(), &row.detail, &row.value, &row.badge]),
                );
                texts.extend(more.iter().map(|more| more.label.as_str()));
                if rows.is_empty() {
                    texts.push(empty);
                }
            }
            Widget::Choice { label, options } => {
                texts.push(label);
                texts.extend(options.iter().flat_map(|option| [option.label.as_str(), &option.detail]));
            }
            Widget::Keypad { label, value, .. } => texts.extend([label.as_str(), value]),
            Widget::Progress { label, .. } => texts.push(label),
        }
    }
    texts.extend(screen.actions.iter().map(|action| action.label.as_str()));
    texts
}

/// Every id that can be tapped.
pub(super) fn taps(screen: &Screen) -> impl Iterator<Item = &str> {
    let widgets = screen.widgets.iter().flat_map(|widget| match widget {
        Widget::List { rows, more, .. } => rows
            .iter()
            .filter_map(|row| row.id.as_deref())
            .chain(more.iter().map(|more| more.id.as_str()))
            .collect::<Vec<_>>(),
        Widget::Choice { options, .. } => options.iter().map(|option| option.id.as_str()).collect(),
        Widget::Keypad { keys, .. } => keys.iter().map(|key| key.id.as_str()).collect(),
        Widget::Amount { .. } | Widget::Message { .. } | Widget::Progress { .. } => Vec::new(),
    });
    widgets.chain(screen.actions.iter().map(|action| action.id.as_str()))
}

/// Every field that takes text.
pub(super) fn fields(screen: &Screen) -> impl Iterator<Item = &str> {
    screen.widgets.iter().filter_map(|widget| match widget {
        Widget::List { search, .. } => search.as_ref().map(|search| search.id.as_str()),
        Widget::Keypad { id, .. } => Some(id),
        Widget::Amount { .. } | Widget::Message { .. } | Widget::Choice { .. } | Widget::Progress { .. } => {
            None
        }
    })
}

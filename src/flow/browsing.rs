//! Looking for something: the menu, the lists, and what is typed to search them.

use protocol::order::OrderView;

use super::Agent;
use super::live::Page;
use super::search::{Findable, Fit, Wanted};

/// Rows of a list at first, and how many more each time.
pub(crate) const ROWS_STEP: usize = 50;
/// Most rows of a list: more is not read on such a screen, it is searched.
pub(crate) const ROWS_MAX: usize = 500;
/// The field of the activation code.
pub(crate) const ACTIVATION_CODE: &str = "code";
/// The search fields, one for each page: what is typed for one never lands in another.
pub(crate) const SEARCH_ORDERS: &str = "search";
pub(crate) const SEARCH_TO_TAKE: &str = "search-to-take";
pub(crate) const SEARCH_PAYMENTS: &str = "search-payments";
pub(crate) const SEARCH_RECEIPTS: &str = "search-receipts";
/// The fields of a card slip.
pub(crate) const STATEMENT_CODE: &str = "authorization-code";
pub(crate) const STATEMENT_ATK: &str = "atk";
/// Longest text of a search or a code, in characters.
const TEXT_MAX: usize = 40;

impl Agent {
    pub(super) fn open_menu(&mut self) {
        if matches!(self.live.page, Page::List) {
            self.show(Page::Menu);
        }
    }

    pub(super) fn go_from_menu(&mut self, page: Page) {
        if matches!(self.live.page, Page::Menu) {
            self.show(page);
        }
    }

    pub(super) fn turn(&mut self) {
        if matches!(self.live.page, Page::Menu) {
            self.live.list.oldest_first = !self.live.list.oldest_first;
            self.show(Page::List);
        }
    }

    /// Only into the field of the page shown: what was typed for another page is not wanted here.
    pub(super) fn text(&mut self, id: &str, value: &str) {
        let clean: String = value.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect();
        let field = if let Page::Activation { code, call: None, .. } = &mut self.live.page {
            (ACTIVATION_CODE, code)
        } else if let Page::List = self.live.page {
            (SEARCH_ORDERS, &mut self.live.list.query)
        } else if let Page::Taking { query, .. } = &mut self.live.page {
            (SEARCH_TO_TAKE, query)
        } else if let Page::Payments { query, .. } = &mut self.live.page {
            (SEARCH_PAYMENTS, query)
        } else if let Page::StatementCode { typed, .. } = &mut self.live.page {
            (STATEMENT_CODE, typed)
        } else if let Page::StatementAtk { typed, .. } = &mut self.live.page {
            (STATEMENT_ATK, typed)
        } else if let Page::Receipts { query } = &mut self.live.page {
            (SEARCH_RECEIPTS, query)
        } else {
            return;
        };
        if field.0 == id {
            *field.1 = clean;
            *self.rows_max() = ROWS_STEP;
        }
    }

    pub(super) fn more_rows(&mut self) {
        let rows_max = self.rows_max();
        *rows_max = (*rows_max + ROWS_STEP).min(ROWS_MAX);
    }

    fn rows_max(&mut self) -> &mut usize {
        if let Page::Payments { rows_max, .. } = &mut self.live.page {
            rows_max
        } else {
            &mut self.live.list.rows_max
        }
    }

    /// Orders of the list as searched and ordered, at most `max` of them, and how many there are.
    #[must_use]
    pub fn listed(&self, query: &str, max: usize) -> (Vec<&OrderView>, usize) {
        let wanted = Wanted::new(query);
        let orders = self.durable.orders.values();
        let mut found: Vec<(Fit, &OrderView)> =
            orders.filter_map(|order| Some((wanted.fit(&findable(order))?, order))).collect();
        let count = found.len();
        let oldest_first = self.live.list.oldest_first;
        found.sort_unstable_by(|(a_fit, a), (b_fit, b)| {
            let by_age = (a.created_at, a.revision).cmp(&(b.created_at, b.revision));
            a_fit.cmp(b_fit).then(if oldest_first { by_age } else { by_age.reverse() })
        });
        found.truncate(max);
        (found.into_iter().map(|(_, order)| order).collect(), count)
    }
}

impl Page {
    /// Payments, nothing searched yet.
    pub(super) const fn payments() -> Self {
        Self::Payments { rows_max: ROWS_STEP, query: String::new() }
    }

    /// Receipts, nothing searched yet.
    pub(super) const fn receipts() -> Self {
        Self::Receipts { query: String::new() }
    }
}

fn findable(order: &OrderView) -> Findable<'_> {
    Findable {
        numbers: vec![&order.number],
        name: &order.display_name,
        values: vec![order.total.get(), order.balance().get()],
    }
}

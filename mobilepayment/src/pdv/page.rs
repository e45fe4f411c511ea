//! Pages of lists, as Pagar.me has them: `{data: […], paging: {total, previous, next}}`.

use serde::Serialize;
use utoipa::ToSchema;

use super::input::query::Query;
use super::shapes::charge::ChargeBody;
use super::shapes::order::OrderBody;

/// Largest page.
const SIZE_MAX: u64 = 100;
/// Page size unless asked otherwise: what fits a screen of a PDV.
const SIZE_DEFAULT: u64 = 30;
/// Last page that can be asked for: beyond it, narrow the filter.
const PAGE_MAX: u64 = 1_000_000;

/// Which page.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// Entries in a page.
    pub size: u32,
}

impl Page {
    /// From `page` and `size`.
    pub fn read(query: &mut Query) -> Self {
        let small = |n: u64| u32::try_from(n).expect("within the limits just checked");
        Self {
            number: small(query.integer("page", (1, PAGE_MAX), 1)),
            size: small(query.integer("size", (1, SIZE_MAX), SIZE_DEFAULT)),
        }
    }
}

/// Where the page stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct PagingBody {
    /// Entries in all pages.
    pub total: u64,
    /// Path of the page before.
    pub previous: Option<String>,
    /// Path of the page after.
    pub next: Option<String>,
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrdersPage {
    /// The orders, newest first.
    pub data: Vec<OrderBody>,
    /// Where the page stands.
    pub paging: PagingBody,
}

/// A page of charges.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChargesPage {
    /// The charges, newest first.
    pub data: Vec<ChargeBody>,
    /// Where the page stands.
    pub paging: PagingBody,
}

/// The address of a list, to be completed with page numbers.
pub struct Paging {
    path: String,
    page: Page,
}

impl Paging {
    /// The list at `path` as `query` asked for it.
    #[must_use]
    pub fn of(path: &str, query: &Query, page: &Page) -> Self {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (key, value) in query.pairs().filter(|(key, _)| !matches!(*key, "page" | "size")) {
            pairs.append_pair(key, value);
        }
        pairs.append_pair("size", &page.size.to_string());
        Self { path: format!("{path}?{}", pairs.finish()), page: *page }
    }

    /// The paging of a list with so many entries.
    #[must_use]
    pub fn with_total(self, total: u64) -> PagingBody {
        let Page { number, size } = self.page;
        let at = |number: u32| format!("{}&page={number}", self.path);
        let more = u64::from(number) * u64::from(size) < total;
        PagingBody {
            total,
            previous: (number > 1).then(|| at(number - 1)),
            next: more.then(|| at(number.saturating_add(1))),
        }
    }
}

//! `/venda/…`: what is sold.

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::error::PageError;
use super::guard::LoggedIn;
use super::{Frame, Web, render};
use crate::db::registers::{self, Product};
use crate::desk::{DeskError, Refusal};
use crate::sale::{Item, Sale, Status};
use crate::words::{figure, reais};

/// Longest text of a search, in characters.
const SEARCH_CHARS_MAX: usize = 60;

#[derive(Template)]
#[template(path = "sale.html")]
struct SalePage {
    frame: Frame,
    basket: Basket,
}

/// The part of the page that changes with every item.
#[derive(Template)]
#[template(path = "basket.html")]
struct Basket {
    id: i64,
    number: i64,
    rows: Vec<Row>,
    count: u32,
    total: String,
    added: Option<String>,
    problem: Option<String>,
}

struct Row {
    line: i64,
    description: String,
    unit: String,
    quantity: u32,
    price: String,
    total: String,
}

#[derive(Template)]
#[template(path = "products.html")]
struct Products {
    found: Vec<Found>,
    searched: bool,
}

struct Found {
    code: String,
    description: String,
    price: String,
}

#[derive(Deserialize)]
pub(super) struct ItemForm {
    codigo: String,
}

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    codigo: String,
}

impl Basket {
    fn new(sale: &Sale, added: Option<String>, problem: Option<String>) -> Self {
        Self {
            id: sale.id,
            number: sale.number,
            rows: sale.items.iter().map(row).collect(),
            count: sale.items.iter().map(|item| item.quantity).sum(),
            total: reais(sale.total()),
            added,
            problem,
        }
    }
}

fn row(item: &Item) -> Row {
    Row {
        line: item.line,
        description: item.description.clone(),
        unit: item.unit.clone(),
        quantity: item.quantity,
        price: figure(item.price),
        total: figure(item.total()),
    }
}

/// The sale that this person has open, or a new one.
pub(super) async fn current(State(web): State<Web>, me: LoggedIn) -> Result<Redirect, PageError> {
    let id = web.desk.open_sale(me.company_id, &me.person).await?;
    Ok(Redirect::to(&format!("/venda/{id}")))
}

pub(super) async fn page(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let sale = web.desk.sale(me.company_id, id).await?;
    if sale.status != Status::Open || !sale.payments.is_empty() {
        return Ok(Redirect::to(&format!("/venda/{id}/pagamento")).into_response());
    }
    let frame = Frame::of(&web, &me).await?;
    Ok(render(&SalePage { frame, basket: Basket::new(&sale, None, None) }))
}

/// `3` is one of product 3; `4*3` is four of it.
pub(super) async fn add(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
    form: Result<Form<ItemForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(ItemForm { codigo }) = form?;
    let added = match quantity_and_code(&codigo) {
        Some((quantity, code)) => web.desk.add_item(me.company_id, id, code, quantity).await,
        None => Err(Refusal::QuantityInvalid.into()),
    };
    basket(&web, &me, id, added.map(|product: Product| Some(product.description))).await
}

pub(super) async fn remove(
    State(web): State<Web>,
    me: LoggedIn,
    Path((id, line)): Path<(i64, i64)>,
) -> Result<Response, PageError> {
    let removed = web.desk.remove_item(me.company_id, id, line).await;
    basket(&web, &me, id, removed.map(|()| None)).await
}

/// The basket after a change, or with the reason why it did not change.
async fn basket(
    web: &Web,
    me: &LoggedIn,
    id: i64,
    changed: Result<Option<String>, DeskError>,
) -> Result<Response, PageError> {
    let (added, problem) = match changed {
        Ok(added) => (added, None),
        Err(DeskError::Refused(refusal)) => (None, Some(refusal)),
        Err(DeskError::Db(error)) => return Err(error.into()),
    };
    let sale = web.desk.sale(me.company_id, id).await?;
    let mut response = render(&Basket::new(&sale, added, problem.map(|refusal| refusal.to_string())));
    if problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

pub(super) async fn cancel(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
) -> Result<Redirect, PageError> {
    web.desk.cancel_sale(me.company_id, id).await?;
    Ok(Redirect::to("/venda"))
}

/// What the search finds, for the list below the field.
pub(super) async fn products(
    State(web): State<Web>,
    _: LoggedIn,
    Query(Search { codigo }): Query<Search>,
) -> Result<Response, PageError> {
    let text: String = codigo.trim().chars().take(SEARCH_CHARS_MAX).collect();
    let text = text.rsplit_once('*').map_or(text.clone(), |(_, after)| after.trim().to_owned());
    let searched = !text.is_empty();
    let found = if searched {
        web.desk.db.read(move |tx| registers::find_products(tx, &text)).await?
    } else {
        Vec::new()
    };
    let found = found.into_iter().map(|product| Found {
        code: product.code,
        description: product.description,
        price: figure(product.price),
    });
    Ok(render(&Products { found: found.collect(), searched }))
}

fn quantity_and_code(typed: &str) -> Option<(u32, String)> {
    match typed.split_once('*') {
        None => Some((1, typed.trim().to_owned())),
        Some((quantity, code)) => Some((quantity.trim().parse().ok()?, code.trim().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::quantity_and_code;

    #[test]
    fn a_quantity_comes_before_a_star() {
        for (typed, expected) in [
            ("7", Some((1, "7"))),
            ("4*7", Some((4, "7"))),
            (" 4 * 7 ", Some((4, "7"))),
            ("x*7", None),
            ("-1*7", None),
            ("1,5*7", None),
        ] {
            assert_eq!(quantity_and_code(typed), expected.map(|(n, code)| (n, code.to_owned())), "{typed}");
        }
    }
}

//! The pages: server-rendered, in Portuguese, worked with the keyboard alone. htmx brings parts of a page anew when the
//! stream of changes ([`live`]) says so.
//!
//! A handler reads a form, asks the [`Desk`], and answers with a page or with the way to the next one. Start reading in
//! [`sale`]. `guard` says who may come in, `error` is every page that says no.

mod assets;
mod error;
mod guard;
mod live;
mod login;
mod payment;
mod sale;
mod sales;

use askama::Template;
use axum::Router;
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::sync::watch;

use crate::db::registers;
use crate::desk::Desk;
use error::PageError;
use guard::{LoggedIn, LoginBrake};

/// Largest form, in bytes.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What every handler shares. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Web {
    desk: Desk,
    brake: LoginBrake,
    stop: watch::Receiver<bool>,
}

/// Every page. Streams end when `stop` turns true.
pub fn router(desk: Desk, stop: watch::Receiver<bool>) -> Router {
    let web = Web { desk, brake: LoginBrake::default(), stop };
    Router::new()
        .route("/", get(home))
        .route("/entrar", get(login::page).post(login::enter))
        .route("/sair", post(login::leave))
        .route("/venda", get(sale::current))
        .route("/venda/{id}", get(sale::page))
        .route("/venda/{id}/itens", post(sale::add))
        .route("/venda/{id}/itens/{line}/remover", post(sale::remove))
        .route("/venda/{id}/cancelar", post(sale::cancel))
        .route("/venda/{id}/pagamento", get(payment::page))
        .route("/venda/{id}/pagamentos", get(payment::payments))
        .route("/venda/{id}/formas", get(payment::forms))
        .route("/venda/{id}/dinheiro", post(payment::cash))
        .route("/venda/{id}/pos", get(payment::pos_page).post(payment::pos))
        .route("/venda/{id}/pagamento/{payment}/cancelar", post(payment::cancel))
        .route("/venda/{id}/voltar", post(payment::leave))
        .route("/produtos", get(sale::products))
        .route("/vendas", get(sales::page))
        .route("/ao-vivo", get(live::stream))
        .route("/assets/{name}", get(assets::asset))
        .fallback(error::not_found)
        .layer(axum::extract::DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn(guard::same_origin_only))
        .layer(from_fn(guard::headers))
        .with_state(web)
}

async fn home() -> Redirect {
    std::future::ready(Redirect::to("/venda")).await
}

/// What the frame of every page shows.
struct Frame {
    person: String,
    company: String,
    pos_connect: bool,
}

impl Frame {
    async fn of(web: &Web, me: &LoggedIn) -> Result<Self, PageError> {
        let company_id = me.company_id;
        let company = web.desk.db.read(move |tx| registers::company(tx, company_id)).await?;
        let company = company.ok_or(PageError::LoggedOut)?;
        Ok(Self { person: me.person.name.clone(), company: company.name, pos_connect: company.pos_connect })
    }
}

fn render(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => PageError::from(error).into_response(),
    }
}

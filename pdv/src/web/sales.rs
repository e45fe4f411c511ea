//! `/vendas`: sales that have ended.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::error::PageError;
use super::guard::LoggedIn;
use super::{Frame, Web, render};
use crate::db::sales;
use crate::sale::{Form, Sale, Status};
use crate::words::{date_and_time, method, read_method, reais};

#[derive(Template)]
#[template(path = "sales.html")]
struct SalesPage {
    frame: Frame,
    rows: Vec<Row>,
    most: u32,
}

struct Row {
    id: i64,
    number: i64,
    at: String,
    status: &'static str,
    finished: bool,
    how: String,
    total: String,
}

pub(super) async fn page(State(web): State<Web>, me: LoggedIn) -> Result<Response, PageError> {
    let company_id = me.company_id;
    let ended = web.desk.db.read(move |tx| sales::ended(tx, company_id)).await?;
    let frame = Frame::of(&web, &me).await?;
    Ok(render(&SalesPage { frame, rows: ended.iter().map(row).collect(), most: sales::LISTED_MAX }))
}

fn row(sale: &Sale) -> Row {
    let mut how: Vec<String> = Vec::new();
    for payment in &sale.payments {
        match &payment.form {
            Form::Cash { .. } => how.push(format!("Dinheiro {}", reais(payment.amount))),
            Form::Pos(pos) => how.extend(pos.charges().iter().map(|charge| {
                let word = &charge.posconnect.method;
                let word = read_method(word).map(method).unwrap_or(word);
                format!("{word} {}", reais(charge.amount))
            })),
        }
    }
    Row {
        id: sale.id,
        number: sale.number,
        at: sale.ended_at.map_or_else(String::new, date_and_time),
        status: match sale.status {
            Status::Open => "Aberta",
            Status::Finished => "Finalizada",
            Status::Cancelled => "Cancelada",
        },
        finished: sale.status == Status::Finished,
        how: how.join(" + "),
        total: reais(sale.total()),
    }
}

//! `/entrar`, `/sair`.

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::error::PageError;
use super::{Web, guard, render};
use crate::db::people;
use crate::db::registers::{self, Company};
use crate::environment::{hash_of_token, now, random_hex};
use crate::password;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    companies: Vec<Company>,
    login: String,
    problem: Option<&'static str>,
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    login: String,
    senha: String,
    empresa: i64,
}

pub(super) async fn page(State(web): State<Web>) -> Result<Response, PageError> {
    show(&web, String::new(), None).await
}

async fn show(web: &Web, login: String, problem: Option<&'static str>) -> Result<Response, PageError> {
    let companies = web.desk.db.read(registers::companies).await?;
    let mut response = render(&LoginPage { companies, login, problem });
    if problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

pub(super) async fn enter(
    State(web): State<Web>,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(LoginForm { login, senha, empresa }) = form?;
    if !web.brake.allows(&login) {
        let problem = "Muitas senhas erradas para este usuário. Espere um minuto e tente de novo.";
        return show(&web, login, Some(problem)).await;
    }
    let wanted = login.clone();
    let found = web
        .desk
        .db
        .read(move |tx| Ok((people::by_login(tx, &wanted)?, registers::company(tx, empresa)?)))
        .await?;
    let (person, company) = found;
    let (person, hash) = person.map_or((None, None), |(person, hash)| (Some(person), Some(hash)));
    // Hashing takes a core for a while: not on the thread that serves everybody.
    let right = tokio::task::spawn_blocking(move || password::is_right(&senha, hash.as_deref()))
        .await
        .unwrap_or(false);
    web.brake.tried(&login, right);
    let (true, Some(person), Some(company)) = (right, person, company) else {
        return show(&web, login, Some("Usuário ou senha incorretos. Confira e digite de novo.")).await;
    };
    let token = random_hex::<32>();
    let hash = hash_of_token(&token);
    web.desk.db.write(move |tx| people::begin_session(tx, &hash, person.id, company.id, now())).await?;
    Ok(([(header::SET_COOKIE, guard::cookie(&token))], Redirect::to("/venda")).into_response())
}

pub(super) async fn leave(State(web): State<Web>, headers: HeaderMap) -> Result<Response, PageError> {
    if let Some(token) = guard::token(&headers) {
        let hash = hash_of_token(token);
        web.desk.db.write(move |tx| people::end_session(tx, &hash)).await?;
    }
    Ok(([(header::SET_COOKIE, guard::cookie(""))], Redirect::to("/entrar")).into_response())
}

//! Every page that says no: what happened and what to do next.

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use log::error;

use crate::db::DbError;
use crate::desk::{DeskError, Refusal};

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum PageError {
    /// Nobody is logged in.
    LoggedOut,
    /// A rule said no.
    Refused(Refusal),
    /// There is no such page.
    NotFound,
    /// Another site's form.
    Foreign,
    /// The form is not one of ours.
    BadForm,
    /// Something of ours failed; it is in the log.
    Failed,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    sentence: &'a str,
    code: &'a str,
}

impl From<DbError> for PageError {
    fn from(why: DbError) -> Self {
        error!("a page failed: {why}");
        Self::Failed
    }
}

impl From<askama::Error> for PageError {
    fn from(why: askama::Error) -> Self {
        error!("a page could not be drawn: {why}");
        Self::Failed
    }
}

impl From<DeskError> for PageError {
    fn from(why: DeskError) -> Self {
        match why {
            DeskError::Refused(refusal) => Self::Refused(refusal),
            DeskError::Db(why) => why.into(),
        }
    }
}

impl From<FormRejection> for PageError {
    fn from(_: FormRejection) -> Self {
        Self::BadForm
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let sentence_of_refusal;
        let (status, title, sentence, code) = match self {
            Self::LoggedOut => {
                // A part of a page that htmx asks for cannot show the login: the whole page goes there.
                let to_login = (HeaderName::from_static("hx-redirect"), HeaderValue::from_static("/entrar"));
                return ([to_login], Redirect::to("/entrar")).into_response();
            }
            Self::Refused(refusal) => {
                sentence_of_refusal = refusal.to_string();
                let status = if refusal == Refusal::SaleUnknown {
                    StatusCode::NOT_FOUND
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                (status, "Não foi feito", sentence_of_refusal.as_str(), refusal.code())
            }
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Página não encontrada",
                "Este endereço não existe. Volte à tela de venda.",
                "not_found",
            ),
            Self::Foreign => (
                StatusCode::FORBIDDEN,
                "Pedido recusado",
                "O pedido veio de outra página. Abra o PDV pelo endereço dele e tente de novo.",
                "cross_site",
            ),
            Self::BadForm => (
                StatusCode::BAD_REQUEST,
                "Formulário inválido",
                "O formulário não pôde ser lido. Volte e preencha de novo.",
                "bad_form",
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "O PDV falhou",
                "Nada foi perdido do que já estava gravado. Tente de novo; se continuar, chame o suporte.",
                "failed",
            ),
        };
        let page = ErrorPage { title, sentence, code };
        (status, Html(page.render().unwrap_or_else(|_| sentence.to_owned()))).into_response()
    }
}

pub(super) async fn not_found() -> PageError {
    std::future::ready(PageError::NotFound).await
}

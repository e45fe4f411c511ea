//! `/admin/v1/companies`: a PDV registers its companies.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::Method;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Licensed;
use super::company_input;
use crate::pdv::answer::{ApiError, Refusals};
use crate::pdv::input::author::author;
use crate::pdv::input::body::JsonBody;
use crate::pdv::input::fields::{Fields, Problems};
use crate::pdv::input::path::Segment;
use crate::registers::{AccountId, Company};
use crate::state::AppState;

/// A method of the contract with the acquirer.
#[derive(Debug, Serialize, ToSchema)]
pub struct MethodBody {
    /// `credit`, `debit`, `voucher` or `pix`
    pub method: &'static str,
    /// Most instalments without interest; 1 unless it is credit.
    pub merchant_installments_max: u8,
    /// Most instalments with the issuer's interest; 1 unless it is credit.
    pub issuer_installments_max: u8,
}

/// Where events go, as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookInput {
    /// `https://`, or `http://` on the same computer.
    pub url: String,
    /// Key of the signature, 16 to 256 characters. Write-only.
    pub secret: String,
    /// `default` or `all`
    pub events: Option<String>,
}

/// A company, as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyInput {
    /// The store's name.
    pub store_name: String,
    /// Key of the PDV-facing API. Write-only; left out, it stays as it is.
    pub secret_key: Option<String>,
    /// The contract.
    pub methods: Vec<MethodBody>,
    /// Null or left out: none.
    pub webhook: Option<WebhookInput>,
    /// Long-poll wait of its terminals, in seconds.
    pub feed_wait_s: Option<u32>,
    /// How long the acquirer's app may stay silent, in seconds.
    pub answer_timeout_s: Option<u32>,
    /// Who asks, for the audit trail.
    pub by: Option<String>,
}

/// Where events go.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookBody {
    /// The address.
    pub url: String,
    /// `default` or `all`
    pub events: &'static str,
}

/// A company, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyBody {
    /// Account ID.
    pub account_id: String,
    /// The store's name.
    pub store_name: String,
    /// The contract.
    pub methods: Vec<MethodBody>,
    /// Where events go.
    pub webhook: Option<WebhookBody>,
    /// Long-poll wait of its terminals, in seconds.
    pub feed_wait_s: u32,
    /// How long the acquirer's app may stay silent, in seconds.
    pub answer_timeout_s: u32,
}

/// Companies of a licence.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompaniesBody {
    /// By account id.
    pub data: Vec<CompanyBody>,
}

impl CompanyBody {
    fn new(company: &Company) -> Self {
        let methods = company.methods.iter().map(|line| MethodBody {
            method: match line.method {
                Method::Credit => "credit",
                Method::Debit => "debit",
                Method::Voucher => "voucher",
                Method::Pix => "pix",
            },
            merchant_installments_max: line.merchant_installments_max,
            issuer_installments_max: line.issuer_installments_max,
        });
        Self {
            account_id: company.account_id.to_string(),
            store_name: company.store_name.clone(),
            methods: methods.collect(),
            webhook: company.webhooks.first().map(|webhook| WebhookBody {
                url: webhook.url.clone(),
                events: if webhook.types.is_empty() { "all" } else { "default" },
            }),
            feed_wait_s: company.feed_wait_s,
            answer_timeout_s: company.answer_timeout_s,
        }
    }
}

/// Registers a company or changes it; the same again changes nothing.
#[utoipa::path(put, path = "/admin/v1/companies/{account_id}", tag = "administration",
    request_body = CompanyInput, params(("account_id" = String, Path)), security(("web_service" = [])),
    responses((status = 200, description = "The company", body = CompanyBody), Refusals))]
pub async fn put(
    Licensed(licence): Licensed,
    State(state): State<AppState>,
    Segment(account): Segment,
    body: JsonBody,
) -> Result<Json<CompanyBody>, ApiError> {
    let mut problems = Problems::default();
    let fields = Fields::new("company", &body.object);
    let author = author(&fields, &mut problems);
    let account = AccountId::parse(&account).ok();
    if account.is_none() {
        problems.add("company.account_id", "deve ter de 1 a 64 letras sem acento, números, _ ou -");
    }
    let company = account.and_then(|account| company_input::read(&account, &fields, &mut problems));
    let company = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, company)?;
    let store = state.store.asked_by(author);
    let company = store.put_company(licence, company, state.administration.admin_key).await?;
    Ok(Json(CompanyBody::new(&company)))
}

/// The companies that this licence registered.
#[utoipa::path(get, path = "/admin/v1/companies", tag = "administration", security(("web_service" = [])),
    responses((status = 200, description = "The companies", body = CompaniesBody), Refusals))]
pub async fn list(Licensed(licence): Licensed, State(state): State<AppState>) -> Json<CompaniesBody> {
    let registers = state.registers();
    let is_own = |company: &&Company| registers.owner(&company.account_id).is_some_and(|o| o.id == licence);
    let mut data: Vec<CompanyBody> = registers.companies().filter(is_own).map(CompanyBody::new).collect();
    data.sort_by(|a, b| a.account_id.cmp(&b.account_id));
    std::future::ready(Json(CompaniesBody { data })).await
}

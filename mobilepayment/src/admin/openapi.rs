//! `/openapi.json`: the PDV-facing API and the administration as one document, generated from the routes and the bodies
//! themselves.

use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{activations, companies, licences, modules, terminals};
use crate::pdv;

#[derive(OpenApi)]
#[openapi(
    paths(
        licences::create, licences::list, modules::set, activations::consult,
        companies::put, companies::list, terminals::put, terminals::remove, document,
    ),
    modifiers(&Credentials)
)]
struct Administration;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        for (name, text) in [
            ("admin_key", "The admin_key of the configuration file as user, an empty password"),
            ("web_service", "User and password as the activation of the licence answered them"),
        ] {
            let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic).description(Some(text)).build();
            components.add_security_scheme(name, SecurityScheme::Http(basic));
        }
    }
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "service", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
pub async fn document() -> Json<utoipa::openapi::OpenApi> {
    let mut document = pdv::openapi::Document::openapi();
    document.merge(Administration::openapi());
    std::future::ready(Json(document)).await
}

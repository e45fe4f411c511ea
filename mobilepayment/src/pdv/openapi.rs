//! The PDV-facing API's part of `/openapi.json`, generated from the routes and the bodies themselves.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    attempts, audit, charges, conciliations, deliveries, events, health, orders, prints, reversals, terminals,
};

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "POS Connect",
        description = "PDV-facing API of mobilepayment, in the shapes of Stone Connect 2.0 (Pagar.me v5). \
            Amounts are whole centavos; instants are ISO 8601 in UTC. Every list and text has a limit. \
            What the original does not have is under `/posconnect/v1` or in an object `posconnect`. \
            Events are also delivered to the company's webhook, signed: `X-Hub-Signature: sha256=` and the \
            HMAC-SHA-256 of the raw body with the company's webhook secret, in hexadecimal."
    ),
    paths(
        orders::create, orders::read, orders::list, orders::close, orders::release_claim,
        charges::read, charges::list, charges::cancel,
        prints::create, prints::read,
        events::list,
        attempts::list, attempts::read, attempts::resolve, attempts::orphans,
        reversals::list, reversals::resolve,
        conciliations::import, conciliations::list, conciliations::read,
        audit::list,
        terminals::list, terminals::activation_code, terminals::revoke, terminals::unrevoke,
        deliveries::list, deliveries::retry,
        health::health,
    ),
    components(schemas(super::answer::ErrorBody)),
    security(("secret_key" = [])),
    modifiers(&SecretKey)
)]
pub struct Document;

struct SecretKey;

impl Modify for SecretKey {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let basic = HttpBuilder::new()
            .scheme(HttpAuthScheme::Basic)
            .description(Some("The company's secret_key as user, an empty password"))
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("secret_key", SecurityScheme::Http(basic));
    }
}

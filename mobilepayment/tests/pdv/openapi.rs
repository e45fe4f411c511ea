//! Goal: the OpenAPI document and the routes are the same list.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::service::{Service, direct, send};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[tokio::test]
async fn every_documented_route_exists_and_no_other_method_does() {
    let service = Service::start().await;
    let document = service.client.with_key(None).get("/openapi.json").await;
    assert_eq!(document.status, 200);
    assert!(document.body["openapi"].as_str().unwrap().starts_with("3."));
    let paths = document.body["paths"].as_object().unwrap();
    assert!(paths.len() >= 19, "{}", paths.len());
    for (path, operations) in paths {
        let documented: BTreeSet<&str> = operations.as_object().unwrap().keys().map(String::as_str).collect();
        let address = path.replace("{id}", "x1").replace("{serial}", "x1").replace("{account_id}", "x1");
        for method in METHODS {
            // Without a key: a route answers 401 or 403 (or is open and wants a body), everything else 404 or 405.
            let status =
                send(service.client.with_key(None).request(&method.to_uppercase(), &address)).await.status;
            let exists = status != 404 && status != 405;
            assert_eq!(exists, documented.contains(method), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn every_operation_says_what_it_takes_and_answers() {
    let service = Service::start().await;
    let document = service.client.get("/openapi.json").await.body;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{what} has no summary");
            assert!(operation["responses"]["200"]["description"].is_string(), "{what}");
            for variable in ["id", "serial"].iter().filter(|v| path.contains(&format!("{{{v}}}"))) {
                let parameters = operation["parameters"].as_array().unwrap();
                assert!(parameters.iter().any(|p| p["name"] == **variable && p["in"] == "path"), "{what}");
            }
        }
    }
    let references = serde_json::to_string(&document).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in references.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is referred to and not there");
    }
}

#[tokio::test]
async fn an_order_has_the_fields_that_the_document_promises() {
    let service = Service::start().await;
    let order = service.client.create(&direct(100)).await;
    let document = service.client.get("/openapi.json").await.body;
    let schema = &document["components"]["schemas"]["OrderBody"];
    let promised: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let sent: BTreeSet<&String> = order.as_object().unwrap().keys().collect();
    let missing: Vec<_> = sent.difference(&promised).collect();
    assert!(missing.is_empty(), "not in the document: {missing:?}");
    let required = schema["required"].as_array().unwrap();
    let absent: Vec<&Value> =
        required.iter().filter(|name| order.get(name.as_str().unwrap()).is_none()).collect();
    assert!(absent.is_empty(), "promised and not sent: {absent:?}");
}

#[tokio::test]
async fn health_needs_no_key() {
    let service = Service::start().await;
    let answer = service.client.with_key(None).get("/health").await;
    assert_eq!((answer.status.as_u16(), answer.body["status"].as_str()), (200, Some("ok")));
}

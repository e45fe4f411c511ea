//! Goal: an activation key gives the same access each time, and nobody finds it in the service's files.

use serde_json::{Value, json};

use crate::service::{ADMIN, FILE_KEY, KEY, Service, licence_body};

#[tokio::test]
async fn without_an_admin_key_the_administration_is_closed() {
    let service = Service::closed().await;
    let path = "/admin/v1/licences";
    service.admin("POST", path, &licence_body()).await.refused(403, "administration_closed");
    service.admin("GET", path, &Value::Null).await.refused(403, "administration_closed");
}

#[tokio::test]
async fn only_the_administrator_makes_licences() {
    let service = Service::start().await;
    for who in [("", ""), (FILE_KEY, ""), (ADMIN, "x"), ("adm_teste_0123456789abcdef0124", "")] {
        service.ask(who, "POST", "/admin/v1/licences", &licence_body()).await.refused(401, "unauthorized");
    }
    let bad = json!({ "description": "", "modules": ["outro"] });
    let refused = service.admin("POST", "/admin/v1/licences", &bad).await;
    refused.refused(422, "invalid_fields");
    assert_eq!(refused.body["errors"].as_object().unwrap().len(), 2, "{refused:?}");
}

#[tokio::test]
async fn a_key_gives_the_same_access_however_it_is_typed_and_after_a_restart() {
    let service = Service::start().await;
    let licence = service.licence().await;
    assert_eq!(licence.key.len(), 23, "{}", licence.key);
    let typed = licence.key.to_lowercase().replace('-', " ");
    let service = service.restart().await;
    let answer =
        service.ask(("", ""), "POST", "/admin/v1/activations", &json!({ "key": typed })).await.good();
    assert_eq!(answer["licence_id"], licence.id.as_str());
    assert_eq!(
        answer["web_service"],
        json!({ "user": licence.id, "password": licence.password, "address": service.address })
    );
    assert_eq!(answer["modules"], json!([{ "name": "pos_connect", "active": true, "message": null }]));

    let list = service.admin("GET", "/admin/v1/licences", &Value::Null).await.good();
    let one = &list["data"][0];
    assert_eq!((&one["description"], one.get("key")), (&json!("Loja Centro"), None));
    assert!(one["activated_at"].is_string() && one["last_consulted_at"].is_string(), "{one}");
}

#[tokio::test]
async fn neither_key_nor_password_is_in_any_file_of_the_service() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    let plain = licence.key.replace('-', "");
    let mut bytes = 0;
    for entry in std::fs::read_dir(service.folder.path()).unwrap() {
        let content = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&content);
        for secret in [licence.key.as_str(), &plain, &licence.password, KEY, ADMIN] {
            assert!(!text.contains(secret), "a secret is stored");
        }
        bytes += usize::from(text.contains("Loja Centro"));
    }
    assert!(bytes > 0, "the files that hold the licence were looked at");
}

#[tokio::test]
async fn guessing_a_key_ends_soon() {
    let service = Service::start().await;
    let guess = json!({ "key": "00000-00000-00000-00000" });
    for _ in 0..60 {
        let answer = service.ask(("", ""), "POST", "/admin/v1/activations", &guess).await;
        answer.refused(404, "licence_unknown");
    }
    service.ask(("", ""), "POST", "/admin/v1/activations", &guess).await.refused(429, "too_many");
}

#[tokio::test]
async fn the_web_service_wants_user_and_password_of_one_licence() {
    let service = Service::start().await;
    let (one, two) = (service.licence().await, service.licence().await);
    for who in [(one.id.as_str(), ""), (&one.id, &two.password), ("", &one.password), (ADMIN, "")] {
        service.ask(who, "GET", "/admin/v1/companies", &Value::Null).await.refused(401, "unauthorized");
    }
    let none = service.pdv(&one, "GET", "/admin/v1/companies", &Value::Null).await.good();
    assert_eq!(none, json!({ "data": [] }));
}

//! Goal: a module that is turned off takes no new order, and nothing that was begun is lost by it.

use serde_json::{Value, json};

use crate::service::{COMPANY, Service, TERMINAL, company, order, terminal};

#[tokio::test]
async fn a_revoked_module_refuses_what_is_new_and_lets_what_was_begun_go_on() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    let token = service.activated().await;
    let made = service.shop("POST", "/core/v5/orders", &order()).await.good();
    let path = format!("/admin/v1/licences/{}/modules/pos_connect", licence.id);
    let off = json!({ "active": false, "message": "Contrato suspenso. Fale com o suporte.", "by": "Bia" });
    service
        .admin("PUT", "/admin/v1/licences/lic_falta/modules/pos_connect", &off)
        .await
        .refused(404, "licence_unknown");
    service.pdv(&licence, "PUT", &path, &off).await.refused(401, "unauthorized");
    let changed = service.admin("PUT", &path, &off).await.good();
    assert_eq!(changed["modules"][0]["active"], false);
    assert!(changed["activated_at"].is_string(), "the use of the key is not forgotten: {changed}");

    let service = service.restart().await;
    let refused = service.shop("POST", "/core/v5/orders", &order()).await;
    refused.refused(403, "module_inactive");
    assert_eq!(refused.body["message"], "Contrato suspenso. Fale com o suporte.");
    let mut changed = company();
    changed["store_name"] = json!("Outra");
    service.pdv(&licence, "PUT", COMPANY, &changed).await.refused(403, "module_inactive");
    service.pdv(&licence, "PUT", TERMINAL, &terminal()).await.refused(403, "module_inactive");

    let id = made["id"].as_str().unwrap();
    service.shop("GET", &format!("/core/v5/orders/{id}"), &Value::Null).await.good();
    let page = service.device(&token, "GET", "/terminal/v1/feed?wait_s=0", &Value::Null).await.good();
    assert_eq!(page["orders"][0]["id"], made["id"], "{page}");
    let closed = json!({ "status": "canceled" });
    service.shop("PATCH", &format!("/core/v5/orders/{id}/closed"), &closed).await.good();

    let told = json!({ "key": licence.key });
    let told = service.admin("POST", "/admin/v1/activations", &told).await.good();
    assert_eq!(told["modules"][0]["message"], "Contrato suspenso. Fale com o suporte.");
    service.admin("PUT", &path, &json!({ "active": true })).await.good();
    service.shop("POST", "/core/v5/orders", &order()).await.good();
}

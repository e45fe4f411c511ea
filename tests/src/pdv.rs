//! The PDV: an HTTP client of the PDV-facing API with the store's secret key, as an integrator would write it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::http::{Answer, Http};

/// A PDV of one store.
#[derive(Clone)]
pub struct Pdv {
    /// Its connection, with the secret key: for bodies that no honest PDV sends.
    pub http: Http,
}

/// An order to be created, in Stone Connect 2.0 shapes.
#[derive(Clone, Debug)]
pub struct NewOrder(pub Value);

/// A listed order over one item.
#[must_use]
pub fn listed(name: &str, total_centavos: u64) -> NewOrder {
    NewOrder(json!({
        "customer": {"name": "Consumidor"},
        "items": [{"amount": total_centavos, "description": "Venda", "quantity": 1, "code": "1"}],
        "closed": false,
        "poi_payment_settings": {"visible": true, "display_name": name, "print_order_receipt": false},
    }))
}

/// A direct order to one terminal.
#[must_use]
pub fn direct(serial: &str, method: &str, total_centavos: u64) -> NewOrder {
    let mut order = listed(&format!("Balcao-{total_centavos}"), total_centavos).on(&[serial]).method(method);
    order.settings().insert("mode".into(), json!("direct"));
    order
}

impl NewOrder {
    /// For these terminals only.
    #[must_use]
    pub fn on(mut self, serials: &[&str]) -> Self {
        self.settings().insert("devices_serial_number".into(), json!(serials));
        self
    }

    /// With the method fixed, à vista.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        let installments = if matches!(method, "credit" | "pix") { json!(1) } else { Value::Null };
        let mut setup = Map::from_iter([("type".to_owned(), json!(method))]);
        if !installments.is_null() {
            setup.insert("installments".into(), installments);
        }
        self.settings().insert("payment_setup".into(), Value::Object(setup));
        self
    }

    /// With credit in instalments fixed.
    #[must_use]
    pub fn installments(mut self, count: u8, kind: &str) -> Self {
        let setup = json!({"type": "credit", "installments": count, "installment_type": kind});
        self.settings().insert("payment_setup".into(), setup);
        self
    }

    /// A fiscal receipt will follow.
    #[must_use]
    pub fn with_receipt(mut self) -> Self {
        self.settings().insert("print_order_receipt".into(), json!(true));
        self
    }

    fn settings(&mut self) -> &mut Map<String, Value> {
        self.0["poi_payment_settings"].as_object_mut().expect("an order here always has settings")
    }
}

impl Pdv {
    /// A PDV with its store's secret key.
    #[must_use]
    pub fn new(service: &str, secret_key: &str) -> Self {
        let basic = format!("Basic {}", STANDARD.encode(format!("{secret_key}:")));
        Self { http: Http::new(service, vec![("authorization", basic)]) }
    }

    /// Creates an order and returns its id.
    ///
    /// # Panics
    /// When the service refuses.
    #[must_use]
    #[track_caller]
    pub fn create(&self, order: &NewOrder) -> String {
        id_of(&self.http.post("/core/v5/orders", &order.0).ok())
    }

    /// The order as the service holds it.
    #[must_use]
    #[track_caller]
    pub fn order(&self, id: &str) -> Value {
        self.http.get(&format!("/core/v5/orders/{id}")).ok()
    }

    /// How many orders the service holds.
    #[must_use]
    #[track_caller]
    pub fn order_count(&self) -> u64 {
        self.http.get("/core/v5/orders?size=1").ok()["paging"]["total"]
            .as_u64()
            .expect("a list says its total")
    }

    /// Every event of the store, oldest first.
    #[must_use]
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        self.read_events("/posconnect/v1/events?limit=1000&since=0".to_owned())
    }

    /// Every event after the one with this id.
    #[must_use]
    #[track_caller]
    pub fn events_after(&self, id: &Value) -> Vec<Value> {
        self.read_events(format!(
            "/posconnect/v1/events?limit=1000&since={}",
            id.as_str().expect("an event has an id")
        ))
    }

    #[track_caller]
    fn read_events(&self, path: String) -> Vec<Value> {
        self.http.get(&path).ok()["data"].as_array().cloned().expect("a page of events")
    }

    /// Closes an order ("canceled", "paid").
    #[must_use]
    pub fn close(&self, id: &str, status: &str) -> Answer {
        self.http.send("PATCH", &format!("/core/v5/orders/{id}/closed"), &json!({"status": status}))
    }

    /// Sends the fiscal receipt of an order.
    #[must_use]
    pub fn send_receipt(&self, id: &str, base64_png: &str, width_dots: usize, height_dots: usize) -> Answer {
        let body = json!({
            "type": "NFE", "format": "png", "size_h": width_dots, "size_v": height_dots, "content": base64_png,
        });
        self.http.post(&format!("/posconnect/v1/orders/{id}/prints"), &body)
    }
}

/// The id in a body.
///
/// # Panics
/// When there is none.
#[must_use]
#[track_caller]
pub fn id_of(body: &Value) -> String {
    body["id"].as_str().unwrap_or_else(|| panic!("no id in {body}")).to_owned()
}

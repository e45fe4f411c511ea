//! When everybody has gone home: everything comes to rest, then both sides and the PDV's ear are compared.

use std::collections::{BTreeMap, BTreeSet};

use pos_connect_tests::shop::Shop;
use serde_json::{Value, json};

use crate::acquirer::{self, Charge};
use crate::crowd::{Crowd, until};
use crate::journals::Remembered;
use crate::terminals::{Fleet, SERIALS};

/// Waits until every terminal has told everything, and decides what only a manager can.
pub(crate) fn come_to_rest(shop: &Shop, fleet: &Fleet) {
    for order in order_ids(&events(shop)) {
        // What is paid or closed already is refused, which is as well.
        let _refused = shop.pdv.close(&order, "canceled");
    }
    for serial in SERIALS {
        let terminal = fleet.terminal(serial);
        until(&format!("{serial} waits for no payment"), || {
            let state = terminal.state();
            if !state["acquirer"]["request"].is_null() {
                terminal.acquirer("approve", &json!({}));
            }
            let page = state["screen"]["page"].as_str().unwrap_or_default().to_owned();
            if page == "announcing" || page == "paying" || page == "reversing" {
                return Err(page);
            }
            Ok(())
        });
    }
    let charges = acquirer::charges(fleet);
    until("the service knows every charge", || {
        for attempt in charges.keys() {
            let answer = shop.pdv.http.get(&format!("/posconnect/v1/attempts/{attempt}"));
            let outcome = answer.json()["attempt"]["outcome"].clone();
            if answer.status != 200 || outcome.is_null() {
                return Err(format!("attempt {attempt}: {} {outcome}", answer.status));
            }
        }
        Ok(())
    });
    until("no attempt is open", || {
        let open = attempts(shop).into_values().flatten().find(|attempt| attempt["outcome"].is_null());
        open.map_or(Ok(()), |attempt| Err(attempt["attempt_id"].to_string()))
    });
    decide_doubts(shop, &charges);
    decide_reversals(shop, &charges);
    until("every event has reached the PDV", || {
        let heard: BTreeSet<String> = shop.webhooks.events().into_iter().map(|event| event.id).collect();
        let missing =
            events(shop).into_iter().find(|event| !heard.contains(event["id"].as_str().unwrap_or_default()));
        missing.map_or(Ok(()), |event| Err(event["type"].to_string()))
    });
}

/// What was reached, in words.
pub(crate) fn compare(
    shop: &Shop,
    fleet: &Fleet,
    crowd: &Crowd,
    journals: &BTreeMap<String, Remembered>,
) -> String {
    let charges = acquirer::charges(fleet);
    let events = events(shop);
    let ids = order_ids(&events);
    let mut attempts = attempts(shop);
    for (order, total) in crowd.orders() {
        assert!(ids.contains(&order), "order {order} over {total} was acknowledged and is gone");
    }
    let mut seen = BTreeSet::new();
    let (mut paid, mut approved, mut others) = (0, 0, 0);
    for id in &ids {
        let attempts = attempts.remove(id).unwrap_or_default();
        let order = shop.pdv.order(id);
        let total = order["amount"].as_u64().or_else(|| order["total_amount"].as_u64());
        let mut charged = 0;
        let mut booked = 0;
        for attempt in &attempts {
            let name = attempt["attempt_id"].as_str().expect("an id").to_owned();
            let outcome = attempt["outcome"].as_str().expect("no attempt is open");
            let amount = attempt["amount"].as_u64().expect("centavos");
            let truth = charges.get(&name);
            match (outcome, truth) {
                ("approved", Some(truth)) => assert_eq!(truth.amount, amount, "attempt {name}"),
                ("approved", None) => panic!("attempt {name} is booked, and was never charged: {attempt:#}"),
                (_, Some(truth)) => {
                    panic!("attempt {name} is {outcome}, and was charged {truth:?}: {attempt:#}")
                }
                (_, None) => others += 1,
            }
            if outcome == "approved" {
                approved += 1;
                booked += amount - attempt["reversed_amount"].as_u64().unwrap_or(0);
                charged += truth.map_or(0, |truth| truth.amount - truth.reversed);
                let told = events.iter().filter(|event| event["type"] == "charge.paid");
                let told = told.filter(|event| event["data"].to_string().contains(&name)).count();
                assert!(told >= 1, "nobody was told of the payment {name}");
            }
            remembers(journals, id, attempt);
            assert!(seen.insert(name.clone()), "attempt {name} is in two orders");
        }
        assert_eq!(booked, charged, "order {id}: the ledger against the acquirer: {attempts:#?}");
        let total = total.unwrap_or_else(|| panic!("an order without a total: {order:#}"));
        assert!(charged <= total, "order {id}: {charged} charged of {total}: {attempts:#?}");
        paid += u64::from(order["status"] == "paid");
    }
    let lost: Vec<(&String, &Charge)> =
        charges.iter().filter(|(attempt, _)| !seen.contains(*attempt)).collect();
    assert!(lost.is_empty(), "charged and not in the ledger: {lost:?}");
    let forgotten: Vec<_> = charges.keys().filter(|attempt| !journals.contains_key(*attempt)).collect();
    assert!(forgotten.is_empty(), "charged and in no journal: {forgotten:?}");
    let untold: Vec<_> = journals.iter().filter(|(attempt, _)| !seen.contains(*attempt)).collect();
    assert!(untold.is_empty(), "in a journal and not in the ledger: {untold:?}");
    in_order(shop);
    assert!(approved >= 20 && others >= 5, "too little happened: {approved} approved, {others} others");
    format!(
        "{} orders, {paid} paid; {approved} payments, {others} attempts without one; {} events, {} deliveries",
        ids.len(),
        events.len(),
        shop.webhooks.deliveries().len()
    )
}

/// The terminal that made an attempt has it in its journal, as the ledger has it. A doubt that was decided since may not
/// have been heard of there.
fn remembers(journals: &BTreeMap<String, Remembered>, order: &str, attempt: &Value) {
    let name = attempt["attempt_id"].as_str().expect("an id");
    let kept = journals.get(name).unwrap_or_else(|| panic!("no journal has the attempt {name}: {attempt:#}"));
    assert_eq!((kept.order.as_str(), Some(kept.amount)), (order, attempt["amount"].as_u64()), "{attempt:#}");
    let believed = if kept.held.is_empty() { &kept.outcome } else { &kept.held };
    let decided_since = believed == "in_doubt" && !attempt["resolution"].is_null();
    assert!(decided_since || attempt["outcome"] == believed.as_str(), "{kept:?}, and {attempt:#}");
}

/// The events of one order reach the PDV in the order in which they happened.
fn in_order(shop: &Shop) {
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    for event in shop.webhooks.events() {
        let sequence = event.body["sequence"].as_u64().expect("an event is numbered");
        let order = event.order_id().to_owned();
        if order.is_empty() {
            continue;
        }
        let before = last.insert(order.clone(), sequence).unwrap_or(0);
        assert!(before < sequence, "order {order}: event {sequence} came after {before}");
    }
}

/// The manager looks into the acquirer's portal.
fn decide_doubts(shop: &Shop, charges: &BTreeMap<String, Charge>) {
    until("every doubt is decided", || {
        let page = shop.pdv.http.get("/posconnect/v1/attempts?size=100").ok();
        let doubts = page["data"].as_array().cloned().unwrap_or_default();
        let doubts: Vec<&Value> = doubts.iter().map(|found| &found["attempt"]).collect();
        let doubts: Vec<_> = doubts.into_iter().filter(|attempt| attempt["outcome"] == "in_doubt").collect();
        for attempt in &doubts {
            let id = attempt["attempt_id"].as_str().unwrap_or_default();
            let body = json!({
                "charged": charges.contains_key(id), "evidence": "portal", "reason": "conferido", "by": "gerente",
            });
            let answer = shop.pdv.http.post(&format!("/posconnect/v1/attempts/{id}/resolution"), &body);
            if answer.status >= 300 {
                return Err(answer.text());
            }
        }
        if doubts.is_empty() { Ok(()) } else { Err(format!("{} doubts", doubts.len())) }
    });
}

/// A reversal that was killed with its terminal: the portal shows whether the money went back.
fn decide_reversals(shop: &Shop, charges: &BTreeMap<String, Charge>) {
    until("every reversal in doubt is decided", || {
        let page = shop.pdv.http.get("/posconnect/v1/reversals?outcome=in_doubt").ok();
        let doubts = page["data"].as_array().cloned().unwrap_or_default();
        for doubt in &doubts {
            let (attempt, reversal) = (&doubt["attempt"], &doubt["reversal"]);
            let given_back =
                charges.get(attempt["attempt_id"].as_str().unwrap_or_default()).map_or(0, |c| c.reversed);
            let went_back = given_back > attempt["reversed_amount"].as_u64().unwrap_or(0);
            let id = reversal["reversal_id"].as_str().unwrap_or_default();
            let body =
                json!({"went_back": went_back, "evidence": "portal", "reason": "conferido", "by": "gerente"});
            let answer = shop.pdv.http.post(&format!("/posconnect/v1/reversals/{id}/resolution"), &body);
            if answer.status >= 300 {
                return Err(answer.text());
            }
        }
        if doubts.is_empty() { Ok(()) } else { Err(format!("{} reversals", doubts.len())) }
    });
}

fn events(shop: &Shop) -> Vec<Value> {
    let mut all = shop.pdv.events();
    while let Some(last) = all.last().map(|event| event["id"].clone()) {
        let more = shop.pdv.events_after(&last);
        if more.is_empty() {
            break;
        }
        all.extend(more);
    }
    all
}

/// Every order that was created.
fn order_ids(events: &[Value]) -> BTreeSet<String> {
    let created = events.iter().filter(|event| event["type"] == "order.created");
    created.filter_map(|event| event["data"]["id"].as_str().map(str::to_owned)).collect()
}

/// Every attempt by its order, as the service holds it now.
fn attempts(shop: &Shop) -> BTreeMap<String, Vec<Value>> {
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in events(shop) {
        let data = &event["data"];
        // A charge is an attempt that was approved; its events show it in the shape of a charge.
        let is_charge = event["type"] == "charge.paid";
        let attempt = if is_charge { &data["id"] } else { &data["attempt"]["attempt_id"] };
        let attempt = attempt.as_str().map(|id| id.trim_start_matches("ch_"));
        if let (Some(order), Some(attempt)) = (data["order"]["id"].as_str(), attempt) {
            ids.entry(order.to_owned()).or_default().insert(attempt.to_owned());
        }
    }
    let read =
        |id: &String| shop.pdv.http.get(&format!("/posconnect/v1/attempts/{id}")).ok()["attempt"].clone();
    ids.into_iter().map(|(order, ids)| (order, ids.iter().map(read).collect())).collect()
}

//! Receipts: sent by the PDV, offered, fetched, printed, withdrawn.

use mobilepayment::ledger::command::NewPrint;
use mobilepayment::ledger::order::Order;
use mobilepayment::ledger::refusal::PdvRefusal;
use mobilepayment::store::{CommandError, PRINT_BYTES_MAX, PRINTS_WAITING_MAX};
use protocol::receipt::{ReceiptImage, ReceiptKind, ReceiptResult, ReceiptState};
use protocol::refusal::RefusalCode;
use protocol::{PrintId, UnixMillis};

use crate::support::{A8, L3, Service, account, listed};

fn print(order: &Order) -> NewPrint {
    NewPrint {
        account: account(),
        order_id: order.id.clone(),
        kind: ReceiptKind::Nfe,
        content: "iVBORw0KGgo=".into(),
    }
}

fn result(id: &PrintId, state: ReceiptState) -> ReceiptResult {
    ReceiptResult {
        print_id: id.clone(),
        state,
        problem: (state == ReceiptState::Failed).then(|| "no_paper".into()),
        at: UnixMillis(9),
    }
}

#[tokio::test]
async fn a_receipt_goes_to_the_terminal_that_took_the_payment_until_it_is_printed() {
    let service = Service::start().await;
    let (payer, other) = (service.terminal(L3).await, service.terminal(A8).await);
    let order = service.create(listed(1_000)).await;
    payer.pay(&order.id, 1, 1_000).await;
    let cursor = payer.feed(None, 0).await.cursor;
    let (page, sent) = tokio::join!(payer.feed(Some(cursor), 20), service.store.add_print(print(&order)));
    let id = sent.unwrap().id;
    assert_eq!(page.receipts[0].print_id, id);
    assert_eq!(page.receipts[0].size_bytes, 12);
    assert!(other.feed(None, 0).await.receipts.is_empty());

    let path = format!("prints/{id}");
    let image: ReceiptImage = payer.get(&path).await.unwrap();
    assert_eq!(image.content, "iVBORw0KGgo=");
    let refused = other.get::<ReceiptImage>(&path).await.unwrap_err();
    assert_eq!(refused.code, RefusalCode::ReceiptUnknown);

    let path = format!("prints/{id}/result");
    let _: serde_json::Value = payer.post(&path, &result(&id, ReceiptState::Failed)).await.unwrap();
    assert_eq!(payer.feed(None, 0).await.receipts.len(), 1, "it can be tried again");
    for _ in 0..2 {
        let _: serde_json::Value = payer.post(&path, &result(&id, ReceiptState::Printed)).await.unwrap();
    }
    assert_eq!(payer.feed(Some(page.cursor), 0).await.receipts_gone, std::slice::from_ref(&id));
    assert!(payer.feed(None, 0).await.receipts.is_empty());
    let again: ReceiptImage = payer.get(&format!("prints/{id}")).await.unwrap();
    assert!(!again.content.is_empty(), "a reprint can fetch it again");
    let told = service.told().await;
    assert!(told.ends_with(&["posconnect.print.failed", "posconnect.print.printed"]));
    assert_eq!(service.order(&order.id).await.paid(), order.total, "printing never touches a payment");
}

#[tokio::test]
async fn a_receipt_of_an_unpaid_order_is_offered_on_all_its_terminals() {
    let service = Service::start().await;
    let order = service.create(listed(1_000)).await;
    service.store.add_print(print(&order)).await.unwrap();
    for name in [L3, A8] {
        assert_eq!(service.terminal(name).await.feed(None, 0).await.receipts.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn receipts_are_bounded_in_number_and_size() {
    let service = Service::start().await;
    let order = service.create(listed(1_000)).await;
    let huge = NewPrint { content: "A".repeat(PRINT_BYTES_MAX + 1), ..print(&order) };
    assert!(matches!(
        service.store.add_print(huge).await,
        Err(CommandError::Refused(PdvRefusal::TooLong { .. }))
    ));
    for _ in 0..PRINTS_WAITING_MAX {
        service.store.add_print(print(&order)).await.unwrap();
    }
    assert!(matches!(
        service.store.add_print(print(&order)).await,
        Err(CommandError::Refused(PdvRefusal::TooManyPrints { .. }))
    ));
}

//! Fiscal receipts: offered, printed in slices, readable, and never touching a payment.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pos_connect_tests::operator::page;
use pos_connect_tests::pdv::listed;
use pos_connect_tests::receipt_image::{
    HEIGHT_DOTS, QR_TEXT, WIDTH_DOTS, long_receipt, measure, read_qr_codes,
};
use pos_connect_tests::shop::{L3, Shop};
use pos_connect_tests::terminal::Terminal;

/// A paid order whose receipt is on its way.
fn paid_with_receipt(image: &str) -> (Shop, Terminal, String) {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000).with_receipt());
    l3.takes_and_is_paid(&order, "debit");
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    let sent = shop.pdv.send_receipt(&order, image, WIDTH_DOTS, HEIGHT_DOTS);
    assert_eq!(sent.status, 200, "{}", sent.text());
    (shop, l3, order)
}

/// Waits until the PDV hears of an event about an order's receipt.
fn heard(shop: &Shop, kind: &str) {
    shop.webhooks
        .wait(|events| events.iter().any(|event| event.kind == kind).then_some(()))
        .unwrap_or_else(|| panic!("no {kind}: {:#?}", shop.webhooks.events()));
}

#[test]
fn a_receipt_of_384_by_3000_dots_is_printed_and_an_independent_eye_reads_its_qr_code() {
    let (shop, l3, order) = paid_with_receipt(&long_receipt());
    l3.tap("print");
    heard(&shop, "posconnect.print.printed");
    let paper = l3.paper();
    let (width, height, black) = measure(&paper);
    assert_eq!(width, WIDTH_DOTS);
    assert!((HEIGHT_DOTS..HEIGHT_DOTS + 200).contains(&height), "{height}");
    assert!(black > 50_000, "{black}");
    assert_eq!(read_qr_codes(&paper), [QR_TEXT]);
    let longest = l3.log().iter().filter(|entry| entry["kind"] == "open").count();
    assert!(longest >= 2, "a receipt of 3,000 dots takes more than one print request");
    assert_eq!(shop.pdv.order(&order)["status"], "paid");
}

#[test]
fn a_print_that_fails_leaves_the_payment_paid_and_the_reprint_works() {
    let (shop, l3, order) = paid_with_receipt(&long_receipt());
    l3.printer("no_paper");
    l3.tap("print");
    l3.sees("papel");
    assert_eq!(shop.pdv.order(&order)["status"], "paid");
    l3.printer("ready");
    l3.tap("print");
    heard(&shop, "posconnect.print.printed");
    assert_eq!(read_qr_codes(&l3.paper()), [QR_TEXT]);
    let charges = shop.pdv.order(&order)["charges"].clone();
    assert_eq!(charges.as_array().unwrap().len(), 1, "{charges}");
}

#[test]
fn a_receipt_can_be_skipped_and_printed_later_from_the_list_of_receipts() {
    let (shop, l3, _) = paid_with_receipt(&long_receipt());
    l3.on(page::RECEIPT);
    l3.tap("skip-print");
    heard(&shop, "posconnect.print.skipped");
    l3.on(page::LIST);
    l3.opens_last_receipt();
    l3.tap("print");
    heard(&shop, "posconnect.print.printed");
    assert_eq!(read_qr_codes(&l3.paper()), [QR_TEXT]);
}

#[test]
fn a_bad_image_gets_a_clear_message_and_the_payment_stays_as_it_is() {
    // It begins like a PNG, so that only the terminal, which decodes it whole, can tell.
    let not_an_image = STANDARD.encode(b"\x89PNG\r\n\x1a\nand then nothing that a PNG has");
    let (shop, l3, order) = paid_with_receipt(&not_an_image);
    heard(&shop, "posconnect.print.failed");
    l3.goes_back_to_list();
    l3.opens_last_receipt();
    l3.sees("O comprovante não pode ser impresso");
    l3.sees("continua como está");
    assert_eq!(shop.pdv.order(&order)["status"], "paid");
}

#[test]
fn the_acquirers_own_slip_is_printed_again() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes_and_is_paid(&order, "credit");
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    l3.goes_back_to_list();
    l3.opens_last_payment();
    l3.tap("copies");
    l3.tap("reprint:customer");
    l3.wait(&[("prints", "1")]);
    l3.on(page::REPRINTED);
}

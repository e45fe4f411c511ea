//! Receipts: on their way, offered, printing, stopped, printed.

use protocol::receipt::ReceiptKind;

use super::Catalogue;
use super::selling::{counter, orders};
use crate::flow::{Event, ReceiptFailure, Tap};
use crate::view::tests::stage::{Terminal, print_id};

pub(super) fn show(catalogue: &mut Catalogue) {
    let (first, second, third) = (&orders()[0], &orders()[1], &orders()[2]);
    let mut terminal = with_receipts();
    terminal.prepare(first, 3);
    let code = "not_an_image".to_owned();
    let sentence = "A imagem enviada pelo PDV está danificada. Peça a impressão no PDV.".to_owned();
    let result = Err(ReceiptFailure::Image { code, sentence });
    terminal.event(Event::Receipt { print_id: print_id(second), result });
    to_receipts(&mut terminal);
    catalogue.shows("receipts", &terminal);
    terminal.write("search-receipts", "1043");
    catalogue.shows("receipts_searched", &terminal);
    terminal.write("search-receipts", "");
    terminal.tap(&Tap::Receipt(print_id(third)));
    catalogue.shows("receipt_arriving", &terminal);
    terminal.tap(&Tap::Back);
    to_receipts(&mut terminal);
    terminal.tap(&Tap::Receipt(print_id(second)));
    catalogue.shows("receipt_bad", &terminal);
    terminal.tap(&Tap::Back);
    to_receipts(&mut terminal);
    terminal.tap(&Tap::Receipt(print_id(first)));
    catalogue.shows("receipt", &terminal);
    terminal.tap(&Tap::Print);
    terminal.returned("print?DEEPLINK_RETURN=SUCCESS");
    catalogue.shows("printing", &terminal);
    terminal.pass(30_000);
    catalogue.shows("printing_long", &terminal);
    terminal.returned("print?DEEPLINK_RETURN=PRINTER_OUT_OF_PAPER");
    catalogue.shows("receipt_stopped", &terminal);
    terminal.tap(&Tap::Print);
    terminal.returned("print?DEEPLINK_RETURN=SUCCESS");
    terminal.returned("print?DEEPLINK_RETURN=SUCCESS");
    catalogue.shows("printed", &terminal);
    terminal.tap(&Tap::Back);
    to_receipts(&mut terminal);
    terminal.tap(&Tap::Receipt(print_id(first)));
    catalogue.shows("receipt_printed_before", &terminal);

    let mut terminal = with_receipts();
    to_receipts(&mut terminal);
    terminal.tap(&Tap::Receipt(print_id(first)));
    terminal.hear_page(|page| page.receipts_gone = vec![print_id(first)]);
    catalogue.shows("receipt_gone", &terminal);
}

fn to_receipts(terminal: &mut Terminal) {
    terminal.tap(&Tap::Menu);
    terminal.tap(&Tap::Receipts);
}

/// Three receipts are announced, none is here.
fn with_receipts() -> Terminal {
    let mut terminal = counter(orders());
    let all = orders();
    terminal.hear_receipts(&[&all[0], &all[1], &all[2]], ReceiptKind::Nfe);
    terminal
}

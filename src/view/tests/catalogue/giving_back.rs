//! Payments taken on the terminal, and giving them back.

use protocol::AttemptId;
use protocol::attempt::Outcome;
use protocol::method::Method;

use super::Catalogue;
use super::selling::{counter, orders, take_afternoon};
use crate::flow::Tap;
use crate::view::tests::stage::{Terminal, order};

/// Enough payments to need a second window of rows.
const MANY: usize = 60;

pub(super) fn show(catalogue: &mut Catalogue) {
    lists(catalogue);
    payments(catalogue);
    reversals(catalogue);
    endings(catalogue);
    slips(catalogue);
}

pub(super) fn to_payments(terminal: &mut Terminal) {
    terminal.tap(&Tap::Menu);
    terminal.tap(&Tap::Payments);
}

fn lists(catalogue: &mut Catalogue) {
    let mut terminal = counter(orders());
    to_payments(&mut terminal);
    catalogue.shows("payments_none", &terminal);

    let mut terminal = take_afternoon();
    to_payments(&mut terminal);
    catalogue.shows("payments", &terminal);
    terminal.write("search-payments", "souza");
    catalogue.shows("payments_searched", &terminal);

    let mut terminal = Terminal::new(MANY);
    for n in (1..=MANY).rev() {
        let id = terminal.charge(&order(n).id, Method::Debit);
        terminal.approve(id);
        terminal.acknowledge(vec![]);
        terminal.tap(&Tap::Back);
    }
    to_payments(&mut terminal);
    catalogue.shows("payments_many", &terminal);
}

/// The payment of the afternoon that ended so.
fn ended(terminal: &Terminal, outcome: Outcome) -> AttemptId {
    let attempts = terminal.agent.durable().attempts.values();
    let newest = attempts.filter(|attempt| attempt.outcome() == Some(outcome)).max_by_key(|a| a.counter);
    newest.unwrap().start.attempt.attempt_id
}

fn payments(catalogue: &mut Catalogue) {
    let kinds = [
        (Outcome::Approved, "payment"),
        (Outcome::InDoubt, "payment_in_doubt"),
        (Outcome::Declined, "payment_declined"),
    ];
    for (outcome, name) in kinds {
        let mut terminal = take_afternoon();
        to_payments(&mut terminal);
        let id = ended(&terminal, outcome);
        terminal.tap(&Tap::Payment(id));
        catalogue.shows(name, &terminal);
    }
}

/// A terminal on the page of a payment of R$ 1.289,90 by credit.
pub(super) fn payment() -> Terminal {
    let mut terminal = counter(orders());
    let id = terminal.charge(&orders()[1].id, Method::Credit);
    terminal.approve(id);
    terminal.acknowledge(vec![]);
    terminal.tap(&Tap::Payment(id));
    terminal
}

fn reversals(catalogue: &mut Catalogue) {
    let mut terminal = payment();
    terminal.tap(&Tap::Reverse);
    catalogue.shows("reversal_confirm", &terminal);
    terminal.tap(&Tap::ReversePart);
    catalogue.shows("reversal_amount", &terminal);
    terminal.type_amount(9_999_999);
    catalogue.shows("reversal_amount_refused", &terminal);
    terminal.tap(&Tap::Back);
    terminal.tap(&Tap::Reverse);
    terminal.tap(&Tap::ReverseConfirmed);
    catalogue.shows("reversing", &terminal);
    terminal.pass(30_000);
    catalogue.shows("reversing_long", &terminal);
    terminal.pass(120_000);
    catalogue.shows("reversal_in_doubt", &terminal);
    terminal.tap(&Tap::Back);
    let id = ended(&terminal, Outcome::Approved);
    terminal.tap(&Tap::Payment(id));
    catalogue.shows("payment_reversal_in_doubt", &terminal);
}

fn endings(catalogue: &mut Catalogue) {
    let answers = [
        ("cancel?success=true&reason=APPROVED&responsecode=0000&atk=", "reversed"),
        ("cancel?success=false&reason=7202&atk=", "reversal_declined"),
        ("cancel?success=false&reason=7011&atk=", "reversal_cancelled"),
    ];
    for (answer, name) in answers {
        let mut terminal = payment();
        terminal.tap(&Tap::Reverse);
        terminal.tap(&Tap::ReverseConfirmed);
        let reversal = terminal.agent.durable().reversals.values().next().unwrap();
        let atk = reversal.start.atk.clone();
        terminal.returned(&format!("{answer}{atk}"));
        catalogue.shows(name, &terminal);
    }
}

fn slips(catalogue: &mut Catalogue) {
    let customer = Tap::Reprint(crate::acquirer::SlipCopy::Customer);
    let mut terminal = payment();
    terminal.tap(&Tap::Copies);
    catalogue.shows("copies", &terminal);
    terminal.tap(&customer);
    catalogue.shows("reprinting", &terminal);
    terminal.returned("reprint?DEEPLINK_RETURN=SUCCESS");
    catalogue.shows("reprinted", &terminal);

    let mut terminal = payment();
    terminal.tap(&Tap::Copies);
    terminal.tap(&customer);
    terminal.returned("reprint?DEEPLINK_RETURN=PRINTER_OUT_OF_PAPER");
    catalogue.shows("reprint_failed", &terminal);
}

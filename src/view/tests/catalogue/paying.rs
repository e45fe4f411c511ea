//! While a payment runs, and what came of it.

use protocol::attempt::Flag;
use protocol::method::Method;
use protocol::order::{OrderStatus, OrderView};
use protocol::refusal::RefusalCode;

use super::Catalogue;
use super::selling::{counter, orders};
use crate::flow::browsing::{STATEMENT_ATK, STATEMENT_CODE};
use crate::flow::live::{Notice, Page};
use crate::flow::paying::UNCLEAR_MAX;
use crate::flow::{Event, Tap};
use crate::view::screen_of;
use crate::view::tests::stage::{Terminal, order};

pub(super) fn show(catalogue: &mut Catalogue) {
    under_way(catalogue);
    not_started(catalogue);
    approved(catalogue);
    not_paid(catalogue);
    in_doubt(catalogue);
}

fn under_way(catalogue: &mut Catalogue) {
    let mut terminal = counter(orders());
    let order = &orders()[4];
    terminal.take(&order.id);
    terminal.tap(&Tap::Charge);
    catalogue.shows("announcing", &terminal);
    terminal.launch();
    catalogue.shows("paying", &terminal);
    terminal.pass(30_000);
    catalogue.shows("paying_long", &terminal);
    terminal.hear(vec![OrderView { status: OrderStatus::Closing, revision: 9, ..order.clone() }]);
    catalogue.shows("paying_while_closing", &terminal);
}

fn not_started(catalogue: &mut Catalogue) {
    let refusals = [
        (RefusalCode::MethodFixed, "method_fixed"),
        (RefusalCode::AmountAboveBalance, "amount_above_balance"),
    ];
    for (code, name) in refusals {
        let mut terminal = counter(orders());
        terminal.take(&orders()[0].id);
        terminal.tap(&Tap::Method(Method::Debit));
        terminal.refuse(code);
        catalogue.shows(name, &terminal);
    }
    let mut terminal = counter(orders());
    terminal.charge(&orders()[0].id, Method::Debit);
    terminal.event(Event::OpenFailed);
    catalogue.shows("app_missing", &terminal);
    // A guard behind the pages, which offer nothing while the acquirer's app is open.
    let busy = screen_of(&terminal.agent, &Page::Notice(Notice::Busy), terminal.now);
    catalogue.add("busy", busy);

    let mut terminal = Terminal::new(UNCLEAR_MAX);
    for n in 1..=UNCLEAR_MAX {
        let id = terminal.charge(&order(n).id, Method::Debit);
        terminal.returned(&format!("pay-response?code=0&amount=1&order_id={id}"));
        terminal.acknowledge(vec![]);
        terminal.tap(&Tap::Back);
    }
    terminal.hear(vec![order(UNCLEAR_MAX + 1)]);
    terminal.take(&order(UNCLEAR_MAX + 1).id);
    terminal.tap(&Tap::Method(Method::Debit));
    catalogue.shows("too_many_in_doubt", &terminal);
}

fn approved(catalogue: &mut Catalogue) {
    let mut terminal = counter(orders());
    let id = terminal.charge(&orders()[0].id, Method::Debit);
    terminal.approve(id);
    terminal.acknowledge(vec![]);
    catalogue.shows("approved", &terminal);

    let mut terminal = counter(orders());
    terminal.take(&orders()[1].id);
    terminal.tap(&Tap::Split);
    terminal.tap(&Tap::SplitInto(3));
    terminal.tap(&Tap::Method(Method::Pix));
    let id = terminal.launch();
    terminal.approve(id);
    catalogue.shows("approved_with_a_rest", &terminal);

    let mut terminal = counter(orders());
    terminal.take(&orders()[4].id);
    terminal.tap(&Tap::Charge);
    let id = terminal.launch();
    terminal.lose_the_store();
    terminal.approve(id);
    catalogue.shows("approved_without_network", &terminal);
}

fn not_paid(catalogue: &mut Catalogue) {
    let answers = [("code=-6&success=false", "declined"), ("code=-2&success=false", "cancelled")];
    for (answer, name) in answers {
        let mut terminal = counter(orders());
        let id = terminal.charge(&orders()[1].id, Method::Credit);
        terminal.returned(&format!("pay-response?{answer}&order_id={id}"));
        catalogue.shows(name, &terminal);
    }
}

fn in_doubt(catalogue: &mut Catalogue) {
    let mut terminal = counter(orders());
    terminal.charge(&orders()[1].id, Method::Credit);
    terminal.pass(180_000);
    catalogue.shows("in_doubt", &terminal);
    terminal.acknowledge(vec![]);
    terminal.tap(&Tap::State);
    catalogue.shows("statement", &terminal);
    terminal.tap(&Tap::SaidCharged);
    catalogue.shows("statement_code", &terminal);
    terminal.write(STATEMENT_CODE, "187607");
    terminal.tap(&Tap::Confirm);
    terminal.tap(&Tap::Confirm);
    catalogue.shows("statement_atk_refused", &terminal);
    terminal.write(STATEMENT_ATK, "37820073187607");
    terminal.tap(&Tap::Confirm);
    catalogue.shows("statement_confirm", &terminal);
    terminal.tap(&Tap::Confirm);
    terminal.lose_the_store();
    catalogue.shows("in_doubt_stated", &terminal);

    let mut terminal = counter(orders());
    let id = terminal.charge(&orders()[1].id, Method::Debit);
    terminal.approve(id);
    terminal.acknowledge(vec![Flag::StaleClaim, Flag::ExceedsBalance]);
    catalogue.shows("in_doubt_flagged", &terminal);
    terminal.tap(&Tap::State);
    terminal.tap(&Tap::SaidNotCharged);
    catalogue.shows("statement_confirm_not_charged", &terminal);
}

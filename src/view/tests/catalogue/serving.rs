//! Activation, diagnostics, strays, a blocked terminal, a journal that cannot be used.

use protocol::method::Method;
use protocol::refusal::RefusalCode;

use super::Catalogue;
use super::selling::{orders, take_afternoon};
use crate::flow::{DeviceStatus, Event, Serials, Tap};
use crate::view::tests::stage::{Terminal, settings};
use crate::view::{Safe, safe};

pub(super) fn show(catalogue: &mut Catalogue) {
    activation(catalogue);
    diagnostics(catalogue);
    strays(catalogue);
    blocked(catalogue);
    journal(catalogue);
    stopped(catalogue);
}

fn activation(catalogue: &mut Catalogue) {
    let mut terminal = Terminal::with_serials(Serials::default());
    terminal.event(Event::Booted);
    catalogue.shows("setup", &terminal);

    let mut terminal = Terminal::unboxed();
    terminal.event(Event::Booted);
    catalogue.shows("activation", &terminal);
    terminal.write("code", "K7QP-3M9X");
    terminal.tap(&Tap::Activate);
    catalogue.shows("activation_busy", &terminal);
    terminal.refuse(RefusalCode::ActivationCode);
    catalogue.shows("activation_refused", &terminal);
}

fn device() -> DeviceStatus {
    DeviceStatus {
        battery_percent: Some(37),
        charging: Some(true),
        storage_free_bytes: Some(1_834_000_000),
        system: Some("Android 7.1.1".into()),
        journal_bytes: Some(1_700_000),
    }
}

fn diagnostics(catalogue: &mut Catalogue) {
    let mut terminal = Terminal::selling(orders());
    terminal.event(Event::Device(device()));
    to_diagnostics(&mut terminal);
    catalogue.shows("diagnostics", &terminal);

    let mut terminal = take_afternoon();
    terminal.event(Event::Device(device()));
    terminal.returned("pay-response?code=0&amount=4250&order_id=77");
    terminal.tap(&Tap::Back);
    terminal.lose_the_store();
    terminal.pass(12 * 60_000);
    to_diagnostics(&mut terminal);
    catalogue.shows("diagnostics_with_errors", &terminal);
}

fn to_diagnostics(terminal: &mut Terminal) {
    terminal.tap(&Tap::Menu);
    terminal.tap(&Tap::Diagnostics);
}

fn strays(catalogue: &mut Catalogue) {
    let mut terminal = Terminal::selling(orders());
    terminal.returned("pay-response?code=0&amount=4250&order_id=77");
    catalogue.shows("strays", &terminal);
    terminal.returned("print?DEEPLINK_RETURN=SUCCESS");
    terminal.returned("unreadable");
    let order = &orders()[0].id;
    terminal.tap(&Tap::Back);
    let id = terminal.charge(order, Method::Debit);
    terminal.approve(id);
    terminal.approve(id);
    terminal.tap(&Tap::Back);
    catalogue.shows("list_after_strays", &terminal);
}

fn blocked(catalogue: &mut Catalogue) {
    let mut terminal = Terminal::selling(orders());
    terminal.tap(&Tap::Order(orders()[0].id.clone()));
    terminal.refuse(RefusalCode::Revoked);
    terminal.tap(&Tap::Back);
    catalogue.shows("list_blocked", &terminal);
    to_diagnostics(&mut terminal);
    catalogue.shows("diagnostics_blocked", &terminal);
    terminal.tap(&Tap::Reactivate);
    catalogue.shows("activation_again", &terminal);
}

fn journal(catalogue: &mut Catalogue) {
    let mut terminal = Terminal::activated(settings());
    terminal.agent.block("O arquivo de registros está danificado. Chame o suporte.");
    catalogue.shows("journal", &terminal);
    terminal.returned("pay-response?code=0&amount=4250&order_id=77");
    catalogue.shows("journal_with_an_answer", &terminal);
    terminal.tap(&Tap::Diagnostics);
    catalogue.shows("diagnostics_without_journal", &terminal);
}

fn stopped(catalogue: &mut Catalogue) {
    let told = Safe {
        deaths: 3,
        defect: Some("src/driver/run.rs:212: index out of bounds: the len is 3 but the index is 3".into()),
        version: "1.0.0".into(),
        returns_kept: 1,
        returns_lost: 1,
    };
    catalogue.add("safe", safe(&told));
    let told = Safe { deaths: 3, version: "1.0.0".into(), ..Safe::default() };
    catalogue.add("safe_without_defect", safe(&told));
}

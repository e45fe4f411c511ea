//! From the list to the order: searching, taking orders along, claiming, amount and parts.

use protocol::claim::ClaimView;
use protocol::feed::Settings;
use protocol::method::{ContractedMethod, InstallmentType, Installments, Method};
use protocol::order::{OrderKind, OrderStatus, OrderView};
use protocol::refusal::RefusalCode;
use protocol::reversal::ReversalWanted;
use protocol::{Centavos, ClaimId, Fence, OrderId, PaymentChoice, Serial, UnixMillis};

use super::Catalogue;
use crate::flow::{Event, Tap};
use crate::view::tests::stage::{self, NOW, Terminal};

pub(super) fn show(catalogue: &mut Catalogue) {
    list(catalogue);
    taking(catalogue);
    claiming(catalogue);
    order_pages(catalogue);
    installments(catalogue);
}

/// An order of the afternoon.
pub(super) fn order(number: &str, name: &str, centavos: u64, minutes_ago: i64) -> OrderView {
    OrderView {
        id: OrderId::parse(&format!("or_{number}")).unwrap(),
        number: number.to_owned(),
        display_name: name.to_owned(),
        total: Centavos::new(centavos).unwrap(),
        created_at: UnixMillis(NOW.0 - minutes_ago * 60_000),
        ..stage::order(1)
    }
}

/// What a busy shop has on its list.
pub(super) fn orders() -> Vec<OrderView> {
    let elsewhere = ClaimView {
        id: ClaimId::from_random(9),
        terminal: Serial::parse("SUNMI1234").unwrap(),
        kind: protocol::claim::ClaimKind::Now,
        fence: Fence(3),
    };
    let fixed = Installments { count: 12, kind: InstallmentType::Merchant };
    let paid = |centavos| Centavos::new(centavos).unwrap();
    vec![
        order("1042", "Mesa 4", 10_000, 3),
        order("1043", "Maria Aparecida de Souza Albuquerque, apto. 1203, bloco B", 128_990, 7),
        OrderView { paid: paid(15_000), ..order("1044", "Mesa 12", 38_750, 22) },
        order("1045", "", 1_850, 0),
        OrderView {
            fixed: Some(PaymentChoice { method: Method::Credit, installments: Some(fixed) }),
            receipt_expected: true,
            ..order(
                "1046",
                "Encomenda de aniversário: 400 salgados, 3 bolos, retirada às 18 h",
                9_876_543,
                185,
            )
        },
        OrderView { claim: Some(elsewhere), ..order("1047", "Balcão", 4_250, 1) },
        OrderView { status: OrderStatus::Closing, ..order("1049", "Mesa 7", 6_600, 48) },
    ]
}

fn id(number: &str) -> OrderId {
    OrderId::parse(&format!("or_{number}")).unwrap()
}

/// A store whose contract has everything.
pub(super) fn contract() -> Settings {
    let line = |method, merchant, issuer| ContractedMethod {
        method,
        merchant_installments_max: merchant,
        issuer_installments_max: issuer,
    };
    Settings {
        store_name: "Panificadora e Confeitaria Nossa Senhora Aparecida".into(),
        methods: vec![
            line(Method::Credit, 12, 12),
            line(Method::Debit, 1, 1),
            line(Method::Voucher, 1, 1),
            line(Method::Pix, 1, 1),
        ],
        ..stage::settings()
    }
}

/// A terminal of the store with the long contract, on its list.
pub(super) fn counter(orders: Vec<OrderView>) -> Terminal {
    let mut terminal = Terminal::activated(contract());
    terminal.hear(orders);
    terminal
}

/// A terminal after some payments: approved and told, in doubt, refused, and approved but not told.
pub(super) fn take_afternoon() -> Terminal {
    let mut terminal = counter(orders());
    let id_of = |n: usize| orders()[n].id.clone();
    let first = terminal.charge(&id_of(0), Method::Debit);
    terminal.approve(first);
    terminal.acknowledge(vec![]);
    terminal.tap(&Tap::Back);
    let second = terminal.charge(&id_of(1), Method::Credit);
    terminal.returned(&format!("pay-response?code=0&amount=1&order_id={second}"));
    terminal.acknowledge(vec![]);
    terminal.tap(&Tap::Back);
    let third = terminal.charge(&id_of(2), Method::Pix);
    terminal.returned(&format!("pay-response?code=-6&success=false&order_id={third}"));
    terminal.tap(&Tap::Back);
    let fourth = terminal.charge(&id_of(3), Method::Voucher);
    terminal.approve(fourth);
    terminal.tap(&Tap::Back);
    terminal
}

fn list(catalogue: &mut Catalogue) {
    let terminal = counter(vec![]);
    catalogue.shows("list_empty", &terminal);

    let mut terminal = counter(orders());
    catalogue.shows("list", &terminal);
    terminal.write("search", "souza");
    catalogue.shows("list_searched", &terminal);
    terminal.write("search", "");
    terminal.tap(&Tap::Menu);
    catalogue.shows("menu", &terminal);
    terminal.tap(&Tap::Back);
    terminal.write("search", "9999");
    catalogue.shows("list_nothing_found", &terminal);

    let mut terminal = Terminal::new(300);
    catalogue.shows("list_long", &terminal);
    terminal.lose_the_store();
    terminal.pass(4 * 60_000);
    catalogue.shows("list_without_network", &terminal);

    let mut terminal = take_afternoon();
    catalogue.shows("list_in_doubt", &terminal);
    let (attempt_id, order_id) = terminal
        .agent
        .durable()
        .attempts
        .values()
        .map(|attempt| (attempt.start.attempt.attempt_id, attempt.start.attempt.order_id.clone()))
        .next()
        .unwrap();
    let wanted =
        ReversalWanted { attempt_id, order_id, amount: Centavos::new(10_000).unwrap(), wanted_at: NOW };
    terminal.hear_page(|page| page.reversals_wanted = vec![wanted]);
    catalogue.shows("list_reversal_wanted", &terminal);
}

fn taking(catalogue: &mut Catalogue) {
    let mut terminal = counter(orders());
    terminal.tap(&Tap::TakeOrders);
    catalogue.shows("taking", &terminal);
    for number in ["1042", "1043", "1045"] {
        terminal.tap(&Tap::Order(id(number)));
    }
    catalogue.shows("taking_chosen", &terminal);
    terminal.write("search-to-take", "1047");
    catalogue.shows("taking_searched", &terminal);
    terminal.write("search-to-take", "");
    terminal.tap(&Tap::TakeSelected);
    terminal.claim();
    catalogue.shows("taking_now", &terminal);
    terminal.held_by("SUNMI1234");
    terminal.claim();
    catalogue.shows("taken_in_part", &terminal);
    terminal.tap(&Tap::Back);
    catalogue.shows("list_on_tour", &terminal);
    terminal.tap(&Tap::Order(id("1042")));
    catalogue.shows("order_on_tour", &terminal);
    terminal.tap(&Tap::GiveBack);
    catalogue.shows("given_back", &terminal);

    let mut terminal = counter(orders());
    terminal.tap(&Tap::TakeOrders);
    terminal.tap(&Tap::Order(id("1042")));
    terminal.tap(&Tap::Order(id("1046")));
    terminal.tap(&Tap::TakeSelected);
    terminal.claim();
    terminal.claim();
    catalogue.shows("taken", &terminal);
    terminal.tap(&Tap::Back);
    terminal.tap(&Tap::Order(id("1046")));
    catalogue.shows("order_on_tour_fixed", &terminal);
}

fn claiming(catalogue: &mut Catalogue) {
    let mut terminal = counter(orders());
    terminal.tap(&Tap::Order(id("1043")));
    catalogue.shows("claiming", &terminal);
    terminal.held_by("SUNMI1234");
    catalogue.shows("held_by_other", &terminal);
    let refusals = [(RefusalCode::AttemptOpen, "attempt_open"), (RefusalCode::NotForThisTerminal, "refused")];
    for (code, name) in refusals {
        terminal.tap(&Tap::Back);
        terminal.tap(&Tap::Order(id("1043")));
        terminal.refuse(code);
        catalogue.shows(name, &terminal);
    }
    terminal.tap(&Tap::Back);
    terminal.take(&id("1043"));
    let ended = OrderView { status: OrderStatus::Closed, revision: 9, ..orders()[1].clone() };
    terminal.hear(vec![ended]);
    catalogue.shows("order_gone", &terminal);
    terminal.tap(&Tap::Back);
    terminal.event(Event::Network { connected: false });
    terminal.tap(&Tap::Order(id("1042")));
    catalogue.shows("unreachable", &terminal);

    let direct = OrderView {
        kind: OrderKind::Direct,
        fixed: Some(PaymentChoice::at_once(Method::Pix)),
        ..order("1048", "", 2_990, 0)
    };
    let terminal = counter(vec![direct]);
    catalogue.shows("claiming_direct", &terminal);
}

fn order_pages(catalogue: &mut Catalogue) {
    let mut terminal = counter(orders());
    terminal.take(&id("1043"));
    catalogue.shows("order", &terminal);
    terminal.tap(&Tap::OtherAmount);
    catalogue.shows("amount", &terminal);
    terminal.type_amount(9_999_999);
    catalogue.shows("amount_refused", &terminal);
    terminal.tap(&Tap::Back);
    terminal.tap(&Tap::Split);
    catalogue.shows("split", &terminal);
    terminal.tap(&Tap::SplitInto(3));
    catalogue.shows("order_part", &terminal);
    terminal.tap(&Tap::Back);
    terminal.take(&id("1046"));
    catalogue.shows("order_fixed", &terminal);
    terminal.tap(&Tap::Back);
    terminal.take(&id("1044"));
    catalogue.shows("order_paid_in_part", &terminal);

    let mut terminal = counter(orders());
    let first = terminal.charge(&id("1042"), Method::Debit);
    terminal.returned(&format!("pay-response?code=0&amount=1&order_id={first}"));
    terminal.tap(&Tap::Back);
    terminal.tap(&Tap::Order(id("1042")));
    catalogue.shows("order_in_doubt", &terminal);
}

fn installments(catalogue: &mut Catalogue) {
    let mut terminal = counter(orders());
    terminal.take(&id("1043"));
    terminal.tap(&Tap::Method(Method::Credit));
    catalogue.shows("installments", &terminal);
    terminal.tap(&Tap::MoreOptions);
    catalogue.shows("installments_next", &terminal);

    let mut terminal = Terminal::selling(orders());
    terminal.take(&id("1042"));
    terminal.tap(&Tap::Method(Method::Credit));
    catalogue.shows("installments_few", &terminal);
}

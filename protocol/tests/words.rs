//! What both sides rely on in the plain types: figures add up, words on the wire stay, secrets do not show.

use protocol::activation::{ActivateRequest, Activated};
use protocol::attempt::{Flag, Outcome};
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::method::{ContractedMethod, InstallmentType, Installments, PaymentChoice};
use protocol::order::{AttemptView, OrderStatus};
use protocol::refusal::RefusalCode;
use protocol::reversal::SettledReversal;
use protocol::rules::method_flag;
use protocol::statement::Said;
use protocol::{AttemptId, Centavos, Method, OrderId, ReversalId, Serial, UnixMillis};

fn money(centavos: u64) -> Centavos {
    Centavos::new(centavos).expect("a small amount")
}

fn settings() -> Settings {
    Settings {
        store_name: "Loja".into(),
        acquirer_cnpj: "16501555000157".into(),
        methods: vec![],
        delivery: true,
        counter: true,
        feed_wait_s: 25,
        answer_timeout_s: 180,
    }
}

#[test]
fn amounts_add_up_and_never_leave_their_range() {
    assert_eq!(money(2).checked_add(money(3)), Some(money(5)));
    assert_eq!(money((1 << 53) - 1).checked_add(money(1)), None);
    assert_eq!(money(5).checked_sub(money(3)), Some(money(2)));
    assert_eq!(money(3).checked_sub(money(5)), None);
    assert_eq!([money(1), money(2), money(3)].into_iter().sum::<Centavos>(), money(6));
    assert_eq!(u64::from(money(7)), 7);
    let too_large = Centavos::try_from(1 << 53).unwrap_err();
    assert_eq!(too_large.to_string(), "amount above 9007199254740991 centavos");
}

#[test]
fn time_between_is_never_negative() {
    let table = [(10, 4, 6), (4, 4, 0), (4, 10, 0), (5, 4, 1), (-3, -5, 2)];
    for (later, earlier, ms) in table {
        assert_eq!(UnixMillis(later).since_ms(UnixMillis(earlier)), ms, "{later} {earlier}");
    }
}

#[test]
fn a_cursor_is_the_same_after_the_way_over_the_wire() {
    let cursor = Cursor { epoch: 7, sequence: 42 };
    assert_eq!(cursor.to_string(), "7.42");
    assert_eq!(serde_json::to_string(&cursor).unwrap(), "\"7.42\"");
    assert_eq!(serde_json::from_str::<Cursor>("\"7.42\"").unwrap(), cursor);
    for text in ["", "7", "7.", ".42", "7.x", "-1.2", "7.42.1"] {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
        assert!(serde_json::from_value::<Cursor>(text.into()).is_err(), "{text}");
    }
}

#[test]
fn a_text_that_is_no_id_says_which_kind_it_is_not() {
    assert_eq!(OrderId::parse("").unwrap_err().to_string(), "not a valid order id");
}

#[test]
fn what_is_not_said_is_not_on_the_wire() {
    let attempt = AttemptView {
        id: AttemptId::from_random(7),
        terminal: Serial::parse("PB1").unwrap(),
        amount: money(100),
        choice: PaymentChoice::at_once(Method::Debit),
        outcome: None,
        resolved_by_store: false,
        reversed: Centavos::ZERO,
        settled_reversals: vec![],
    };
    let plain = serde_json::to_value(&attempt).unwrap();
    for absent in ["outcome", "reversed", "settled_reversals"] {
        assert!(plain.get(absent).is_none(), "{absent}");
    }
    let settled = SettledReversal { reversal_id: ReversalId::from_random(9), outcome: Outcome::Approved };
    let given_back = AttemptView { reversed: money(100), settled_reversals: vec![settled], ..attempt };
    let text = serde_json::to_string(&given_back).unwrap();
    assert_eq!(serde_json::from_str::<AttemptView>(&text).unwrap(), given_back);

    let page = FeedPage {
        cursor: Cursor::default(),
        server_time: UnixMillis(1),
        snapshot: true,
        more: false,
        restored: false,
        orders: vec![],
        receipts: vec![],
        receipts_gone: vec![],
        reversals_wanted: vec![],
        settings: None,
    };
    assert!(serde_json::to_value(&page).unwrap().get("restored").is_none());
    let restored = FeedPage { restored: true, ..page };
    assert_eq!(serde_json::to_value(&restored).unwrap()["restored"], true);
}

#[test]
fn codes_and_tokens_do_not_show() {
    let asked = ActivateRequest { code: "AB12CD34".into(), serial: Serial::parse("PB1").unwrap() };
    let shown = format!("{asked:?}");
    assert!(shown.contains("PB1") && !shown.contains("AB12CD34"), "{shown}");
    let shown = format!("{:?}", Activated { device_token: "dt_secret".into(), settings: settings() });
    assert!(shown.contains("Loja") && !shown.contains("dt_secret"), "{shown}");
}

#[test]
fn only_paid_and_closed_orders_are_ended() {
    let ended = [OrderStatus::Open, OrderStatus::Closing, OrderStatus::Paid, OrderStatus::Closed]
        .map(OrderStatus::is_ended);
    assert_eq!(ended, [false, false, true, true]);
}

#[test]
fn only_a_late_or_a_stale_approval_is_booked_with_a_flag() {
    let all = [
        (Flag::UnknownOrder, true),
        (Flag::WrongTerminal, true),
        (Flag::StaleClaim, false),
        (Flag::ExceedsBalance, true),
        (Flag::NotWholeTotal, true),
        (Flag::MethodNotAllowed, true),
        (Flag::InstallmentsNotAllowed, true),
        (Flag::AmountDiffers, true),
        (Flag::MethodDiffers, true),
        (Flag::AfterClose, false),
        (Flag::Contradiction, true),
        (Flag::IdReused, true),
        (Flag::NoEvidence, true),
    ];
    for (flag, holds) in all {
        assert_eq!(flag.holds_approval(), holds, "{flag:?}");
    }
}

#[test]
fn the_fiscal_codes_of_the_methods_are_those_of_the_nfe() {
    let codes = [Method::Credit, Method::Debit, Method::Pix, Method::Voucher].map(Method::t_pag);
    assert_eq!(codes, [Some("03"), Some("04"), Some("17"), None]);
}

#[test]
fn a_refusal_says_what_to_do_and_whether_to_ask_again() {
    for code in [RefusalCode::HeldByOther, RefusalCode::Revoked, RefusalCode::Unavailable] {
        assert!(code.sentence().ends_with('.') && code.sentence().contains(' '), "{code:?}");
    }
    assert_eq!(RefusalCode::HeldByOther.http_status(), 409);
    assert_eq!(RefusalCode::Unavailable.http_status(), 503);
    let passing = [RefusalCode::TooMany, RefusalCode::Unavailable, RefusalCode::HeldByOther]
        .map(RefusalCode::is_passing);
    assert_eq!(passing, [true, true, false]);
}

#[test]
fn how_a_choice_breaks_the_contract_or_the_pdvs_will() {
    let parts = |count| PaymentChoice {
        method: Method::Credit,
        installments: Some(Installments { count, kind: InstallmentType::Merchant }),
    };
    let contract = [ContractedMethod {
        method: Method::Credit,
        merchant_installments_max: 3,
        issuer_installments_max: 1,
    }];
    let debit = PaymentChoice::at_once(Method::Debit);
    let table = [
        (None, parts(3), None),
        (None, parts(4), Some(Flag::InstallmentsNotAllowed)),
        (None, debit, Some(Flag::MethodNotAllowed)),
        (Some(parts(2)), parts(2), None),
        (Some(parts(2)), parts(3), Some(Flag::InstallmentsNotAllowed)),
        (Some(parts(2)), debit, Some(Flag::MethodNotAllowed)),
        (Some(debit), debit, None),
    ];
    for (fixed, choice, flag) in table {
        assert_eq!(method_flag(fixed.as_ref(), &contract, &choice), flag, "{fixed:?} {choice:?}");
    }
}

#[test]
fn a_statements_codes_are_letters_and_digits_of_a_bounded_length() {
    let charged = |authorization_code: &str, atk: &str| Said::Charged {
        authorization_code: authorization_code.into(),
        atk: atk.into(),
    };
    let longest = "A".repeat(Said::CODE_CHARS_MAX);
    assert!(Said::NotCharged.is_valid());
    assert!(charged("123456", "12345678901234").is_valid());
    assert!(charged(&longest, &longest).is_valid());
    for (code, atk) in
        [("", "1"), ("1", ""), ("12 34", "1"), ("1", "a/b"), (&*format!("{longest}A"), "1"), ("1", "é")]
    {
        assert!(!charged(code, atk).is_valid(), "{code:?} {atk:?}");
    }
}

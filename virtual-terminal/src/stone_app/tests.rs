//! The simulated apps answer literal requests with literal URIs.

use super::*;

/// 2022-10-05 02:36:17 in Brasília.
const NOW_S: i64 = 1_664_948_177;
const PAY: &str = "payment-app://pay?return_scheme=posconnect&amount=5000&editable_amount=0\
    &transaction_type=CREDIT&installment_type=MERCHANT&installment_count=3&order_id=77";

struct Bench {
    apps: StoneApps,
    printer: Printer,
    _dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::open(&dir.path().join("acquirer.jsonl")).unwrap();
        Self {
            apps: StoneApps::new("PB0419AL60480", "posconnect", memory),
            printer: Printer::default(),
            _dir: dir,
        }
    }

    fn open(&mut self, uri: &str) -> Vec<String> {
        self.apps.open(uri.to_owned(), &mut self.printer, NOW_S).unwrap().now
    }

    fn answer(&mut self, name: &str, details: Details) -> Result<Returns, AnswerError> {
        let answer = Answer::named(name, &details)?;
        self.apps.answer(&answer, &details, &mut self.printer, NOW_S)
    }

    fn answers(&mut self, name: &str) -> Vec<String> {
        self.answer(name, Details::default()).unwrap().now
    }

    fn approved_atk(&mut self) -> String {
        self.open(PAY);
        self.answers("approve");
        self.apps.transactions().last().unwrap().atk.clone()
    }
}

fn cancel_uri(atk: &str, amount: u64) -> String {
    format!(
        "cancel-app://cancel?returnscheme=posconnect&return_scheme=posconnect&atk={atk}&amount={amount}&editable_amount=false"
    )
}

#[test]
fn an_approval_reads_like_the_one_seen_in_public() {
    let mut bench = Bench::new();
    assert!(bench.open(PAY).is_empty());
    assert_eq!(
        bench.answers("approve"),
        [concat!(
            "posconnect://pay-response?code=0&amount=5000&cardholder_name=MARIA%20CLIENTE%2FSIMULADA",
            "&itk=PB0419AL60480-1.17.7-0001-0001&atk=23208910000001",
            "&authorization_date_time=05%2F10%2F2022%2002%3A36%3A17&brand=ELO&authorization_code=866247",
            "&installment_count=3&pan=627303****8389&type=Cr%C3%A9dito&entry_mode=ICC",
            "&account_id=null&customer_wallet_provider_id=null&order_id=77"
        )]
    );
    assert!(bench.apps.shown().is_none());
}

#[test]
fn the_same_terminal_gets_the_same_ids_again_and_no_id_twice() {
    let run = || {
        let mut bench = Bench::new();
        for _ in 0..50 {
            bench.approved_atk();
        }
        bench.apps.transactions().to_vec()
    };
    let first = run();
    assert_eq!(first, run());
    let mut keys: Vec<_> = first.iter().map(|transaction| transaction.atk.clone()).collect();
    assert!(keys.iter().all(|atk| atk.len() == 14 && atk.bytes().all(|b| b.is_ascii_digit())));
    keys.dedup();
    assert_eq!(keys.len(), 50);
}

#[test]
fn refusals_and_cancellations_carry_the_codes_seen_in_public() {
    let mut bench = Bench::new();
    bench.open(PAY);
    assert_eq!(
        bench.answers("decline"),
        [
            "posconnect://pay-response?success=false&message=Transa%C3%A7%C3%A3o%20n%C3%A3o%20autorizada&code=-6&order_id=77"
        ]
    );
    bench.open(PAY);
    let details = Details { without_order_id: true, ..Details::default() };
    assert_eq!(
        bench.answer("cancel", details).unwrap().now,
        ["posconnect://pay-response?success=false&message=Opera%C3%A7%C3%A3o%20cancelada&code=-2"]
    );
    assert!(bench.apps.transactions().is_empty());
}

#[test]
fn a_pix_answer_has_no_card_in_it() {
    let mut bench = Bench::new();
    bench.open(
        "payment-app://pay?return_scheme=p&amount=100&editable_amount=0&transaction_type=PIX&order_id=1",
    );
    let uri = bench.answers("approve").remove(0);
    for part in
        ["brand=null", "pan=null", "cardholder_name=null", "authorization_code=null", "atk=PIX", "type=Pix"]
    {
        assert!(uri.contains(part), "{part} in {uri}");
    }
}

#[test]
fn another_amount_or_method_is_what_the_acquirer_remembers() {
    let mut bench = Bench::new();
    bench.open(PAY);
    assert!(bench.answers("other-amount")[0].contains("&amount=5100&"));
    bench.open(PAY);
    let uri = bench.answers("other-method").remove(0);
    assert!(uri.contains("&amount=5000&") && uri.contains("type=D%C3%A9bito"), "{uri}");
    bench.open(PAY);
    let details = Details { amount: Some(4000), method: Some(Method::Pix), ..Details::default() };
    bench.answer("approve", details).unwrap();
    let known: Vec<_> = bench
        .apps
        .transactions()
        .iter()
        .map(|known| (known.amount, known.method, known.installments))
        .collect();
    assert_eq!(known, [(5100, Method::Credit, 3), (5000, Method::Debit, 1), (4000, Method::Pix, 1)]);
}

#[test]
fn twice_means_the_same_answer_twice_and_one_charge() {
    let mut bench = Bench::new();
    bench.open(PAY);
    let uris = bench.answers("twice");
    assert_eq!(uris.len(), 2);
    assert_eq!(uris[0], uris[1]);
    assert_eq!(bench.apps.transactions().len(), 1);
}

#[test]
fn a_late_answer_is_decided_now_and_sent_on_demand_once() {
    let mut bench = Bench::new();
    bench.open(PAY);
    assert!(bench.answers("late").is_empty());
    assert_eq!(bench.apps.transactions().len(), 1);
    assert!(bench.apps.shown().is_none());
    let now = || Details { request: Some(1), ..Details::default() };
    assert!(matches!(bench.answer("approve", now()), Err(AnswerError::AlreadyDecided)));
    let sent = bench.answer("now", now()).unwrap().now;
    assert!(sent[0].contains("code=0"));
    assert!(matches!(bench.answer("now", now()), Err(AnswerError::UnknownRequest(1))));
}

#[test]
fn silence_keeps_the_request_and_it_can_be_answered_after_all() {
    let mut bench = Bench::new();
    bench.open(PAY);
    assert!(bench.answers("silent").is_empty());
    assert!(bench.apps.transactions().is_empty());
    bench.open(PAY);
    let first = Details { request: Some(1), ..Details::default() };
    assert!(matches!(bench.answer("now", first.clone()), Err(AnswerError::NotDecided)));
    assert_eq!(bench.answer("decline", first).unwrap().now.len(), 1);
    assert_eq!(bench.apps.shown().unwrap().number, 2);
}

#[test]
fn a_forged_approval_leaves_the_app_open_and_no_money_moves() {
    let mut bench = Bench::new();
    let uri = bench.answers("forge").remove(0);
    assert!(uri.starts_with("posconnect://pay-response?code=0&amount=1000&") && uri.ends_with("order_id=1"));
    bench.open(PAY);
    let details = Details { forgery: Forgery::SameOrder, ..Details::default() };
    let uri = bench.answer("forge", details).unwrap().now.remove(0);
    assert!(uri.contains("&amount=5000&") && uri.ends_with("order_id=77"), "{uri}");
    assert!(bench.apps.shown().is_some());
    assert!(bench.apps.transactions().is_empty());
}

#[test]
fn a_reversal_gives_back_no_more_than_what_is_left() {
    let mut bench = Bench::new();
    let atk = bench.approved_atk();
    bench.open(&cancel_uri(&atk, 3000));
    let uri = bench.answers("approve").remove(0);
    assert!(
        uri.starts_with(&format!(
            "posconnect://cancel?success=true&atk={atk}&canceledamount=3000&paymenttype=1&transactionamount=5000&orderid=77&authorizationcode="
        )) && uri.ends_with("&reason=APPROVED&responsecode=0000"),
        "{uri}"
    );
    bench.open(&cancel_uri(&atk, 2001));
    let uri = bench.answers("approve").remove(0);
    assert!(uri.contains("success=false") && uri.ends_with("responsecode=1001"), "{uri}");
    assert_eq!(bench.apps.transactions()[0].reversed, 3000);
}

#[test]
fn reversals_that_do_not_happen_say_why() {
    let mut bench = Bench::new();
    let atk = bench.approved_atk();
    for (answer, reason) in [("cancel", "7011"), ("unknown-atk", "7202"), ("decline", "1000")] {
        bench.open(&cancel_uri(&atk, 5000));
        let uri = bench.answers(answer).remove(0);
        assert!(uri.contains("success=false") && uri.contains(&format!("reason={reason}")), "{uri}");
    }
    bench.open(&cancel_uri("404", 5000));
    assert!(bench.answers("approve")[0].contains("reason=7202"));
    assert_eq!(bench.apps.transactions()[0].reversed, 0);
}

#[test]
fn a_slip_is_printed_again_by_itself() {
    let mut bench = Bench::new();
    let atk = bench.approved_atk();
    let uri = format!(
        "reprinter-app://reprint?SHOW_FEEDBACK_SCREEN=false&SCHEME_RETURN=posconnect&ATK={atk}&TYPE_CUSTOMER=CLIENT"
    );
    assert_eq!(bench.open(&uri), ["posconnect://reprint?DEEPLINK_RETURN=SUCCESS"]);
    assert!(bench.printer.paper().height_dots() > 100);
    let unknown = uri.replace(&atk, "404");
    assert_eq!(bench.open(&unknown), ["posconnect://reprint?DEEPLINK_RETURN=TRANSACTION_NOT_FOUND"]);
}

#[test]
fn a_request_that_cannot_be_served_can_only_be_closed() {
    let mut bench = Bench::new();
    bench.open("payment-app://pay?amount=1");
    assert!(matches!(bench.answer("approve", Details::default()), Err(AnswerError::Unserviceable)));
    assert!(bench.answers("silent").is_empty());
    assert!(matches!(bench.answer("approve", Details::default()), Err(AnswerError::NothingOpen)));
    assert!(matches!(bench.answer("explode", Details::default()), Err(AnswerError::UnknownAnswer(_))));
}

#[test]
fn what_the_request_leaves_open_must_be_given_with_the_approval() {
    let mut bench = Bench::new();
    bench.open("payment-app://pay?return_scheme=p&order_id=1");
    assert!(matches!(bench.answer("approve", Details::default()), Err(AnswerError::MethodNeeded)));
    let details = |amount| Details { method: Some(Method::Debit), amount, ..Details::default() };
    assert!(matches!(bench.answer("approve", details(None)), Err(AnswerError::AmountNeeded)));
    assert_eq!(bench.answer("approve", details(Some(10))).unwrap().now.len(), 1);
}

#[test]
fn an_automatic_app_answers_when_it_is_opened() {
    let mut bench = Bench::new();
    bench.apps.set_auto(Some(Auto::Approve));
    assert!(bench.open(PAY)[0].contains("code=0"));
    assert!(bench.apps.shown().is_none());
}

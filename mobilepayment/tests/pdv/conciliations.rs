//! Goal: Stone's file of a day decides what is in doubt, and says what differs, is missing or is nobody's.
//!
//! Method: files as Stone writes them, over HTTP, against payments that real requests of a terminal made.

use std::sync::Arc;

use mobilepayment::environment::{Clock, Environment};
use protocol::attempt::Outcome;
use protocol::statement::{AttemptStatement, Said};
use protocol::{AttemptId, Method, OrderId, PaymentChoice, StatementId, UnixMillis};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::audit::trail;
use crate::bad_input::assert_refused;
use crate::service::{Answer, L3, OTHER_KEY, Service, listed, send};
use crate::terminal::Terminal;

/// The moment of every payment here: 2026-11-23, 07:36 in Brasília.
const NOW: UnixMillis = UnixMillis(1_795_430_177_000);

struct ThatDay;

impl Clock for ThatDay {
    fn now(&self) -> UnixMillis {
        NOW
    }
}

async fn open() -> (Service, Terminal) {
    let random = Environment::system().random;
    let service = Service::with_environment("", Environment { clock: Arc::new(ThatDay), random }).await;
    let terminal = Terminal::activated(&service.client, L3).await;
    (service, terminal)
}

async fn order(service: &Service, centavos: u64) -> String {
    service.client.create(&listed(centavos)).await["id"].as_str().unwrap().to_owned()
}

/// One line of a file, with what a test may change.
#[derive(Clone)]
struct Sale {
    atk: String,
    itk: String,
    code: String,
    serial: String,
    local: String,
    account: u8,
    reais: String,
    captures: u8,
    back: Vec<(String, String)>,
}

/// A debit sale as the test's terminal makes it.
fn sale(atk: &str, reais: &str) -> Sale {
    Sale {
        atk: atk.to_owned(),
        itk: format!("ITK-{atk}"),
        code: "187607".to_owned(),
        serial: L3.to_owned(),
        local: "20261123073617".to_owned(),
        account: 1,
        reais: reais.to_owned(),
        captures: 1,
        back: vec![],
    }
}

impl Sale {
    fn xml(&self) -> String {
        let back: String = self.back.iter().map(|(key, reais)| format!(
            "<Cancellation><OperationKey>{key}</OperationKey><CancellationDateTime>20261123090000</CancellationDateTime><ReturnedAmount>{reais}0000</ReturnedAmount></Cancellation>"
        )).collect();
        let back = if back.is_empty() { back } else { format!("<Cancellations>{back}</Cancellations>") };
        let Self { atk, itk, code, serial, local, account, reais, captures, .. } = self;
        let sold = if *captures > 0 {
            format!(
                "<AccountType>{account}</AccountType><NumberOfInstallments>1</NumberOfInstallments>\
                 <AuthorizedAmount>{reais}0000</AuthorizedAmount><CapturedAmount>{reais}0000</CapturedAmount>\
                 <IssuerAuthorizationCode>{code}</IssuerAuthorizationCode><CardNumber>523421******2116</CardNumber>"
            )
        } else {
            String::new()
        };
        format!(
            "<Transaction><Events><CancellationCharges>0</CancellationCharges><Cancellations>{}</Cancellations>\
             <Captures>{captures}</Captures></Events><AcquirerTransactionKey>{atk}</AcquirerTransactionKey>\
             <InitiatorTransactionKey>{itk}</InitiatorTransactionKey><CaptureLocalDateTime>{local}</CaptureLocalDateTime>\
             {sold}<Poi><PoiType>1</PoiType><SerialNumber>{serial}</SerialNumber></Poi>{back}</Transaction>",
            self.back.len()
        )
    }
}

fn file(id: u32, sales: &[Sale]) -> String {
    let sales: String = sales.iter().map(Sale::xml).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Conciliation><Header><GenerationDateTime>20261124053012</GenerationDateTime>\
         <StoneCode>181345124</StoneCode><LayoutVersion>2.2</LayoutVersion><FileId>{id}</FileId>\
         <ReferenceDate>20261123</ReferenceDate></Header><FinancialTransactions>{sales}</FinancialTransactions>\
         <FinancialEvents /><FinancialTransactionsAccounts /><Payments /></Conciliation>"
    )
}

async fn post(service: &Service, query: &str, xml: &str) -> Answer {
    let request = service.client.request("POST", &format!("/posconnect/v1/conciliations{query}"));
    send(request.header(CONTENT_TYPE, "application/xml").body(xml.to_owned())).await
}

async fn import(service: &Service, xml: &str) -> Value {
    let answer = post(service, "?by=Ana", xml).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// How many of what: matches, settled, differs, misses, surplus, not covered, undecided.
fn counts(body: &Value) -> [u64; 7] {
    ["matches", "settled", "differs", "misses", "surplus", "not_covered", "undecided"].map(|kind| {
        let count = body["counts"][kind].as_u64().unwrap();
        assert_eq!(body[kind].as_array().map_or(count, |lines| lines.len() as u64), count, "{kind}");
        count
    })
}

async fn attempt(service: &Service, id: &str) -> Value {
    service.client.get(&format!("/posconnect/v1/attempts/{id}")).await.body["attempt"].clone()
}

async fn say(terminal: &Terminal, order: &str, id: &str, code: &str, atk: &str) {
    let statement = AttemptStatement {
        statement_id: StatementId::from_random(AttemptId::parse(id).unwrap().get()),
        attempt_id: AttemptId::parse(id).unwrap(),
        order_id: OrderId::parse(order).unwrap(),
        said: Said::Charged { authorization_code: code.into(), atk: atk.into() },
        stated_at: NOW,
    };
    terminal.state(&statement).await;
}

#[tokio::test]
async fn what_both_have_matches_and_what_one_has_alone_is_shown() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 10_000).await;
    let both = terminal.pay(&id, 1_000, Method::Debit).await;
    let missing = terminal.pay(&id, 2_000, Method::Debit).await;
    let pix = terminal.pay(&id, 3_000, Method::Pix).await;
    let xml = file(1, &[sale(&both[3..], "10.00"), sale("99999999999999", "77.00")]);
    let body = import(&service, &xml).await;
    assert_eq!(counts(&body), [1, 0, 0, 1, 1, 1, 0], "{body:#}");
    assert_eq!(body["matches"][0]["ours"]["attempt_id"], json!(&both[3..]));
    assert_eq!(body["misses"][0]["ours"]["attempt_id"], json!(&missing[3..]));
    assert_eq!(body["not_covered"][0]["ours"]["attempt_id"], json!(&pix[3..]));
    let surplus = &body["surplus"][0];
    assert_eq!((&surplus["file"]["amount"], &surplus["ours"]), (&json!(7_700), &json!(null)));
    assert_eq!(
        (&body["file_id"], &body["date"], &body["by"]),
        (&json!("1"), &json!("2026-11-23"), &json!("Ana"))
    );

    let list = service.client.get("/posconnect/v1/conciliations").await.body;
    assert_eq!(counts(&list["data"][0]), counts(&body));
    let path = format!("/posconnect/v1/conciliations/{}", body["id"].as_str().unwrap());
    assert_eq!(service.client.get(&path).await.body, body);
    let others = service.client.with_key(Some(OTHER_KEY));
    assert_refused(&others.get(&path).await, 404, "not_found", "another company's");
    assert_eq!(others.get("/posconnect/v1/conciliations").await.body["data"], json!([]));
}

#[tokio::test]
async fn a_doubt_is_settled_by_the_acquirers_key_and_gets_its_codes() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 500).await;
    let doubt = terminal.doubt(&id, 500).await;
    // The test's terminal names its ITK even when it knows nothing else.
    let mut sold = sale("37820073187607", "5.00");
    sold.itk = "L3-0001-1.17.7-2278-0003".to_owned();
    let body = import(&service, &file(7, &[sold])).await;
    assert_eq!(counts(&body), [0, 1, 0, 0, 0, 0, 0], "{body:#}");
    assert_eq!(body["settled"][0]["ours"]["outcome"], "in_doubt", "what it was before");
    let after = attempt(&service, &doubt).await;
    assert_eq!((&after["outcome"], &after["atk"]), (&json!("approved"), &json!("37820073187607")));
    assert_eq!(after["authorization_code"], "187607");
    assert_eq!(after["resolution"]["by"], "conciliação Stone 7, Ana");
    let order = service.client.get(&format!("/core/v5/orders/{id}")).await.body;
    assert_eq!(order["status"], "paid");
    let rows = trail(&service.client).await;
    let last: Vec<_> =
        rows.iter().rev().take(2).map(|row| (row["what"].clone(), row["who"].clone())).collect();
    let expected = [("conciliation.imported", "Ana"), ("attempt.settled", "conciliação Stone 7, Ana")];
    assert_eq!(last, expected.map(|(what, who)| (json!(what), json!(who))));
}

#[tokio::test]
async fn a_doubt_is_settled_by_the_codes_of_its_slip_only_where_everything_else_agrees() {
    type Change = fn(&mut Sale);
    let table: [(&str, Change, bool, Option<&str>); 8] = [
        ("the ATK of the slip", |_| {}, true, None),
        ("code, amount, serial and date", |s| s.atk = String::new(), true, None),
        ("another amount", |s| s.reais = "5.01".into(), false, Some("amount")),
        ("a credit card", |s| s.account = 2, false, Some("method")),
        ("another terminal", |s| s.serial = "A8-0001".into(), false, Some("serial")),
        ("another day", |s| s.local = "20261120073617".into(), false, Some("date")),
        (
            "given back the same day",
            |s| s.back = vec![("K".into(), "5.00".into())],
            false,
            Some("given_back"),
        ),
        ("nothing of it", |s| (s.atk, s.code) = ("1".into(), "1".into()), false, None),
    ];
    for (what, change, settles, why) in table {
        let (service, mut terminal) = open().await;
        let id = order(&service, 500).await;
        let doubt = terminal.doubt(&id, 500).await;
        say(&terminal, &id, &doubt, "187607", "37820073187607").await;
        let mut sold = sale("37820073187607", "5.00");
        change(&mut sold);
        let body = import(&service, &file(1, &[sold])).await;
        let outcome = attempt(&service, &doubt).await["outcome"].clone();
        assert_eq!(outcome, json!(if settles { "approved" } else { "in_doubt" }), "{what}: {body:#}");
        assert_eq!(counts(&body)[1], u64::from(settles), "{what}");
        let said = why.map_or_else(Vec::new, |why| vec![why]);
        let differs = body["differs"].as_array().unwrap();
        assert_eq!(
            differs.first().map_or(json!([]), |line| line["why"].clone()),
            json!(said),
            "{what}: {body:#}"
        );
    }
}

#[tokio::test]
async fn a_slip_of_another_payment_settles_nothing() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 1_000).await;
    let paid = terminal.pay(&id, 500, Method::Debit).await;
    let doubt = terminal.doubt(&id, 500).await;
    say(&terminal, &id, &doubt, "187607", &paid[3..]).await;
    let body = import(&service, &file(1, &[sale(&paid[3..], "5.00")])).await;
    assert_eq!(counts(&body), [0, 0, 2, 0, 0, 0, 0], "{body:#}");
    assert!(body["differs"].as_array().unwrap().iter().all(|line| line["why"] == json!(["ambiguous"])));
    assert_eq!(attempt(&service, &doubt).await["outcome"], "in_doubt");
}

#[tokio::test]
async fn absence_settles_nothing() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 1_000).await;
    let doubt = terminal.doubt(&id, 400).await;
    let charge = terminal.pay(&id, 600, Method::Debit).await;
    terminal.reverse_with(&id, &charge, 600, Outcome::InDoubt).await;
    let body = import(&service, &file(1, &[sale(&charge[3..], "6.00")])).await;
    assert_eq!(counts(&body), [1, 0, 0, 0, 0, 0, 1], "{body:#}");
    assert_eq!(attempt(&service, &doubt).await["outcome"], "in_doubt");
    let reversals = service.client.get("/posconnect/v1/reversals").await.body;
    assert_eq!(reversals["paging"]["total"], 1);
}

#[tokio::test]
async fn what_was_paid_on_another_day_is_not_missed() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 1_000).await;
    terminal.pay(&id, 400, Method::Debit).await;
    terminal.pay(&id, 300, Method::Pix).await;
    terminal.doubt(&id, 300).await;
    for (day, expected) in [("20261122", [0; 7]), ("20261123", [0, 0, 0, 1, 0, 1, 1]), ("20261124", [0; 7])] {
        let xml = file(1, &[]).replace(">20261123<", &format!(">{day}<"));
        assert_eq!(counts(&import(&service, &xml).await), expected, "{day}");
    }
}

#[tokio::test]
async fn a_payment_that_the_file_has_otherwise_differs_and_stays_as_it_is() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 1_000).await;
    let charge = terminal.pay(&id, 500, Method::Debit).await;
    let started = terminal.start(&id, 500, PaymentChoice::at_once(Method::Debit)).await;
    let declined = started.attempt_id.to_string();
    terminal.end(started, Outcome::Declined).await;
    let mut other = sale(&charge[3..], "6.00");
    other.account = 2;
    let mut refused = sale("1", "5.00");
    refused.itk = "L3-0001-1.17.7-2278-0003".to_owned();
    let twice = sale(&charge[3..], "5.00");
    let body = import(&service, &file(1, &[other, twice, refused])).await;
    assert_eq!(counts(&body), [0, 0, 3, 0, 0, 0, 0], "{body:#}");
    let why: Vec<&Value> = body["differs"].as_array().unwrap().iter().map(|line| &line["why"]).collect();
    assert_eq!(why, [&json!(["amount", "method"]), &json!(["twice"]), &json!(["not_approved"])]);
    assert_eq!(attempt(&service, &charge[3..]).await["outcome"], "approved");
    assert_eq!(attempt(&service, &declined).await["outcome"], "declined");
}

#[tokio::test]
async fn a_cancellation_settles_a_reversal_in_doubt_and_none_is_counted_for_two() {
    // reversals (amount, outcome), cancellations in the file: matches, settled, differs, surplus; given back in all
    type Row<'a> = (&'a [(u64, Outcome)], &'a [&'a str], [u64; 4], u64);
    use Outcome::{Approved, InDoubt};
    let table: [Row<'_>; 8] = [
        (&[(1_000, InDoubt)], &["10.00"], [0, 1, 0, 0], 1_000),
        (&[(1_000, Approved)], &["10.00"], [1, 0, 0, 0], 1_000),
        (&[(300, InDoubt)], &["3.00"], [0, 1, 0, 0], 300),
        (&[(300, InDoubt)], &["4.00"], [0, 0, 0, 1], 0),
        (&[(300, Approved), (300, InDoubt)], &["3.00"], [1, 0, 0, 0], 300),
        (&[(300, Approved), (300, InDoubt)], &["3.00", "3.00"], [1, 1, 0, 0], 600),
        (&[(300, InDoubt), (300, InDoubt)], &["3.00"], [0, 0, 1, 0], 0),
        (&[(300, InDoubt), (300, InDoubt)], &["3.00", "3.00"], [0, 2, 0, 0], 600),
    ];
    for (reversals, back, expected, given_back) in table {
        let (service, mut terminal) = open().await;
        let id = order(&service, 1_000).await;
        let charge = terminal.pay(&id, 1_000, Method::Debit).await;
        for (amount, outcome) in reversals {
            terminal.reverse_with(&id, &charge, *amount, *outcome).await;
        }
        let mut sold = sale(&charge[3..], "10.00");
        sold.captures = 0;
        sold.local = "20261120073617".to_owned();
        sold.back =
            back.iter().enumerate().map(|(n, reais)| (format!("K{n}"), (*reais).to_owned())).collect();
        let body = import(&service, &file(1, &[sold.clone()])).await;
        let [matches, settled, differs, _, surplus, ..] = counts(&body);
        assert_eq!([matches, settled, differs, surplus], expected, "{reversals:?} {back:?}: {body:#}");
        assert_eq!(
            attempt(&service, &charge[3..]).await["reversed_amount"],
            given_back,
            "{reversals:?} {back:?}"
        );

        let again = import(&service, &file(2, &[sold])).await;
        assert_eq!(counts(&again)[1], 0, "a file completed later settles nothing twice: {again:#}");
        assert_eq!(attempt(&service, &charge[3..]).await["reversed_amount"], given_back);
    }
}

#[tokio::test]
async fn a_file_never_books_more_than_the_total() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 1_000).await;
    let doubt = terminal.doubt(&id, 600).await;
    say(&terminal, &id, &doubt, "187607", "37820073187607").await;
    let unannounced = terminal.unannounced(&id, 500).await;
    assert_eq!(terminal.end(unannounced, Outcome::Approved).await.outcome, Some(Outcome::Approved));
    let body = import(&service, &file(1, &[sale("37820073187607", "6.00")])).await;
    assert_eq!(body["differs"][0]["why"], json!(["refused"]), "{body:#}");
    assert_eq!(counts(&body), [0, 0, 1, 1, 0, 0, 0]);
    assert_eq!(attempt(&service, &doubt).await["outcome"], "in_doubt");
}

#[tokio::test]
async fn a_managers_decision_goes_before_a_file() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 500).await;
    let doubt = terminal.doubt(&id, 500).await;
    say(&terminal, &id, &doubt, "1", "2").await;
    let decision = json!({"charged": false, "evidence": "x", "reason": "y", "by": "Rui"});
    let path = format!("/posconnect/v1/attempts/{doubt}/resolution");
    assert_eq!(service.client.send("POST", &path, &decision).await.status, 200);
    let mut sold = sale("2", "5.00");
    sold.code = "1".to_owned();
    let body = import(&service, &file(1, &[sold])).await;
    assert_eq!(
        body["differs"][0]["why"],
        json!(["not_approved"]),
        "a decision is shown to be wrong, not undone"
    );
    assert_eq!(attempt(&service, &doubt).await["outcome"], "declined");
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let (service, mut terminal) = open().await;
    let id = order(&service, 500).await;
    let doubt = terminal.doubt(&id, 500).await;
    say(&terminal, &id, &doubt, "187607", "37820073187607").await;
    let xml = file(1, &[sale("37820073187607", "5.00")]);
    let first = import(&service, &xml).await;
    let stored = service.everything_stored();
    assert_eq!(post(&service, "?by=Rui", &xml).await.body, first, "what came of it the first time");
    assert_eq!(service.everything_stored(), stored);
    let elsewhere = service.client.with_key(Some(OTHER_KEY));
    let request = elsewhere.request("POST", "/posconnect/v1/conciliations?by=Eva").body(xml);
    let other = send(request).await;
    assert_eq!(
        (other.status.as_u16(), counts(&other.body)[4]),
        (200, 1),
        "another company's import is its own"
    );
}

#[tokio::test]
async fn what_is_no_conciliation_is_refused_and_nothing_is_kept() {
    let (service, _) = open().await;
    let stored = service.everything_stored();
    for (xml, what) in [
        ("", "nothing"),
        ("{\"a\": 1}", "JSON"),
        ("<Conciliation>", "cut off"),
        ("<!DOCTYPE c [<!ENTITY a \"b\">]><Conciliation>&a;</Conciliation>", "entities"),
    ] {
        assert_refused(&post(&service, "?by=Ana", xml).await, 422, "conciliation_unreadable", what);
    }
    for query in ["", "?by=", "?by=%20"] {
        assert_refused(&post(&service, query, &file(1, &[])).await, 422, "invalid_fields", query);
    }
    let large = " ".repeat(16 * 1024 * 1024 + 1);
    assert_refused(&post(&service, "?by=Ana", &large).await, 413, "body_too_large", "16 MB and more");
    assert_refused(
        &service.client.get("/posconnect/v1/conciliations/cc_x").await,
        404,
        "not_found",
        "unknown",
    );
    assert_eq!(service.everything_stored(), stored);
}

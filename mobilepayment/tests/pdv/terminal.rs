//! A terminal that speaks the terminal-facing protocol.

use protocol::activation::Activated;
use protocol::attempt::{AttemptAck, AttemptEnded, AttemptStarted, Evidence, Outcome, OutcomeReason};
use protocol::claim::{ClaimGrant, ClaimKind, ClaimRequest};
use protocol::feed::FeedPage;
use protocol::receipt::{ReceiptResult, ReceiptState};
use protocol::reversal::ReversalEnded;
use protocol::statement::AttemptStatement;
use protocol::{
    AttemptId, Centavos, ClaimId, Method, OrderId, PaymentChoice, PrintId, ReversalId, UnixMillis,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::service::{Client, send};

pub(crate) struct Terminal {
    client: Client,
    token: String,
    next_id: u64,
}

impl Terminal {
    /// Activated with a code that the PDV asked for.
    pub(crate) async fn activated(pdv: &Client, serial: &str) -> Self {
        let path = format!("/posconnect/v1/terminals/{serial}/activation-codes");
        let code = pdv.send("POST", &path, &json!({})).await;
        assert_eq!(code.status, 200, "{code:?}");
        let client = pdv.with_key(None);
        let body = json!({"code": code.body["code"], "serial": serial});
        let answer = client.send("POST", "/terminal/v1/activate", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let activated: Activated = serde_json::from_value(answer.body).unwrap();
        let seed: u64 = serial.bytes().map(u64::from).sum();
        Self { client, token: activated.device_token, next_id: seed * 1_000_000 }
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> T {
        let answer = send(self.client.request("POST", path).bearer_auth(&self.token).json(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_value(answer.body).unwrap()
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) async fn claim(&mut self, order: &str, kind: ClaimKind) -> ClaimGrant {
        let request = ClaimRequest {
            claim_id: ClaimId::from_random(self.id()),
            order_id: OrderId::parse(order).unwrap(),
            kind,
        };
        self.post("/terminal/v1/claims", &request).await
    }

    /// Takes the order and starts an attempt.
    pub(crate) async fn start(
        &mut self,
        order: &str,
        centavos: u64,
        choice: PaymentChoice,
    ) -> AttemptStarted {
        let mut started = self.unannounced(order, centavos).await;
        started.choice = choice;
        let _: AttemptAck = self.post("/terminal/v1/attempts", &started).await;
        started
    }

    /// Takes the order for an attempt that the service is not told of before its outcome.
    pub(crate) async fn unannounced(&mut self, order: &str, centavos: u64) -> AttemptStarted {
        let grant = self.claim(order, ClaimKind::Now).await;
        AttemptStarted {
            attempt_id: AttemptId::from_random(self.id()),
            order_id: OrderId::parse(order).unwrap(),
            claim_id: grant.claim_id,
            fence: grant.fence,
            amount: Centavos::new(centavos).unwrap(),
            choice: PaymentChoice::at_once(Method::Debit),
            started_at: UnixMillis(1_795_430_177_000),
        }
    }

    pub(crate) async fn end(&self, started: AttemptStarted, outcome: Outcome) -> AttemptAck {
        let approved = outcome == Outcome::Approved;
        let evidence = Evidence {
            code: approved.then(|| "0".to_owned()),
            amount: Some(started.amount),
            brand: Some("MASTERCARD".to_owned()),
            last4: Some("2116".to_owned()),
            authorization_code: approved.then(|| "187607".to_owned()),
            atk: approved.then(|| started.attempt_id.to_string()),
            itk: Some("L3-0001-1.17.7-2278-0003".to_owned()),
            ..Evidence::default()
        };
        let ended = AttemptEnded {
            attempt: started,
            outcome,
            reason: (!approved).then_some(OutcomeReason::NoAnswer),
            evidence,
            ended_at: UnixMillis(1_795_430_190_000),
        };
        self.post("/terminal/v1/attempts/outcome", &ended).await
    }

    /// Takes a payment; the charge's id.
    pub(crate) async fn pay(&mut self, order: &str, centavos: u64, method: Method) -> String {
        let started = self.start(order, centavos, PaymentChoice::at_once(method)).await;
        let id = started.attempt_id;
        let ack = self.end(started, Outcome::Approved).await;
        assert_eq!(ack.outcome, Some(Outcome::Approved), "{ack:?}");
        format!("ch_{id}")
    }

    /// Leaves an attempt in doubt; its id.
    pub(crate) async fn doubt(&mut self, order: &str, centavos: u64) -> String {
        let started = self.start(order, centavos, PaymentChoice::at_once(Method::Debit)).await;
        let id = started.attempt_id;
        self.end(started, Outcome::InDoubt).await;
        id.to_string()
    }

    pub(crate) async fn reverse(&mut self, order: &str, charge: &str, centavos: u64) {
        self.reverse_with(order, charge, centavos, Outcome::Approved).await;
    }

    pub(crate) async fn reverse_with(
        &mut self,
        order: &str,
        charge: &str,
        centavos: u64,
        outcome: Outcome,
    ) -> (ReversalEnded, AttemptAck) {
        let reversal = ReversalEnded {
            reversal_id: ReversalId::from_random(self.id()),
            attempt_id: AttemptId::parse(charge.strip_prefix("ch_").unwrap()).unwrap(),
            order_id: OrderId::parse(order).unwrap(),
            amount: Centavos::new(centavos).unwrap(),
            outcome,
            reason: None,
            response_code: Some("0".to_owned()),
            started_at: UnixMillis(1_795_430_200_000),
            ended_at: UnixMillis(1_795_430_210_000),
        };
        let ack = self.report_reversal(&reversal).await;
        (reversal, ack)
    }

    pub(crate) async fn report_reversal(&self, reversal: &ReversalEnded) -> AttemptAck {
        self.post("/terminal/v1/reversals", reversal).await
    }

    /// Everything that the feed has for it.
    pub(crate) async fn feed(&self) -> FeedPage {
        let request = self.client.request("GET", "/terminal/v1/feed?wait_s=0").bearer_auth(&self.token);
        serde_json::from_value(send(request).await.body).unwrap()
    }

    pub(crate) async fn state(&self, statement: &AttemptStatement) -> AttemptAck {
        self.post("/terminal/v1/attempts/statement", statement).await
    }

    pub(crate) async fn printed(&self, print: &str) {
        let result = ReceiptResult {
            print_id: PrintId::parse(print).unwrap(),
            state: ReceiptState::Printed,
            problem: None,
            at: UnixMillis(1_795_430_220_000),
        };
        let _: serde_json::Value = self.post(&format!("/terminal/v1/prints/{print}/result"), &result).await;
    }
}

//! The PDV and the manager: orders made, made again, closed, closed late; money asked back; doubts decided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use mobilepayment::conciliation;
use mobilepayment::ledger::command::{CloseOrder, Idempotency, NewOrder, NewPrint, Resolve, ResolveReversal};
use mobilepayment::ledger::order::CloseReason;
use mobilepayment::ledger::refusal::PdvRefusal;
use mobilepayment::store::conciliations::NewConciliation;
use protocol::method::{InstallmentType, Installments};
use protocol::order::OrderKind;
use protocol::receipt::ReceiptKind;
use protocol::{AttemptId, Centavos, Method, OrderId, PaymentChoice, ReversalId};

use crate::model::{Broken, Portal, Row};
use crate::terminal::Terminal;
use crate::world::{Happening, World};
use crate::{day, rows, shop};

/// Side of the receipt's image in dots.
const RECEIPT_DOTS: u32 = 48;

/// What the PDV knows and wants.
#[derive(Debug, Default)]
pub(crate) struct Pdv {
    wanted: BTreeMap<u64, NewOrder>,
    /// Orders by the PDV's reference, as the service made them.
    made: BTreeMap<String, String>,
    /// Orders that the PDV was told of.
    pub(crate) told: BTreeSet<String>,
    /// Orders whose receipt is to be sent.
    receipts_due: BTreeSet<String>,
    /// Attempts without a clear outcome when the manager last looked.
    doubts_seen: BTreeSet<u64>,
    restored: bool,
}

impl Pdv {
    /// A row of the ledger: there is one order for each reference.
    pub(crate) fn knows(&mut self, row: &Row) -> Result<(), Broken> {
        let before = self.made.insert(row.code.clone(), row.id.clone());
        if before.as_ref().is_some_and(|before| *before != row.id) && !self.restored {
            return Err(format!("{before:?} and {row:?} were made by one request"));
        }
        Ok(())
    }

    pub(crate) fn service_restored(&mut self) {
        self.restored = true;
    }

    /// An event came.
    pub(crate) fn hears(&mut self, order: &str, kind: &str) {
        self.told.insert(order.to_owned());
        if kind == "order.paid" {
            self.receipts_due.insert(order.to_owned());
        }
    }
}

impl World {
    /// The PDV sends an order until it is answered.
    pub(crate) fn create(&mut self, intent: u64) -> Result<(), Broken> {
        if !self.pdv.wanted.contains_key(&intent) {
            let order = self.new_order(intent);
            self.tell(format!("the PDV wants {order:?}"));
            self.pdv.wanted.insert(intent, order);
        }
        let order = self.pdv.wanted[&intent].clone();
        let arrives = !self.wrong(self.plan.lose);
        let made = if arrives {
            self.commit(|service| service.command(|unit| unit.create_order(&order)))?.flatten()
        } else {
            None
        };
        let answered = made.is_some() && !self.wrong(self.plan.lose);
        match made {
            Some(Ok(made)) if answered => {
                if made.repeated {
                    self.story.count("PDV: the same order sent again");
                }
                self.pdv.told.insert(made.order.id.to_string());
                if self.wrong(self.plan.twice) {
                    self.after(3_000, Happening::Create(intent));
                }
            }
            // The clocks of PDV and service disagree; a PDV shows it, and a person sets one of them.
            Some(Err(PdvRefusal::ExpiryInPast)) => self.story.count("PDV: the order had expired already"),
            Some(Err(refusal)) => return Err(format!("an order is refused: {refusal:?}")),
            Some(Ok(_)) | None => self.after(5_000, Happening::Create(intent)),
        }
        Ok(())
    }

    fn new_order(&mut self, intent: u64) -> NewOrder {
        let direct = self.dice.chance(350);
        let methods = [Method::Credit, Method::Debit, Method::Pix];
        let fixed = (direct || self.dice.chance(300)).then(|| {
            let method = *self.dice.pick(&methods);
            let divided = method == Method::Credit && self.dice.chance(400);
            let installments = divided.then_some(Installments { count: 3, kind: InstallmentType::Merchant });
            PaymentChoice { method, installments }
        });
        let chosen = self.dice.place(self.terminals.len());
        let for_one = direct || self.dice.chance(200);
        let expires = self.dice.chance(150).then(|| self.dice.between(60_000, 600_000));
        NewOrder {
            account: shop::account(),
            idempotency: Some(Idempotency { key: format!("key-{intent}"), request_hash: [1; 32] }),
            code: Some(format!("P{intent}")),
            display_name: String::new(),
            kind: if direct { OrderKind::Direct } else { OrderKind::Listed },
            total: Centavos::new(self.dice.between(100, 50_000)).expect("a small amount"),
            fixed,
            terminals: if for_one { vec![shop::serial(chosen)] } else { vec![] },
            receipt_expected: self.dice.chance(400),
            expires_at: expires.map(|ms| self.wall().plus_ms(i64::try_from(ms).expect("minutes"))),
            pdv: "{}".to_owned(),
        }
    }

    /// The PDV does one thing or another.
    pub(crate) fn pdv_acts(&mut self) -> Result<(), Broken> {
        let ms = self.dice.between(20_000, 90_000);
        self.after(ms, Happening::Pdv);
        if self.leaving {
            return self.close_everything();
        }
        if !self.plan.busy_pdv || self.pdv.told.is_empty() {
            return Ok(());
        }
        let known: Vec<String> = self.pdv.told.iter().filter(|id| id.starts_with("or_")).cloned().collect();
        if known.is_empty() {
            return Ok(());
        }
        let order = self.dice.pick(&known).clone();
        match self.dice.below(4) {
            0 => {
                let reasons = [CloseReason::Paid, CloseReason::Canceled, CloseReason::Failed];
                let reason = *self.dice.pick(&reasons);
                self.close(&order, reason)
            }
            1 => self.ask_money_back(&order),
            _ => self.send_receipt(),
        }
    }

    fn close(&mut self, order: &str, reason: CloseReason) -> Result<(), Broken> {
        let order_id = OrderId::parse(order).map_err(|error| error.to_string())?;
        let close = CloseOrder { account: shop::account(), order_id, reason };
        let closed = self.commit(|service| service.command(|unit| unit.close_order(&close)))?.flatten();
        let said = match closed {
            Some(Ok(_)) => "taken",
            Some(Err(_)) => "refused",
            None => "not heard",
        };
        self.story.count(&format!("PDV: close {said}"));
        self.tell(format!("the PDV closes {order} as {reason:?}: {said}"));
        Ok(())
    }

    fn ask_money_back(&mut self, order: &str) -> Result<(), Broken> {
        let Some(db) = self.service.rows() else { return Ok(()) };
        let (rows, _) = rows::changed(db, 0);
        let paid = rows.into_iter().filter(|row| row.id == order).flat_map(|row| row.attempts);
        let paid: Vec<_> = paid.filter(|attempt| attempt.outcome == "approved").collect();
        if paid.is_empty() {
            return Ok(());
        }
        let attempt = self.dice.pick(&paid).clone();
        let part = self.dice.chance(400).then(|| Centavos::new(1 + attempt.amount / 3)).flatten();
        let id = AttemptId::from_random(attempt.id);
        let account = shop::account();
        self.commit(|service| service.command(|unit| unit.want_reversal(&account, id, part)))?;
        self.story.count("PDV: asked money back");
        self.tell(format!("the PDV asks {part:?} of attempt {} back", attempt.id));
        Ok(())
    }

    fn send_receipt(&mut self) -> Result<(), Broken> {
        let Some(order) = self.pdv.receipts_due.pop_first() else { return Ok(()) };
        let order_id = OrderId::parse(&order).map_err(|error| error.to_string())?;
        let print =
            NewPrint { account: shop::account(), order_id, kind: ReceiptKind::Nfe, content: receipt() };
        self.commit(|service| service.command(|unit| unit.add_print(&print)))?;
        self.story.count("PDV: sent a receipt");
        Ok(())
    }

    /// The manager looks into the acquirer's portal and decides what nobody else can know, and nothing that was not there
    /// a round ago: the service holds back what is young only as long as its clock is right.
    pub(crate) fn manager(&mut self) -> Result<(), Broken> {
        self.after(240_000, Happening::Manager);
        if !self.plan.busy_manager && !self.calm {
            return Ok(());
        }
        self.decide_reversals()?;
        let Some(db) = self.service.rows() else { return Ok(()) };
        let unsettled = rows::unsettled(db);
        let seen_before: BTreeSet<u64> = unsettled.iter().map(|(attempt, _)| *attempt).collect();
        let seen_before = std::mem::replace(&mut self.pdv.doubts_seen, seen_before);
        for (attempt, order) in unsettled.into_iter().filter(|(attempt, _)| seen_before.contains(attempt)) {
            let Some(portal) = self.model.portal(attempt) else { continue };
            let mut approved = portal == Portal::AsAsked;
            let mut decided = self.resolve(attempt, approved)?;
            // More than the total: after a restored backup an order may have been charged twice. What is too much is
            // given back in the portal, and so is what the acquirer charged otherwise.
            if approved && decided == Some(false) {
                approved = false;
                decided = self.resolve(attempt, false)?;
            }
            // Also when the service dies over the decision: in the portal it is given back first.
            if decided != Some(false) && !approved {
                self.model.refunded_outside(attempt);
            }
            self.tell(format!("the manager decides attempt {attempt} of {order}: {portal:?}, {decided:?}"));
        }
        Ok(())
    }

    /// The acquirer's file of the day, as far as the day has gone.
    pub(crate) fn import_day(&mut self) -> Result<(), Broken> {
        let of = |terminal: &Terminal| {
            let serial = terminal.serial.as_str().to_owned();
            terminal
                .apps
                .transactions()
                .iter()
                .map(move |sale| (serial.clone(), sale.clone()))
                .collect::<Vec<_>>()
        };
        let sales: Vec<_> = self.terminals.iter().flat_map(of).collect();
        let text = day::file(self.now_ms, &sales);
        let file = conciliation::read(text.as_bytes()).map_err(|error| format!("the day's file: {error}"))?;
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&self.now_ms.to_le_bytes());
        let new = NewConciliation {
            account: shop::account(),
            file: Arc::new(file),
            digest,
            by: "gerente".to_owned(),
        };
        let done = self.commit(|service| service.command(|unit| unit.import_conciliation(&new)))?.flatten();
        if let Some(Ok(imported)) = &done {
            self.story.count("manager: imported the day");
            (0..imported.counts.settled).for_each(|_| self.story.count("file: settled"));
            (0..imported.counts.matches).for_each(|_| self.story.count("file: matches"));
        }
        self.tell(format!(
            "the manager imports the acquirer's file: {:?}",
            done.map(|done| done.map(|it| it.counts))
        ));
        Ok(())
    }

    /// Reversals that got no answer: the portal shows whether the money went back.
    fn decide_reversals(&mut self) -> Result<(), Broken> {
        let Some(db) = self.service.rows() else { return Ok(()) };
        for doubt in rows::reversals_in_doubt(db) {
            if self.terminals.iter().any(|terminal| terminal.reversal_shown() == Some(doubt.attempt)) {
                continue;
            }
            // Of several doubts about one payment, those that together make what the portal shows.
            let booked = self.service.rows().map_or(0, |db| rows::given_back(db, doubt.attempt));
            let went_back = self.model.given_back_of(doubt.attempt) >= booked + doubt.amount;
            let resolve = ResolveReversal {
                account: shop::account(),
                reversal_id: ReversalId::from_random(doubt.id),
                went_back,
                evidence: "portal".to_owned(),
                reason: "conferido".to_owned(),
                by: "gerente".to_owned(),
            };
            let done =
                self.commit(|service| service.command(|unit| unit.resolve_reversal(&resolve)))?.flatten();
            self.story.count(if went_back { "manager: went back" } else { "manager: did not go back" });
            let said = done.map(|done| done.is_ok());
            self.tell(format!("the manager decides {doubt:?}: went back {went_back}, {said:?}"));
        }
        Ok(())
    }

    /// `None`: not heard; `Some(false)`: refused.
    fn resolve(&mut self, attempt: u64, approved: bool) -> Result<Option<bool>, Broken> {
        let resolve = Resolve {
            account: shop::account(),
            attempt_id: AttemptId::from_random(attempt),
            approved,
            evidence: "portal".to_owned(),
            reason: "conferido".to_owned(),
            by: "gerente".to_owned(),
        };
        let done = self.commit(|service| service.command(|unit| unit.resolve(&resolve)))?.flatten();
        if let Some(Ok(_)) = done {
            self.story.count(if approved { "manager: charged" } else { "manager: not charged" });
        }
        Ok(done.map(|done| done.is_ok()))
    }

    fn close_everything(&mut self) -> Result<(), Broken> {
        let Some(db) = self.service.rows() else { return Ok(()) };
        let (rows, _) = rows::changed(db, 0);
        for row in rows.iter().filter(|row| matches!(row.status.as_str(), "open" | "closing")) {
            if row.status == "open" {
                self.close(&row.id, CloseReason::Canceled)?;
            } else if row.claimed_by.is_some() {
                let id = OrderId::parse(&row.id).map_err(|error| error.to_string())?;
                let account = shop::account();
                let withdrawn = self
                    .commit(|service| service.command(|unit| unit.withdraw_claim(&account, &id, "fim")))?
                    .flatten();
                if let Some(Ok(_)) = withdrawn {
                    self.model.withdrawn(&row.id);
                    self.story.count("manager: took an order from a terminal");
                }
            }
        }
        Ok(())
    }
}

/// A small receipt.
fn receipt() -> String {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, RECEIPT_DOTS, RECEIPT_DOTS);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("a small image");
    let dots: Vec<u8> = (0..RECEIPT_DOTS * RECEIPT_DOTS).map(|n| if n % 7 < 2 { 0 } else { 255 }).collect();
    writer.write_image_data(&dots).expect("a small image");
    writer.finish().expect("a small image");
    base64::engine::general_purpose::STANDARD.encode(png)
}

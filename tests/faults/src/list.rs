//! The faults: each replaces a few words of the product's source in a copy of the tree, never in the tree itself.

/// What must catch a fault.
pub(crate) enum Catcher {
    /// A seed of the simulation.
    Seeds,
    /// A test: the arguments of `cargo test`.
    Test(&'static [&'static str]),
}

/// A deliberate fault.
pub(crate) struct Fault {
    /// What is wrong, in a few words.
    pub(crate) name: &'static str,
    /// The source file.
    pub(crate) file: &'static str,
    /// Words that stand there exactly once.
    pub(crate) from: &'static str,
    /// What stands there instead.
    pub(crate) to: &'static str,
    /// What must catch it.
    pub(crate) caught_by: Catcher,
}

const AGENT: Catcher = Catcher::Test(&["-p", "pos-connect", "--lib"]);
const LEDGER: Catcher = Catcher::Test(&["-p", "mobilepayment", "--lib", "ledger"]);
const PROTOCOL: Catcher = Catcher::Test(&["-p", "protocol"]);

/// All of them.
pub(crate) const FAULTS: &[Fault] = &[
    Fault {
        name: "the deep link leaves before its records are synced",
        file: "src/flow/record.rs",
        from: "Self::Feed { .. } | Self::OrderSeen(_) | Self::StraysSeen => false,",
        to: "Self::Feed { .. } | Self::OrderSeen(_) | Self::StraysSeen | Self::AttemptStarted(_) | Self::AttemptLaunched { .. } => false,",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "effects leave although their records could not be written",
        file: "src/driver/engine.rs",
        from: "                self.block(&error);\n                vec![]",
        to: "                self.block(&error);\n                step.effects",
        caught_by: AGENT,
    },
    Fault {
        name: "silence is taken as declined",
        file: "src/flow/resolving.rs",
        from: "self.end_attempt(id, Outcome::InDoubt, Some(reason), None, None);",
        to: "self.end_attempt(id, Outcome::Declined, Some(reason), None, None);",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "a restart takes an open payment for not launched",
        file: "src/flow/idle.rs",
        from: "if attempt.launched_at.is_none() {",
        to: "if true {",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "the answer's amount is not compared",
        file: "src/flow/resolving.rs",
        from: "if said.amount != Some(asked.amount) {",
        to: "if said.amount.is_none() {",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "the answer's method is not compared",
        file: "src/flow/resolving.rs",
        from: "said.method.is_some_and(|method| method != asked.choice.method)",
        to: "said.method.is_some_and(|_| false)",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "an approval that names no attempt is believed",
        file: "src/flow/resolving.rs",
        from: "if answer.attempt_id.is_none() && outcome == Outcome::Approved {",
        to: "if false {",
        caught_by: AGENT,
    },
    Fault {
        name: "an answer that names another attempt counts for the open one",
        file: "src/flow/resolving.rs",
        from: "answer.attempt_id.or(launched)",
        to: "launched.or(answer.attempt_id)",
        caught_by: AGENT,
    },
    Fault {
        name: "a late answer is thrown away",
        file: "src/flow/resolving.rs",
        from: "(true, Some(Outcome::InDoubt)) if outcome != Outcome::InDoubt || attempt.answer.is_none() => {",
        to: "(true, Some(Outcome::InDoubt)) if false => {",
        caught_by: AGENT,
    },
    Fault {
        name: "a report that got no answer is not sent again",
        file: "src/flow/reporting.rs",
        from: "let lasting = matches!(",
        to: "if !matches!(failure, CallFailure::Refused(_)) { self.reported(item.clone(), Reply::Attempt(Box::new(protocol::attempt::AttemptAck { attempt_id: match &item { Item::Outcome(id) => *id, _ => protocol::AttemptId::from_random(1) }, outcome: None, flags: vec![], order: None }))); }\n                let lasting = matches!(",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "what happened while a report was under way counts as reported",
        file: "src/flow/reporting.rs",
        from: "            (Item::Outcome(attempt_id), Reply::Attempt(ack)) => {\n                let end = self.live.sent_end;",
        to: "            (Item::Outcome(attempt_id), Reply::Attempt(ack)) => {\n                let end = self.present_end(&Item::Outcome(attempt_id));",
        caught_by: AGENT,
    },
    Fault {
        name: "an order is given back under an open payment",
        file: "src/flow/claiming.rs",
        from: ".filter(|(order_id, _)| !self.durable.has_unfinished(order_id))",
        to: ".filter(|_| true)",
        caught_by: AGENT,
    },
    Fault {
        name: "a doubt does not reserve its part on the terminal",
        file: "src/flow/state.rs",
        from: "            order.reserved = order.reserved.checked_add(amount).unwrap_or(order.total);",
        to: "            order.reserved = order.reserved.checked_add(Centavos::ZERO).unwrap_or(order.total);",
        caught_by: AGENT,
    },
    Fault {
        name: "a reversal in doubt does not block another one",
        file: "src/flow/reversing.rs",
        from: "attempt.reversible().saturating_sub(unclear)",
        to: "attempt.reversible().saturating_sub(unclear.saturating_sub(unclear))",
        caught_by: AGENT,
    },
    Fault {
        name: "a restored service is not told again",
        file: "src/flow/apply.rs",
        from: "if page.restored {",
        to: "if false {",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "an older view replaces a newer one",
        file: "src/flow/apply.rs",
        from: "known.revision > order.revision",
        to: "known.revision > order.revision && false",
        caught_by: AGENT,
    },
    Fault {
        name: "a journal that lost its end is opened",
        file: "src/journal/mod.rs",
        from: "if seq != last_seq {",
        to: "if false {",
        caught_by: AGENT,
    },
    Fault {
        name: "a journal that is gone is made anew",
        file: "src/journal/folder.rs",
        from: "Ok(!self.dir.join(MARKER).try_exists()? && !self.dir.join(JOURNAL).try_exists()?)",
        to: "Ok(!self.dir.join(JOURNAL).try_exists()?)",
        caught_by: AGENT,
    },
    Fault {
        name: "a record's checksum is not compared",
        file: "src/journal/envelope.rs",
        from: ".filter(|(crc, json)| u32::from_le_bytes(**crc) == crc32fast::hash(json))",
        to: "",
        caught_by: AGENT,
    },
    Fault {
        name: "the amount may be above the balance",
        file: "protocol/src/rules.rs",
        from: "if amount > order.chargeable() {",
        to: "if amount > order.total {",
        caught_by: PROTOCOL,
    },
    Fault {
        name: "another method than the PDV chose is let through",
        file: "protocol/src/rules.rs",
        from: "Some(fixed) if fixed.method != choice.method => Some(Flag::MethodNotAllowed),",
        to: "Some(fixed) if false && fixed.method != choice.method => Some(Flag::MethodNotAllowed),",
        caught_by: PROTOCOL,
    },
    Fault {
        name: "a lease runs out under an open attempt, and the order is claimed again",
        file: "mobilepayment/src/ledger/draft.rs",
        from: "over && !charging",
        to: "over && (!charging || charging)",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "a claim is granted over another terminal's",
        file: "mobilepayment/src/ledger/claiming.rs",
        from: "Some(claim) if claim.terminal != *terminal => {",
        to: "Some(claim) if claim.terminal != *terminal && order.fence.0 == 0 => {",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "a late request takes the place of the courier's claim",
        file: "mobilepayment/src/ledger/claiming.rs",
        from: "is_some_and(|held| held.kind == ClaimKind::Delivery) {\n        return Err(RefusalCode::ClaimLost.into());",
        to: "is_some_and(|held| held.kind == ClaimKind::Delivery) {\n        let _ = RefusalCode::ClaimLost;",
        caught_by: LEDGER,
    },
    Fault {
        name: "a new claim keeps the old fence",
        file: "mobilepayment/src/ledger/claiming.rs",
        from: "let fence = Fence(draft.order.fence.0 + 1);",
        to: "let fence = Fence(draft.order.fence.0.max(1));",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "the fence is not compared",
        file: "mobilepayment/src/ledger/charging.rs",
        from: "holds(&draft.order, &terminal.serial, started.claim_id) && draft.order.fence == started.fence;",
        to: "holds(&draft.order, &terminal.serial, started.claim_id);",
        caught_by: LEDGER,
    },
    Fault {
        name: "an order is taken from a terminal that is charging",
        file: "mobilepayment/src/ledger/claiming.rs",
        from: "        return Err(PdvRefusal::AttemptOpen);",
        to: "        let _ = PdvRefusal::AttemptOpen;",
        caught_by: LEDGER,
    },
    Fault {
        name: "a close does not wait for a charge in flight",
        file: "mobilepayment/src/ledger/draft.rs",
        from: "if self.order.has_unsettled() || courier_is_out {",
        to: "if courier_is_out {",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "an approval after the close is dropped",
        file: "mobilepayment/src/ledger/reporting.rs",
        from: "    let mut draft = Draft::begin(order, now);\n    let started",
        to: "    let mut draft = Draft::begin(order, now);\n    if order.status.is_ended() { return draft.decide(Verdict { outcome: Some(message.outcome), flags: vec![] }); }\n    let started",
        caught_by: LEDGER,
    },
    Fault {
        name: "an approval above the balance is booked",
        file: "mobilepayment/src/ledger/reporting.rs",
        from: "if !already_booked && started.amount > order.balance() {",
        to: "if false {",
        caught_by: LEDGER,
    },
    Fault {
        name: "a report of another method than the PDV chose is booked",
        file: "mobilepayment/src/ledger/reporting.rs",
        from: "        flags.extend(rules::method_flag(order.fixed.as_ref(), contract, &started.choice));\n",
        to: "        let _ = (contract, rules::method_flag);\n",
        caught_by: LEDGER,
    },
    Fault {
        name: "an approval after a refusal is no contradiction",
        file: "mobilepayment/src/ledger/reporting.rs",
        from: "    decided_otherwise || reported_otherwise\n",
        to: "    decided_otherwise && reported_otherwise\n",
        caught_by: LEDGER,
    },
    Fault {
        name: "the same reversal is booked twice",
        file: "mobilepayment/src/ledger/reversing.rs",
        from: "let is_news = same && before.as_ref().is_none_or(|b| b.outcome != after);",
        to: "let is_news = same;",
        caught_by: LEDGER,
    },
    Fault {
        name: "the same idempotency key makes a second order",
        file: "mobilepayment/src/store/pdv_side.rs",
        from: "if let Some((id, hash)) = orders::find_idempotent(self.db, &new.account, &idempotency.key)? {",
        to: "if let Some((id, hash)) = orders::find_idempotent(self.db, &new.account, \"\")? {",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "a command is answered although its commit failed",
        file: "mobilepayment/src/store/desk.rs",
        from: "self.answer.filter(|_| committed)",
        to: "self.answer.filter(|_| committed || !committed)",
        caught_by: Catcher::Test(&["-p", "mobilepayment", "--lib", "store"]),
    },
    Fault {
        name: "a database that is gone is made anew",
        file: "mobilepayment/src/db/open.rs",
        from: "            data.refuse_if_lost(folder)?;\n",
        to: "            let _ = Self::refuse_if_lost;\n",
        caught_by: Catcher::Test(&["-p", "mobilepayment", "--lib", "db"]),
    },
    Fault {
        name: "a webhook counts as sent although the receiver said no",
        file: "mobilepayment/src/webhooks/sender.rs",
        from: "if status.is_success() {",
        to: "if status.is_success() || status.is_server_error() {",
        caught_by: Catcher::Test(&["-p", "mobilepayment", "--test", "pdv", "webhooks"]),
    },
    Fault {
        name: "a delivered event takes the rest of its order along",
        file: "mobilepayment/src/db/deliveries.rs",
        from: "db.prepare_cached(\"DELETE FROM deliveries WHERE endpoint = ?1 AND event_sequence = ?2\")?",
        to: "db.prepare_cached(\"DELETE FROM deliveries WHERE endpoint = ?1 AND lane = (SELECT lane FROM deliveries WHERE event_sequence = ?2)\")?",
        caught_by: Catcher::Seeds,
    },
    Fault {
        name: "the events of an order overtake each other",
        file: "mobilepayment/src/db/deliveries.rs",
        from: "NOT EXISTS (SELECT 1 FROM deliveries WHERE endpoint = ?1 AND lane = ?5)",
        to: "1 = 1 OR (?1 = ?5)",
        caught_by: Catcher::Seeds,
    },
];

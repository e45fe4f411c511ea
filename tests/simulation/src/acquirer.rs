//! The acquirer's app in the world: what the person before it does, and the returns on their way.

use pos_connect::flow::Event;
use virtual_terminal::stone_app::{Answer, Damage, Details, Forgery, Request, Returns, Verdict};

use crate::model::Broken;
use crate::plan::Act;
use crate::rows;
use crate::world::{Happening, World};

impl World {
    /// A person works the app on the screen.
    pub(crate) fn app_acts(&mut self, at: usize, boot: u32, number: u64) -> Result<(), Broken> {
        let terminal = &self.terminals[at];
        let Some(shown) = terminal.apps.shown().filter(|shown| shown.number == number) else { return Ok(()) };
        if terminal.boot != boot {
            return Ok(());
        }
        let pays = matches!(shown.request, Ok(Request::Pay(_)));
        let payment = terminal.payment_shown().map(|(attempt, ..)| attempt);
        let reversed = terminal.reversal_shown();
        let act = if self.calm {
            *self.dice.weighted(&[(8, Act::Approve), (2, Act::Decline), (1, Act::Cancel)])
        } else {
            let acts = self.plan.acts.clone();
            *self.dice.weighted(&acts)
        };
        let act = if pays { act } else { of_a_reversal(act) };
        self.tell(format!("{at}: the acquirer's app, {act:?}"));
        self.story.count(&format!("acquirer: {act:?}"));
        if act == Act::Forged {
            if let Some(attempt) = payment {
                self.model.forged(attempt);
            }
            let ms = self.dice.between(1_000, 30_000);
            self.after(ms, Happening::App { at, boot, number });
        }
        let (answer, details) = answer_of(act, self.dice.between(5_000, 400_000));
        let now_s = self.wall().0 / 1_000;
        let terminal = &mut self.terminals[at];
        let returns = terminal.apps.answer(&answer, &details, &mut terminal.printer, now_s);
        let returns = returns.map_err(|error| format!("the acquirer's app cannot {act:?}: {error}"))?;
        self.book_charges(at)?;
        if let (Act::OtherAmount, Some(attempt)) = (act, reversed) {
            self.model.gave_back_otherwise(attempt);
        }
        if act != Act::Forged
            && let Some(attempt) = payment
        {
            self.model.app_closed(attempt);
        }
        self.take_returns(at, returns);
        Ok(())
    }

    /// Tells the model what the acquirer has approved by now.
    pub(crate) fn book_charges(&mut self, at: usize) -> Result<(), Broken> {
        for transaction in self.terminals[at].apps.transactions() {
            let Some(attempt) = transaction.order_id.as_ref().and_then(|id| id.parse::<u64>().ok()) else {
                return Err(format!("the acquirer charged without a reference: {transaction:?}"));
            };
            let mut choice = serde_json::json!({ "method": transaction.method });
            if transaction.installments > 1 {
                choice["installments"] = serde_json::json!({
                    "count": transaction.installments, "kind": transaction.installment_kind
                });
            }
            if self.model.is_charged(attempt) {
                self.model.given_back(attempt, transaction.reversed)?;
            } else {
                self.story.count("charged");
                self.model.charged(attempt, transaction.amount, &rows::choice(&choice))?;
            }
        }
        Ok(())
    }

    pub(crate) fn take_returns(&mut self, at: usize, returns: Returns) {
        let boot = self.terminals[at].boot;
        for uri in returns.now {
            let ms = self.dice.between(20, 900);
            self.after(ms, Happening::Return { at, boot, uri });
        }
        if let Some((number, ms)) = returns.later {
            self.after(ms, Happening::Late { at, boot, number });
        }
    }

    pub(crate) fn late_answer(&mut self, at: usize, boot: u32, number: u64) {
        if self.terminals[at].boot == boot
            && let Some(uri) = self.terminals[at].apps.send_held(number)
        {
            self.story.count("late return");
            self.after(1, Happening::Return { at, boot, uri });
        }
    }

    /// The system starts the app for a return when it does not run.
    pub(crate) fn return_arrives(&mut self, at: usize, boot: u32, uri: String) -> Result<(), Broken> {
        if self.terminals[at].boot != boot {
            return Ok(());
        }
        if self.terminals[at].engine.is_none() {
            self.story.count("return into a new process");
            self.begin(at, boot)?;
        }
        self.tell(format!("{at}: returns {}", uri.chars().take(120).collect::<String>()));
        self.give(at, Event::Returned(uri))
    }

    /// Some app sends what it likes.
    pub(crate) fn stray(&mut self, at: usize) {
        if self.calm || self.terminals[at].engine.is_none() {
            return;
        }
        let boot = self.terminals[at].boot;
        let now_s = self.wall().0 / 1_000;
        let terminal = &mut self.terminals[at];
        let forged = Answer::Forge(Forgery::UnknownOrder);
        let returns = terminal.apps.answer(&forged, &Details::default(), &mut terminal.printer, now_s);
        let uri = match (self.dice.below(3), returns) {
            (0, Ok(returns)) => returns.now.into_iter().next().unwrap_or_default(),
            (1, _) => "posconnect://pay-response?success=false&code=-6&message=x".to_owned(),
            _ => format!("posconnect://pay-response?code=0&amount=100&order_id={}", self.dice.roll() >> 1),
        };
        // A refusal that names nothing is taken for the open payment's, as Stone's own may be: not told apart by anybody.
        let uri = if uri.contains("code=-6") && terminal_pays(self, at) { String::new() } else { uri };
        self.story.count("stray return");
        self.after(1, Happening::Return { at, boot, uri });
    }
}

fn terminal_pays(world: &World, at: usize) -> bool {
    let engine = world.terminals[at].engine.as_ref();
    engine.is_some_and(|engine| engine.agent().durable().attempts.values().any(|a| a.ended.is_none()))
}

/// What can be said of a reversal.
const fn of_a_reversal(act: Act) -> Act {
    match act {
        Act::OtherMethod | Act::ApproveNamelessly | Act::ApproveTwice => Act::Approve,
        Act::DeclineNamelessly | Act::Forged => Act::Decline,
        Act::Approve
        | Act::Decline
        | Act::Cancel
        | Act::OtherAmount
        | Act::ApproveLate
        | Act::DeclineLate
        | Act::ApproveSilently
        | Act::Nothing
        | Act::ApproveUnreadably => act,
    }
}

fn answer_of(act: Act, late_ms: u64) -> (Answer, Details) {
    let nameless = Details { without_order_id: true, ..Details::default() };
    let approve = Verdict::approve();
    let late = |verdict| Answer::Late { verdict, after_ms: Some(late_ms) };
    match act {
        Act::Approve => (Answer::Once(approve), Details::default()),
        Act::Decline => (Answer::Once(Verdict::Decline), Details::default()),
        Act::Cancel => (Answer::Once(Verdict::Cancel), Details::default()),
        Act::OtherAmount => (Answer::Once(Verdict::OtherAmount(None)), Details::default()),
        Act::OtherMethod => (Answer::Once(Verdict::OtherMethod(None)), Details::default()),
        Act::ApproveTwice => (Answer::Twice(approve), Details::default()),
        Act::ApproveLate => (late(approve), Details::default()),
        Act::DeclineLate => (late(Verdict::Decline), Details::default()),
        Act::ApproveSilently => (Answer::Silent(Some(approve)), Details::default()),
        Act::Nothing => (Answer::Silent(None), Details::default()),
        Act::ApproveUnreadably => (Answer::Malformed(approve, Damage::Repeated), Details::default()),
        Act::ApproveNamelessly => (Answer::Once(approve), nameless),
        Act::DeclineNamelessly => (Answer::Once(Verdict::Decline), nameless),
        Act::Forged => (Answer::Forge(Forgery::SameOrder), Details::default()),
    }
}

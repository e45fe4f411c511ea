//! What the operator reads off the acquirer's card slip about a payment in doubt. It decides nothing here: the store does.

use protocol::attempt::Outcome;
use protocol::statement::{AttemptStatement, Said};
use protocol::{AttemptId, StatementId};

use super::live::Page;
use super::{Agent, Record};

impl Agent {
    /// Whether there is something to say about this payment.
    #[must_use]
    pub fn can_state(&self, attempt_id: AttemptId) -> bool {
        let attempt = self.durable.attempts.get(&attempt_id);
        attempt.is_some_and(|attempt| attempt.ended.is_some() && attempt.is_unclear())
    }

    pub(super) fn state(&mut self) {
        if let Page::Result { attempt_id } | Page::Payment { attempt_id } = self.live.page
            && self.can_state(attempt_id)
        {
            self.show(Page::Statement { attempt_id });
        }
    }

    pub(super) fn state_charged(&mut self) {
        if let Page::Statement { attempt_id } = self.live.page {
            self.show(Page::StatementCode { attempt_id, typed: String::new(), invalid: false });
        }
    }

    pub(super) fn state_not_charged(&mut self) {
        if let Page::Statement { attempt_id } = self.live.page {
            self.show(Page::StatementConfirm { attempt_id, said: Said::NotCharged });
        }
    }

    /// One step on: from the first code to the second, to reading it all once more, to the record.
    pub(super) fn confirm_statement(&mut self) {
        if let Page::StatementCode { attempt_id, typed, .. } = self.live.page.clone() {
            let page = if may_be_kept(&typed) {
                Page::StatementAtk { attempt_id, code: typed, typed: String::new(), invalid: false }
            } else {
                Page::StatementCode { attempt_id, typed, invalid: true }
            };
            self.show(page);
        } else if let Page::StatementAtk { attempt_id, code, typed, .. } = self.live.page.clone() {
            let page = if may_be_kept(&typed) {
                let said = Said::Charged { authorization_code: code, atk: typed };
                Page::StatementConfirm { attempt_id, said }
            } else {
                Page::StatementAtk { attempt_id, code, typed, invalid: true }
            };
            self.show(page);
        } else if let Page::StatementConfirm { attempt_id, said } = self.live.page.clone() {
            self.record_statement(attempt_id, said);
        }
    }

    fn record_statement(&mut self, attempt_id: AttemptId, said: Said) {
        let Some(attempt) = self.durable.attempts.get(&attempt_id).filter(|_| self.can_state(attempt_id))
        else {
            return;
        };
        let order_id = attempt.start.attempt.order_id.clone();
        let statement_id = StatementId::from_random(self.random());
        let stated_at = self.now.wall;
        let statement = AttemptStatement { statement_id, attempt_id, order_id, said, stated_at };
        self.record(Record::AttemptStated(statement));
        self.show(Page::Result { attempt_id });
    }

    pub(super) fn back_from_statement(&mut self) {
        if let Page::StatementConfirm { attempt_id, said: Said::Charged { authorization_code, atk } } =
            self.live.page.clone()
        {
            self.show(Page::StatementAtk {
                attempt_id,
                code: authorization_code,
                typed: atk,
                invalid: false,
            });
        } else if let Page::StatementAtk { attempt_id, code, .. } = self.live.page.clone() {
            self.show(Page::StatementCode { attempt_id, typed: code, invalid: false });
        } else if let Page::Statement { attempt_id } = self.live.page {
            self.show(Page::Result { attempt_id });
        } else if let Some(attempt_id) = self.live.page.stated_of() {
            self.show(Page::Statement { attempt_id });
        }
    }

    /// A late answer or the store's decision ends the question while it is being asked.
    pub(super) fn leave_answered_statement(&mut self) {
        if let Some(attempt_id) = self.live.page.stated_of()
            && !self.can_state(attempt_id)
        {
            self.show(Page::Result { attempt_id });
        }
    }

    /// What was said of an attempt that is in doubt still.
    #[must_use]
    pub fn stated(&self, attempt_id: AttemptId) -> Option<&super::state::Stated> {
        let attempt = self.durable.attempts.get(&attempt_id)?;
        attempt.stated.as_ref().filter(|_| attempt.outcome() == Some(Outcome::InDoubt))
    }
}

/// A code of a slip. A card number typed by mistake never reaches the journal.
fn may_be_kept(typed: &str) -> bool {
    Said::is_code(typed) && !Said::is_card_number(typed)
}

//! What terminals ask and report. Every answer is given only after its commit is synced.

use std::sync::Arc;

use protocol::PrintId;
use protocol::activation::{ActivateRequest, Activated};
use protocol::attempt::{AttemptAck, AttemptEnded, AttemptStarted};
use protocol::claim::{ClaimGrant, ClaimRelease, ClaimReleased, ClaimRequest};
use protocol::receipt::{ReceiptImage, ReceiptResult};
use protocol::refusal::{Refusal, RefusalCode};
use protocol::reversal::ReversalEnded;
use protocol::statement::AttemptStatement;

use super::terminal_side::print_is_for;
use super::{CommandError, Store};
use crate::db::{orders, prints};
use crate::registers::Terminal;

/// What a terminal is answered.
pub type TerminalResult<T> = Result<T, Refusal>;

impl From<CommandError<Self>> for Refusal {
    fn from(error: CommandError<Self>) -> Self {
        match error {
            CommandError::Refused(refusal) => refusal,
            CommandError::Unavailable(_) => RefusalCode::Unavailable.into(),
        }
    }
}

impl Store {
    /// Binds a terminal to its store.
    pub async fn activate(&self, request: ActivateRequest) -> TerminalResult<Activated> {
        let now = self.shared.environment.now();
        let registers = self.shared.registers.get();
        let own = registers.terminal(&request.serial).map(|terminal| terminal.serial.clone());
        if !self.shared.brake.allows(own, now) {
            return Err(RefusalCode::TooMany.into());
        }
        let serial = request.serial.clone();
        let activated = self.write(move |unit| unit.activate(&request)).await?;
        self.shared.brake.was_right(serial);
        Ok(activated)
    }

    /// Grants or refuses the right to charge.
    pub async fn claim(&self, terminal: Arc<Terminal>, request: ClaimRequest) -> TerminalResult<ClaimGrant> {
        Ok(self.write(move |unit| unit.claim(&terminal, &request)).await?)
    }

    /// Takes an order back.
    pub async fn release(
        &self,
        terminal: Arc<Terminal>,
        release: ClaimRelease,
    ) -> TerminalResult<ClaimReleased> {
        Ok(self.write(move |unit| unit.release(&terminal, &release)).await?)
    }

    /// Accepts or refuses the start of an attempt.
    pub async fn start_attempt(
        &self,
        terminal: Arc<Terminal>,
        started: AttemptStarted,
    ) -> TerminalResult<AttemptAck> {
        Ok(self.write(move |unit| unit.start_attempt(&terminal, &started)).await?)
    }

    /// Records what came of an attempt.
    pub async fn report_attempt(
        &self,
        terminal: Arc<Terminal>,
        message: AttemptEnded,
    ) -> TerminalResult<AttemptAck> {
        Ok(self.write(move |unit| unit.report_attempt(&terminal, &message)).await?)
    }

    /// Records what an operator read off the card slip of an attempt.
    pub async fn state_attempt(
        &self,
        terminal: Arc<Terminal>,
        message: AttemptStatement,
    ) -> TerminalResult<AttemptAck> {
        Ok(self.write(move |unit| unit.state_attempt(&terminal, &message)).await?)
    }

    /// Records what came of a reversal.
    pub async fn report_reversal(
        &self,
        terminal: Arc<Terminal>,
        message: ReversalEnded,
    ) -> TerminalResult<AttemptAck> {
        Ok(self.write(move |unit| unit.report_reversal(&terminal, &message)).await?)
    }

    /// Records what became of a receipt.
    pub async fn report_print(&self, terminal: Arc<Terminal>, result: ReceiptResult) -> TerminalResult<()> {
        Ok(self.write(move |unit| unit.report_print(&terminal, &result)).await?)
    }

    /// A receipt's image.
    pub async fn receipt(&self, terminal: Arc<Terminal>, id: PrintId) -> TerminalResult<ReceiptImage> {
        let query_id = id.clone();
        let content = self
            .shared
            .readers
            .read(move |db| {
                let Some((print, _)) = prints::load(db, &terminal.account_id, &query_id)? else {
                    return Ok(None);
                };
                match orders::load(db, &terminal.account_id, &print.order_id)? {
                    Some(order) if print_is_for(&print, &order, &terminal) => prints::content(db, &query_id),
                    Some(_) | None => Ok(None),
                }
            })
            .await
            .map_err(|_| RefusalCode::Unavailable)?;
        match content {
            Some(content) => Ok(ReceiptImage { print_id: id, content }),
            None => Err(RefusalCode::ReceiptUnknown.into()),
        }
    }
}

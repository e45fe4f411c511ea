//! The acquirer's file of a day: compared while others go on writing, then applied in one transaction.
//!
//! Between the two an order may change; what is applied is checked again by the money rules, so the worst is a line that
//! says `refused`. The same file again is answered as the first time and changes nothing.

use std::sync::Arc;

use serde_json::json;

use super::unit::{Failure, Unit};
use super::{PdvResult, Store, Unavailable};
use crate::db::{conciliations, orders};
use crate::ledger::audit::{Act, What};
use crate::ledger::command::{Resolve, ResolveReversal};
use crate::ledger::comparison::{Comparison, Conciliation, Line, Settlement, Why};
use crate::ledger::conciliating::compare;
use crate::ledger::day_file::DayFile;
use crate::ledger::order::Order;
use crate::ledger::refusal::PdvRefusal;
use crate::ledger::{resolving, settling};
use crate::registers::AccountId;

/// Why, in the resolution of what a file decided.
const REASON: &str = "consta no arquivo de conciliação da adquirente";

/// A file to be imported.
#[derive(Clone, Debug)]
pub struct NewConciliation {
    /// Whose.
    pub account: AccountId,
    /// The file.
    pub file: Arc<DayFile>,
    /// SHA-256 of its bytes: the same file is imported once.
    pub digest: [u8; 32],
    /// Who imports it.
    pub by: String,
}

impl Store {
    /// Imports a file, or finds what came of it before.
    pub async fn import_conciliation(&self, new: NewConciliation) -> PdvResult<Conciliation> {
        let (account, file, digest) = (new.account.clone(), Arc::clone(&new.file), new.digest);
        let compared = self
            .shared
            .readers
            .read(move |db| {
                if let Some(known) = conciliations::by_digest(db, &account, &digest)? {
                    return Ok(Err(known));
                }
                Ok(Ok(compare(&file, &conciliations::candidates(db, &account, &file)?)))
            })
            .await?;
        match compared {
            Err(known) => Ok(known),
            Ok((comparison, settlements)) => {
                self.write(move |unit| unit.apply_conciliation(&new, comparison, settlements)).await
            }
        }
    }

    /// Imports of a company, newest first, at most [`conciliations::SHOWN`].
    pub async fn conciliations(&self, account: &AccountId) -> Result<Vec<Conciliation>, Unavailable> {
        let account = account.clone();
        self.shared.readers.read(move |db| conciliations::newest(db, &account)).await
    }

    /// One import with what came of it.
    pub async fn conciliation(
        &self,
        account: &AccountId,
        id: &str,
    ) -> Result<Option<(Conciliation, Comparison)>, Unavailable> {
        let (account, id) = (account.clone(), id.to_owned());
        self.shared.readers.read(move |db| conciliations::load_one(db, &account, &id)).await
    }
}

impl Unit<'_> {
    /// Compares and applies in one go: what a simulation does, which has no other thread.
    pub fn import_conciliation(
        &mut self,
        new: &NewConciliation,
    ) -> Result<Conciliation, Failure<PdvRefusal>> {
        let orders = conciliations::candidates(self.db, &new.account, &new.file)?;
        let (comparison, settlements) = compare(&new.file, &orders);
        self.apply_conciliation(new, comparison, settlements)
    }

    fn apply_conciliation(
        &mut self,
        new: &NewConciliation,
        mut comparison: Comparison,
        settlements: Vec<Settlement>,
    ) -> Result<Conciliation, Failure<PdvRefusal>> {
        if let Some(known) = conciliations::by_digest(self.db, &new.account, &new.digest)? {
            return Ok(known);
        }
        let by = format!("conciliação Stone {}, {}", new.file.id, new.by);
        for mut settlement in settlements {
            if self.settle(&new.account, &by, &settlement)? {
                comparison.settled.push(settlement.line);
            } else {
                settlement.line.why.push(Why::Refused);
                comparison.differs.push(settlement.line);
            }
        }
        let conciliation = Conciliation {
            id: self.environment.id("cc_"),
            file_id: new.file.id.clone(),
            store: new.file.store.clone(),
            date: new.file.date.to_string(),
            by: new.by.clone(),
            imported_at: self.now,
            counts: comparison.counts(),
        };
        conciliations::insert(self.db, &new.account, &conciliation, &new.digest, &comparison)?;
        let after = json!({
            "conciliation": conciliation.id,
            "file_id": conciliation.file_id,
            "date": conciliation.date,
            "counts": conciliation.counts,
        });
        let act = Act::new(What::ConciliationImported, new.by.clone());
        self.audit(&new.account, act, None, None, Some(after))?;
        Ok(conciliation)
    }

    /// Applies one decision of a file; whether the money rules let it.
    fn settle(
        &mut self,
        account: &AccountId,
        by: &str,
        it: &Settlement,
    ) -> Result<bool, Failure<PdvRefusal>> {
        let Some(before) = self.order_of_line(account, &it.line)? else {
            return Ok(false);
        };
        let (account, evidence) = (account.clone(), in_words(&it.line));
        let (by, reason) = (by.to_owned(), REASON.to_owned());
        let act = |what| Act {
            why: Some(reason.clone()),
            evidence: Some(evidence.clone()),
            attempt: Some(it.attempt_id),
            reversal: it.reversal_id,
            ..Act::new(what, by.clone())
        };
        let (act, decision) = match it.reversal_id {
            None => {
                let act = act(What::AttemptSettled);
                let attempt_id = it.attempt_id;
                let resolve = Resolve { account, attempt_id, approved: true, evidence, reason, by };
                (act, resolving::resolve_with(&before, &resolve, &it.codes, self.now))
            }
            Some(reversal_id) => {
                let act = act(What::ReversalSettled);
                let resolve = ResolveReversal { account, reversal_id, went_back: true, evidence, reason, by };
                (act, settling::resolve(&before, it.attempt_id, &resolve, self.now))
            }
        };
        match decision {
            Ok(decision) => {
                self.save_act(&before, decision, act)?;
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }

    fn order_of_line(&self, account: &AccountId, line: &Line) -> Result<Option<Order>, Failure<PdvRefusal>> {
        match &line.ours {
            Some(ours) => Ok(orders::load(self.db, account, &ours.order_id)?),
            None => Ok(None),
        }
    }
}

/// What a decision rests on, for people.
fn in_words(line: &Line) -> String {
    let file = line.file.clone().unwrap_or_default();
    let said = [
        ("NSU", file.atk),
        ("ITK", file.itk),
        ("autorização", file.authorization_code),
        ("cancelamento", file.cancellation),
    ];
    let said: Vec<String> =
        said.into_iter().filter_map(|(name, text)| Some(format!("{name} {}", text?))).collect();
    format!("linha do arquivo: {}", said.join(", "))
}

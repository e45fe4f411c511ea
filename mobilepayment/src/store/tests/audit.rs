//! The audit trail and what it tells of are one transaction.

use crate::ledger::audit::Author;
use crate::ledger::command::CloseOrder;
use crate::ledger::order::CloseReason;
use crate::ledger::refusal::PdvRefusal;
use crate::store::desk::{Command, Work};
use crate::store::tests::{Office, account, listed};
use crate::store::unit::{Failure, Unit};

#[test]
fn a_change_and_its_row_are_both_written_or_neither_is() {
    let mut office = Office::open();
    let order = office.desk.run(|unit| unit.create_order(&listed(1_000))).unwrap().order;
    let close = CloseOrder { account: account(), order_id: order.id.clone(), reason: CloseReason::Canceled };
    let taken_back = office.desk.run(|unit| {
        unit.close_order(&close)?;
        Err::<(), _>(Failure::Refused(PdvRefusal::TotalInvalid))
    });
    assert!(taken_back.is_err());
    assert_eq!(office.count("audit"), 0);
    office.desk.run(|unit| unit.close_order(&close)).unwrap();
    assert_eq!(office.count("audit"), 1);
}

#[test]
fn an_author_is_not_taken_for_the_next_commands_too() {
    let mut office = Office::open();
    let mut closing = |by: Option<&str>| {
        let order = office.desk.run(|unit| unit.create_order(&listed(1_000))).unwrap().order;
        let close = CloseOrder { account: account(), order_id: order.id, reason: CloseReason::Canceled };
        let by = by.map(ToOwned::to_owned);
        move |unit: &mut Unit<'_>| -> Result<(), Failure<PdvRefusal>> {
            if by.is_some() {
                unit.author = Author { by, reason: None };
            }
            unit.close_order(&close).map(|_| ())
        }
    };
    let (mut named, mut nameless) = (Command::new(closing(Some("Ana"))), Command::new(closing(None)));
    assert!(office.desk.batch([&mut named as &mut dyn Work, &mut nameless]));
    let db = office.data.reader().unwrap();
    let mut rows = db.prepare("SELECT who FROM audit ORDER BY sequence").unwrap();
    let who: Vec<String> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(who, ["Ana", "PDV"]);
}

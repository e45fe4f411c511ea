//! Many commands in one commit.

use std::sync::Arc;

use crate::environment::Environment;
use crate::ledger::refusal::PdvRefusal;
use crate::store::desk::{Command, Work};
use crate::store::tests::{Office, listed, registers};
use crate::store::unit::{Failure, Unit};
use crate::store::{CommandError, Store, Unavailable};

type Done = Result<(), Failure<PdvRefusal>>;

#[test]
fn a_refused_or_panicking_command_takes_nothing_of_its_neighbours_with_it() {
    let mut office = Office::open();
    let before = office.desk.last_event();
    let mut good = Command::new(|unit: &mut Unit<'_>| -> Done { unit.create_order(&listed(1)).map(|_| ()) });
    let mut refused = Command::new(|unit: &mut Unit<'_>| -> Done {
        unit.create_order(&listed(2))?;
        Err(Failure::Refused(PdvRefusal::TotalInvalid))
    });
    let mut broken = Command::new(|unit: &mut Unit<'_>| -> Done {
        unit.create_order(&listed(3))?;
        panic!("a bug");
    });
    let mut last = Command::new(|unit: &mut Unit<'_>| -> Done { unit.create_order(&listed(4)).map(|_| ()) });
    let batch: [&mut dyn Work; 4] = [&mut good, &mut refused, &mut broken, &mut last];
    let committed = office.desk.batch(batch);
    assert!(committed);
    assert_eq!(good.into_answer(committed), Ok(()));
    let refusal = CommandError::Refused(PdvRefusal::TotalInvalid);
    assert_eq!(refused.into_answer(committed), Err(refusal));
    assert_eq!(broken.into_answer(committed), Err(CommandError::Unavailable(Unavailable)));
    assert_eq!(last.into_answer(committed), Ok(()));
    assert_eq!((office.count("orders"), office.count("events")), (2, 2));
    assert_eq!(office.desk.last_event(), before + 2, "no number was lost to what did not happen");
    assert_eq!(office.desk.hub().open_orders(), 2);
}

#[test]
fn when_the_commit_fails_nobody_is_told_that_it_was_done_and_the_next_one_works() {
    let mut office = Office::open();
    let mut command = Command::new(|unit: &mut Unit<'_>| -> Done {
        unit.create_order(&listed(1))?;
        // A foreign key checked at the commit fails it, as a full disk would.
        unit.db.execute_batch("PRAGMA defer_foreign_keys = ON").unwrap();
        unit.db
            .execute(
                "INSERT INTO claims (id, order_id, terminal, fence, granted_at) VALUES (1, 'or_none', 't', 1, 1)",
                [],
            )
            .unwrap();
        Ok(())
    });
    let committed = office.desk.batch([&mut command as &mut dyn Work]);
    assert!(!committed);
    assert_eq!(command.into_answer(committed), Err(CommandError::Unavailable(Unavailable)));
    assert_eq!((office.count("orders"), office.desk.hub().open_orders()), (0, 0));
    office.desk.run(|unit| unit.create_order(&listed(1))).unwrap();
    assert_eq!((office.count("orders"), office.desk.hub().open_orders()), (1, 1));
}

#[test]
fn what_was_answered_is_there_after_a_restart_with_the_same_numbers() {
    let mut office = Office::open();
    let first = office.desk.run(|unit| unit.create_order(&listed(1))).unwrap().order;
    let event = office.desk.last_event();
    let mut office = office.reopen();
    assert_eq!(office.desk.last_event(), event);
    assert_eq!(office.desk.hub().open_orders(), 1);
    let second = office.desk.run(|unit| unit.create_order(&listed(1))).unwrap().order;
    assert!(second.revision > first.revision);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_wait_together_are_committed_together_and_all_answered() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(registers()), Environment::system()).unwrap();
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let store = store.clone();
        asked.spawn(async move { store.create_order(listed(5)).await });
    }
    let mut revisions = std::collections::BTreeSet::new();
    while let Some(answer) = asked.join_next().await {
        revisions.insert(answer.unwrap().unwrap().order.revision);
    }
    assert_eq!(revisions.len(), 300, "each order has a number of its own");
    store.stop().await;
    assert!(store.create_order(listed(5)).await.is_err(), "a stopped store refuses");
}

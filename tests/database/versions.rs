//! Databases of other versions: older ones are upgraded, newer ones are refused.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use super::service::{Acknowledged, DATABASE, Folder, Service};

/// Made by the first version itself.
const SCHEMA_1: &str = include_str!("../../mobilepayment/tests/fixtures/schema-1.sql");
/// The steps from the first schema on.
const STEPS: [&str; 5] = [
    include_str!("../../mobilepayment/migrations/0002_audit.sql"),
    include_str!("../../mobilepayment/migrations/0003_statements.sql"),
    include_str!("../../mobilepayment/migrations/0004_reversals.sql"),
    include_str!("../../mobilepayment/migrations/0005_conciliations.sql"),
    include_str!("../../mobilepayment/migrations/0006_registers.sql"),
];
/// The version that is today's.
const TODAY: usize = STEPS.len() + 1;

/// A database as an earlier version left it.
fn old_database(file: &Path, version: usize) {
    let db = Connection::open(file).unwrap();
    // Of a company that the tests have.
    db.execute_batch(&SCHEMA_1.replace("acc_um", "acc_teste")).unwrap();
    for step in &STEPS[..version - 1] {
        db.execute_batch(step).unwrap();
    }
    db.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
}

fn version_of(file: &Path) -> usize {
    let version: u32 =
        Connection::open(file).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    usize::try_from(version).unwrap()
}

fn everything(service: &Service) -> Vec<Value> {
    ["/core/v5/orders", "/posconnect/v1/attempts", "/posconnect/v1/reversals"]
        .map(|path| service.pdv.http.get(path).ok())
        .to_vec()
}

#[test]
fn a_database_of_any_older_version_is_upgraded_with_its_orders_and_its_doubts() {
    let mut first = None;
    for version in 1..=TODAY {
        let folder = Folder::new();
        old_database(&folder.file(DATABASE), version);
        let service = folder.start();
        let found = everything(&service);
        assert_eq!(found[0]["data"][0]["charges"].as_array().map(Vec::len), Some(3), "{}", found[0]);
        assert_eq!(
            found.iter().map(|page| page["paging"]["total"].as_u64()).collect::<Vec<_>>(),
            [Some(1); 3]
        );
        // Whichever version it came from, the same is there.
        assert_eq!(first.get_or_insert(found.clone()), &found, "from version {version}");
        let mut acknowledged = Acknowledged::new();
        service.create("depois", 2, &mut acknowledged);
        service.running.kill();
        let service = folder.start();
        assert_eq!(service.pdv.order_count(), 3);
        assert!(service.running.terminate().success());
        assert_eq!(version_of(&folder.file(DATABASE)), TODAY, "from version {version}");
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_stays_as_it_is() {
    let folder = Folder::new();
    let mut acknowledged = Acknowledged::new();
    let service = folder.start();
    service.create("antes", 3, &mut acknowledged);
    assert!(service.running.terminate().success());
    let version = |version: usize| {
        let db = Connection::open(folder.file(DATABASE)).unwrap();
        db.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
    };
    version(TODAY + 1);
    let (newer, most) = (format!("versão mais nova (esquema {}", TODAY + 1), format!("até {TODAY})"));
    folder.is_refused(&[&newer, &most, "Instale aquela versão"]);
    version(TODAY);
    folder.start().holds(&acknowledged);
}

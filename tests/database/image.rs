//! The files of a service that was killed, as they lay on the disk.

use std::fs;
use std::sync::OnceLock;

use super::service::{Acknowledged, DATABASE, Folder, WAL};

/// Orders in the database file.
const IN_DATABASE: u64 = 25;
/// Orders that only the log of commits has.
const IN_WAL: u64 = 12;

/// A killed service's database and log of commits, with all that was acknowledged.
pub(crate) struct Image {
    pub(crate) database: Vec<u8>,
    pub(crate) wal: Vec<u8>,
    pub(crate) acknowledged: Acknowledged,
}

/// Made once for all tests.
pub(crate) fn killed() -> &'static Image {
    static IMAGE: OnceLock<Image> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let folder = Folder::new();
        let mut acknowledged = Acknowledged::new();
        let service = folder.start();
        service.create("no-banco", IN_DATABASE, &mut acknowledged);
        assert!(service.running.terminate().success());
        assert!(!folder.file(WAL).exists(), "a service that ends leaves one file");
        let service = folder.start();
        service.create("no-registro", IN_WAL, &mut acknowledged);
        service.running.kill();
        let read = |name| fs::read(folder.file(name)).unwrap();
        Image { database: read(DATABASE), wal: read(WAL), acknowledged }
    })
}

impl Image {
    /// A folder that was in use, with these files.
    pub(crate) fn folder(database: Option<&[u8]>, wal: Option<&[u8]>) -> Folder {
        let folder = Folder::new();
        fs::write(folder.file("mobilepayment.created"), b"").unwrap();
        for (name, bytes) in [(DATABASE, database), (WAL, wal)] {
            if let Some(bytes) = bytes {
                fs::write(folder.file(name), bytes).unwrap();
            }
        }
        folder
    }
}

//! Two services on one folder.

use super::service::{Acknowledged, Folder};

#[test]
fn a_second_service_on_one_folder_is_refused_and_the_first_goes_on() {
    let folder = Folder::new();
    let mut acknowledged = Acknowledged::new();
    let first = folder.start();
    first.create("antes", 3, &mut acknowledged);
    folder.is_refused(&["outro mobilepayment já usa a pasta", "encerre-o antes"]);
    first.create("depois", 3, &mut acknowledged);
    first.holds(&acknowledged);
    first.running.kill();
    // The lock dies with its process.
    folder.start().holds(&acknowledged);
}

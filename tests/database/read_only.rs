//! A folder that may not be written: by its rights (as a user who is not root), and by its file system.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;

use pos_connect_tests::process::program;

use super::service::{Acknowledged, Folder, assert_refusal, contents};

/// The user that owns nothing.
const NOBODY: &str = "65534";

/// A folder with some orders, closed.
fn used() -> (Folder, Acknowledged) {
    let folder = Folder::new();
    let mut acknowledged = Acknowledged::new();
    let service = folder.start();
    service.create("antes", 3, &mut acknowledged);
    assert!(service.running.terminate().success());
    (folder, acknowledged)
}

/// The service as a user whom rights bind: root is not.
fn bound_by_rights(folder: &Folder) -> Command {
    let data = fs::metadata(folder.data()).unwrap();
    if data.uid() != 0 {
        return Command::new(program("mobilepayment"));
    }
    // The way to the folder must be open for that user, or the configuration would be what it cannot read.
    let root = folder.data().parent().unwrap().to_owned();
    fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(program("mobilepayment"));
    command
}

#[test]
fn a_folder_or_a_file_without_the_right_to_write_is_refused_and_stays_as_it_is() {
    for name in ["", "mobilepayment.lock", "mobilepayment.db"] {
        let (folder, acknowledged) = used();
        let before = contents(&folder.data());
        // Everything may be written but the one.
        let rights = |mode: u32, file_mode: u32| {
            fs::set_permissions(folder.data(), Permissions::from_mode(mode)).unwrap();
            for entry in fs::read_dir(folder.data()).unwrap() {
                fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(file_mode)).unwrap();
            }
        };
        rights(0o777, 0o666);
        if name.is_empty() {
            rights(0o555, 0o444);
        } else {
            fs::set_permissions(folder.file(name), Permissions::from_mode(0o444)).unwrap();
        }
        let ended = folder.try_start_below(bound_by_rights(&folder)).err();
        let ended = ended.unwrap_or_else(|| panic!("it must not start without the right to write {name:?}"));
        assert_refusal(&ended, &["não foi possível usar", name]);
        assert!(contents(&folder.data()) == before, "{name}");
        rights(0o777, 0o666);
        folder.start().holds(&acknowledged);
    }
}

#[test]
fn a_read_only_file_system_is_refused_and_stays_as_it_is() {
    let (folder, acknowledged) = used();
    let script =
        "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" || exit 77; shift; exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script, "sh"]).arg(folder.data()).arg(program("mobilepayment"));
    let before = contents(&folder.data());
    let ended = folder.try_start_below(command).err().expect("it must not start");
    if ended.status.code() == Some(77) || ended.said.contains("unshare") {
        // The rights of the test above are what is left to try.
        println!("no mount is permitted here, nothing is shown: {}", ended.said);
        return;
    }
    assert_refusal(&ended, &["não foi possível usar", "mobilepayment.lock", "Read-only file system"]);
    assert!(contents(&folder.data()) == before);
    folder.start().holds(&acknowledged);
}

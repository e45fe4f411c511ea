//! A disk that is full. A small file system of its own where the system lets a test mount one, else a limit of the
//! process: the service cannot tell one from the other.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use pos_connect_tests::pdv::id_of;
use pos_connect_tests::process::program;

use super::service::{Acknowledged, Folder, Service};

/// Size of the small file system: a few hundred orders.
const DISK_BYTES: u64 = 3 * 1024 * 1024;
/// What lies on it besides, until somebody makes room.
const BALLAST_BYTES: usize = 1024 * 1024;
/// The most that a process may write per file, in the shell's blocks of 512 or 1,024 bytes.
const LIMIT_BLOCKS: u32 = 1_000;
/// Orders that surely do not fit.
const TOO_MANY: u64 = 3_000;

/// A file system in a mount namespace of its own: it goes with the process that holds the namespace.
struct SmallDisk {
    holder: Child,
    seen_from_here: PathBuf,
}

impl SmallDisk {
    /// `None` where the system permits no mount.
    fn mount(folder: &Folder) -> Option<Self> {
        let script = "mount -t tmpfs -o size=$0 none \"$1\" && echo ready && exec cat";
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, &DISK_BYTES.to_string()]).arg(folder.data());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut holder = command.spawn().ok()?;
        let mut said = [0; 6];
        let stdout = holder.stdout.as_mut().expect("stdout was piped");
        if std::io::Read::read_exact(stdout, &mut said).is_err() {
            holder.wait().expect("it has ended");
            return None;
        }
        assert_eq!(&said, b"ready\n");
        let inside = folder.data();
        let below_root = inside.strip_prefix("/").expect("a temporary folder's path is absolute");
        let seen_from_here = PathBuf::from(format!("/proc/{}/root", holder.id())).join(below_root);
        Some(Self { holder, seen_from_here })
    }

    fn start(&self, folder: &Folder) -> Service {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.holder.id().to_string(), "-U", "-m", "--preserve-credentials"]);
        command.arg(program("mobilepayment"));
        folder.try_start_below(command).unwrap_or_else(|ended| panic!("it does not start: {ended:?}"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Both fail only when it is gone already.
        let _gone = self.holder.kill();
        let _gone = self.holder.wait();
    }
}

/// Creates orders until one is refused for want of room. The refusal is one that a PDV understands.
#[track_caller]
fn fill(service: &Service, acknowledged: &mut Acknowledged) -> u64 {
    for n in 0..TOO_MANY {
        let answer = service.ask(&format!("cheio-{n}"), 1_000 + n).expect("a full disk cuts no connection");
        if answer.status == 200 {
            acknowledged.insert(id_of(&answer.json()), answer.json());
            continue;
        }
        let body = answer.json();
        assert_eq!((answer.status, body["code"].as_str()), (503, Some("unavailable")), "{body}");
        let sentence = body["message"].as_str().unwrap();
        assert!(sentence.contains("Envie de novo") && sentence.contains("Idempotency-Key"), "{sentence}");
        return n;
    }
    panic!("it never was full");
}

#[test]
fn a_full_disk_is_a_clear_error_that_loses_nothing_and_passes_when_there_is_room() {
    let folder = Folder::new();
    let Some(disk) = SmallDisk::mount(&folder) else {
        println!("no mount is permitted here: the limit of a process stands for it");
        return below_a_limit();
    };
    let ballast = disk.seen_from_here.join("ballast");
    fs::write(&ballast, vec![1; BALLAST_BYTES]).unwrap();
    let mut acknowledged = Acknowledged::new();
    let service = disk.start(&folder);
    let refused = fill(&service, &mut acknowledged);
    assert!(service.running.output().contains("ERROR"), "{}", service.running.output());
    service.holds(&acknowledged);

    // Room again: the same service goes on, and the request that was refused is done once.
    fs::remove_file(&ballast).unwrap();
    let answer = service.ask(&format!("cheio-{refused}"), 1_000 + refused).unwrap().ok();
    acknowledged.insert(id_of(&answer), answer);
    service.create("mais", 5, &mut acknowledged);
    service.holds(&acknowledged);
    service.running.kill();
    disk.start(&folder).holds(&acknowledged);
}

#[test]
fn a_file_that_may_not_grow_is_a_clear_error_that_loses_nothing() {
    below_a_limit();
}

fn below_a_limit() {
    let folder = Folder::new();
    let mut acknowledged = Acknowledged::new();
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {LIMIT_BLOCKS}; exec \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(program("mobilepayment"));
    let service = folder.try_start_below(command).expect("there is room for the start");
    fill(&service, &mut acknowledged);
    service.holds(&acknowledged);
    service.running.kill();
    let service = folder.start();
    service.holds(&acknowledged);
    service.create("mais", 5, &mut acknowledged);
    service.holds(&acknowledged);
}

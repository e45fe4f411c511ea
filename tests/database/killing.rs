//! SIGKILL in the middle of a burst of commits, again and again.

use std::sync::mpsc;
use std::thread;

use pos_connect_tests::pdv::id_of;

use super::service::{Acknowledged, Folder, ask};

/// How often it is killed.
const KILLS: u64 = 20;
/// Clients that create orders at the same time.
const CLIENTS: u64 = 4;

#[test]
fn a_service_killed_twenty_times_in_bursts_of_commits_keeps_every_acknowledged_order_once() {
    let folder = Folder::new();
    let mut acknowledged = Acknowledged::new();
    let mut unsure_found = 0;
    for kill in 0..KILLS {
        let service = folder.start();
        let (tell, told) = mpsc::channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (pdv, tell) = (service.pdv.clone(), tell.clone());
                thread::spawn(move || {
                    // Until the service is gone; the key of the last request, whose answer never came.
                    (0..).find_map(|n| {
                        let key = format!("{kill}-{client}-{n}");
                        match ask(&pdv, &key, 1_000 + n) {
                            Ok(answer) => {
                                tell.send(answer.ok()).unwrap();
                                None
                            }
                            Err(_) => Some((key, 1_000 + n)),
                        }
                    })
                })
            })
            .collect();
        drop(tell);
        // A different number of answers before each kill; what is under way then is cut at some other point.
        let before_kill = 1 + usize::try_from(kill * 7 % 40).unwrap();
        let mut answers: Vec<_> = told.iter().take(before_kill).collect();
        assert_eq!(answers.len(), before_kill);
        service.running.kill();
        answers.extend(told.iter());
        for answer in answers {
            acknowledged.insert(id_of(&answer), answer);
        }

        let service = folder.start();
        let committed = service.pdv.order_count();
        assert!(committed >= acknowledged.len() as u64, "{committed} of {}", acknowledged.len());
        unsure_found += committed - acknowledged.len() as u64;
        for client in clients {
            let (key, amount) = client.join().unwrap().expect("it went on until the kill");
            let answer = service.ask(&key, amount).unwrap().ok();
            let again = service.ask(&key, amount).unwrap().ok();
            assert_eq!(answer, again, "one order for one key");
            assert!(acknowledged.insert(id_of(&answer), answer).is_none(), "its answer never came");
        }
        service.holds(&acknowledged);
        service.running.kill();
    }
    folder.start().holds(&acknowledged);
    println!(
        "{} orders, {unsure_found} of them committed without an answer that arrived",
        acknowledged.len()
    );
}

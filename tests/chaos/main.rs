//! Goal: whatever is killed whenever, no payment is lost, doubled or guessed. Method: the real service and three real
//! terminals, each a process of its own on its own disk, are killed with SIGKILL at random moments while people work; then a
//! checker that knows only HTTP and files compares what the acquirer charged, what the terminals' journals remember, what the
//! service holds and what the PDV was told.
//!
//! Nothing is timed: a kill comes after a random number of things that people did.

mod acquirer;
mod checker;
mod crowd;
mod journals;
mod terminals;

use std::env;
use std::sync::Arc;
use std::thread;

use pos_connect_tests::shop::{Plan, Shop};

use crowd::{Crowd, Dice};
use terminals::Fleet;

/// Rounds in the gate: one kill and one start each.
const ROUNDS: u64 = 200;
/// Most things that people do between two kills.
const STEPS_MAX: u64 = 40;

#[test]
fn after_hundreds_of_kills_the_acquirer_the_ledger_and_the_pdv_agree() {
    let number =
        |name: &str, default| env::var(name).ok().map_or(default, |text| text.parse().expect("a number"));
    let (rounds, seed) = (number("POS_CONNECT_ROUNDS", ROUNDS), number("POS_CONNECT_CHAOS_SEED", 1));
    println!("{rounds} rounds, seed {seed}");
    let registered = terminals::SERIALS.map(|serial| (serial.to_owned(), "A8".to_owned())).to_vec();
    let mut shop = Shop::with(&Plan { terminals: vec![], registered, ..Plan::default() });
    let mut fleet = Fleet::start(&shop);
    let crowd = Arc::new(Crowd::new(shop.pdv.clone(), &fleet));

    let people: Vec<_> = (0..terminals::SERIALS.len())
        .map(|at| {
            let crowd = Arc::clone(&crowd);
            thread::spawn(move || crowd.operator(at, Dice::new(seed * 100 + at as u64)))
        })
        .chain([{
            let crowd = Arc::clone(&crowd);
            thread::spawn(move || crowd.pdv(Dice::new(seed * 100 + 99)))
        }])
        .collect();

    let mut dice = Dice::new(seed);
    let mut killed = [0_u64; 2];
    for _ in 0..rounds {
        crowd.wait_for_steps(dice.below(STEPS_MAX) + 1);
        let at = dice.below(2 * terminals::SERIALS.len() as u64);
        if let Some(serial) = terminals::SERIALS.get(usize::try_from(at).expect("a few")) {
            fleet.kill(serial);
            crowd.wait_for_steps(dice.below(5));
            fleet.restart(serial);
            killed[1] += 1;
        } else {
            shop.kill_service();
            crowd.wait_for_steps(dice.below(5));
            shop.restart_service();
            killed[0] += 1;
        }
        crowd.somebody_is_back();
    }
    crowd.leave();
    for person in people {
        person.join().expect("people do not panic");
    }
    checker::come_to_rest(&shop, &fleet);
    let journals = journals::read(&mut fleet);
    let found = checker::compare(&shop, &fleet, &crowd, &journals);
    println!("service killed {} times, terminals {} times; {found}", killed[0], killed[1]);
}

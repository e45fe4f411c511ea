//! Every state that the claim protocol can reach for small sizes, and that the checker sees a rule that is missing.

use pos_connect_claims::model::{Claims, LeftOut};
use stateright::{Checker, Model};

fn protocol(claims: usize, attempts: usize, courier: bool) -> Claims {
    Claims { left_out: LeftOut::Nothing, claims, attempts, courier }
}

#[test]
fn in_every_reachable_state_every_promise_holds() {
    for model in [protocol(2, 2, false), protocol(2, 2, true), protocol(3, 2, false), protocol(3, 2, true)] {
        let checker = model.clone().checker().threads(2).spawn_bfs().join();
        println!("{model:?}: {} states, depth {}", checker.unique_state_count(), checker.max_depth());
        checker.assert_properties();
        assert!(checker.is_done());
    }
}

#[test]
fn a_rule_that_is_left_out_is_missed() {
    let table = [
        (LeftOut::LeaseWaitsForAttempts, "one terminal charges at a time"),
        (LeftOut::StartNeedsTheClaim, "one terminal charges at a time"),
        (LeftOut::LaunchNeedsTheAnswer, "one terminal charges at a time"),
        (LeftOut::SyncBeforeLaunch, "nobody forgets what it launched"),
        (LeftOut::DoubtBlocks, "the order is charged at most once"),
        (LeftOut::CloseWaits, "a close waits for what is in flight"),
        (LeftOut::CouriersClaimStays, "one terminal charges at a time"),
    ];
    for (left_out, broken) in table {
        let courier = matches!(
            left_out,
            LeftOut::DoubtBlocks | LeftOut::LeaseWaitsForAttempts | LeftOut::CouriersClaimStays
        );
        let claims = if left_out == LeftOut::CouriersClaimStays { 3 } else { 2 };
        let model = Claims { left_out, ..protocol(claims, 2, courier) };
        let checker = model
            .checker()
            .threads(2)
            .finish_when(stateright::HasDiscoveries::AnyFailures)
            .spawn_bfs()
            .join();
        let found = checker.discovery(broken);
        assert!(found.is_some(), "{left_out:?} breaks no promise: {:?}", checker.discoveries().keys());
    }
}

//! `simulate --seeds N [--from S] [--failures N]`: many runs, and what they reached; ends early after so many failures.
//! `simulate --seed S`: one run and its story.

use std::env;
use std::process::ExitCode;
use std::time::Instant;

use pos_connect_simulation::{Workshop, run, seeds};

const USAGE: &str = "simulate --seeds N [--from S] [--failures N] | simulate --seed S";

enum Asked {
    One(u64),
    Many { first: u64, count: u64, failures: usize },
}

fn main() -> ExitCode {
    match asked() {
        Some(Asked::One(seed)) => one(seed),
        Some(Asked::Many { first, count, failures }) => many(first, count, failures),
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn asked() -> Option<Asked> {
    let (mut seed, mut first, mut count, mut failures) = (None, 1, None, 10);
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value: u64 = arguments.next()?.parse().ok()?;
        match name.as_str() {
            "--seed" => seed = Some(value),
            "--from" => first = value,
            "--seeds" => count = Some(value),
            "--failures" => failures = value,
            _ => return None,
        }
    }
    match (seed, count) {
        (Some(seed), None) => Some(Asked::One(seed)),
        (None, Some(count)) => Some(Asked::Many { first, count, failures: usize::try_from(failures).ok()? }),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn one(seed: u64) -> ExitCode {
    match run(&Workshop::new(), seed) {
        Ok(kept) => {
            println!("{}", kept.story);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn many(first: u64, count: u64, failures: usize) -> ExitCode {
    let began = Instant::now();
    let (reached, failures) = seeds(first, count, failures);
    for (what, count) in &reached {
        println!("{count:>10}  {what}");
    }
    println!("{count} seeds from {first} in {:.1} s", began.elapsed().as_secs_f64());
    for failure in &failures {
        println!("seed {}: {}", failure.seed, failure.broken);
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

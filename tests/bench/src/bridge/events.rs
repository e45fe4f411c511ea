//! One event there and back, through JNI and without it.

use std::time::{Duration, Instant};

use pos_connect::driver::{Output, Outputs, Polled};
use pos_connect::flow::{Event, Input};

use super::{PATIENCE, java, runtime, start};
use crate::table::{Samples, Table, Target};

const RUNS: usize = 3_000;

pub(super) fn measure(table: &mut Table) {
    let (bare_probe, bare_text) = bare();
    let directory = tempfile::tempdir().expect("a directory");
    let through = java(&["events", &directory.path().to_string_lossy(), &RUNS.to_string()]);
    let of = |wanted: &str| {
        // The first third warms the JVM up.
        let all = through.iter().filter(|(name, _)| name == wanted).skip(RUNS / 3);
        Samples::from(all.map(|(_, time)| *time).collect::<Vec<_>>())
    };
    for (name, through, bare) in [
        ("bridge: a probe there and back through JNI", of("probe"), bare_probe),
        ("bridge: a typed letter and its screen through JNI", of("text"), bare_text),
    ] {
        let reference = (bare.median_us(), "the same event without the bridge");
        table.add(name, through.median_us(), "us", reference, &Target::MoreAtMost(100.0));
    }
}

fn bare() -> (Samples, Samples) {
    let (directory, runtime) = (tempfile::tempdir().expect("a directory"), runtime());
    let (handle, mut outputs) = start(directory.path(), &runtime);
    await_output(&mut outputs, |output| matches!(output, Output::Screen { .. }));
    let mut probes = vec![];
    for run in 0..RUNS as u64 {
        let began = Instant::now();
        handle.probe(run).expect("the agent listens");
        await_output(&mut outputs, |output| *output == Output::Alive(run));
        probes.push(began.elapsed());
    }
    let mut texts: Vec<Duration> = vec![];
    for run in 0..RUNS {
        let code = format!("A{run}");
        let began = Instant::now();
        let text = Input::Text { id: "code".to_owned(), value: code };
        handle.dispatch(Event::Input(text)).expect("the agent listens");
        await_output(&mut outputs, |output| matches!(output, Output::Screen { .. }));
        texts.push(began.elapsed());
    }
    handle.power_off();
    (Samples::from(probes), Samples::from(texts))
}

fn await_output(outputs: &mut Outputs, wanted: impl Fn(&Output) -> bool) {
    loop {
        match outputs.next_timeout(PATIENCE) {
            Polled::Output(output) if wanted(&output) => return,
            Polled::Output(_) => {}
            Polled::Nothing | Polled::Ended => panic!("no output"),
        }
    }
}

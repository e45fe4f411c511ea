//! The figures: a table for people, JSON for machines.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;

/// One figure.
#[derive(Serialize)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    /// The reference of the same run, in the same unit.
    reference: f64,
    /// `value / reference`.
    ratio: f64,
    target: String,
    met: bool,
    /// What the reference is.
    #[serde(skip)]
    against: &'static str,
}

/// What a figure has to keep to.
pub(crate) enum Target {
    /// `value / reference` at most this.
    RatioAtMost(f64),
    /// `value / reference` at least this.
    RatioAtLeast(f64),
    /// `value - reference` at most this.
    MoreAtMost(f64),
    /// The value itself below this.
    Below(f64),
}

/// All figures.
#[derive(Default)]
pub(crate) struct Table(Vec<Figure>);

impl Table {
    /// Takes one figure down, and says it at once: a run takes a while.
    pub(crate) fn add(
        &mut self,
        name: &str,
        value: f64,
        unit: &'static str,
        reference: (f64, &'static str),
        target: &Target,
    ) {
        let (reference, against) = reference;
        let ratio = value / reference;
        let (target, met) = match target {
            Target::RatioAtMost(most) => (format!("at most {most} x"), ratio <= *most),
            Target::RatioAtLeast(least) => (format!("above {least} x"), ratio > *least),
            Target::MoreAtMost(most) => (format!("at most +{most} {unit}"), value - reference <= *most),
            Target::Below(most) => (format!("below {most} {unit}"), value < *most),
        };
        eprintln!("{name}: {value:.2} {unit} ({reference:.2}: {against})");
        self.0.push(Figure { name: name.to_owned(), value, unit, reference, ratio, target, met, against });
    }

    /// Writes the JSON and says where.
    pub(crate) fn write(&self) -> std::io::Result<PathBuf> {
        let path = std::env::var_os("BENCH_JSON").map_or_else(default_path, PathBuf::from);
        fs::write(&path, serde_json::to_string_pretty(&self.0)? + "\n")?;
        Ok(path)
    }
}

/// `bench.json` in the target directory, which holds this program's profile directory.
fn default_path() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.parent()
        .and_then(|profile| profile.parent())
        .map_or_else(PathBuf::new, ToOwned::to_owned)
        .join("bench.json")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<52} {:>12} {:<9} {:>12} {:>8}  {:<16} met  against",
            "what", "value", "unit", "reference", "ratio", "target"
        )?;
        for figure in &self.0 {
            let Figure { name, value, unit, reference, ratio, target, met, against } = figure;
            let met = if *met { "yes" } else { "NO" };
            writeln!(
                f,
                "{name:<52} {value:>12.2} {unit:<9} {reference:>12.2} {ratio:>8.2}  {target:<16} {met:<4} {against}"
            )?;
        }
        Ok(())
    }
}

/// Durations of many runs of one thing.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// Runs `work` so many times after a tenth as many to warm up; `prepare` is not measured.
    pub(crate) fn of<T>(runs: usize, mut prepare: impl FnMut() -> T, mut work: impl FnMut(T)) -> Self {
        for _ in 0..runs / 10 + 1 {
            work(prepare());
        }
        let measured = (0..runs).map(|_| {
            let input = prepare();
            let began = Instant::now();
            work(input);
            began.elapsed()
        });
        Self::from(measured.collect::<Vec<_>>())
    }

    /// The `percent`th percentile in microseconds.
    pub(crate) fn percentile_us(&self, percent: usize) -> f64 {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(0.0, |duration| duration.as_secs_f64() * 1e6)
    }

    /// The median in microseconds.
    pub(crate) fn median_us(&self) -> f64 {
        self.percentile_us(50)
    }
}

impl From<Vec<Duration>> for Samples {
    fn from(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self(durations)
    }
}

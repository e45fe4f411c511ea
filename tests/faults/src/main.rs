//! `faults [WORD]`: makes each deliberate fault in a copy of the tree and sees whether what must catch it does. With a
//! word: only faults whose name has it. Exit code 0 only when all are caught.

mod list;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use list::{Catcher, FAULTS, Fault};

/// Seeds that a fault may survive at most: far fewer than the gate runs.
const SEEDS: &str = "1000";

fn main() -> ExitCode {
    let word = env::args().nth(1).unwrap_or_default();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = match Copy::of(&source) {
        Ok(copy) => copy,
        Err(problem) => {
            eprintln!("the tree cannot be copied: {problem}");
            return ExitCode::from(2);
        }
    };
    println!("| fault | caught by | how |\n|---|---|---|");
    let mut missed = 0;
    for fault in FAULTS.iter().filter(|fault| fault.name.contains(&word)) {
        match copy.tries(fault) {
            Ok(Some(how)) => println!("| {} | {} | {how} |", fault.name, catcher(fault)),
            Ok(None) => {
                missed += 1;
                println!("| {} | **nothing** | {} let it pass |", fault.name, catcher(fault));
            }
            Err(problem) => {
                missed += 1;
                println!("| {} | **not tried** | {problem} |", fault.name);
            }
        }
    }
    println!("\n{missed} of the faults were not caught");
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn catcher(fault: &Fault) -> &'static str {
    match fault.caught_by {
        Catcher::Seeds => "simulation",
        Catcher::Test(_) => "test",
    }
}

/// A copy of the tree, with a target directory of its own.
struct Copy {
    tree: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn of(source: &Path) -> Result<Self, String> {
        let base = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| source.join("target"), PathBuf::from)
            .join("faults");
        let copy = Self { tree: base.join("tree"), target: base.join("target") };
        let listed =
            run(Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(source))?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        for name in listed.lines() {
            let Ok(now) = fs::read(source.join(name)) else { continue };
            copy.write(name, &now)?;
        }
        Ok(copy)
    }

    /// Writes a file only if it differs: what has not changed is not built again.
    fn write(&self, name: &str, now: &[u8]) -> Result<(), String> {
        let to = self.tree.join(name);
        if fs::read(&to).is_ok_and(|before| before == now) {
            return Ok(());
        }
        let folder = to.parent().ok_or("a file is in a folder")?;
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&to, now))
            .map_err(|error| format!("{name}: {error}"))
    }

    /// How a fault was caught; `None`: it was not.
    fn tries(&self, fault: &Fault) -> Result<Option<String>, String> {
        let sound = fs::read_to_string(self.tree.join(fault.file)).map_err(|error| error.to_string())?;
        let places = sound.matches(fault.from).count();
        if places != 1 {
            return Err(format!("its words stand {places} times in {}", fault.file));
        }
        self.write(fault.file, sound.replace(fault.from, fault.to).as_bytes())?;
        let caught = self.catch(fault);
        self.write(fault.file, sound.as_bytes())?;
        caught
    }

    fn catch(&self, fault: &Fault) -> Result<Option<String>, String> {
        match fault.caught_by {
            Catcher::Seeds => {
                self.builds(&["build", "-p", "pos-connect-simulation", "--bin", "simulate"])?;
                let simulate = self.target.join("debug").join("simulate");
                let output = run(Command::new(simulate).args(["--seeds", SEEDS, "--failures", "1"]))?;
                Ok(said(&output, "seed "))
            }
            Catcher::Test(arguments) => {
                let build = [&["test", "--no-run"], arguments].concat();
                let without_filter: Vec<&str> =
                    build.iter().copied().filter(|a| is_cargos(a, &build)).collect();
                self.builds(&without_filter)?;
                let output = run(self.cargo().arg("test").arg("--no-fail-fast").args(arguments))?;
                Ok(said(&output, "test ").filter(|_| !output.status.success()))
            }
        }
    }

    fn builds(&self, arguments: &[&str]) -> Result<(), String> {
        let built = run(self.cargo().args(arguments))?;
        if built.status.success() {
            return Ok(());
        }
        Err(format!("it does not build: {}", first_line(&String::from_utf8_lossy(&built.stderr), "error")))
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUSTFLAGS", "--cap-lints warn");
        cargo
    }
}

/// Whether an argument is for cargo, not a filter for the tests' names.
fn is_cargos(argument: &str, all: &[&str]) -> bool {
    let place = all.iter().position(|one| *one == argument).unwrap_or(0);
    let after_option = place > 0 && matches!(all[place - 1], "-p" | "--test");
    argument.starts_with('-') || after_option || place == 0
}

fn run(command: &mut Command) -> Result<Output, String> {
    command.output().map_err(|error| format!("{command:?}: {error}"))
}

/// The first line that says what failed.
fn said(output: &Output, begins: &str) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let failed = |line: &&str| line.starts_with(begins) && (begins == "seed " || line.ends_with("FAILED"));
    let line = text.lines().find(failed)?;
    let short: String = line.chars().take(110).collect();
    Some(short.replace('|', "/"))
}

fn first_line(text: &str, begins: &str) -> String {
    text.lines().find(|line| line.starts_with(begins)).unwrap_or_default().to_owned()
}

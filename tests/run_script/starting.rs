//! Started, stopped, started again.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use pos_connect_tests::pdv::{Pdv, listed};
use pos_connect_tests::terminal::Terminal;
use serde_json::Value;

struct Script(Child);

impl Script {
    fn ask_to_end(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.ask_to_end();
            // It has ended either way.
            let _ended = self.0.wait();
        }
    }
}

/// Runs the script until it says how to stop it, and returns what it said.
fn run(home: &Path) -> (Script, String) {
    try_run(home).unwrap_or_else(|said| panic!("scripts/run ended:\n{said}{}", complaints_in(home)))
}

/// The same; fails with what it said when it ends instead.
fn try_run(home: &Path) -> Result<(Script, String), String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/run");
    let complaints = File::create(home.join("complaints")).unwrap();
    let mut child = Command::new(script)
        .env("POS_CONNECT_HOME", home)
        .env("POS_CONNECT_PDV_PORT", "0")
        .env("POS_CONNECT_PORT", "0")
        .env("POS_CONNECT_TERMINAL_PORT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(complaints)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut said = String::new();
    for line in lines.by_ref() {
        said.push_str(&line);
        said.push('\n');
        if line.starts_with("Ctrl-C") {
            // It still says that it stops.
            thread::spawn(move || lines.count());
            return Ok((Script(child), said));
        }
    }
    assert!(!child.wait().unwrap().success());
    Err(said)
}

/// What the script wrote to its standard error.
fn complaints_in(home: &Path) -> String {
    fs::read_to_string(home.join("complaints")).unwrap_or_default()
}

/// Process ids of the programs that a script has started, with their names.
fn programs_of(script: &Script) -> Vec<(u32, String)> {
    let children = format!("/proc/{0}/task/{0}/children", script.0.id());
    let children = fs::read_to_string(children).unwrap();
    let name = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap().trim().to_owned();
    children.split_whitespace().map(|pid| pid.parse().unwrap()).map(|pid| (pid, name(pid))).collect()
}

fn stop(mut script: Script) {
    script.ask_to_end();
    assert!(script.0.wait().unwrap().success());
}

fn addresses(home: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(home.join("addresses.json")).unwrap()).unwrap()
}

#[test]
fn the_run_script_starts_everything_stops_cleanly_and_goes_on_with_the_same_data() {
    let home = tempfile::tempdir().unwrap();
    let (script, said) = run(home.path());
    let first = addresses(home.path());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let models: Vec<_> =
        first["terminals"].as_array().unwrap().iter().map(|terminal| text(&terminal["model"])).collect();
    assert_eq!(models, ["L3", "A8", "P2"]);
    // The printed command creates an order.
    let command = said.split("\n\n").find(|part| part.starts_with("curl")).unwrap();
    let created =
        Command::new("bash").args(["-c", &format!("{command} --silent --fail-with-body")]).output().unwrap();
    let body = String::from_utf8_lossy(&created.stdout).into_owned();
    assert!(created.status.success(), "{command}\n{body}");
    let order: Value = serde_json::from_str(&body).unwrap();
    let l3 = Terminal::new(&text(&first["virtual_terminal"]), &text(&first["terminals"][0]["serial"]));
    l3.sees("Mesa 4");
    let page = pos_connect_tests::http::Http::new(&text(&first["terminals"][0]["page"]), vec![]).get("");
    assert_eq!((page.status, page.content_type.starts_with("text/html")), (200, true));
    stop(script);
    assert!(!home.path().join("addresses.json").exists());

    let (script, _) = run(home.path());
    let second = addresses(home.path());
    assert_eq!(second["secret_key"], first["secret_key"]);
    let pdv = Pdv::new(&text(&second["mobilepayment"]), &text(&second["secret_key"]));
    assert_eq!(pdv.order(order["id"].as_str().unwrap())["status"], "pending");
    // The terminals are still the store's.
    let l3 = Terminal::new(&text(&second["virtual_terminal"]), &text(&second["terminals"][0]["serial"]));
    l3.sees("Mesa 4");
    let created = pdv.create(&listed("Mesa 9", 500));
    l3.lists(&created);
    stop(script);
}

#[test]
fn when_one_process_dies_the_script_says_so_with_its_last_lines_and_stops_the_other() {
    let home = tempfile::tempdir().unwrap();
    let (mut script, _) = run(home.path());
    let programs = programs_of(&script);
    let (service, _) = programs.iter().find(|(_, name)| name == "mobilepayment").unwrap();
    let killed = Command::new("kill").args(["-KILL", &service.to_string()]).status().unwrap();
    assert!(killed.success());
    assert!(!script.0.wait().unwrap().success());
    let said = complaints_in(home.path());
    assert!(said.contains("mobilepayment ended by itself") && said.contains("database open"), "{said}");
    for (pid, name) in programs {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{name} still runs");
    }
    assert!(!home.path().join("addresses.json").exists());
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    let (script, _) = run(home.path());
    stop(script);
    let config = home.path().join("mobilepayment.toml");
    let good = fs::read_to_string(&config).unwrap();
    fs::write(&config, good.replace("model = \"A8\"", "model = \"A9\"")).unwrap();
    let line = good.lines().position(|line| line.contains("A8")).unwrap() + 1;
    assert!(try_run(home.path()).is_err());
    let said = complaints_in(home.path());
    assert!(said.contains(&line.to_string()) && said.contains("\"L3\", \"A8\" ou \"P2\""), "{said}");
}

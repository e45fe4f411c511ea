//! Inside a crate: the order of imports, and the pure rooms.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest source file: one that passes it is two rooms.
const LINES_MAX: usize = 600;

/// Rooms that read no clock, no random source, no file and no socket, and what would give them one.
const PURE: &[&str] = &[
    "src/acquirer",
    "src/receipt",
    "src/flow",
    "src/view",
    "protocol/src",
    "mobilepayment/src/ledger",
    "pdv/src/sale.rs",
    "pdv/src/fiscal",
];
const IMPURE: &[&str] = &[
    "Instant::now",
    "SystemTime",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "tokio::",
    "reqwest::",
    "redb::",
    "rusqlite::",
    "getrandom",
    "HashMap::new",
    "HashSet::new",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder or, if it is one, the file itself.
fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let Ok(entries) = fs::read_dir(path) else {
        return vec![];
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.is_dir() || path.extension().is_some_and(|ext| ext == "rs"))
        .flat_map(|path| rust_files(&path))
        .collect()
}

/// Lines of code with their numbers: without comments, and without the tests at the end of the file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The names in the map of a crate's root, in its order: lines such as "//! - [`flow`]: …".
fn map_of(crate_root: &str) -> Vec<String> {
    crate_root
        .lines()
        .filter_map(|line| line.strip_prefix("//! - "))
        .filter_map(|line| line.trim_start_matches('[').strip_prefix('`')?.split_once('`'))
        .map(|(name, _)| name.trim_start_matches("mod@").to_owned())
        .collect()
}

/// Names of the crate's own modules that a line of code mentions as `crate::name`.
fn imports(line: &str) -> Vec<String> {
    line.match_indices("crate::")
        .flat_map(|(at, prefix)| {
            let rest = &line[at + prefix.len()..];
            let list = rest.strip_prefix('{').map_or(rest, |list| list);
            let many = rest.starts_with('{');
            list.split(',')
                .take(if many { usize::MAX } else { 1 })
                .map(|item| {
                    item.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn violations(source: &Path) -> Vec<String> {
    let crate_root = fs::read_to_string(source.join("lib.rs")).unwrap();
    let map = map_of(&crate_root);
    let rank = |name: &str| map.iter().position(|known| known == name);
    let mut found = vec![];
    for (_, line) in code(&crate_root) {
        let declared = line
            .trim()
            .trim_start_matches("pub ")
            .strip_prefix("mod ")
            .and_then(|rest| rest.strip_suffix(';'));
        if let Some(name) = declared
            && rank(name).is_none()
        {
            found.push(format!("{}: module {name} is not in the map of lib.rs", source.display()));
        }
    }
    for (own, name) in map.iter().enumerate() {
        let files =
            rust_files(&source.join(name)).into_iter().chain(rust_files(&source.join(format!("{name}.rs"))));
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in code(&text) {
                for import in imports(line) {
                    if rank(&import).is_some_and(|other| other > own) {
                        found.push(format!("{}:{number}: {name} may not import {import}", file.display()));
                    }
                }
            }
        }
    }
    found
}

#[test]
fn a_module_imports_only_those_above_it_in_the_map_of_its_crate() {
    for source in ["src", "jni-bridge/src", "mobilepayment/src", "virtual-terminal/src", "pdv/src"] {
        let source = root().join(source);
        if source.join("lib.rs").exists() {
            let found = violations(&source);
            assert!(found.is_empty(), "{}", found.join("\n"));
        }
    }
}

#[test]
fn the_agents_map_names_its_rooms_in_the_order_of_the_architecture() {
    let map = map_of(&fs::read_to_string(root().join("src/lib.rs")).unwrap());
    assert_eq!(map, ["acquirer", "receipt", "flow", "view", "journal", "hub", "driver"]);
}

#[test]
fn the_pure_rooms_read_no_clock_no_random_source_no_file_and_no_socket() {
    let mut found = vec![];
    for room in PURE {
        let files = rust_files(&root().join(room));
        assert!(!files.is_empty(), "{room} is gone: name the new room here");
        // Tests may read the files that they compare with.
        for file in files.into_iter().filter(|file| !file.iter().any(|part| part == "tests")) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in code(&text) {
                for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                    found.push(format!("{}:{number}: {word}", file.display()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_simulations_model_knows_nothing_of_what_it_judges() {
    let text = fs::read_to_string(root().join("tests/simulation/src/model.rs")).unwrap();
    let imports: Vec<_> = code(&text).map(|(_, line)| line).filter(|line| line.starts_with("use ")).collect();
    assert!(!imports.is_empty() && imports.iter().all(|line| line.starts_with("use std::")), "{imports:?}");
    for name in ["pos_connect", "mobilepayment", "protocol::", "virtual_terminal", "crate::", "super::"] {
        assert!(code(&text).all(|(_, line)| !line.contains(name)), "{name}");
    }
}

#[test]
fn no_file_is_two_rooms() {
    let rooms =
        ["protocol/src", "src", "jni-bridge", "mobilepayment", "virtual-terminal", "tests", "scripts"];
    let mut found = vec![];
    for file in rooms.iter().flat_map(|room| rust_files(&root().join(room))) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        if lines > LINES_MAX {
            found.push(format!("{}: {lines} lines, at most {LINES_MAX}", file.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn imports_are_found_however_they_are_written() {
    assert_eq!(imports("use crate::flow::Agent;"), ["flow"]);
    assert_eq!(imports("use crate::{hub, view::Screen};"), ["hub", "view"]);
    assert_eq!(imports("    let x = crate::journal::open(crate::flow::X);"), ["journal", "flow"]);
    assert!(imports("use protocol::Centavos;").is_empty());
    let map = map_of("//! The map:\n//!\n//! - [`acquirer`]: what\n//! - `flow`: then\n//! text");
    assert_eq!(map, ["acquirer", "flow"]);
}

//! Between crates: who may depend on whom, licences, and one version of what is large.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Crates that would be in the terminal's library twice when two versions are needed: each costs space in the APK and
/// build time.
const ONCE: &[&str] = &["axum", "hyper", "png", "redb", "reqwest", "rusqlite", "rustls", "serde", "tokio"];

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

/// Every package: name → normal (not dev, not build) dependencies by name, over the whole graph.
fn dependencies(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let entry = graph.entry(names[node["id"].as_str().unwrap()].to_owned()).or_default();
        for dependency in node["deps"].as_array().unwrap() {
            let normal =
                dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null());
            if normal {
                entry.insert(names[dependency["pkg"].as_str().unwrap()].to_owned());
            }
        }
    }
    graph
}

/// Everything that `name` is built with, itself left out.
fn reaches(graph: &BTreeMap<String, BTreeSet<String>>, name: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(next) = open.pop() {
        for dependency in &graph[&next] {
            if seen.insert(dependency.clone()) {
                open.push(dependency.clone());
            }
        }
    }
    seen
}

#[test]
fn the_protocol_depends_on_serde_only() {
    let graph = dependencies(&metadata());
    assert_eq!(graph["protocol"].iter().collect::<Vec<_>>(), ["serde"]);
}

#[test]
fn the_agent_and_the_service_meet_in_the_protocol_only() {
    let graph = dependencies(&metadata());
    let agent = reaches(&graph, "pos-connect");
    let service = reaches(&graph, "mobilepayment");
    assert!(agent.contains("protocol") && service.contains("protocol"));
    for (from, all, never) in [
        ("pos-connect", &agent, &["mobilepayment", "virtual-terminal", "axum", "rusqlite"][..]),
        (
            "jni-bridge",
            &reaches(&graph, "jni-bridge"),
            &["mobilepayment", "virtual-terminal", "axum", "rusqlite", "openssl-sys", "aws-lc-rs"],
        ),
        ("mobilepayment", &service, &["pos-connect", "virtual-terminal", "redb"]),
        ("virtual-terminal", &reaches(&graph, "virtual-terminal"), &["mobilepayment", "rusqlite"]),
        // A client of the service like any other.
        ("pdv", &reaches(&graph, "pdv"), &["mobilepayment", "pos-connect", "virtual-terminal", "redb"]),
        (
            "pos-connect-tests",
            &reaches(&graph, "pos-connect-tests"),
            &["mobilepayment", "virtual-terminal", "pos-connect"],
        ),
    ] {
        for name in never {
            assert!(!all.contains(*name), "{from} must not be built with {name}");
        }
    }
}

#[test]
fn every_dependency_has_a_licence_that_deny_toml_allows() {
    let deny = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deny.toml")).unwrap();
    let list = deny.split_once("allow = [").unwrap().1.split_once(']').unwrap().0;
    let allowed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(allowed.contains("MIT"), "deny.toml could not be read");
    let mut found = vec![];
    for package in metadata()["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or("none");
        if !is_allowed(licence, &allowed) {
            found.push(format!("{} {}: {licence}", package["name"], package["version"]));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Whether one alternative of an SPDX expression ("A OR B", "A/B", "(A OR B) AND C") is allowed in all its parts.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let flat = expression.replace('/', " OR ").replace(['(', ')'], " ");
    // In the expressions that occur, AND binds groups of alternatives: each group must have one that is allowed.
    flat.split(" AND ").all(|group| {
        group.split(" OR ").any(|name| {
            let name = name.trim();
            allowed.contains(name.split(" WITH ").next().unwrap_or(name))
        })
    })
}

#[test]
fn what_is_large_is_in_the_tree_once() {
    let metadata = metadata();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        versions
            .entry(package["name"].as_str().unwrap())
            .or_default()
            .insert(package["version"].as_str().unwrap());
    }
    for name in ONCE {
        assert_eq!(versions.get(name).map(BTreeSet::len), Some(1), "{name}: {:?}", versions.get(name));
    }
}

#[test]
fn every_dependency_comes_from_the_registry() {
    for package in metadata()["packages"].as_array().unwrap() {
        let source = package["source"].as_str().unwrap_or("registry+ours");
        assert!(source.starts_with("registry+"), "{}: {source}", package["name"]);
    }
}

#[test]
fn licence_expressions_are_read_as_they_are_written() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0", "ISC"]);
    for (expression, expected) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
        ("(MIT OR Apache-2.0) AND ISC", true),
        ("MIT AND GPL-3.0", false),
        ("MPL-2.0", false),
        ("none", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

//! What the documents say is what the code does.

use std::fs;
use std::path::Path;

use protocol::attempt::Flag;
use protocol::refusal::RefusalCode;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The variants of an enum in a source file, as they go over the wire.
fn variants(source: &str, name: &str) -> Vec<String> {
    let body = source.split_once(&format!("pub enum {name} {{")).unwrap().1.split_once("\n}").unwrap().0;
    body.lines().filter_map(|line| line.trim().strip_suffix(',')).map(snake_case).collect()
}

fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[test]
fn the_protocols_page_tells_every_refusal_with_its_status_and_its_sentence_by_precedence() {
    let page = read("docs/protocol.md");
    let mut after = 0;
    for name in variants(&read("protocol/src/refusal.rs"), "RefusalCode") {
        let code: RefusalCode = serde_json::from_value(name.as_str().into()).unwrap();
        let row = page.lines().position(|line| {
            line.starts_with(&format!("| `{name}` | {} |", code.http_status()))
                && line.ends_with(&format!("| {} |", code.sentence()))
        });
        let row = row.unwrap_or_else(|| {
            panic!("docs/protocol.md lacks: | `{name}` | {} | … | {} |", code.http_status(), code.sentence())
        });
        assert!(row > after, "{name} is not at its place of precedence");
        after = row;
    }
}

#[test]
fn the_protocols_page_tells_every_flag_and_whether_it_holds_an_approval() {
    let page = read("docs/protocol.md");
    for name in variants(&read("protocol/src/attempt.rs"), "Flag") {
        let flag: Flag = serde_json::from_value(name.as_str().into()).unwrap();
        let fate = if flag.holds_approval() { "waits for the store" } else { "is booked" };
        let found = page
            .lines()
            .any(|line| line.starts_with(&format!("| `{name}` |")) && line.ends_with(&format!("| {fate} |")));
        assert!(found, "docs/protocol.md lacks: | `{name}` | … | {fate} |");
    }
}

#[test]
fn every_file_that_a_document_points_to_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = vec![];
    let mut pages = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    for folder in ["docs", "docs/decisions"] {
        pages.extend(fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    for page in pages.iter().filter(|page| page.extension().is_some_and(|ext| ext == "md")) {
        let text = fs::read_to_string(page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !page.parent().unwrap().join(file).exists() {
                found.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

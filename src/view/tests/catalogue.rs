//! Every page that the view can draw, kept as a file that the Android app's picture tests draw.
//!
//! Each screen comes from an agent that was driven there. `POS_CONNECT_UPDATE_SCREENS=1 cargo test -p pos-connect
//! catalogue` writes the files again; look at what changed before committing it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Serialize;

use super::stage::Terminal;
use crate::view::page_name::PageName;
use crate::view::screen::Screen;

mod giving_back;
mod paying;
mod printing;
mod selling;
mod serving;

/// Screens by the name of their file.
#[derive(Default)]
pub(super) struct Catalogue {
    pub(super) screens: BTreeMap<&'static str, Screen>,
    /// The terminals that show them, where an agent does.
    pub(super) terminals: BTreeMap<&'static str, Terminal>,
}

impl Catalogue {
    pub(super) fn whole() -> Self {
        let mut catalogue = Self::default();
        serving::show(&mut catalogue);
        selling::show(&mut catalogue);
        paying::show(&mut catalogue);
        giving_back::show(&mut catalogue);
        printing::show(&mut catalogue);
        catalogue
    }

    /// What the terminal shows now, under a name.
    fn shows(&mut self, name: &'static str, terminal: &Terminal) {
        self.add(name, terminal.screen());
        let mut terminal = terminal.clone();
        terminal.seen.clear();
        self.terminals.insert(name, terminal);
    }

    fn add(&mut self, name: &'static str, screen: Screen) {
        assert!(self.screens.insert(name, screen).is_none(), "two screens are called {name}");
    }
}

/// A screen as the bridge hands it to Kotlin.
#[derive(Serialize)]
struct Shown<'a> {
    number: u64,
    screen: &'a Screen,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("android/app/src/test/screens")
}

fn text_of(screen: &Screen) -> String {
    let mut text = serde_json::to_string_pretty(&Shown { number: 1, screen }).unwrap();
    text.push('\n');
    text
}

#[test]
fn every_screen_is_as_it_is_kept() {
    let update = env::var_os("POS_CONNECT_UPDATE_SCREENS").is_some();
    let mut wrong = vec![];
    let mut expected = BTreeSet::new();
    for (name, screen) in &Catalogue::whole().screens {
        let path = folder().join(format!("{name}.json"));
        let text = text_of(screen);
        if update {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &text).unwrap();
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            wrong.push(format!("{name}: differs from {}", path.display()));
        }
        expected.insert(path);
    }
    let kept = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    for path in kept.filter(|path| !expected.contains(path)) {
        if update {
            fs::remove_file(&path).unwrap();
        } else {
            wrong.push(format!("{}: no screen has this name", path.display()));
        }
    }
    assert!(wrong.is_empty(), "POS_CONNECT_UPDATE_SCREENS=1 writes them again:\n{}", wrong.join("\n"));
}

#[test]
fn every_page_of_the_view_is_in_the_catalogue() {
    let catalogue = Catalogue::whole();
    let shown: BTreeSet<&str> = catalogue.screens.values().map(|screen| screen.page.as_str()).collect();
    let missing: Vec<&str> =
        PageName::ALL.iter().map(|page| page.text()).filter(|page| !shown.contains(page)).collect();
    assert!(missing.is_empty(), "no screen of the catalogue shows {missing:?}");
}

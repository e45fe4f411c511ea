//! `journal-export FOLDER|FILE`: a terminal's journal as text, for support. Works on a copy; the original is only read.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pos_connect::journal::export::export;

fn main() -> ExitCode {
    let Some(given) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("uso: journal-export PASTA|ARQUIVO");
        return ExitCode::from(2);
    };
    match text_of(&given) {
        // Whoever reads may stop reading.
        Ok(text) => io::stdout().write_all(text.as_bytes()).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        Err(error) => {
            eprintln!("não foi possível ler {}: {error}", given.display());
            ExitCode::FAILURE
        }
    }
}

fn text_of(given: &Path) -> io::Result<String> {
    let file = if given.is_dir() { given.join("journal.redb") } else { given.to_owned() };
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("journal.redb");
    fs::copy(file, &copy)?;
    export(&copy)
}

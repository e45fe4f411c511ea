//! What is wrong with a configuration file, and where.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line of the file, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// What is wrong and what to write instead, pt-BR. Never contains a secret.
    pub message: String,
}

/// Everything that is wrong with a configuration file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors {
    file: String,
    problems: Vec<Problem>,
}

impl Errors {
    pub(super) fn unreadable(file: &str, message: String) -> Self {
        let problems = vec![Problem { line: 0, message }];
        Self { file: file.to_owned(), problems }
    }

    /// The problems, by line.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for Errors {
    /// One line each: `file:line: what is wrong`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            let end = if i + 1 == self.problems.len() { "" } else { "\n" };
            match problem.line {
                0 => write!(f, "{}: {}{end}", self.file, problem.message)?,
                line => write!(f, "{}:{line}: {}{end}", self.file, problem.message)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// The text of the file, to turn places into lines.
pub(super) struct Source<'t> {
    file: &'t str,
    line_starts: Vec<usize>,
}

impl<'t> Source<'t> {
    pub(super) fn new(file: &'t str, text: &str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { file, line_starts }
    }

    fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }
}

/// Problems as they are found.
pub(super) struct Problems<'t> {
    source: Source<'t>,
    found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(super) const fn new(source: Source<'t>) -> Self {
        Self { source, found: Vec::new() }
    }

    /// `at` is a byte offset into the file.
    pub(super) fn add(&mut self, at: usize, message: String) {
        let line = self.source.line(at);
        self.found.push(Problem { line, message });
    }

    /// The line of a byte offset, to point at another place of the file.
    pub(super) fn line(&self, at: usize) -> usize {
        self.source.line(at)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn into_errors(mut self) -> Errors {
        self.found.sort_by_key(|p| p.line);
        Errors { file: self.source.file.to_owned(), problems: self.found }
    }
}

//! Reading the query of an address: every parameter by name, and what is wrong by its name.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use protocol::UnixMillis;

use super::fields::Problems;
use crate::pdv::answer::ApiError;
use crate::pdv::instant::from_iso;

/// Most parameters in one address.
const PARAMETERS_MAX: usize = 32;
/// Longest text to search by, in characters.
const TEXT_CHARS_MAX: usize = 128;

/// The parameters of an address. Unknown ones are let pass, as at Pagar.me.
pub struct Query {
    values: BTreeMap<String, String>,
    problems: Problems,
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let mut values = BTreeMap::new();
        for (key, value) in pairs.take(PARAMETERS_MAX) {
            if values.insert(key.clone().into_owned(), value.into_owned()).is_some() {
                let mut problems = Problems::default();
                problems.add(&key, "aparece mais de uma vez; informe um só valor");
                return problems.finish(StatusCode::UNPROCESSABLE_ENTITY, None);
            }
        }
        Ok(Self { values, problems: Problems::default() })
    }
}

impl Query {
    /// A parameter, unless it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    /// Every parameter, by name.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Notes that a parameter is wrong.
    pub fn refuse(&mut self, name: &str, message: &str) {
        self.problems.add(name, message);
    }

    /// A short text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = self.get(name)?.to_owned();
        if text.chars().count() > TEXT_CHARS_MAX {
            self.problems.add(name, format!("deve ter até {TEXT_CHARS_MAX} caracteres"));
            return None;
        }
        Some(text)
    }

    /// A whole number within limits, or `default`.
    pub fn integer(&mut self, name: &str, (min, max): (u64, u64), default: u64) -> u64 {
        let Some(text) = self.get(name) else {
            return default;
        };
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse::<u64>().ok() } else { None };
        number.filter(|n| (min..=max).contains(n)).unwrap_or_else(|| {
            self.problems.add(name, format!("deve ser um número inteiro de {min} a {max}"));
            default
        })
    }

    /// An instant.
    pub fn instant(&mut self, name: &str) -> Option<UnixMillis> {
        // A plus sign of an offset arrives as a space when it was not escaped.
        let text = self.get(name)?.replace(' ', "+");
        let at = from_iso(&text).or_else(|| from_iso(&text.replacen('+', "T", 1)));
        if at.is_none() {
            self.problems.add(name, "deve ser uma data e hora ISO 8601, como 2026-11-23T10:00:00Z");
        }
        at
    }

    /// One of a few words, in any case.
    pub fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.get(name)?.to_owned();
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text)).map(|(_, t)| *t);
        if found.is_none() {
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.problems.add(name, format!("deve ser um destes: {}", list.join(", ")));
        }
        found
    }

    /// `value`, or everything that is wrong with the address.
    pub fn finish<T>(self, value: T) -> Result<T, ApiError> {
        self.problems.finish(StatusCode::UNPROCESSABLE_ENTITY, Some(value))
    }
}

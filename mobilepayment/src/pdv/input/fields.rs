//! Reading the fields of a JSON object. Everything wrong is collected by its path, as Pagar.me names it
//! (`order.items[0].amount`), so that an integrator sees all of it at once. Unknown fields are let pass: a client written
//! for Stone Connect may send more than this service needs. `null` counts as absent.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::pdv::answer::ApiError;

/// What is wrong, by path.
#[derive(Debug, Default)]
pub struct Problems(BTreeMap<String, Vec<String>>);

impl Problems {
    /// Notes a problem; `message` follows the path, without a capital or a full stop.
    pub fn add(&mut self, path: &str, message: impl Into<String>) {
        self.0.entry(path.to_owned()).or_default().push(message.into());
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value`, or everything that is wrong. `None` without a problem does not happen: who misses a value notes why.
    pub fn finish<T>(self, status: StatusCode, value: Option<T>) -> Result<T, ApiError> {
        if !self.is_empty() {
            return Err(ApiError::fields(status, self.0));
        }
        Ok(value.expect("a missing value comes with a problem"))
    }
}

/// A JSON object at a path.
pub struct Fields<'v> {
    path: String,
    map: &'v Map<String, Value>,
}

impl<'v> Fields<'v> {
    /// The object at the root, `path` being its name.
    #[must_use]
    pub fn new(path: &str, map: &'v Map<String, Value>) -> Self {
        Self { path: path.to_owned(), map }
    }

    /// The path of a field.
    #[must_use]
    pub fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// The field, unless it is absent or null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'v Value> {
        self.map.get(key).filter(|v| !v.is_null())
    }

    /// Notes that a required field is missing; whether it is there.
    pub fn require(&self, key: &str, problems: &mut Problems) -> bool {
        let there = self.get(key).is_some();
        if !there {
            problems.add(&self.path(key), "é obrigatório");
        }
        there
    }

    /// A text of at most `max` characters without control characters, trimmed; absent or empty is `None`.
    pub fn text(&self, key: &str, max: usize, problems: &mut Problems) -> Option<String> {
        let value = self.get(key)?;
        let Some(text) = value.as_str().map(str::trim) else {
            problems.add(&self.path(key), "deve ser um texto entre aspas");
            return None;
        };
        if text.chars().count() > max {
            problems.add(&self.path(key), format!("deve ter até {max} caracteres"));
            return None;
        }
        if text.chars().any(char::is_control) {
            problems.add(&self.path(key), "não pode ter quebras de linha nem caracteres de controle");
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A text that must be there and not be empty.
    pub fn required_text(&self, key: &str, max: usize, problems: &mut Problems) -> Option<String> {
        if !self.require(key, problems) {
            return None;
        }
        let text = self.text(key, max, problems);
        if text.is_none() && self.get(key).and_then(Value::as_str).is_some_and(|t| t.trim().is_empty()) {
            problems.add(&self.path(key), "não pode ser vazio");
        }
        text
    }

    /// A whole number from `min` to `max`. A text, a fraction or an exponent is none: money must not be guessed.
    pub fn integer(&self, key: &str, (min, max): (u64, u64), problems: &mut Problems) -> Option<u64> {
        let value = self.get(key)?;
        let number = value.as_u64().filter(|n| (min..=max).contains(n));
        if number.is_none() {
            let hint = match value {
                Value::String(_) => ", sem aspas",
                Value::Number(n) if n.is_f64() => ", sem casas decimais",
                Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => "",
            };
            problems.add(&self.path(key), format!("deve ser um número inteiro de {min} a {max}{hint}"));
        }
        number
    }

    /// An amount of money from `min` to what one charge can carry.
    pub fn centavos(&self, key: &str, min: u64, problems: &mut Problems) -> Option<protocol::Centavos> {
        let value = self.get(key)?;
        let max = protocol::Centavos::CHARGE_MAX.get();
        let amount = value.as_u64().filter(|n| (min..=max).contains(n)).and_then(protocol::Centavos::new);
        if amount.is_none() {
            problems.add(
                &self.path(key),
                format!(
                    "deve ser um número inteiro de centavos de {min} a {max}, sem aspas (R$ 10,50 é 1050)"
                ),
            );
        }
        amount
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &str, problems: &mut Problems) -> Option<bool> {
        let value = self.get(key)?;
        let flag = value.as_bool();
        if flag.is_none() {
            problems.add(&self.path(key), "deve ser true ou false, sem aspas");
        }
        flag
    }

    /// An object.
    pub fn object(&self, key: &str, problems: &mut Problems) -> Option<Fields<'v>> {
        let value = self.get(key)?;
        let path = self.path(key);
        match value.as_object() {
            Some(map) => Some(Fields { path, map }),
            None => {
                problems.add(&path, "deve ser um objeto {…}");
                None
            }
        }
    }

    /// A list of at most `max` values, each with its path.
    pub fn list(&self, key: &str, max: usize, problems: &mut Problems) -> Vec<(String, &'v Value)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let path = self.path(key);
        let Some(list) = value.as_array() else {
            problems.add(&path, "deve ser uma lista […]");
            return Vec::new();
        };
        if list.len() > max {
            problems.add(&path, format!("deve ter até {max} elementos"));
            return Vec::new();
        }
        list.iter().enumerate().map(|(i, v)| (format!("{path}[{i}]"), v)).collect()
    }

    /// One of a few words, in any case.
    pub fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let value = self.get(key)?;
        let found = value.as_str().and_then(|text| {
            let text = text.trim();
            words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, t)| *t)
        });
        if found.is_none() {
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            problems.add(&self.path(key), format!("deve ser um destes: {}", list.join(", ")));
        }
        found
    }
}

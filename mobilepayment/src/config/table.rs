//! Reading one section of the file: every key is asked for by name and type, and what was not asked for is refused.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problems;

/// A section, with what to call it in a message.
pub(super) struct Table<'t> {
    name: &'static str,
    at: usize,
    entries: &'t DeTable<'t>,
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

impl<'t> Table<'t> {
    pub(super) const fn new(name: &'static str, at: usize, entries: &'t DeTable<'t>) -> Self {
        Self { name, at, entries }
    }

    /// The section in a list of sections.
    pub(super) fn of(
        name: &'static str,
        value: &'t Spanned<DeValue<'t>>,
        problems: &mut Problems<'_>,
    ) -> Option<Self> {
        let at = value.span().start;
        match value.get_ref().as_table() {
            Some(entries) => Some(Self { name, at, entries }),
            None => {
                problems.add(at, format!("aqui deve haver uma seção {name}"));
                None
            }
        }
    }

    /// Where the section begins.
    pub(super) const fn start(&self) -> usize {
        self.at
    }

    pub(super) fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.entries.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
    }

    /// Where a key stands; the section's beginning when it is missing.
    pub(super) fn at(&self, key: &str) -> usize {
        self.entries.iter().find(|(k, _)| k.get_ref() == key).map_or(self.at, |(k, _)| k.span().start)
    }

    pub(super) fn refuse_unknown(&self, known: &[&str], problems: &mut Problems<'_>) {
        for key in self.entries.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
            let message = format!(
                "chave desconhecida \"{}\" em {}; use uma destas: {}",
                key.get_ref().escape_debug(),
                self.name,
                known.join(", ")
            );
            problems.add(key.span().start, message);
        }
    }

    /// An optional text.
    pub(super) fn text(&self, key: &str, problems: &mut Problems<'_>) -> Option<Found<&'t str>> {
        let value = self.get(key)?;
        let at = self.at(key);
        match value.get_ref().as_str() {
            Some(value) => Some(Found { value, at }),
            None => {
                problems.add(at, format!("\"{key}\" deve ser um texto entre aspas, como {key} = \"…\""));
                None
            }
        }
    }

    /// A text that must be there; `example` shows how it is written.
    pub(super) fn required_text(
        &self,
        key: &str,
        example: &str,
        problems: &mut Problems<'_>,
    ) -> Option<Found<&'t str>> {
        if self.get(key).is_none() {
            problems.add(self.at, format!("falta \"{key}\" em {}; escreva {key} = \"{example}\"", self.name));
        }
        self.text(key, problems)
    }

    /// A whole number within limits, or `default`.
    pub(super) fn number(
        &self,
        key: &str,
        (min, max): (u32, u32),
        default: u32,
        problems: &mut Problems<'_>,
    ) -> u32 {
        let Some(value) = self.get(key) else {
            return default;
        };
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok())
            .filter(|n| (min..=max).contains(n));
        number.unwrap_or_else(|| {
            problems.add(
                self.at(key),
                format!("\"{key}\" deve ser um número inteiro de {min} a {max}, sem aspas"),
            );
            default
        })
    }

    /// `true` or `false`, or `default`.
    pub(super) fn flag(&self, key: &str, default: bool, problems: &mut Problems<'_>) -> bool {
        let Some(value) = self.get(key) else {
            return default;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            problems.add(self.at(key), format!("\"{key}\" deve ser true ou false, sem aspas"));
            default
        })
    }

    /// The sections of a list; empty when it is missing.
    pub(super) fn list(
        &self,
        key: &str,
        name: &'static str,
        max: usize,
        problems: &mut Problems<'_>,
    ) -> Vec<Table<'t>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let at = self.at(key);
        let Some(list) = value.get_ref().as_array() else {
            problems.add(at, format!("\"{key}\" é uma lista de seções; escreva {name}, com dois colchetes"));
            return Vec::new();
        };
        if list.len() > max {
            problems.add(at, format!("há {} seções {name}; o limite é {max}", list.len()));
        }
        list.iter().take(max).filter_map(|entry| Table::of(name, entry, problems)).collect()
    }
}

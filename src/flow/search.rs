//! What a person types into a search field, and how well something fits it. A keypad types digits only, so whatever has
//! digits (a number, an amount, an NSU) can be found by them, and by all of them alone.

/// How well something fits; the better ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It is called so.
    Number,
    /// It is called nearly so.
    Text,
    /// Its amount reads so.
    Value,
}

/// A search as it was typed.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    text: String,
    /// The digits, when nothing but digits and what stands in an amount was typed.
    digits: Option<String>,
}

/// What something can be found by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findable<'a> {
    /// What it is called: numbers and codes.
    pub(crate) numbers: Vec<&'a str>,
    /// What else is written of it.
    pub(crate) name: &'a str,
    /// Its amounts, in centavos.
    pub(crate) values: Vec<u64>,
}

impl Wanted {
    pub(crate) fn new(query: &str) -> Self {
        let text = query.trim().to_lowercase();
        let amount = text.trim_start_matches("r$");
        let plain = amount.chars().all(|c| c.is_ascii_digit() || " .,".contains(c));
        let digits = Some(digits_of(amount)).filter(|digits| plain && !digits.is_empty());
        Self { text, digits }
    }

    /// How well this fits; `None`: it does not.
    pub(crate) fn fit(&self, found: &Findable<'_>) -> Option<Fit> {
        if self.text.is_empty() {
            return Some(Fit::Text);
        }
        let digits = self.digits.as_deref();
        let numbers = || found.numbers.iter().map(|number| number.to_lowercase());
        let is = |number: &String| *number == self.text || digits.is_some_and(|d| digits_of(number) == d);
        let has = |number: &String| {
            number.contains(&self.text) || digits.is_some_and(|d| digits_of(number).contains(d))
        };
        if numbers().any(|number| is(&number)) {
            Some(Fit::Number)
        } else if numbers().any(|number| has(&number)) || found.name.to_lowercase().contains(&self.text) {
            Some(Fit::Text)
        } else {
            let by_value = |value: &u64| digits.is_some_and(|d| value.to_string().contains(d));
            found.values.iter().any(by_value).then_some(Fit::Value)
        }
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_finds_numbers_names_and_amounts_in_this_order() {
        let order = Findable { numbers: vec!["IFOOD-7F3A92"], name: "Mesa 4", values: vec![12_345] };
        let table = [
            ("", Some(Fit::Text)),
            ("ifood-7f3a92", Some(Fit::Number)),
            ("7392", Some(Fit::Number)),
            ("392", Some(Fit::Text)),
            ("mesa 4", Some(Fit::Text)),
            ("mesa 1", None),
            ("234", Some(Fit::Value)),
            ("R$ 123,45", Some(Fit::Value)),
            ("99", None),
        ];
        for (typed, fit) in table {
            assert_eq!(Wanted::new(typed).fit(&order), fit, "{typed}");
        }
    }
}

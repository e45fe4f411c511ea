//! Percent coding and the parameter list of a URI's query. Imports nothing.
//!
//! Both directions do what Android's `Uri` does, because that is what Stone's apps use: `appendQueryParameter` on the
//! way out, `getQueryParameter` on the way in. Two differences, both on the careful side: a damaged value is reported
//! as damaged instead of being patched, and a parameter given twice with two values is a conflict instead of "the
//! first one wins".

/// Most parameters of an answer that are read; Stone's longest has 18.
const PARAMS_MAX: usize = 64;

/// Appends `value` as Android's `Uri.encode` writes it: letters, digits and `_-!.~'()*` stay, every other byte of the
/// UTF-8 form becomes `%XX` in upper case.
pub(super) fn encode_into(out: &mut String, value: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'_' | b'-' | b'!' | b'.' | b'~' | b'\'' | b'(' | b')' | b'*' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

/// Percent-decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The text; what could not be decoded is U+FFFD or the stray `%` itself.
    pub(super) text: String,
    /// Whether all of it could be decoded.
    pub(super) intact: bool,
}

/// Decodes `%XX` and `+` (a space). Stray `%` and bytes that are not UTF-8 make it not intact.
pub(super) fn decode(raw: &str) -> Decoded {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut intact = true;
    let mut rest = raw.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => {
                    intact = false;
                    bytes.push(b'%');
                }
            },
            (b'%', _) => {
                intact = false;
                bytes.push(b'%');
            }
            (other, _) => bytes.push(other),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, intact },
        Err(error) => Decoded { text: String::from_utf8_lossy(error.as_bytes()).into_owned(), intact: false },
    }
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The parameters of a query.
#[derive(Clone, Debug)]
pub(super) struct Params {
    pairs: Vec<(String, Decoded)>,
    whole: bool,
}

/// What a query says under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// Nothing: no such parameter, an empty one, or the literal `null` that Stone writes for a missing value.
    Absent,
    /// This text.
    Text(&'a str),
    /// Something that cannot be decoded; what could be made of it.
    Broken(&'a str),
    /// Two different things.
    Conflicting,
}

/// What a query says under a name that should say `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum YesNo {
    /// `true`.
    Yes,
    /// `false`.
    No,
    /// Nothing.
    Unsaid,
    /// Something else, or something damaged.
    Senseless,
}

impl<'a> Field<'a> {
    /// The text, if that is all there is to it.
    pub(super) const fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Broken(_) | Self::Conflicting => None,
        }
    }
}

impl Params {
    /// Reads a query (what stands after `?`). `fragment` is what stands after `#`: Stone sends none, so if there is
    /// one, a value with a raw `#` has cut the query short.
    pub(super) fn parse(query: &str, fragment: Option<&str>) -> Self {
        let mut params = Self { pairs: Vec::new(), whole: fragment.is_none_or(str::is_empty) };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name);
            if params.pairs.len() == PARAMS_MAX || !name.intact {
                params.whole = false;
                continue;
            }
            params.pairs.push((name.text, decode(value)));
        }
        params
    }

    /// Whether everything was read: no damaged name, no fragment, not more than [`PARAMS_MAX`] parameters.
    const fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether too much cannot be read to believe the rest: the query is not whole, a `documented` parameter has two
    /// values, or an `essential` one cannot be decoded.
    pub(super) fn is_damaged(&self, documented: &[&str], essential: &[&str]) -> bool {
        let conflicting = |name: &&str| self.read(name) == Field::Conflicting;
        let broken = |name: &&str| matches!(self.read(name), Field::Broken(_));
        !self.is_whole() || documented.iter().any(conflicting) || essential.iter().any(broken)
    }

    /// What the query says under `name`, where `true` or `false` is expected.
    pub(super) fn yes_or_no(&self, name: &str) -> YesNo {
        match self.read(name) {
            Field::Text(text) if text.eq_ignore_ascii_case("true") => YesNo::Yes,
            Field::Text(text) if text.eq_ignore_ascii_case("false") => YesNo::No,
            Field::Absent => YesNo::Unsaid,
            Field::Text(_) | Field::Broken(_) | Field::Conflicting => YesNo::Senseless,
        }
    }

    /// What the query says under `name`. Names are compared letter by letter, as Android does.
    pub(super) fn read(&self, name: &str) -> Field<'_> {
        let mut values = self.pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v);
        let Some(first) = values.next() else {
            return Field::Absent;
        };
        if values.any(|other| other != first) {
            return Field::Conflicting;
        }
        let trimmed = first.text.trim();
        if !first.intact {
            Field::Broken(&first.text)
        } else if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("null") {
            Field::Absent
        } else {
            Field::Text(&first.text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: &str) -> String {
        let mut out = String::new();
        encode_into(&mut out, value);
        out
    }

    #[test]
    fn values_are_encoded_as_android_does() {
        assert_eq!(encoded("aZ09_-!.~'()*"), "aZ09_-!.~'()*");
        assert_eq!(encoded("a b+c/d=e&f"), "a%20b%2Bc%2Fd%3De%26f");
        assert_eq!(encoded("[{\"é\":1}]"), "%5B%7B%22%C3%A9%22%3A1%7D%5D");
        assert_eq!(encoded("\u{7f}\u{0}"), "%7F%00");
    }

    #[test]
    fn what_is_encoded_is_decoded_again() {
        for text in ["", "JOAO/SILVA", "Crédito + 100%", "a=b&c#d", "日本\u{1F4B3}"] {
            assert_eq!(decode(&encoded(text)), Decoded { text: text.to_owned(), intact: true });
        }
        assert_eq!(decode("a+b").text, "a b");
        assert_eq!(decode("%c3%A9").text, "é");
    }

    #[test]
    fn damaged_coding_is_reported_and_never_guessed() {
        for (raw, text) in [
            ("%", "%"),
            ("1%2", "1%2"),
            ("%zz0", "%zz0"),
            ("%+1", "% 1"),
            ("D%E9bito", "D\u{fffd}bito"),
            ("%C3", "\u{fffd}"),
            ("%é", "%é"),
        ] {
            assert_eq!(decode(raw), Decoded { text: text.to_owned(), intact: false }, "{raw}");
        }
    }

    #[test]
    fn null_and_empty_mean_absent_and_two_values_are_a_conflict() {
        let params =
            Params::parse("a=null&b=&c&d=NULL&e=+&f=1&f=1&g=1&g=2&h=%ZZ&i=null&i=1&A=9&&=x&j=a=b", None);
        for name in ["a", "b", "c", "d", "e", "zzz"] {
            assert_eq!(params.read(name), Field::Absent, "{name}");
        }
        assert_eq!(params.read("f"), Field::Text("1"));
        assert_eq!(params.read("g"), Field::Conflicting);
        assert_eq!(params.read("h"), Field::Broken("%ZZ"));
        assert_eq!(params.read("i"), Field::Conflicting);
        assert_eq!(params.read("A"), Field::Text("9"));
        assert_eq!(params.read("j"), Field::Text("a=b"));
        assert!(params.is_whole());
    }

    #[test]
    fn a_cut_or_overfull_query_is_not_whole() {
        assert!(Params::parse("a=1", Some("")).is_whole());
        assert!(!Params::parse("a=1", Some("b&success=false")).is_whole());
        assert!(!Params::parse("a=1&succ%FFess=false", None).is_whole());
        let overfull = vec!["x=1"; PARAMS_MAX + 1].join("&");
        assert!(!Params::parse(&overfull, None).is_whole());
        assert!(Params::parse(&vec!["x=1"; PARAMS_MAX].join("&"), None).is_whole());
    }
}

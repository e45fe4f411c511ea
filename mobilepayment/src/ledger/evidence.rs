//! What the acquirer's app said, before it is stored: no card number beyond the last four digits, no endless text.

use protocol::attempt::{AttemptEnded, Evidence};
use protocol::statement::{AttemptStatement, Said};

/// Longest text of one field, in characters: the longest real one is the ITK, below 60.
const FIELD_CHARS_MAX: usize = 64;
/// Fewest digits of a card number (ISO/IEC 7812 has 12 to 19).
const CARD_DIGITS_MIN: usize = 12;

/// The message as it may be stored.
#[must_use]
pub fn cleaned(message: &AttemptEnded) -> AttemptEnded {
    let mut message = message.clone();
    message.evidence = clean_evidence(message.evidence);
    message
}

/// What a person typed off a slip, as it may be stored: a card number typed by mistake is none of the codes.
#[must_use]
pub fn cleaned_statement(message: &AttemptStatement) -> AttemptStatement {
    let mut message = message.clone();
    if let Said::Charged { authorization_code, atk } = &mut message.said {
        for code in [authorization_code, atk] {
            if Said::is_card_number(code) {
                *code = last_four(std::mem::take(code));
            }
        }
    }
    message
}

fn clean_evidence(evidence: Evidence) -> Evidence {
    Evidence {
        code: evidence.code.map(masked),
        amount: evidence.amount,
        method: evidence.method,
        installments: evidence.installments,
        brand: evidence.brand.map(masked),
        last4: evidence.last4.map(last_four),
        authorization_code: evidence.authorization_code.map(masked),
        // The acquirer's own keys are long runs of digits and no card numbers.
        atk: evidence.atk.map(shortened),
        itk: evidence.itk.map(shortened),
        entry_mode: evidence.entry_mode.map(masked),
        authorized_at_local: evidence.authorized_at_local.map(masked),
    }
}

fn shortened(text: String) -> String {
    text.chars().take(FIELD_CHARS_MAX).collect()
}

/// Text in which nothing long enough to be a card number is left.
fn masked(text: String) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    // A date with its time has 14 digits in six groups; a card number has at most four groups.
    let groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).count();
    if digits >= CARD_DIGITS_MIN && groups < 5 { last_four(text) } else { shortened(text) }
}

fn last_four(text: String) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_in_any_field_is_cut_to_its_last_four_digits() {
        let pan = "4111 1111 1111 1234".to_owned();
        let clean = clean_evidence(Evidence {
            code: Some(pan.clone()),
            brand: Some(format!("VISA {pan}")),
            last4: Some(pan.clone()),
            authorization_code: Some(pan.clone()),
            entry_mode: Some(pan.replace(' ', "")),
            authorized_at_local: Some(pan),
            ..Evidence::default()
        });
        let texts = [
            clean.code,
            clean.brand,
            clean.last4,
            clean.authorization_code,
            clean.entry_mode,
            clean.authorized_at_local,
        ];
        for text in texts {
            assert_eq!(text.as_deref(), Some("1234"));
        }
    }

    #[test]
    fn a_date_with_its_time_is_no_card_number_however_the_groups_of_a_card_are_written() {
        for (text, kept) in [
            ("2026-10-05T14:36:17", "2026-10-05T14:36:17"),
            ("05/10/2026 14h36", "05/10/2026 14h36"),
            ("20-26-10-05-143617", "20-26-10-05-143617"),
            ("4111--1111--1111--1234", "1234"),
            ("411111111111", "1111"),
            ("41111111111", "41111111111"),
        ] {
            assert_eq!(masked(text.to_owned()), kept);
        }
    }

    #[test]
    fn a_card_number_typed_as_a_code_is_cut_and_codes_stay() {
        let statement = |code: &str| AttemptStatement {
            statement_id: protocol::StatementId::from_random(1),
            attempt_id: protocol::AttemptId::from_random(1),
            order_id: protocol::OrderId::parse("or_1").unwrap(),
            said: Said::Charged { authorization_code: code.into(), atk: code.into() },
            stated_at: protocol::UnixMillis(1),
        };
        for (typed, kept) in [
            ("4111111111111111", "1111"),
            ("378282246310005", "0005"),
            ("4111111111111112", "4111111111111112"),
            ("37820073187607", "37820073187607"),
            ("187607", "187607"),
            ("A1B2C3D4E5F6G7H8", "A1B2C3D4E5F6G7H8"),
        ] {
            assert_eq!(cleaned_statement(&statement(typed)), statement(kept), "{typed}");
        }
    }

    #[test]
    fn what_the_fiscal_document_needs_stays_as_it_came() {
        let evidence = Evidence {
            code: Some("0".into()),
            brand: Some("MASTERCARD".into()),
            last4: Some("1234".into()),
            authorization_code: Some("123456".into()),
            atk: Some("31000001234567".into()),
            itk: Some("PB0419AL60480-4.0.0-1234567-0001".into()),
            entry_mode: Some("ICC".into()),
            authorized_at_local: Some("2026-03-01T12:34:56".into()),
            ..Evidence::default()
        };
        assert_eq!(clean_evidence(evidence.clone()), evidence);
    }
}

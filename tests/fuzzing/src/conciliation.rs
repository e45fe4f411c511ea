//! The acquirer's daily file.

use mobilepayment::conciliation::{FILE_BYTES_MAX, TRANSACTIONS_MAX, read};
use protocol::Centavos;

/// Checks one file.
pub fn check(data: &[u8]) -> bool {
    let first = read(data);
    assert_eq!(first, read(data), "the same file is read in the same way");
    match first {
        Ok(day) => {
            assert!(data.len() <= FILE_BYTES_MAX);
            assert!(!declares_a_type(data), "a DTD is refused");
            assert!(day.transactions.len() <= TRANSACTIONS_MAX);
            for transaction in &day.transactions {
                assert!(transaction.amount.is_none_or(|amount| amount >= Centavos::ZERO));
            }
            let with_comment = [data, b"<!-- fim -->"].concat();
            if with_comment.len() <= FILE_BYTES_MAX {
                assert_eq!(Ok(day), read(&with_comment), "a comment says nothing");
            }
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

/// A file that has a DTD for certain: the words stand where nothing could hide them.
fn declares_a_type(data: &[u8]) -> bool {
    let has = |words: &[u8]| data.windows(words.len()).any(|part| part == words);
    has(b"<!DOCTYPE")
        && ![&b"<!--"[..], b"<![CDATA[", b"<?"].into_iter().any(has)
        && !has(b"\"")
        && !has(b"'")
}

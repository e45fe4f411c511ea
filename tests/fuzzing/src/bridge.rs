//! What Kotlin hands over: a configuration or a message. What is understood does not depend on how JSON is spaced.

use posconnect::{MESSAGE_BYTES_MAX, understood};

/// Checks one array of bytes.
pub fn check(data: &[u8]) -> bool {
    if data.len() > MESSAGE_BYTES_MAX {
        return false;
    }
    let first = understood(data);
    assert_eq!(first, understood(data), "the same bytes are understood in the same way");
    assert!(first.config.is_err() || first.message.is_err(), "a configuration is no message");
    for refused in [&first.config, &first.message].into_iter().filter_map(|read| read.as_ref().err()) {
        assert!(!refused.is_empty(), "a refusal says why");
    }
    if first.config.is_ok() || first.message.is_ok() {
        let value: serde_json::Value = serde_json::from_slice(data).expect("what is understood is JSON");
        let spaced = serde_json::to_vec_pretty(&value).expect("JSON is written");
        let again = understood(&spaced);
        assert_eq!((first.config.ok(), first.message.ok()), (again.config.ok(), again.message.ok()));
        return true;
    }
    false
}

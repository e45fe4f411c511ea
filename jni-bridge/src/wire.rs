//! The bytes between Kotlin and Rust: UTF-8 JSON, one object each.
//!
//! An unknown field is refused: both sides come in one APK, so it is a mistake, not another version.

use pos_connect::driver::{NetworkStatus, Output};
use pos_connect::flow::{Alert, DeviceStatus, Purpose};
use pos_connect::hub::Proxy;
use pos_connect::view::Screen;
use pos_connect::view::screen::Key;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Longest message taken, in bytes: the longest return that Kotlin hands over is 64 KiB, and JSON may escape each byte.
pub const MESSAGE_BYTES_MAX: usize = 512 * 1024;

/// What `open` is called with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Directory private to the app; made if it is not there.
    pub(crate) data_dir: String,
    /// Base address of mobilepayment; `None`: the technician has not set it yet.
    pub(crate) service_url: Option<String>,
    /// Where the serial number may come from.
    pub(crate) serial: SerialTexts,
    /// The app's version, for people.
    pub(crate) app_version: String,
    /// Our own URI scheme, to which the acquirer's apps answer.
    pub(crate) return_scheme: String,
    /// How the last life ended, as far as the app knows.
    pub(crate) previous_end: Option<PreviousEnd>,
    /// The device's network, if it is known yet; otherwise it is taken as connected.
    pub(crate) network: Option<NetworkText>,
}

/// Serial numbers as the app knows them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SerialTexts {
    /// From the label, by the technician.
    pub(crate) provisioned: Option<String>,
    /// From Android.
    pub(crate) system: Option<String>,
}

/// How the last life ended.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PreviousEnd {
    /// The core did not answer, and the app restarted the process.
    Unresponsive,
}

/// The device's network as the app sees it.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkText {
    /// Whether the device has a network at all.
    pub(crate) connected: bool,
    proxy: Option<ProxyText>,
}

/// What `dispatch` is called with.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Message {
    /// A button, a row or a choice.
    Tap { id: String },
    /// The whole new text of a field.
    Text { id: String, value: String },
    /// A physical key, and the number of the screen that was drawn when it was pressed.
    Key {
        #[serde(deserialize_with = "key_of_a_keypad")]
        key: Key,
        seen: u64,
    },
    /// A return of the acquirer's app, unparsed.
    Returned { uri: String },
    /// The deep link could not be opened.
    OpenFailed {},
    /// The device's network.
    Network(NetworkText),
    /// The device's condition.
    Device {
        battery_percent: Option<u8>,
        charging: Option<bool>,
        storage_free_bytes: Option<u64>,
        system: Option<String>,
    },
    /// Is the loop alive?
    Probe { id: u64 },
}

/// The system's HTTP proxy.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProxyText {
    host: String,
    port: u16,
}

/// What `next` gives.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Given<'a> {
    Screen { number: u64, screen: &'a Screen },
    Open { uri: &'a str, purpose: Purpose },
    Alert { alert: Alert },
    KeepAwake { on: bool },
    Alive { id: u64 },
    Ended,
}

/// What `open` is called with, read.
pub(crate) fn config(bytes: &[u8]) -> Result<Config, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// What `dispatch` is called with, read.
pub(crate) fn message(bytes: &[u8]) -> Result<Message, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// Reads bytes as `open` and `dispatch` would, and does nothing with what they say: for fuzzing, without a JVM.
#[must_use]
pub fn understood(bytes: &[u8]) -> Understood {
    let config = config(bytes).map(|config| {
        let network = config.network.map(network);
        format!("{:?} {:?} {:?} {network:?}", config.serial, config.service_url, config.return_scheme)
    });
    let message = message(bytes).and_then(|message| match message {
        Message::Network(text) => network(text).map(|status| format!("{status:?}")),
        Message::Device { battery_percent, charging, storage_free_bytes, system } => {
            Ok(format!("{:?}", device(battery_percent, charging, storage_free_bytes, system)))
        }
        Message::Tap { .. }
        | Message::Text { .. }
        | Message::Key { .. }
        | Message::Returned { .. }
        | Message::OpenFailed {}
        | Message::Probe { .. } => Ok(format!("{message:?}")),
    });
    Understood { config, message }
}

/// What bytes are to each function that takes some, as text; an error is the exception's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// To `open`.
    pub config: Result<String, String>,
    /// To `dispatch`.
    pub message: Result<String, String>,
}

/// An output as bytes.
pub(crate) fn output(output: &Output) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&match output {
        Output::Screen { number, screen } => Given::Screen { number: *number, screen },
        Output::Open { uri, purpose } => Given::Open { uri, purpose: *purpose },
        Output::Alert(alert) => Given::Alert { alert: *alert },
        Output::KeepAwake(on) => Given::KeepAwake { on: *on },
        Output::Alive(id) => Given::Alive { id: *id },
    })
}

/// The last output.
pub(crate) fn ended() -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Given::Ended)
}

/// A key that a keypad has: a search would take the digit 12 for a 1 and a 2.
fn key_of_a_keypad<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
    let key = Key::deserialize(deserializer)?;
    if let Key::Digit(digit) = key
        && digit > 9
    {
        return Err(D::Error::custom(format_args!("no key has the digit {digit}")));
    }
    Ok(key)
}

/// The network as the driver takes it. A proxy that cannot be one is an error: calls would silently go past it.
pub(crate) fn network(text: NetworkText) -> Result<NetworkStatus, String> {
    let proxy = text.proxy.map(|p| Proxy::new(&p.host, p.port)).transpose().map_err(|e| e.to_string())?;
    Ok(NetworkStatus { connected: text.connected, proxy })
}

/// The device's condition as the driver takes it.
pub(crate) fn device(
    battery_percent: Option<u8>,
    charging: Option<bool>,
    storage_free_bytes: Option<u64>,
    system: Option<String>,
) -> DeviceStatus {
    DeviceStatus { battery_percent, charging, storage_free_bytes, system, journal_bytes: None }
}

#[cfg(test)]
mod tests {
    use pos_connect::driver::Output;
    use pos_connect::view::screen::{Status, Tone};

    use super::*;

    fn message(json: &str) -> Result<Message, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    fn given(output: &Output) -> String {
        String::from_utf8(super::output(output).unwrap()).unwrap()
    }

    /// What Kotlin writes; its side has the same lines in its own test.
    #[test]
    fn every_message_is_read_as_the_app_writes_it() {
        let table = [
            (r#"{"type":"tap","id":"order:or_1"}"#, Message::Tap { id: "order:or_1".into() }),
            (
                r#"{"type":"text","id":"search","value":"12"}"#,
                Message::Text { id: "search".into(), value: "12".into() },
            ),
            (r#"{"type":"key","key":{"digit":5},"seen":17}"#, Message::Key { key: Key::Digit(5), seen: 17 }),
            (r#"{"type":"key","key":"clear","seen":1}"#, Message::Key { key: Key::Clear, seen: 1 }),
            (r#"{"type":"returned","uri":"a://b"}"#, Message::Returned { uri: "a://b".into() }),
            (r#"{"type":"open_failed"}"#, Message::OpenFailed {}),
            (
                r#"{"type":"network","connected":true,"proxy":{"host":"10.0.0.1","port":8080}}"#,
                Message::Network(NetworkText {
                    connected: true,
                    proxy: Some(ProxyText { host: "10.0.0.1".into(), port: 8080 }),
                }),
            ),
            (r#"{"type":"probe","id":7}"#, Message::Probe { id: 7 }),
        ];
        for (json, expected) in table {
            assert_eq!(message(json), Ok(expected), "{json}");
        }
    }

    #[test]
    fn what_is_not_a_message_is_refused_and_says_where() {
        let table = [
            ("", "EOF"),
            ("[]", "missing field `type`"),
            (r#"{"type":"pay"}"#, "unknown variant"),
            (r#"{"type":"tap"}"#, "missing field `id`"),
            (r#"{"type":"tap","id":"x","amount":1}"#, "unknown field `amount`"),
            (r#"{"type":"key","key":{"digit":-1},"seen":1}"#, "invalid value"),
            (r#"{"type":"key","key":{"digit":10},"seen":1}"#, "no key has the digit 10"),
            (r#"{"type":"network","connected":true,"proxy":{"host":"x","port":70000}}"#, "invalid value"),
        ];
        for (json, why) in table {
            let said = message(json).unwrap_err();
            assert!(said.contains(why), "{json}: {said}");
        }
    }

    #[test]
    fn every_output_is_written_as_the_app_reads_it() {
        let screen = Screen {
            page: "list".into(),
            title: "Pedidos".into(),
            status: Status { tone: Tone::Good, text: "Loja".into() },
            widgets: vec![],
            actions: vec![],
        };
        let screen = Output::Screen { number: 18, screen: screen.into() };
        let table = [
            (
                screen,
                r#"{"type":"screen","number":18,"screen":{"page":"list","title":"Pedidos","status":{"tone":"good","text":"Loja"},"widgets":[],"actions":[]}}"#,
            ),
            (
                Output::Open { uri: "payment-app://pay".into(), purpose: Purpose::Pay },
                r#"{"type":"open","uri":"payment-app://pay","purpose":"pay"}"#,
            ),
            (Output::Alert(Alert::DirectOrder), r#"{"type":"alert","alert":"direct_order"}"#),
            (Output::KeepAwake(true), r#"{"type":"keep_awake","on":true}"#),
            (Output::Alive(7), r#"{"type":"alive","id":7}"#),
        ];
        for (output, json) in table {
            assert_eq!(given(&output), json);
        }
        assert_eq!(ended().unwrap(), br#"{"type":"ended"}"#);
    }
}

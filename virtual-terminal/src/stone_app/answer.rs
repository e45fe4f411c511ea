//! How a person (or a test) makes the simulated apps answer.

use serde::{Deserialize, Serialize};

use super::memory::MemoryError;
use super::request::Method;

/// Longest that an answer may be kept back by a timer, in milliseconds: ten minutes, longer than any wait of the agent.
const MAX_AFTER_MS: u64 = 600_000;

/// What the acquirer decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// Yes; what is not given is as asked for.
    Approve {
        /// Another amount, in centavos.
        amount: Option<u64>,
        /// Another method.
        method: Option<Method>,
        /// The card's brand.
        brand: Option<String>,
    },
    /// Yes, but with this amount in centavos; by default R$ 1,00 more than asked for, or one centavo less of a reversal.
    OtherAmount(Option<u64>),
    /// Yes, but with this method; by default one that was not asked for.
    OtherMethod(Option<Method>),
    /// No.
    #[default]
    Decline,
    /// The operator gave up.
    Cancel,
    /// A reversal of a payment that the acquirer does not know.
    UnknownAtk,
}

/// How the answer comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Once, at once.
    Once(Verdict),
    /// The same answer twice.
    Twice(Verdict),
    /// Decided now, sent later: by [`Answer::Now`] or by a timer.
    Late {
        /// The decision.
        verdict: Verdict,
        /// Milliseconds until it is sent by itself; `None`: never by itself.
        after_ms: Option<u64>,
    },
    /// The app closes without a word, perhaps after a decision.
    Silent(Option<Verdict>),
    /// Sends what was decided and kept back.
    Now,
    /// Forgets what was kept back.
    Forget,
    /// An answer that cannot be read.
    Malformed(Verdict, Damage),
    /// An answer by somebody else; the app stays open and remembers nothing.
    Forge(Forgery),
}

/// How an answer is damaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// The parameter with the result is missing.
    #[default]
    NoResult,
    /// Percent signs that encode nothing.
    Percent,
    /// No parameters at all.
    Empty,
    /// Parameters appear twice, with different values.
    Repeated,
    /// The amount is no number.
    TextAmount,
    /// A host that is not the acquirer's.
    WrongHost,
}

/// What a forged answer names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgery {
    /// An attempt that does not exist.
    #[default]
    UnknownOrder,
    /// The attempt that is open.
    SameOrder,
}

/// What may come along with an answer; every field has a default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Details {
    /// Number of the request that is answered; by default the one on the screen.
    pub request: Option<u64>,
    /// Centavos, where they differ from what was asked for.
    pub amount: Option<u64>,
    /// Method, where it differs from what was asked for.
    pub method: Option<Method>,
    /// Card brand of an approval.
    pub brand: Option<String>,
    /// The decision behind `late`, `twice`, `malformed` and `silent`: `approve`, `decline` or `cancel`.
    pub answer: Option<String>,
    /// Milliseconds after which a late answer is sent by itself.
    pub after_ms: Option<u64>,
    /// How a malformed answer is damaged.
    pub damage: Damage,
    /// What a forged answer names.
    pub forgery: Forgery,
    /// The answer names no `order_id`.
    pub without_order_id: bool,
}

/// Why the simulated app cannot answer so.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// No such answer.
    #[error("não existe a resposta “{0}”")]
    UnknownAnswer(String),
    /// No request is on the screen.
    #[error("nenhum aplicativo da adquirente está aberto")]
    NothingOpen,
    /// No such request.
    #[error("o pedido {0} não está aberto nem guardado")]
    UnknownRequest(u64),
    /// This app cannot answer so.
    #[error("este aplicativo não responde dessa forma")]
    NotForThisApp,
    /// The request cannot be served, so that the app can only be closed.
    #[error("o pedido não pode ser atendido; só é possível fechar o aplicativo em silêncio")]
    Unserviceable,
    /// The request leaves the amount open.
    #[error("o pedido não fixa o valor: informe amount")]
    AmountNeeded,
    /// The request leaves the method open.
    #[error("o pedido não fixa a forma de pagamento: informe method")]
    MethodNeeded,
    /// The answer was decided already.
    #[error("a resposta já foi decidida: use now ou forget")]
    AlreadyDecided,
    /// There is no decision to send.
    #[error("nada foi decidido ainda: responda com approve, decline ou cancel")]
    NotDecided,
    /// The timer is too long.
    #[error("after_ms vai até 600000")]
    TooLate,
    /// The memory failed.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl Answer {
    /// The answer with this name.
    pub fn named(name: &str, details: &Details) -> Result<Self, AnswerError> {
        let approve =
            Verdict::Approve { amount: details.amount, method: details.method, brand: details.brand.clone() };
        let behind = || match details.answer.as_deref() {
            None | Some("approve") => Ok(approve.clone()),
            Some("decline") => Ok(Verdict::Decline),
            Some("cancel") => Ok(Verdict::Cancel),
            Some(other) => Err(AnswerError::UnknownAnswer(other.to_owned())),
        };
        match name {
            "approve" => Ok(Self::Once(approve)),
            "other-amount" => Ok(Self::Once(Verdict::OtherAmount(details.amount))),
            "other-method" => Ok(Self::Once(Verdict::OtherMethod(details.method))),
            "decline" => Ok(Self::Once(Verdict::Decline)),
            "cancel" => Ok(Self::Once(Verdict::Cancel)),
            "unknown-atk" => Ok(Self::Once(Verdict::UnknownAtk)),
            "twice" => behind().map(Self::Twice),
            "late" if details.after_ms.is_some_and(|ms| ms > MAX_AFTER_MS) => Err(AnswerError::TooLate),
            "late" => Ok(Self::Late { verdict: behind()?, after_ms: details.after_ms }),
            "silent" => Ok(Self::Silent(details.answer.is_some().then(behind).transpose()?)),
            "now" => Ok(Self::Now),
            "forget" => Ok(Self::Forget),
            "malformed" => Ok(Self::Malformed(behind()?, details.damage)),
            "forge" => Ok(Self::Forge(details.forgery)),
            other => Err(AnswerError::UnknownAnswer(other.to_owned())),
        }
    }
}

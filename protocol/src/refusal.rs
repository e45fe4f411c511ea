//! Every "no" of the terminal-facing protocol: a stable code, a pt-BR sentence that says what to do next, and whether
//! asking again can help.

use serde::{Deserialize, Serialize};

/// Why the service refused. The order of the variants is the precedence: when several apply, the first is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The body cannot be read.
    BadRequest,
    /// No token, or one that is not known.
    NotActivated,
    /// The terminal was blocked by the store.
    Revoked,
    /// The activation code is wrong, used or expired.
    ActivationCode,
    /// The serial number is not registered at the store.
    SerialUnknown,
    /// The serial number is already active; the store must approve a second activation.
    SerialLive,
    /// Too many tries.
    TooMany,
    /// No such order for this terminal.
    OrderUnknown,
    /// The order is not for this terminal.
    NotForThisTerminal,
    /// The terminal may not be used this way (P2 at the counter, for one).
    UseNotAllowed,
    /// Fully paid.
    OrderPaid,
    /// Closed by the PDV or expired.
    OrderClosed,
    /// Being closed by the PDV.
    OrderClosing,
    /// Another terminal holds it.
    HeldByOther,
    /// The terminal's claim is over.
    ClaimLost,
    /// An attempt of this claim is open or in doubt.
    AttemptOpen,
    /// The same id with other content.
    IdReused,
    /// Zero, or above what one charge can carry.
    AmountInvalid,
    /// More than may be charged now.
    AmountAboveBalance,
    /// A direct order is charged whole.
    NotWholeTotal,
    /// Another method than the PDV fixed.
    MethodFixed,
    /// A method or instalments outside the store's contract.
    MethodNotContracted,
    /// No such receipt for this terminal.
    ReceiptUnknown,
    /// The service cannot answer now.
    Unavailable,
}

impl RefusalCode {
    /// What the person at the terminal reads.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::BadRequest => {
                "O serviço não entendeu o pedido do terminal. Atualize o aplicativo ou chame o suporte."
            }
            Self::NotActivated => "Este terminal não está ativado. Peça um código de ativação à loja.",
            Self::Revoked => "Este terminal foi bloqueado pela loja. Fale com o gerente.",
            Self::ActivationCode => "Código de ativação inválido ou vencido. Peça um novo código à loja.",
            Self::SerialUnknown => {
                "Este número de série não está cadastrado na loja. Peça o cadastro ao gerente."
            }
            Self::SerialLive => "Este terminal já está ativo. O gerente precisa autorizar uma nova ativação.",
            Self::TooMany => "Muitas tentativas. Aguarde um minuto e tente de novo.",
            Self::OrderUnknown => "Este pedido não existe mais. Atualize a lista.",
            Self::NotForThisTerminal => "Este pedido não é deste terminal. Escolha outro pedido.",
            Self::UseNotAllowed => {
                "Este terminal não pode ser usado assim. Use outro terminal ou fale com o gerente."
            }
            Self::OrderPaid => "Este pedido já está pago. Não cobre de novo.",
            Self::OrderClosed => "Este pedido foi encerrado pela loja. Não cobre.",
            Self::OrderClosing => "A loja está encerrando este pedido. Não cobre.",
            Self::HeldByOther => "Outro terminal está com este pedido. Escolha outro ou aguarde a devolução.",
            Self::ClaimLost => "Este pedido não está mais com este terminal. Abra o pedido de novo.",
            Self::AttemptOpen => "Há uma cobrança sem resposta neste pedido. Aguarde ou fale com o gerente.",
            Self::IdReused => "O serviço já recebeu outra operação com este número. Chame o suporte.",
            Self::AmountInvalid => "Valor inválido. Digite um valor maior que zero.",
            Self::AmountAboveBalance => "Valor maior que o saldo do pedido. Digite um valor até o saldo.",
            Self::NotWholeTotal => "Este pedido é cobrado de uma só vez, pelo valor total.",
            Self::MethodFixed => "A forma de pagamento foi definida no PDV e não pode ser trocada.",
            Self::MethodNotContracted => "Forma de pagamento fora do contrato da loja. Escolha outra.",
            Self::ReceiptUnknown => "Este comprovante não está mais disponível. Peça a reimpressão no PDV.",
            Self::Unavailable => "O serviço da loja não pode responder agora. Tente de novo em instantes.",
        }
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::NotActivated => 401,
            Self::Revoked
            | Self::ActivationCode
            | Self::SerialUnknown
            | Self::NotForThisTerminal
            | Self::UseNotAllowed => 403,
            Self::OrderUnknown | Self::ReceiptUnknown => 404,
            Self::OrderPaid
            | Self::OrderClosed
            | Self::OrderClosing
            | Self::HeldByOther
            | Self::ClaimLost
            | Self::AttemptOpen
            | Self::SerialLive
            | Self::IdReused => 409,
            Self::AmountInvalid
            | Self::AmountAboveBalance
            | Self::NotWholeTotal
            | Self::MethodFixed
            | Self::MethodNotContracted => 422,
            Self::TooMany => 429,
            Self::Unavailable => 503,
        }
    }

    /// Whether the same message may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::TooMany | Self::Unavailable)
    }
}

/// The body of every refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable machine code.
    pub code: RefusalCode,
    /// pt-BR, says what to do next.
    pub message: String,
    /// The terminal that holds the order, for `held_by_other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
}

impl From<RefusalCode> for Refusal {
    fn from(code: RefusalCode) -> Self {
        Self { code, message: code.sentence().to_owned(), holder: None }
    }
}

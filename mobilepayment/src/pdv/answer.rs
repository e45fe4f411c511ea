//! Every "no" to the PDV in one envelope: Pagar.me's `message` and `errors`, and our stable `code`.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::ledger::refusal::PdvRefusal;
use crate::store::{CommandError, Unavailable};

/// The body of every refusal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// What is wrong and what to do, pt-BR.
    #[schema(example = "O pedido tem campos inválidos. Corrija os campos em \"errors\" e envie de novo.")]
    pub message: String,
    /// Stable machine code; new ones may be added.
    #[schema(example = "invalid_fields")]
    pub code: &'static str,
    /// By field, what is wrong with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({"order.items[0].amount": ["deve ser um número inteiro de centavos"]}))]
    pub errors: BTreeMap<String, Vec<String>>,
}

/// A refusal with its status.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    body: ErrorBody,
}

impl ApiError {
    /// A refusal without fields.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let body = ErrorBody { message: message.into(), code, errors: BTreeMap::new() };
        Self { status, body }
    }

    /// A refusal of fields; `errors` says which.
    #[must_use]
    pub fn fields(status: StatusCode, errors: BTreeMap<String, Vec<String>>) -> Self {
        let message = "O pedido tem campos inválidos. Corrija os campos em \"errors\" e envie de novo.";
        let mut error = Self::new(status, "invalid_fields", message);
        error.body.errors = errors;
        error
    }

    /// A refusal of one field with a code of its own.
    #[must_use]
    pub fn field(code: &'static str, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message.clone());
        error.body.errors.insert(field.to_owned(), vec![message]);
        error
    }

    /// The stable machine code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.body.code
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The licence has no active module.
    #[must_use]
    pub fn module_inactive(message: Option<String>) -> Self {
        let message = message.unwrap_or_else(|| {
            "O módulo pos_connect desta licença está inativo: não há pedidos novos. O que já começou continua. \
             Fale com o suporte para reativá-lo."
                .to_owned()
        });
        Self::new(StatusCode::FORBIDDEN, "module_inactive", message)
    }

    /// No such thing in this account.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("{what} não existe nesta conta. Confira o identificador e a chave usada."),
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Basic realm=\"pos-connect\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<Unavailable> for ApiError {
    fn from(Unavailable: Unavailable) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "O serviço não pode responder agora. Envie de novo em instantes, com a mesma Idempotency-Key.",
        )
    }
}

impl From<CommandError<PdvRefusal>> for ApiError {
    fn from(error: CommandError<PdvRefusal>) -> Self {
        match error {
            CommandError::Refused(refusal) => refusal.into(),
            CommandError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<PdvRefusal> for ApiError {
    fn from(refusal: PdvRefusal) -> Self {
        use PdvRefusal as R;
        let conflict = |code, message: &str| Self::new(StatusCode::CONFLICT, code, message);
        let devices = "order.poi_payment_settings.devices_serial_number";
        let setup = "order.poi_payment_settings.payment_setup";
        match refusal {
            R::OrderUnknown => Self::not_found("Este pedido"),
            R::ChargeUnknown => Self::not_found("Esta cobrança"),
            R::ReversalUnknown => Self::not_found("Este estorno"),
            R::PrintUnknown => Self::not_found("Este comprovante"),
            R::TerminalUnknown(serial) => {
                Self::field("terminal_unknown", devices, unknown_terminal(serial.as_str()))
            }
            R::IdempotencyKeyReused => conflict(
                "idempotency_key_reused",
                "Esta Idempotency-Key já foi usada com outro conteúdo. Use uma chave nova para um pedido novo.",
            ),
            R::ModuleInactive(message) => Self::module_inactive(message),
            R::TotalInvalid => Self::field(
                "total_invalid",
                "order.items",
                "A soma dos itens deve ficar entre 1 e 999999999 centavos.",
            ),
            R::TooManyTerminals { max } => Self::field(
                "too_many_terminals",
                devices,
                format!("Um pedido pode citar até {max} terminais. Para todos, deixe a lista vazia."),
            ),
            R::DirectNeedsOneTerminal => Self::field(
                "direct_needs_one_terminal",
                devices,
                "Um pedido direto vai para exatamente um terminal. Informe um só número de série ou use mode \"listed\".",
            ),
            R::DirectNeedsMethod => Self::field(
                "direct_needs_method",
                setup,
                "Um pedido direto precisa da forma de pagamento. Informe payment_setup ou use mode \"listed\".",
            ),
            R::NotACounterTerminal(serial) => Self::field(
                "not_a_counter_terminal",
                devices,
                format!(
                    "O terminal {serial} é só para delivery e não aceita pedido direto. \
                     Use mode \"listed\" ou escolha outro terminal."
                ),
            ),
            R::ChoiceInvalid => Self::field(
                "installments_invalid",
                setup,
                "Só crédito tem parcelas, de 2 a 18. Corrija installments; 1 é à vista.",
            ),
            R::MethodNotContracted => Self::field(
                "method_not_contracted",
                setup,
                "Esta forma de pagamento ou este número de parcelas está fora do contrato da loja. Escolha outra.",
            ),
            R::ExpiryInPast => Self::field(
                "expiry_in_past",
                "order.expires_at",
                "O vencimento já passou. Informe um instante futuro, em UTC.",
            ),
            R::TooLong { field, max } => Self::field(
                "too_long",
                field,
                format!("O campo passa de {max} bytes. Encurte-o e envie de novo."),
            ),
            R::TooManyOpenOrders { max } => conflict(
                "too_many_open_orders",
                &format!(
                    "A loja já tem {max} pedidos abertos. Feche os que não serão mais pagos e envie de novo."
                ),
            ),
            R::OrderPaid => conflict(
                "order_paid",
                "O pedido já está pago e não pode ser cancelado. Peça o estorno de cada cobrança.",
            ),
            R::OrderClosed => conflict(
                "order_closed",
                "O pedido já foi encerrado de outra forma. Consulte-o antes de continuar.",
            ),
            R::BalanceLeft { balance } => conflict(
                "balance_left",
                &format!(
                    "Faltam {} centavos neste pedido: não pode ser fechado como pago. Use status \"canceled\" ou aguarde.",
                    balance.get()
                ),
            ),
            R::AttemptOpen => conflict(
                "attempt_open",
                "Há uma cobrança sem resposta neste pedido. Aguarde o terminal ou resolva a dúvida antes.",
            ),
            R::NotClaimed => {
                conflict("not_claimed", "Nenhum terminal está com este pedido: não há o que liberar.")
            }
            R::NotInDoubt => conflict(
                "not_in_doubt",
                "Esta cobrança não está em dúvida. Consulte o resultado dela antes de decidir.",
            ),
            R::ReversalNotInDoubt => conflict(
                "reversal_not_in_doubt",
                "Este estorno não está em dúvida. Consulte o resultado dele antes de decidir.",
            ),
            R::ExceedsTotal { balance } => conflict(
                "exceeds_total",
                &format!(
                    "Aprovar esta cobrança passaria do total do pedido; o saldo é de {} centavos. \
                     Registre como não cobrada aqui e trate o valor a mais com a adquirente.",
                    balance.get()
                ),
            ),
            R::NotWholeTotal => conflict(
                "not_whole_total",
                "Um pedido direto é cobrado de uma só vez, pelo total: esta cobrança não pode ser aprovada. \
                 Registre como não cobrada aqui e trate o valor com a adquirente.",
            ),
            R::NotPaid => conflict("not_paid", "Esta cobrança não está paga: não há o que estornar."),
            R::ReversalTooLarge { left } => Self::field(
                "reversal_too_large",
                "charge.amount",
                format!(
                    "Só restam {} centavos para estornar nesta cobrança. Peça até esse valor.",
                    left.get()
                ),
            ),
            R::ReversalWaiting => conflict(
                "reversal_waiting",
                "Outro estorno desta cobrança aguarda o operador no terminal. Espere que ele termine.",
            ),
            R::TooManyPrints { max } => conflict(
                "print_in_progress",
                &format!(
                    "Já há {max} impressão em andamento neste pedido. Aguarde que termine e envie de novo."
                ),
            ),
        }
    }
}

/// The sentence for a serial number that is not registered.
#[must_use]
pub fn unknown_terminal(serial: &str) -> String {
    format!("O terminal {serial} não está cadastrado nesta conta. Confira o número de série no cadastro.")
}

/// What every route may answer besides its own.
#[derive(IntoResponses)]
pub enum Refusals {
    /// The body or a parameter cannot be read.
    #[response(status = 400)]
    BadRequest(ErrorBody),
    /// The secret key is missing or unknown.
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// No such thing in this account.
    #[response(status = 404)]
    NotFound(ErrorBody),
    /// The state of the order does not allow it now.
    #[response(status = 409)]
    Conflict(ErrorBody),
    /// The body is above the limit.
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// The body is not JSON.
    #[response(status = 415)]
    NotJson(ErrorBody),
    /// Fields are missing, absurd or not allowed.
    #[response(status = 422)]
    Invalid(ErrorBody),
    /// The service cannot answer now.
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

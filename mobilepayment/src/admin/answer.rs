//! Every "no" of the administration, in the envelope of the PDV-facing API.

use axum::http::StatusCode;

use crate::pdv::answer::ApiError;
use crate::store::CommandError;
use crate::store::administration::AdminRefusal;

impl From<CommandError<AdminRefusal>> for ApiError {
    fn from(error: CommandError<AdminRefusal>) -> Self {
        match error {
            CommandError::Refused(refusal) => refusal.into(),
            CommandError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<AdminRefusal> for ApiError {
    fn from(refusal: AdminRefusal) -> Self {
        use AdminRefusal as R;
        let conflict = |code, message: &str| Self::new(StatusCode::CONFLICT, code, message);
        match refusal {
            R::LicenceUnknown => Self::new(
                StatusCode::NOT_FOUND,
                "licence_unknown",
                "Esta chave ou licença não existe. Confira cada caractere; se estiver certa, peça outra ao suporte.",
            ),
            R::TooMany => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many",
                "Houve muitas tentativas. Espere um minuto, confira a chave e tente de novo.",
            ),
            R::ModuleInactive(message) => Self::module_inactive(message),
            R::DeclaredInFile => conflict(
                "declared_in_file",
                "Esta empresa está declarada no arquivo de configuração do serviço. Altere-a lá e reinicie o serviço.",
            ),
            R::CompanyOfOtherLicence => conflict(
                "company_of_other_licence",
                "Esta empresa foi cadastrada por outra licença. Confira o Account ID ou use a licença dela.",
            ),
            R::CompanyUnknown => Self::new(
                StatusCode::NOT_FOUND,
                "company_unknown",
                "Esta empresa não está cadastrada. Confira o Account ID ou cadastre a empresa antes.",
            ),
            R::AccountReserved => Self::field(
                "account_reserved",
                "company.account_id",
                "Um Account ID não pode começar com lic_. Use o da conta da empresa.",
            ),
            R::SecretKeyMissing => Self::field(
                "secret_key_missing",
                "company.secret_key",
                "A empresa é nova: informe a secret_key dela.",
            ),
            R::SecretKeyTaken => Self::field(
                "secret_key_taken",
                "company.secret_key",
                "Esta secret_key não pode ser usada. Gere outra e envie de novo.",
            ),
            R::SerialTaken => conflict(
                "serial_taken",
                "Este número de série já está cadastrado em outra empresa ou com outra grafia. Confira a etiqueta (S/N) \
                 ou retire-o de lá antes.",
            ),
            R::TerminalUnknown => Self::not_found("Este terminal"),
            R::TerminalBusy => conflict(
                "terminal_busy",
                "O terminal tem pedido, cobrança, estorno ou comprovante em andamento ou em dúvida. Conclua ou resolva \
                 isso antes de retirá-lo.",
            ),
            R::TooManyRegistered(max) => conflict(
                "too_many_registered",
                &format!("Já há {max} cadastros deste tipo, que é o limite. Fale com o suporte."),
            ),
        }
    }
}

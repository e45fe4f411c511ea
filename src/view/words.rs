//! Words and figures that several pages use.

use protocol::attempt::{Outcome, OutcomeReason};
use protocol::method::{InstallmentType, Method};
use protocol::{Centavos, PaymentChoice};

use crate::acquirer::PrintAnswer;
use crate::flow::Unreachable;
use crate::flow::live::PrintProblem;

/// "R$ 1.234,56"
#[must_use]
pub fn money(amount: Centavos) -> String {
    let (reais, centavos) = (amount.get() / 100, amount.get() % 100);
    let digits = reais.to_string();
    let mut grouped = String::with_capacity(digits.len() + 10);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("R$ {grouped},{centavos:02}")
}

/// "há 5 min"
pub(super) fn ago(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0..10 => "agora".to_owned(),
        10..60 => format!("há {seconds} s"),
        60..3_600 => format!("há {} min", seconds / 60),
        3_600..86_400 => format!("há {} h", seconds / 3_600),
        86_400.. => format!("há {} d", seconds / 86_400),
    }
}

/// "05/10/2022 02:36:17" of "2022-10-05T02:36:17"; what is no such text stays as it is.
pub(super) fn date_and_time(iso: &str) -> String {
    let parts: Option<(Vec<&str>, &str)> =
        iso.split_once('T').map(|(date, time)| (date.split('-').collect(), time));
    match parts.as_ref().map(|(date, time)| (date.as_slice(), *time)) {
        Some(([year, month, day], time)) => format!("{day}/{month}/{year} {time}"),
        Some(_) | None => iso.to_owned(),
    }
}

pub(super) const fn method(method: Method) -> &'static str {
    match method {
        Method::Credit => "Crédito",
        Method::Debit => "Débito",
        Method::Voucher => "Voucher",
        Method::Pix => "Pix",
    }
}

/// "Crédito 3x sem juros"
pub(super) fn choice(choice: &PaymentChoice) -> String {
    let name = method(choice.method);
    match (choice.installments, choice.method) {
        (Some(i), _) => format!("{name} {}x {}", i.count, interest(i.kind)),
        (None, Method::Credit) => format!("{name} à vista"),
        (None, Method::Debit | Method::Voucher | Method::Pix) => name.to_owned(),
    }
}

pub(super) const fn interest(kind: InstallmentType) -> &'static str {
    match kind {
        InstallmentType::Merchant => "sem juros",
        InstallmentType::Issuer => "com juros",
    }
}

pub(super) const fn outcome(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Approved) => "Aprovado",
        Some(Outcome::Declined) => "Não aprovado",
        Some(Outcome::Cancelled) => "Cancelado",
        Some(Outcome::InDoubt) => "Em dúvida",
        None => "Em andamento",
    }
}

/// Why a payment is in doubt or was not made.
pub(super) const fn reason(reason: OutcomeReason) -> &'static str {
    match reason {
        OutcomeReason::Refused => "A operadora ou o banco recusou.",
        OutcomeReason::GivenUp => "O pagamento foi cancelado antes da cobrança.",
        OutcomeReason::NotLaunched => "O pagamento não chegou a ser aberto. Nada foi cobrado.",
        OutcomeReason::StartRefused => "A loja não confirmou o início. Nada foi cobrado.",
        OutcomeReason::NoAnswer => "O aplicativo de pagamento não respondeu.",
        OutcomeReason::Restarted => "O terminal reiniciou durante o pagamento.",
        OutcomeReason::UnknownCode => "O aplicativo de pagamento respondeu com um código desconhecido.",
        OutcomeReason::Unreadable => "A resposta do aplicativo de pagamento está ilegível.",
        OutcomeReason::NoReference => "A resposta não diz a qual pagamento pertence.",
        OutcomeReason::AmountDiffers => "A resposta traz um valor diferente do que foi pedido.",
        OutcomeReason::MethodDiffers => "A resposta traz uma forma de pagamento diferente da que foi pedida.",
        OutcomeReason::Contradicted => "Chegaram duas respostas diferentes para este pagamento.",
    }
}

/// Why a reversal is in doubt or was not made.
pub(super) const fn reversal_reason(why: OutcomeReason) -> &'static str {
    match why {
        OutcomeReason::Refused => "A operadora recusou o estorno.",
        OutcomeReason::GivenUp => "O estorno foi cancelado no aplicativo de pagamento.",
        OutcomeReason::NotLaunched => "O estorno não chegou a ser aberto.",
        OutcomeReason::Restarted => "O terminal reiniciou durante o estorno.",
        OutcomeReason::StartRefused
        | OutcomeReason::NoAnswer
        | OutcomeReason::UnknownCode
        | OutcomeReason::Unreadable
        | OutcomeReason::NoReference
        | OutcomeReason::AmountDiffers
        | OutcomeReason::MethodDiffers
        | OutcomeReason::Contradicted => reason(why),
    }
}

pub(super) const fn unreachable(why: Unreachable) -> &'static str {
    match why {
        Unreachable::NoConnection => "Sem contato com a loja. Verifique o Wi-Fi ou o chip e tente de novo.",
        Unreachable::Timeout => "A loja demorou para responder. Tente de novo em instantes.",
        Unreachable::Certificate => {
            "O certificado do serviço não é o da loja. Não use esta rede e chame o suporte."
        }
        Unreachable::Clock => "O relógio do terminal parece errado. Acerte data e hora e tente de novo.",
        Unreachable::NotOurs => {
            "Outra página respondeu no lugar da loja. Entre na rede (login do Wi-Fi) ou troque de rede."
        }
    }
}

pub(super) const fn print_problem(problem: PrintProblem) -> &'static str {
    match problem {
        PrintProblem::NoAnswer => "A impressora não respondeu. Veja se saiu papel e tente de novo.",
        PrintProblem::NotOpened => {
            "O aplicativo de impressão não abriu. Tente de novo ou reinicie o terminal."
        }
        PrintProblem::Answer(answer) => match answer {
            PrintAnswer::Printed => "Impresso.",
            PrintAnswer::NoPaper => "Acabou o papel. Coloque uma bobina e tente de novo.",
            PrintAnswer::LowBattery => "Bateria fraca para imprimir. Ligue o carregador e tente de novo.",
            PrintAnswer::Busy => "A impressora está ocupada. Aguarde e tente de novo.",
            PrintAnswer::Overheated => "A impressora está quente. Aguarde alguns minutos e tente de novo.",
            PrintAnswer::PaperJam => "O papel está preso. Abra a tampa, ajeite a bobina e tente de novo.",
            PrintAnswer::BadData => "A impressora recusou a imagem. Peça a impressão no PDV.",
            PrintAnswer::Failed => "A impressora falhou. Tente de novo ou reinicie o terminal.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_as_in_brazil() {
        let table =
            [("2022-10-05T02:36:17", "05/10/2022 02:36:17"), ("ontem", "ontem"), ("2022T1", "2022T1")];
        for (iso, text) in table {
            assert_eq!(date_and_time(iso), text);
        }
    }

    #[test]
    fn money_reads_as_in_brazil() {
        let table =
            [(0, "R$ 0,00"), (5, "R$ 0,05"), (100_000, "R$ 1.000,00"), (123_456_789, "R$ 1.234.567,89")];
        for (centavos, text) in table {
            assert_eq!(money(Centavos::new(centavos).unwrap()), text);
        }
    }
}

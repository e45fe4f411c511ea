//! Something to read.

use protocol::refusal::RefusalCode;

use super::screen::Tone;
use super::words::{print_problem, unreachable};
use super::{Drawn, PageName, listing, message};
use crate::flow::Tap;
use crate::flow::live::Notice;

pub(super) fn notice(notice: &Notice) -> Drawn {
    if let Notice::Taken(take) = notice {
        return listing::taken(take);
    }
    let (page, tone, title, text) = words(notice);
    Drawn::new(page, "Aviso").with(message(tone, title, text)).primary(&Tap::Back, "Ver pedidos")
}

fn words(notice: &Notice) -> (PageName, Tone, String, String) {
    let nothing = "Nada foi cobrado.".to_owned();
    match notice {
        Notice::Refused(refusal) => {
            let holder =
                refusal.holder.as_ref().map_or_else(String::new, |serial| format!("Terminal {serial}."));
            (refused_page(refusal.code), Tone::Warning, refusal.message.clone(), holder)
        }
        Notice::CannotStart(code) => {
            (refused_page(*code), Tone::Warning, code.sentence().to_owned(), nothing)
        }
        Notice::Unreachable(why) => {
            (PageName::Unreachable, Tone::Warning, unreachable(*why).to_owned(), nothing)
        }
        Notice::OrderGone(number) => {
            let text = "Foi encerrado, pago ou passado a outro terminal. Não cobre.".to_owned();
            (PageName::OrderGone, Tone::Warning, format!("O pedido {number} não está mais aqui"), text)
        }
        Notice::GivenBack(number) => {
            let text = "Os outros terminais já podem cobrá-lo.".to_owned();
            (PageName::GivenBack, Tone::Good, format!("Pedido {number} devolvido"), text)
        }
        Notice::AppMissing => {
            let title = "O aplicativo de pagamento não abriu".to_owned();
            let text = format!("{nothing} Reinicie o terminal ou chame o suporte.");
            (PageName::AppMissing, Tone::Bad, title, text)
        }
        Notice::Busy => {
            let text = "Termine a operação aberta no aplicativo de pagamento e tente de novo.".to_owned();
            (PageName::Busy, Tone::Warning, "O aplicativo de pagamento está ocupado".to_owned(), text)
        }
        Notice::TooManyInDoubt => {
            let text =
                "Avise o gerente. Novas cobranças voltam quando a loja resolver as dúvidas.".to_owned();
            (PageName::TooManyInDoubt, Tone::Bad, "Há pagamentos demais em dúvida".to_owned(), text)
        }
        Notice::Reprinted(Ok(())) => {
            (PageName::Reprinted, Tone::Good, "Via impressa".to_owned(), String::new())
        }
        Notice::Reprinted(Err(problem)) => {
            let text = print_problem(*problem).to_owned();
            (PageName::ReprintFailed, Tone::Bad, "A via não foi impressa".to_owned(), text)
        }
        Notice::ReceiptPrinted => {
            (PageName::Printed, Tone::Good, "Comprovante impresso".to_owned(), String::new())
        }
        Notice::Taken(_) => (PageName::Taken, Tone::Good, String::new(), String::new()),
    }
}

const fn refused_page(code: RefusalCode) -> PageName {
    match code {
        RefusalCode::HeldByOther => PageName::HeldByOther,
        RefusalCode::AttemptOpen => PageName::AttemptOpen,
        RefusalCode::MethodFixed => PageName::MethodFixed,
        RefusalCode::AmountAboveBalance => PageName::AmountAboveBalance,
        RefusalCode::OrderPaid
        | RefusalCode::OrderClosed
        | RefusalCode::OrderClosing
        | RefusalCode::OrderUnknown => PageName::OrderGone,
        RefusalCode::BadRequest
        | RefusalCode::NotActivated
        | RefusalCode::Revoked
        | RefusalCode::ActivationCode
        | RefusalCode::SerialUnknown
        | RefusalCode::SerialLive
        | RefusalCode::TooMany
        | RefusalCode::NotForThisTerminal
        | RefusalCode::UseNotAllowed
        | RefusalCode::ClaimLost
        | RefusalCode::IdReused
        | RefusalCode::AmountInvalid
        | RefusalCode::NotWholeTotal
        | RefusalCode::MethodNotContracted
        | RefusalCode::ReceiptUnknown
        | RefusalCode::Unavailable => PageName::Refused,
    }
}

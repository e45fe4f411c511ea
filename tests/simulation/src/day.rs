//! The acquirer's file of a day, written as the acquirer writes it from what it knows: who charged what by card.

use std::fmt::Write as _;

use virtual_terminal::stone_app::{Method, Transaction};

/// What is sold by card is in the file; Pix is not.
const fn account_type(method: Method) -> Option<u8> {
    match method {
        Method::Debit => Some(1),
        Method::Credit => Some(2),
        Method::Voucher | Method::Pix => None,
    }
}

/// "05/10/2026 14:36:17" as the file has it.
fn compact(shown: &str) -> String {
    let digits: Vec<char> = shown.chars().filter(char::is_ascii_digit).collect();
    let text = |from: usize, to: usize| digits[from..to].iter().collect::<String>();
    format!("{}{}{}{}", text(4, 8), text(2, 4), text(0, 2), text(8, 14))
}

/// The file, with what each terminal has sold. A sale that was given back in part is told without what went back: that
/// is in a later file.
#[must_use]
pub fn file(id: u64, sales: &[(String, Transaction)]) -> String {
    let mut text = String::new();
    let mut date = "20251124".to_owned();
    for (serial, sale) in sales {
        let Some(account) = account_type(sale.method) else { continue };
        let at = compact(&sale.authorized_at);
        at[..8].clone_into(&mut date);
        let reais = format!("{}.{:02}0000", sale.amount / 100, sale.amount % 100);
        let whole = sale.reversed == sale.amount;
        let back = if whole {
            format!(
                "<Cancellations><Cancellation><OperationKey>C{}</OperationKey><CancellationDateTime>{at}</CancellationDateTime>\
                 <ReturnedAmount>{reais}</ReturnedAmount></Cancellation></Cancellations>",
                sale.atk
            )
        } else {
            String::new()
        };
        let code = sale.authorization_code.as_deref().unwrap_or_default();
        write!(
            text,
            "<Transaction><Events><Cancellations>{}</Cancellations><Captures>1</Captures></Events>\
             <AcquirerTransactionKey>{}</AcquirerTransactionKey><InitiatorTransactionKey>{}</InitiatorTransactionKey>\
             <CaptureLocalDateTime>{at}</CaptureLocalDateTime><AccountType>{account}</AccountType>\
             <NumberOfInstallments>{}</NumberOfInstallments><CapturedAmount>{reais}</CapturedAmount>\
             <IssuerAuthorizationCode>{code}</IssuerAuthorizationCode><Poi><SerialNumber>{serial}</SerialNumber></Poi>{back}\
             </Transaction>",
            u8::from(whole),
            sale.atk,
            sale.itk,
            sale.installments,
        )
        .expect("a string takes everything");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Conciliation><Header><GenerationDateTime>20251125053012</GenerationDateTime>\
         <StoneCode>181345124</StoneCode><LayoutVersion>2.2</LayoutVersion><FileId>{id}</FileId>\
         <ReferenceDate>{date}</ReferenceDate></Header><FinancialTransactions>{text}</FinancialTransactions>\
         <FinancialTransactionsAccounts /><Payments /></Conciliation>"
    )
}

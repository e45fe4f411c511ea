//! What can be tapped. The screen carries it as text, and the text comes back with the tap.

use protocol::method::{InstallmentType, Method};
use protocol::{AttemptId, OrderId, PrintId};

use crate::acquirer::SlipCopy;

/// What can be tapped. Which taps count depends on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tap {
    /// One step back, or out of what is shown.
    Back,
    /// The list of orders.
    Home,
    /// Send the activation code.
    Activate,
    /// Enter an activation code again.
    Reactivate,
    /// Everything that the list has no room for.
    Menu,
    /// An order of the list.
    Order(OrderId),
    /// More rows of the list.
    More,
    /// Newest first or oldest first.
    Turn,
    /// "Levar pedidos".
    TakeOrders,
    /// Take all that are shown and free.
    TakeAll,
    /// Take those selected.
    TakeSelected,
    /// Give an order back.
    GiveBack,
    /// Another amount than the whole balance.
    OtherAmount,
    /// "Dividir".
    Split,
    /// In how many parts.
    SplitInto(u32),
    /// One digit of an amount.
    Digit(u8),
    /// Two zeros.
    DoubleZero,
    /// Takes the last digit away.
    Erase,
    /// Takes the entered amount.
    Confirm,
    /// A method.
    Method(Method),
    /// Instalments: how many and who finances; 1 is à vista.
    Installments(InstallmentType, u8),
    /// The next options of those.
    MoreOptions,
    /// What can be printed of a payment.
    Copies,
    /// Charge what the PDV fixed.
    Charge,
    /// The same amount and method once more, after a refusal.
    TryAgain,
    /// Charge what is left.
    ChargeRest,
    /// The acquirer's app gave no answer: stop waiting; the payment is in doubt.
    StopWaiting,
    /// Say what the card slip of a payment in doubt says.
    State,
    /// It says that the customer was charged.
    SaidCharged,
    /// There is none, or it says that nothing was charged.
    SaidNotCharged,
    /// Payments taken on this terminal.
    Payments,
    /// One of them.
    Payment(AttemptId),
    /// Give a payment back.
    Reverse,
    /// Give a part of it back.
    ReversePart,
    /// Yes, give it back.
    ReverseConfirmed,
    /// The acquirer's slip once more.
    Reprint(SlipCopy),
    /// Receipts on this terminal.
    Receipts,
    /// One of them.
    Receipt(PrintId),
    /// Print it.
    Print,
    /// Do not print it.
    SkipPrint,
    /// The stray returns were seen.
    SawStrays,
    /// Diagnostics.
    Diagnostics,
    /// "Sincronizar agora".
    SyncNow,
    /// Leave the safe screen: the driver takes it, an agent that runs does not know it.
    StartAgain,
}

impl Tap {
    /// As it stands in the screen.
    #[must_use]
    pub fn id(&self) -> String {
        let plain = match self {
            Self::Back => "back",
            Self::Home => "home",
            Self::Activate => "activate",
            Self::Reactivate => "reactivate",
            Self::Menu => "menu",
            Self::More => "more",
            Self::MoreOptions => "more-options",
            Self::Copies => "copies",
            Self::Turn => "turn",
            Self::TakeOrders => "take-orders",
            Self::TakeAll => "take-all",
            Self::TakeSelected => "take-selected",
            Self::GiveBack => "give-back",
            Self::OtherAmount => "other-amount",
            Self::Split => "split",
            Self::DoubleZero => "00",
            Self::Erase => "erase",
            Self::Confirm => "confirm",
            Self::Charge => "charge",
            Self::TryAgain => "try-again",
            Self::ChargeRest => "charge-rest",
            Self::StopWaiting => "stop-waiting",
            Self::State => "state",
            Self::SaidCharged => "said-charged",
            Self::SaidNotCharged => "said-not-charged",
            Self::Payments => "payments",
            Self::Reverse => "reverse",
            Self::ReversePart => "reverse-part",
            Self::ReverseConfirmed => "reverse-confirmed",
            Self::Reprint(SlipCopy::Customer) => "reprint:customer",
            Self::Reprint(SlipCopy::Merchant) => "reprint:merchant",
            Self::Receipts => "receipts",
            Self::Print => "print",
            Self::SkipPrint => "skip-print",
            Self::SawStrays => "saw-strays",
            Self::Diagnostics => "diagnostics",
            Self::SyncNow => "sync-now",
            Self::StartAgain => "start-again",
            Self::Order(id) => return format!("order:{id}"),
            Self::Payment(id) => return format!("payment:{id}"),
            Self::Receipt(id) => return format!("receipt:{id}"),
            Self::SplitInto(parts) => return format!("split:{parts}"),
            Self::Digit(digit) => return format!("digit:{digit}"),
            Self::Method(method) => return format!("method:{}", method_word(*method)),
            Self::Installments(InstallmentType::Merchant, n) => return format!("installments:merchant:{n}"),
            Self::Installments(InstallmentType::Issuer, n) => return format!("installments:issuer:{n}"),
        };
        plain.to_owned()
    }

    /// Back from text; `None`: nothing that this agent ever showed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((kind, value)) = text.split_once(':') {
            return Self::parse_with_value(kind, value);
        }
        let plain = [
            Self::Back,
            Self::Home,
            Self::Activate,
            Self::Reactivate,
            Self::Menu,
            Self::More,
            Self::MoreOptions,
            Self::Copies,
            Self::Turn,
            Self::TakeOrders,
            Self::TakeAll,
            Self::TakeSelected,
            Self::GiveBack,
            Self::OtherAmount,
            Self::Split,
            Self::DoubleZero,
            Self::Erase,
            Self::Confirm,
            Self::Charge,
            Self::TryAgain,
            Self::ChargeRest,
            Self::StopWaiting,
            Self::State,
            Self::SaidCharged,
            Self::SaidNotCharged,
            Self::Payments,
            Self::Reverse,
            Self::ReversePart,
            Self::ReverseConfirmed,
            Self::Receipts,
            Self::Print,
            Self::SkipPrint,
            Self::SawStrays,
            Self::Diagnostics,
            Self::SyncNow,
            Self::StartAgain,
        ];
        plain.into_iter().find(|tap| tap.id() == text)
    }

    fn parse_with_value(kind: &str, value: &str) -> Option<Self> {
        match kind {
            "order" => OrderId::parse(value).ok().map(Self::Order),
            "payment" => AttemptId::parse(value).ok().map(Self::Payment),
            "receipt" => PrintId::parse(value).ok().map(Self::Receipt),
            "split" => value.parse().ok().map(Self::SplitInto),
            "digit" => value.parse().ok().filter(|digit| *digit <= 9).map(Self::Digit),
            "method" => Method::ALL.into_iter().find(|m| method_word(*m) == value).map(Self::Method),
            "reprint" if value == "customer" => Some(Self::Reprint(SlipCopy::Customer)),
            "reprint" if value == "merchant" => Some(Self::Reprint(SlipCopy::Merchant)),
            "installments" => {
                let (who, count) = value.split_once(':')?;
                let count = count.parse().ok()?;
                match who {
                    "merchant" => Some(Self::Installments(InstallmentType::Merchant, count)),
                    "issuer" => Some(Self::Installments(InstallmentType::Issuer, count)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

const fn method_word(method: Method) -> &'static str {
    match method {
        Method::Credit => "credit",
        Method::Debit => "debit",
        Method::Voucher => "voucher",
        Method::Pix => "pix",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tap_comes_back_as_it_was_shown_and_nothing_else_does() {
        let with_values = [
            "order:or_1",
            "payment:7",
            "receipt:pr_1",
            "split:3",
            "digit:0",
            "method:pix",
            "reprint:customer",
            "reprint:merchant",
            "installments:issuer:12",
            "00",
            "take-selected",
        ];
        for text in with_values {
            assert_eq!(Tap::parse(text).map(|tap| tap.id()).as_deref(), Some(text));
        }
        let unknown = [
            "",
            "order:",
            "order:a/b",
            "digit:10",
            "method:cash",
            "payment:0",
            "unknown",
            "reprint:bank",
            "installments:x:2",
        ];
        for text in unknown {
            assert_eq!(Tap::parse(text), None, "{text}");
        }
    }
}

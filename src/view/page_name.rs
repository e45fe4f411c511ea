//! Every page there is, by its stable name. A page can only be drawn under a name of this list, so that whoever adds one
//! also adds it to the catalogue of screens (`tests/catalogue.rs`).

macro_rules! page_names {
    ($($name:ident = $text:literal,)+) => {
        /// The stable name of a page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum PageName {
            $($name,)+
        }

        impl PageName {
            /// All of them, in no order that matters.
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$name,)+];

            /// As it stands in [`super::Screen::page`].
            pub(super) const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

page_names! {
    Activation = "activation",
    Amount = "amount",
    AmountAboveBalance = "amount_above_balance",
    Announcing = "announcing",
    AppMissing = "app_missing",
    Approved = "approved",
    AttemptOpen = "attempt_open",
    Busy = "busy",
    Cancelled = "cancelled",
    Claiming = "claiming",
    Copies = "copies",
    Declined = "declined",
    Diagnostics = "diagnostics",
    GivenBack = "given_back",
    HeldByOther = "held_by_other",
    InDoubt = "in_doubt",
    Installments = "installments",
    Journal = "journal",
    List = "list",
    Menu = "menu",
    MethodFixed = "method_fixed",
    Order = "order",
    OrderGone = "order_gone",
    Paying = "paying",
    Payment = "payment",
    Payments = "payments",
    Printed = "printed",
    Printing = "printing",
    Receipt = "receipt",
    Receipts = "receipts",
    Refused = "refused",
    ReprintFailed = "reprint_failed",
    Reprinted = "reprinted",
    Reprinting = "reprinting",
    ReversalAmount = "reversal_amount",
    ReversalCancelled = "reversal_cancelled",
    ReversalConfirm = "reversal_confirm",
    ReversalDeclined = "reversal_declined",
    ReversalInDoubt = "reversal_in_doubt",
    Reversed = "reversed",
    Reversing = "reversing",
    Safe = "safe",
    Setup = "setup",
    Split = "split",
    Statement = "statement",
    StatementAtk = "statement_atk",
    StatementCode = "statement_code",
    StatementConfirm = "statement_confirm",
    Strays = "strays",
    Taken = "taken",
    Taking = "taking",
    TakingNow = "taking_now",
    TooManyInDoubt = "too_many_in_doubt",
    Unreachable = "unreachable",
}

//! What may be charged at all. The terminal asks before it starts an attempt; the service asks again, with its own
//! figures, when the start and the outcome are reported.

use crate::attempt::Flag;
use crate::method::ContractedMethod;
use crate::order::{OrderKind, OrderStatus, OrderView};
use crate::refusal::RefusalCode;
use crate::{Centavos, PaymentChoice};

/// Whether a new attempt may start on this order.
///
/// Ordered by [`RefusalCode`]'s precedence. The claim is checked by the caller, who knows whose it is.
pub fn may_start(
    order: &OrderView,
    contract: &[ContractedMethod],
    amount: Centavos,
    choice: &PaymentChoice,
) -> Result<(), RefusalCode> {
    match order.status {
        OrderStatus::Paid => return Err(RefusalCode::OrderPaid),
        OrderStatus::Closed => return Err(RefusalCode::OrderClosed),
        OrderStatus::Closing => return Err(RefusalCode::OrderClosing),
        OrderStatus::Open => {}
    }
    if amount.is_zero() || amount > Centavos::CHARGE_MAX {
        return Err(RefusalCode::AmountInvalid);
    }
    if order.kind == OrderKind::Direct && !order.reserved.is_zero() {
        return Err(RefusalCode::AttemptOpen);
    }
    if amount > order.chargeable() {
        return Err(RefusalCode::AmountAboveBalance);
    }
    if order.kind == OrderKind::Direct && amount != order.total {
        return Err(RefusalCode::NotWholeTotal);
    }
    match method_flag(order.fixed.as_ref(), contract, choice) {
        None => Ok(()),
        Some(_) if order.fixed.is_some_and(|fixed| fixed != *choice) => Err(RefusalCode::MethodFixed),
        Some(_) => Err(RefusalCode::MethodNotContracted),
    }
}

/// Whether a method is what the PDV fixed and what the contract allows. What the PDV fixed is taken as it is: the PDV
/// answers for the contract when it creates the order.
#[must_use]
pub fn method_flag(
    fixed: Option<&PaymentChoice>,
    contract: &[ContractedMethod],
    choice: &PaymentChoice,
) -> Option<Flag> {
    match fixed {
        Some(fixed) if fixed.method != choice.method => Some(Flag::MethodNotAllowed),
        Some(fixed) if fixed.installments != choice.installments => Some(Flag::InstallmentsNotAllowed),
        Some(_) => None,
        None if contract.iter().any(|line| line.allows(choice)) => None,
        None if contract.iter().any(|line| line.method == choice.method) => {
            Some(Flag::InstallmentsNotAllowed)
        }
        None => Some(Flag::MethodNotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::{InstallmentType, Installments};
    use crate::{Method, OrderId, UnixMillis};

    fn money(centavos: u64) -> Centavos {
        Centavos::new(centavos).unwrap()
    }

    fn order(kind: OrderKind, status: OrderStatus, total: u64, paid: u64, reserved: u64) -> OrderView {
        OrderView {
            id: OrderId::parse("or_1").unwrap(),
            number: "1".into(),
            display_name: String::new(),
            kind,
            status,
            total: money(total),
            paid: money(paid),
            reserved: money(reserved),
            fixed: None,
            claim: None,
            attempts: vec![],
            receipt_expected: false,
            created_at: UnixMillis(0),
            expires_at: None,
            revision: 1,
        }
    }

    #[test]
    fn what_may_start() {
        use OrderKind::{Direct, Listed};
        use OrderStatus::{Closed, Closing, Open, Paid};
        use RefusalCode as R;
        let contract = [
            ContractedMethod {
                method: Method::Credit,
                merchant_installments_max: 6,
                issuer_installments_max: 1,
            },
            ContractedMethod {
                method: Method::Debit,
                merchant_installments_max: 1,
                issuer_installments_max: 1,
            },
        ];
        let debit = PaymentChoice::at_once(Method::Debit);
        let pix = PaymentChoice::at_once(Method::Pix);
        let credit = |count, kind| PaymentChoice {
            method: Method::Credit,
            installments: Some(Installments { count, kind }),
        };
        let (shop, issuer) = (InstallmentType::Merchant, InstallmentType::Issuer);
        // kind, status, total, paid, reserved, amount, choice, expected
        let table = [
            (Listed, Open, 100, 0, 0, 100, debit, Ok(())),
            (Listed, Open, 100, 50, 0, 50, debit, Ok(())),
            (Listed, Open, 100, 50, 0, 51, debit, Err(R::AmountAboveBalance)),
            (Listed, Open, 100, 0, 60, 41, debit, Err(R::AmountAboveBalance)),
            (Listed, Open, 100, 0, 60, 40, debit, Ok(())),
            (Listed, Open, 100, 0, 0, 0, debit, Err(R::AmountInvalid)),
            (Listed, Open, 2_000_000_000, 0, 0, 1_000_000_000, debit, Err(R::AmountInvalid)),
            (Listed, Open, 2_000_000_000, 0, 0, Centavos::CHARGE_MAX.get(), debit, Ok(())),
            (Listed, Paid, 100, 100, 0, 1, debit, Err(R::OrderPaid)),
            (Listed, Closing, 100, 0, 0, 1, debit, Err(R::OrderClosing)),
            (Listed, Closed, 100, 0, 0, 1, debit, Err(R::OrderClosed)),
            (Listed, Open, 100, 0, 0, 100, pix, Err(R::MethodNotContracted)),
            (Listed, Open, 100, 0, 0, 100, credit(6, shop), Ok(())),
            (Listed, Open, 100, 0, 0, 100, credit(7, shop), Err(R::MethodNotContracted)),
            (Listed, Open, 100, 0, 0, 100, credit(2, issuer), Err(R::MethodNotContracted)),
            (Listed, Open, 100, 0, 0, 100, credit(1, shop), Err(R::MethodNotContracted)),
            (Direct, Open, 100, 0, 0, 100, debit, Ok(())),
            (Direct, Open, 100, 0, 0, 99, debit, Err(R::NotWholeTotal)),
            (Direct, Open, 100, 0, 100, 100, debit, Err(R::AttemptOpen)),
        ];
        for (kind, status, total, paid, reserved, amount, choice, expected) in table {
            let order = order(kind, status, total, paid, reserved);
            assert_eq!(
                may_start(&order, &contract, money(amount), &choice),
                expected,
                "{order:?} {amount} {choice:?}"
            );
        }
    }

    #[test]
    fn a_method_fixed_at_the_pdv_binds_even_outside_the_terminals_contract() {
        let mut order = order(OrderKind::Listed, OrderStatus::Open, 100, 0, 0);
        order.fixed = Some(PaymentChoice::at_once(Method::Pix));
        let pix = PaymentChoice::at_once(Method::Pix);
        let debit = PaymentChoice::at_once(Method::Debit);
        assert_eq!(may_start(&order, &[], money(100), &pix), Ok(()));
        assert_eq!(may_start(&order, &[], money(100), &debit), Err(RefusalCode::MethodFixed));
    }
}

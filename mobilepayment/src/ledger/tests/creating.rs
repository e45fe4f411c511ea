//! What an order may be.

use protocol::method::{InstallmentType, Installments};
use protocol::order::OrderKind::{Direct, Listed};
use protocol::{Centavos, Method, OrderId, PaymentChoice};

use super::{T0, money, new_order, registers, serial};
use crate::ledger::command::NewOrder;
use crate::ledger::creating::create;
use crate::ledger::refusal::PdvRefusal as P;

#[test]
fn an_order_that_cannot_be_charged_is_refused_when_it_is_created() {
    type Change = fn(&mut NewOrder);
    let table: &[(&str, Change, Result<(), P>)] = &[
        ("as it is", |_| {}, Ok(())),
        ("for all", |o| o.terminals.clear(), Ok(())),
        ("named twice", |o| o.terminals = vec![serial("L3-1"), serial("L3-1")], Ok(())),
        ("nothing to pay", |o| o.total = Centavos::ZERO, Err(P::TotalInvalid)),
        ("too much", |o| o.total = money(1_000_000_000), Err(P::TotalInvalid)),
        ("unknown terminal", |o| o.terminals = vec![serial("L3-9")], Err(P::TerminalUnknown(serial("L3-9")))),
        ("expired", |o| o.expires_at = Some(T0), Err(P::ExpiryInPast)),
        ("contracted", |o| o.fixed = Some(PaymentChoice::at_once(Method::Credit)), Ok(())),
        (
            "not contracted",
            |o| o.fixed = Some(PaymentChoice::at_once(Method::Pix)),
            Err(P::MethodNotContracted),
        ),
        (
            "no such instalments",
            |o| {
                o.fixed = Some(PaymentChoice {
                    method: Method::Debit,
                    installments: Some(Installments { count: 2, kind: InstallmentType::Merchant }),
                });
            },
            Err(P::ChoiceInvalid),
        ),
        ("long code", |o| o.code = Some("x".repeat(53)), Err(P::TooLong { field: "code", max: 52 })),
        ("direct", |o| *o = new_order(Direct, 1), Ok(())),
        (
            "direct for two",
            |o| {
                *o = new_order(Direct, 1);
                o.terminals.push(serial("A8-1"));
            },
            Err(P::DirectNeedsOneTerminal),
        ),
        (
            "direct for all",
            |o| {
                *o = new_order(Direct, 1);
                o.terminals.clear();
            },
            Err(P::DirectNeedsOneTerminal),
        ),
        (
            "direct without a method",
            |o| {
                *o = new_order(Direct, 1);
                o.fixed = None;
            },
            Err(P::DirectNeedsMethod),
        ),
        (
            "direct on a P2",
            |o| {
                *o = new_order(Direct, 1);
                o.terminals = vec![serial("P2-1")];
            },
            Err(P::NotACounterTerminal(serial("P2-1"))),
        ),
    ];
    for (what, change, expected) in table {
        let mut new = new_order(Listed, 1_000);
        change(&mut new);
        let id = OrderId::parse("or_abcdef123456").unwrap();
        let decision = create(&new, id, &registers(), T0);
        assert_eq!(decision.map(|_| ()), *expected, "{what}");
    }
}

#[test]
fn people_call_an_order_by_its_code_else_by_the_end_of_its_id() {
    let id = || OrderId::parse("or_abcdef123456").unwrap();
    let mut new = new_order(Listed, 1_000);
    assert_eq!(create(&new, id(), &registers(), T0).unwrap().order.number, "123456");
    new.code = Some("Pedido 77".into());
    assert_eq!(create(&new, id(), &registers(), T0).unwrap().order.number, "Pedido 77");
}

//! An order paid on the page.

use pos_connect_tests::pdv::listed;
use pos_connect_tests::receipt_image::{HEIGHT_DOTS, WIDTH_DOTS, long_receipt};
use pos_connect_tests::shop::{A8, L3, Shop};
use thirtyfour::prelude::*;

use crate::driver::{click, find, picture, with_page};

#[test]
fn a_listed_order_is_paid_by_clicking_and_its_receipt_comes_out_of_the_printer() {
    let shop = Shop::with_one(L3, "L3");
    let _ = shop.pdv.create(&listed("Mesa 7", 4_590));
    let order = shop.pdv.create(&listed("Mesa 4", 10_000).with_receipt());
    with_page(&format!("{}/t/{L3}", shop.terminals_address()), async |browser| {
        click(&browser, "#screen .row", "Mesa 4").await?;
        find(&browser, "#screen .amount", "R$ 100,00").await?;
        find(&browser, "#screen .option", "Débito").await?;
        picture(&browser, "terminal.png").await?;
        click(&browser, "#screen .option", "Débito").await?;
        find(&browser, "#overlay .figure", "R$ 100,00").await?;
        click(&browser, "#overlay button", "Aprovar").await?;
        find(&browser, "#screen .message", "Pagamento aprovado").await?;
        shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
        let sent = shop.pdv.send_receipt(&order, &long_receipt(), WIDTH_DOTS, HEIGHT_DOTS);
        assert_eq!(sent.status, 200, "{}", sent.text());
        click(&browser, "#actions button", "Imprimir").await?;
        find(&browser, "#screen", "Comprovante impresso").await?;
        find(&browser, "#bench .note", "linhas de pontos").await?;
        let paper = browser.find(By::Css("#bench .paper img")).await?;
        let height: usize = paper.attr("height").await?.unwrap_or_default().parse().unwrap();
        assert!(height >= HEIGHT_DOTS, "{height}");
        Ok(())
    });
}

#[test]
fn an_order_is_paid_with_the_keys_alone() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    l3.takes_and_is_paid(&shop.pdv.create(&listed("Mesa 9", 4_590)), "debit");
    l3.goes_back_to_list();
    let _ = shop.pdv.create(&listed("Mesa 7", 4_590));
    let order = shop.pdv.create(&listed("Mesa 4", 123_456));
    with_page(&format!("{}/t/{L3}", shop.terminals_address()), async |browser| {
        find(&browser, "#screen .row", "Mesa 4").await?;
        find(&browser, "#screen .row", "Mesa 7").await?;
        let press = async |keys: &str| browser.action_chain().send_keys(keys).perform().await;
        // Its amount is typed into the search; Enter opens the first order found.
        press("123456").await?;
        find(&browser, "#screen li:only-child .row", "Mesa 4").await?;
        press(&Key::Enter.value().to_string()).await?;
        let debit = find(&browser, "#screen .option", "Débito").await?;
        let digit = debit.find(By::Css("kbd")).await?.text().await?;
        press(&digit).await?;
        // In the acquirer's app the first button has the focus.
        find(&browser, "#overlay button", "Aprovar").await?;
        press(&Key::Enter.value().to_string()).await?;
        find(&browser, "#screen .message", "Pagamento aprovado").await?;
        press(&Key::Escape.value().to_string()).await?;
        find(&browser, "#title", "Pedidos").await?;
        // Clear opens the menu, whose first entry are the payments; they are found in the same way.
        press(&Key::Backspace.value().to_string()).await?;
        let payments = find(&browser, "#screen .option", "Pagamentos").await?;
        let digit = payments.find(By::Css("kbd")).await?.text().await?;
        press(&digit).await?;
        find(&browser, "#screen .row", "Mesa 9").await?;
        press("123456").await?;
        find(&browser, "#screen li:only-child .row", "Mesa 4").await?;
        press(&Key::Enter.value().to_string()).await?;
        find(&browser, "#actions button", "Estornar").await?;
        Ok(())
    });
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
}

#[test]
fn an_amount_is_typed_and_one_above_the_balance_is_refused_in_plain_words() {
    let shop = Shop::with_one(A8, "A8");
    let _ = shop.pdv.create(&listed("Mesa 4", 10_000));
    with_page(&format!("{}/t/{A8}", shop.terminals_address()), async |browser| {
        click(&browser, "#screen .row", "Mesa 4").await?;
        click(&browser, "#actions button", "Outro valor").await?;
        for digit in ["2", "5", "5", "5", "5"] {
            click(&browser, "#screen .keypad button", digit).await?;
        }
        find(&browser, "#screen .keypad .value", "R$ 255,55").await?;
        click(&browser, "#actions button", "Continuar").await?;
        find(&browser, "#screen .message", "Valor maior que o saldo").await?;
        Ok(())
    });
}

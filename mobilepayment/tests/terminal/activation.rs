//! Binding terminals to their store.

use mobilepayment::registers::AccountId;
use protocol::activation::Activated;
use protocol::refusal::{Refusal, RefusalCode};

use crate::support::{A8, L3, Service, account, serial};

async fn activate(service: &Service, code: &str, name: &str) -> Result<Activated, Refusal> {
    let answer = service
        .http
        .post(format!("{}/terminal/v1/activate", service.address))
        .json(&serde_json::json!({"code": code, "serial": name}))
        .send()
        .await
        .unwrap();
    if answer.status().is_success() {
        Ok(answer.json().await.unwrap())
    } else {
        Err(answer.json().await.unwrap())
    }
}

async fn code(service: &Service, name: &str, replace: bool) -> String {
    let made = service.store.create_activation_code(&account(), &serial(name), replace).await;
    made.unwrap().code
}

fn refusal(answer: Result<Activated, Refusal>) -> RefusalCode {
    answer.expect_err("a refusal").code
}

#[tokio::test]
async fn a_code_binds_its_terminal_once() {
    let service = Service::start().await;
    let code = code(&service, L3, false).await;
    let typed = format!("{}-{}", &code[..5].to_lowercase(), &code[5..]);
    assert_eq!(refusal(activate(&service, &typed, A8).await), RefusalCode::ActivationCode);
    let activated = activate(&service, &typed, L3).await.unwrap_or_else(|r| panic!("{r:?}"));
    assert_eq!(activated.settings.store_name, "Loja");
    assert_eq!(refusal(activate(&service, &typed, L3).await), RefusalCode::ActivationCode);
}

#[tokio::test]
async fn a_code_expires_and_an_earlier_one_is_void() {
    let service = Service::start().await;
    let (first, second) = (code(&service, L3, false).await, code(&service, L3, false).await);
    assert_eq!(refusal(activate(&service, &first, L3).await), RefusalCode::ActivationCode);
    service.clock.advance(15 * 60_000);
    assert_eq!(refusal(activate(&service, &second, L3).await), RefusalCode::ActivationCode);
}

#[tokio::test]
async fn a_live_terminal_is_replaced_only_if_the_store_says_so_and_the_old_token_ends() {
    let service = Service::start().await;
    let old = service.terminal(L3).await;
    let plain = code(&service, L3, false).await;
    assert_eq!(refusal(activate(&service, &plain, L3).await), RefusalCode::SerialLive);
    let _new = service.terminal(L3).await;
    let refused = old.get::<serde_json::Value>("feed?wait_s=0").await.unwrap_err();
    assert_eq!(refused.code, RefusalCode::NotActivated);
}

#[tokio::test]
async fn a_blocked_terminal_is_told_so_until_it_is_activated_again() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    service.store.set_revoked(&account(), &serial(L3), true).await.unwrap();
    let refused = terminal.get::<serde_json::Value>("feed?wait_s=0").await.unwrap_err();
    assert_eq!(refused.code, RefusalCode::Revoked);
    let blocked = code(&service, L3, true).await;
    assert_eq!(refusal(activate(&service, &blocked, L3).await), RefusalCode::Revoked);
    service.store.set_revoked(&account(), &serial(L3), false).await.unwrap();
    let refused = terminal.get::<serde_json::Value>("feed?wait_s=0").await.unwrap_err();
    assert_eq!(refused.code, RefusalCode::NotActivated);
    assert!(activate(&service, &blocked, L3).await.is_ok());
}

#[tokio::test]
async fn a_terminal_that_is_not_registered_gets_no_code_and_guessing_ends_soon() {
    let service = Service::start().await;
    let elsewhere = AccountId::parse("acc_outra").unwrap();
    assert!(service.store.create_activation_code(&elsewhere, &serial(L3), false).await.is_err());
    let mut answers = Vec::new();
    for _ in 0..7 {
        answers.push(refusal(activate(&service, "0000000000", L3).await));
    }
    assert_eq!(answers[5], RefusalCode::ActivationCode);
    assert_eq!(answers[6], RefusalCode::TooMany);
    service.clock.advance(60_000);
    assert_eq!(refusal(activate(&service, "0000000000", L3).await), RefusalCode::ActivationCode);
}

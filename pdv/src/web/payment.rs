//! `/venda/{id}/pagamento` and what is done there: cash, terminals, the way back.

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use protocol::{Centavos, Method};
use serde::Deserialize;

use super::error::PageError;
use super::guard::LoggedIn;
use super::{Frame, Web, render};
use crate::db::registers::{self, Terminal};
use crate::desk::{DeskError, PosWish, Refusal};
use crate::sale::{self, Payment, Pos, Sale, Stage, Status};
use crate::words::{self, figure, read_method, read_reais, reais};

#[derive(Template)]
#[template(path = "payment.html")]
struct PaymentPage {
    frame: Frame,
    payments: Payments,
    forms: Forms,
    problem: Option<String>,
}

/// What is paid and how each payment is: the part of the page that changes by itself.
#[derive(Template)]
#[template(path = "payments.html")]
struct Payments {
    id: i64,
    number: i64,
    total: String,
    paid: String,
    missing: String,
    nothing_missing: bool,
    rows: Vec<Row>,
    change: Option<String>,
}

/// What can be done next. It changes with the sale as well, but not under the hands of somebody who types.
#[derive(Template)]
#[template(path = "forms.html")]
struct Forms {
    id: i64,
    total: String,
    missing_figure: String,
    nothing_missing: bool,
    has_payments: bool,
    change: Option<String>,
    status: Status,
    pos_connect: bool,
    has_live: bool,
    may_cancel: bool,
}

struct Row {
    id: String,
    title: String,
    amount: String,
    /// `good`, `warning`, `bad`, `neutral`.
    tone: &'static str,
    status: String,
    details: Vec<String>,
    /// How it can be taken back, if it can.
    cancel: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "pos.html")]
struct PosPage {
    frame: Frame,
    id: i64,
    number: i64,
    amount: String,
    missing: String,
    /// Chosen at the form of payment, so not to be changed here.
    fixed: Option<(&'static str, &'static str)>,
    methods: Vec<(&'static str, &'static str)>,
    chosen: String,
    installments: String,
    terminals: Vec<Choice>,
    only_one: bool,
    problem: Option<String>,
}

struct Choice {
    serial: String,
    model: String,
    description: String,
    direct: bool,
    chosen: bool,
}

#[derive(Deserialize)]
pub(super) struct CashForm {
    valor: String,
    #[serde(default)]
    recebido: String,
}

#[derive(Deserialize)]
pub(super) struct Fixed {
    #[serde(default)]
    forma: String,
}

#[derive(Deserialize)]
pub(super) struct PosForm {
    valor: String,
    #[serde(default)]
    forma: String,
    #[serde(default)]
    fixa: String,
    #[serde(default)]
    parcelas: String,
    #[serde(default)]
    maquininha: String,
}

impl Payments {
    fn new(sale: &Sale, terminals: &[Terminal]) -> Self {
        let open = sale.status == Status::Open;
        Self {
            id: sale.id,
            number: sale.number,
            total: reais(sale.total()),
            paid: reais(sale.paid()),
            missing: reais(sale.missing()),
            nothing_missing: sale.missing().is_zero(),
            rows: sale.payments.iter().map(|payment| row(payment, terminals, open)).collect(),
            change: change(sale),
        }
    }
}

impl Forms {
    fn new(sale: &Sale, pos_connect: bool) -> Self {
        Self {
            id: sale.id,
            total: reais(sale.total()),
            missing_figure: figure(sale.missing()),
            nothing_missing: sale.missing().is_zero(),
            has_payments: !sale.payments.is_empty(),
            change: change(sale),
            status: sale.status,
            pos_connect,
            has_live: sale.payments.iter().any(Payment::is_live),
            may_cancel: sale.is_untouched(),
        }
    }
}

fn change(sale: &Sale) -> Option<String> {
    let change: Centavos = sale.payments.iter().map(Payment::change).sum();
    Some(change).filter(|change| !change.is_zero()).map(reais)
}

fn row(payment: &Payment, terminals: &[Terminal], open: bool) -> Row {
    match &payment.form {
        sale::Form::Cash { received } => Row {
            id: payment.id.clone(),
            title: "Dinheiro".to_owned(),
            amount: reais(payment.amount),
            tone: "good",
            status: format!("Recebido {}", reais(*received)),
            details: Vec::new(),
            cancel: open.then_some("Retirar"),
        },
        sale::Form::Pos(pos) => pos_row(payment, pos, terminals, open),
    }
}

fn pos_row(payment: &Payment, pos: &Pos, terminals: &[Terminal], open: bool) -> Row {
    let stage = pos.stage();
    let (tone, status) = status(&stage, pos, terminals);
    let method = pos.method.map_or("forma na maquininha", words::method);
    let times = if pos.installments > 1 { format!(" {}x", pos.installments) } else { String::new() };
    let to = pos.serial.as_deref().map_or_else(|| "lista".to_owned(), |serial| name(serial, terminals));
    let details = pos.charges().iter().map(|charge| {
        let what = &charge.posconnect;
        let method = read_method(&what.method).map(words::method).unwrap_or(&what.method);
        let code = what.authorization_code.as_deref().map_or(String::new(), |code| format!(" · aut. {code}"));
        let brand = what.brand.as_deref().map_or(String::new(), |brand| format!(" {brand}"));
        let back = if charge.canceled_amount.is_zero() {
            String::new()
        } else {
            format!(" · estornado {}", reais(charge.canceled_amount))
        };
        let at = name(&what.terminal_serial_number, terminals);
        format!("{} · {method}{brand}{code} · {at}{back}", reais(charge.amount))
    });
    Row {
        id: payment.id.clone(),
        title: format!("POS · {method}{times} · {to}"),
        amount: reais(payment.amount),
        tone,
        status,
        details: details.collect(),
        cancel: (open && payment.is_live() && !pos.cancel_wanted).then_some("Cancelar"),
    }
}

/// Where it is, in words that say what happens or what to do.
fn status(stage: &Stage, pos: &Pos, terminals: &[Terminal]) -> (&'static str, String) {
    let at = |serial: &str| name(serial, terminals);
    match stage {
        Stage::Sending if pos.cancel_wanted => {
            ("neutral", "Cancelando: o serviço ainda não respondeu. Tentando de novo…".to_owned())
        }
        Stage::Sending => ("neutral", "Enviando para a maquininha…".to_owned()),
        Stage::Refused(sentence) => ("bad", format!("Não enviado. {sentence}")),
        Stage::Charging { serial } if pos.cancel_wanted => (
            "warning",
            format!(
                "Cancelamento pedido, mas o pagamento já está aberto na {}. Aguarde o resultado.",
                at(serial)
            ),
        ),
        Stage::Waiting | Stage::Taken { .. } | Stage::NotPaid { .. } if pos.cancel_wanted => {
            ("neutral", "Cancelando…".to_owned())
        }
        Stage::Waiting => (
            "neutral",
            "Ordem de Pagamento criada com sucesso. Realize o pagamento no equipamento.".to_owned(),
        ),
        Stage::Taken { serial, delivery: false } => ("neutral", format!("Aberto na {}.", at(serial))),
        Stage::Taken { serial, delivery: true } => {
            ("neutral", format!("Saiu para entrega com a {}.", at(serial)))
        }
        Stage::Charging { serial } => ("warning", format!("Cobrando na {}…", at(serial))),
        Stage::NotPaid { serial, declined: true } => {
            ("bad", format!("Recusado na {}. Tente de novo na maquininha ou cancele.", at(serial)))
        }
        Stage::NotPaid { serial, declined: false } => {
            ("warning", format!("Não concluído na {}. Tente de novo na maquininha ou cancele.", at(serial)))
        }
        Stage::InDoubt { serial } => (
            "bad",
            format!(
                "Em dúvida na {}: não se sabe se o cliente foi cobrado. Não cobre de novo; confira o comprovante na maquininha e chame o gerente.",
                at(serial)
            ),
        ),
        Stage::Closing => {
            ("warning", "Cancelando: há um pagamento em andamento. Aguarde o resultado.".to_owned())
        }
        Stage::Paid => ("good", "Pago.".to_owned()),
        Stage::Closed if pos.paid().is_zero() => ("neutral", "Cancelado, sem cobrança.".to_owned()),
        Stage::Closed => ("warning", format!("Encerrado com {} pagos.", reais(pos.paid()))),
    }
}

fn name(serial: &str, terminals: &[Terminal]) -> String {
    terminals
        .iter()
        .find(|terminal| terminal.serial == serial)
        .map_or_else(|| serial.to_owned(), |terminal| terminal.description.clone())
}

async fn parts(web: &Web, me: &LoggedIn, id: i64) -> Result<(Payments, Forms, Sale), PageError> {
    let company_id = me.company_id;
    let sale = web.desk.sale(company_id, id).await?;
    let (terminals, company) = web
        .desk
        .db
        .read(move |tx| Ok((registers::terminals(tx, company_id)?, registers::company(tx, company_id)?)))
        .await?;
    let pos_connect = company.is_some_and(|company| company.pos_connect);
    Ok((Payments::new(&sale, &terminals), Forms::new(&sale, pos_connect), sale))
}

pub(super) async fn page(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    show(&web, &me, id, None).await
}

async fn show(web: &Web, me: &LoggedIn, id: i64, problem: Option<Refusal>) -> Result<Response, PageError> {
    let (payments, forms, sale) = parts(web, me, id).await?;
    if sale.items.is_empty() && sale.status == Status::Open {
        return Ok(Redirect::to(&format!("/venda/{id}")).into_response());
    }
    let frame = Frame::of(web, me).await?;
    let mut response =
        render(&PaymentPage { frame, payments, forms, problem: problem.map(|refusal| refusal.to_string()) });
    if problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What is paid, anew.
pub(super) async fn payments(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    Ok(render(&parts(&web, &me, id).await?.0))
}

/// What can be done, anew.
pub(super) async fn forms(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    Ok(render(&parts(&web, &me, id).await?.1))
}

/// Back to the payment page, or that page with the reason why nothing was done.
async fn back(web: &Web, me: &LoggedIn, id: i64, done: Result<(), DeskError>) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/venda/{id}/pagamento")).into_response()),
        Err(DeskError::Refused(refusal @ (Refusal::SaleUnknown | Refusal::SaleEnded))) => {
            Err(PageError::Refused(refusal))
        }
        Err(DeskError::Refused(refusal)) => show(web, me, id, Some(refusal)).await,
        Err(DeskError::Db(error)) => Err(error.into()),
    }
}

pub(super) async fn cash(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
    form: Result<Form<CashForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(CashForm { valor, recebido }) = form?;
    let amount = read_reais(&valor);
    let received = if recebido.trim().is_empty() { amount } else { read_reais(&recebido) };
    let done = match (amount, received) {
        (Some(amount), Some(received)) => web.desk.pay_cash(me.company_id, id, amount, received).await,
        (None, _) | (_, None) => Err(Refusal::AmountInvalid.into()),
    };
    back(&web, &me, id, done).await
}

pub(super) async fn cancel(
    State(web): State<Web>,
    me: LoggedIn,
    Path((id, payment)): Path<(i64, String)>,
) -> Result<Response, PageError> {
    let sale = web.desk.sale(me.company_id, id).await?;
    let found = sale.payments.iter().find(|known| known.id == payment);
    let done = match found.map(|payment| &payment.form) {
        Some(sale::Form::Cash { .. }) => web.desk.remove_cash(me.company_id, id, payment).await,
        Some(sale::Form::Pos(_)) => web.desk.cancel_pos(me.company_id, id, payment).await,
        None => return Err(PageError::NotFound),
    };
    back(&web, &me, id, done).await
}

/// Leaves the payment: what the terminals have of this sale is closed. The page says what becomes of each.
pub(super) async fn leave(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let done = web.desk.leave_payment(me.company_id, id).await;
    back(&web, &me, id, done).await
}

pub(super) async fn pos_page(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
    Query(Fixed { forma }): Query<Fixed>,
) -> Result<Response, PageError> {
    let sale = web.desk.sale(me.company_id, id).await?;
    let form = PosForm {
        valor: figure(sale.missing()),
        fixa: forma.clone(),
        forma,
        parcelas: "1".to_owned(),
        maquininha: String::new(),
    };
    show_pos(&web, &me, &sale, form, None).await
}

async fn show_pos(
    web: &Web,
    me: &LoggedIn,
    sale: &Sale,
    form: PosForm,
    problem: Option<Refusal>,
) -> Result<Response, PageError> {
    let company_id = me.company_id;
    let frame = Frame::of(web, me).await?;
    if !frame.pos_connect {
        return Err(PageError::Refused(Refusal::PosDisabled));
    }
    let terminals = web.desk.db.read(move |tx| registers::terminals(tx, company_id)).await?;
    let only_one = terminals.iter().filter(|terminal| terminal.takes_direct()).count() == 1;
    // With one terminal there is nothing to choose: it is called directly.
    let chosen = |terminal: &Terminal| {
        terminal.takes_direct() && (form.maquininha == terminal.serial || (only_one && problem.is_none()))
    };
    let choices = terminals.iter().map(|terminal| Choice {
        serial: terminal.serial.clone(),
        model: terminal.model.clone(),
        description: terminal.description.clone(),
        direct: terminal.takes_direct(),
        chosen: chosen(terminal),
    });
    let word = |method: Method| (words::wire(method), words::method(method));
    let mut response = render(&PosPage {
        frame,
        id: sale.id,
        number: sale.number,
        amount: form.valor.clone(),
        missing: reais(sale.missing()),
        fixed: read_method(&form.fixa).map(word),
        methods: Method::ALL.into_iter().map(word).collect(),
        chosen: form.forma.clone(),
        installments: form.parcelas.clone(),
        terminals: choices.collect(),
        only_one,
        problem: problem.map(|refusal| refusal.to_string()),
    });
    if problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

pub(super) async fn pos(
    State(web): State<Web>,
    me: LoggedIn,
    Path(id): Path<i64>,
    form: Result<Form<PosForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(form) = form?;
    let done = match wish(&form) {
        Ok(wish) => web.desk.pay_by_pos(me.company_id, id, wish).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/venda/{id}/pagamento")).into_response()),
        Err(DeskError::Refused(
            refusal @ (Refusal::SaleUnknown | Refusal::SaleEnded | Refusal::PosDisabled),
        )) => Err(PageError::Refused(refusal)),
        Err(DeskError::Refused(refusal)) => {
            let sale = web.desk.sale(me.company_id, id).await?;
            show_pos(&web, &me, &sale, form, Some(refusal)).await
        }
        Err(DeskError::Db(error)) => Err(error.into()),
    }
}

fn wish(form: &PosForm) -> Result<PosWish, Refusal> {
    // The form of payment chosen before cannot be changed on this page, whatever the page sends.
    let word = if form.fixa.is_empty() { form.forma.trim() } else { form.fixa.trim() };
    let method = match word {
        "" => None,
        word => Some(read_method(word).ok_or(Refusal::MethodInvalid)?),
    };
    let times = form.parcelas.trim();
    let installments = match method {
        Some(Method::Credit) if !times.is_empty() => {
            times.parse().map_err(|_| Refusal::InstallmentsInvalid)?
        }
        Some(Method::Credit | Method::Debit | Method::Voucher | Method::Pix) | None => 1,
    };
    let serial = Some(form.maquininha.trim().to_owned()).filter(|serial| !serial.is_empty());
    let amount = read_reais(&form.valor).ok_or(Refusal::AmountInvalid)?;
    Ok(PosWish { amount, serial, method, installments })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(valor: &str, forma: &str, fixa: &str, parcelas: &str, maquininha: &str) -> PosForm {
        let text = str::to_owned;
        PosForm {
            valor: text(valor),
            forma: text(forma),
            fixa: text(fixa),
            parcelas: text(parcelas),
            maquininha: text(maquininha),
        }
    }

    #[test]
    fn a_form_becomes_a_wish_or_a_reason() {
        let read = wish(&form("25,90", "credit", "", "3", "A8X")).unwrap();
        assert_eq!((read.amount.get(), read.method, read.installments), (2_590, Some(Method::Credit), 3));
        assert_eq!(read.serial.as_deref(), Some("A8X"));
        let listed = wish(&form("10", "", "", "7", "")).unwrap();
        assert_eq!((listed.method, listed.installments, listed.serial), (None, 1, None));
        assert_eq!(
            wish(&form("10", "debit", "pix", "", "")).unwrap().method,
            Some(Method::Pix),
            "fixed before"
        );
        for (form, refusal) in [
            (form("dez", "", "", "", ""), Refusal::AmountInvalid),
            (form("10", "cheque", "", "", ""), Refusal::MethodInvalid),
            (form("10", "credit", "", "três", ""), Refusal::InstallmentsInvalid),
        ] {
            assert_eq!(wish(&form).unwrap_err(), refusal);
        }
    }
}

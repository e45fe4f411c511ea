//! What a person or mobilepayment causes: the rows are written, then open pages and the outbox are told.
//!
//! Every "no" is a [`Refusal`] with a stable code and a sentence; nothing is written then.

use std::sync::Arc;

use protocol::{Centavos, Method, UnixMillis};
use rusqlite::Transaction;
use tokio::sync::{Mutex, watch};

use crate::db::people::Person;
use crate::db::registers::{self, Product, Terminal};
use crate::db::{Db, DbError, DbResult, sales};
use crate::environment::{now, random_hex};
use crate::live::{Change, Live};
use crate::sale::{Form, ITEMS_MAX, Payment, Pos, QUANTITY_MAX, Sale, Status};
use crate::service::client::{ClientError, Service};

/// Payments of one sale: above this somebody plays with the button.
const PAYMENTS_MAX: usize = 50;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Why an order could not be read and written down.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// mobilepayment.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $sentence:literal;)*) => {
        /// A rule that says no.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error($sentence)] $name,)*
        }

        impl Refusal {
            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

refusals! {
    /// No such sale in this company.
    SaleUnknown = "sale_unknown", "Esta venda não existe nesta empresa. Volte à tela de vendas.";
    /// The sale has ended.
    SaleEnded = "sale_ended", "Esta venda já terminou. Comece uma nova venda.";
    /// A payment was begun.
    SaleInPayment = "sale_in_payment", "A venda tem pagamento lançado. Cancele o pagamento para mudar os itens.";
    /// No product has this code.
    ProductUnknown = "product_unknown", "Nenhum produto tem este código. Confira o código ou procure pelo nome.";
    /// Not 1 to 9,999.
    QuantityInvalid = "quantity_invalid", "A quantidade deve ser um número inteiro de 1 a 9.999.";
    /// Too many items.
    TooManyItems = "too_many_items", "A venda chegou a 300 itens. Finalize esta e comece outra.";
    /// Too many payments.
    TooManyPayments = "too_many_payments", "A venda tem pagamentos demais. Chame o gerente.";
    /// No amount, or not one.
    AmountInvalid = "amount_invalid", "Digite o valor em reais, como 25,90.";
    /// More than what is missing.
    AmountTooHigh = "amount_too_high", "O valor passa do que falta pagar. Digite um valor menor.";
    /// Less money than the payment.
    ReceivedTooLow = "received_too_low", "O dinheiro recebido é menor que o valor do pagamento.";
    /// The company has no POS Connect.
    PosDisabled = "pos_disabled", "Esta empresa não tem o POS Connect habilitado. Use outra forma de pagamento.";
    /// A direct payment has no method.
    MethodMissing = "method_missing", "Escolha a forma de pagamento para enviar a uma maquininha. Sem maquininha e sem forma, o pedido vai para a lista de todas.";
    /// Not a method.
    MethodInvalid = "method_invalid", "Escolha crédito, débito, Pix ou voucher.";
    /// Not 1 to 18, or not credit.
    InstallmentsInvalid = "installments_invalid", "As parcelas vão de 1 a 18, e só no crédito.";
    /// No such terminal.
    TerminalUnknown = "terminal_unknown", "Esta maquininha não está no cadastro da empresa. Escolha outra.";
    /// A P2.
    TerminalDeliveryOnly = "terminal_delivery_only", "Este modelo (P2) serve só para delivery. Escolha um L3 ou A8 para o pagamento direto.";
    /// Something was paid.
    SalePaid = "sale_paid", "A venda já tem valor pago ou em andamento. Estorne ou espere o pagamento terminar antes de cancelar.";
}

/// Result of a command.
pub type DeskResult<T> = Result<T, DeskError>;

/// What a person asks of the terminals.
#[derive(Clone, Debug)]
pub struct PosWish {
    /// How much.
    pub amount: Centavos,
    /// On which terminal; `None`: listed, on all.
    pub serial: Option<String>,
    /// What binds the terminal.
    pub method: Option<Method>,
    /// Instalments; 1 is at once.
    pub installments: u8,
}

/// The PDV at work. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Its books.
    pub db: Db,
    /// Open pages.
    pub live: Live,
    /// Something is written down that must be sent.
    pub to_send: watch::Sender<()>,
    /// Held while an order is read and written down, so that an older state never replaces a newer one.
    reading: Arc<Mutex<()>>,
}

impl Desk {
    /// Over an open database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, live: Live::default(), to_send: watch::Sender::default(), reading: Arc::default() }
    }

    /// The sale that a person has open, or a new one.
    pub async fn open_sale(&self, company_id: i64, person: &Person) -> DbResult<i64> {
        let person_id = person.id;
        self.db
            .write(move |tx| match sales::open_of(tx, company_id, person_id)? {
                Some(id) => Ok(id),
                None => sales::begin(tx, company_id, person_id, now()),
            })
            .await
    }

    /// A sale of a company.
    pub async fn sale(&self, company_id: i64, id: i64) -> DeskResult<Sale> {
        let found = self.db.read(move |tx| sales::load(tx, company_id, id)).await?;
        Ok(found.ok_or(Refusal::SaleUnknown)?)
    }

    /// Puts a product on a sale.
    pub async fn add_item(
        &self,
        company_id: i64,
        id: i64,
        code: String,
        quantity: u32,
    ) -> DeskResult<Product> {
        self.change(company_id, id, move |tx, sale| {
            if !sale.payments.is_empty() {
                return Err(Refusal::SaleInPayment.into());
            }
            if !(1..=QUANTITY_MAX).contains(&quantity) {
                return Err(Refusal::QuantityInvalid.into());
            }
            if sale.items.len() >= ITEMS_MAX {
                return Err(Refusal::TooManyItems.into());
            }
            let product = registers::product_by_code(tx, &code)?.ok_or(Refusal::ProductUnknown)?;
            sales::add_item(tx, id, &product, quantity)?;
            Ok(product)
        })
        .await
    }

    /// Takes an item off a sale.
    pub async fn remove_item(&self, company_id: i64, id: i64, line: i64) -> DeskResult<()> {
        self.change(company_id, id, move |tx, sale| {
            if !sale.payments.is_empty() {
                return Err(Refusal::SaleInPayment.into());
            }
            Ok(sales::remove_item(tx, id, line)?)
        })
        .await
    }

    /// Gives a sale up before anything is paid.
    pub async fn cancel_sale(&self, company_id: i64, id: i64) -> DeskResult<()> {
        self.change(company_id, id, move |tx, sale| {
            if !sale.is_untouched() {
                return Err(Refusal::SalePaid.into());
            }
            Ok(sales::end(tx, id, Status::Cancelled, now())?)
        })
        .await
    }

    /// Takes notes and coins.
    pub async fn pay_cash(
        &self,
        company_id: i64,
        id: i64,
        amount: Centavos,
        received: Centavos,
    ) -> DeskResult<()> {
        self.change(company_id, id, move |tx, sale| {
            check_amount(sale, amount)?;
            if received < amount {
                return Err(Refusal::ReceivedTooLow.into());
            }
            let payment = new_payment(amount, Form::Cash { received });
            Ok(sales::add_payment(tx, id, &payment)?)
        })
        .await
    }

    /// Takes a cash payment back while the sale is open.
    pub async fn remove_cash(&self, company_id: i64, id: i64, payment_id: String) -> DeskResult<()> {
        self.change(company_id, id, move |tx, _| Ok(sales::remove_cash(tx, id, &payment_id)?)).await
    }

    /// Writes down a payment for the terminals; the outbox sends it.
    pub async fn pay_by_pos(&self, company_id: i64, id: i64, wish: PosWish) -> DeskResult<()> {
        self.change(company_id, id, move |tx, sale| {
            check_amount(sale, wish.amount)?;
            let company = registers::company(tx, company_id)?;
            if !company.is_some_and(|company| company.pos_connect) {
                return Err(Refusal::PosDisabled.into());
            }
            check_wish(&wish, &registers::terminals(tx, company_id)?)?;
            let pos = Pos {
                serial: wish.serial,
                method: wish.method,
                installments: wish.installments,
                order: None,
                refused: None,
                cancel_wanted: false,
            };
            let payment = new_payment(wish.amount, Form::Pos(Box::new(pos)));
            Ok(sales::add_payment(tx, id, &payment)?)
        })
        .await?;
        self.to_send.send_replace(());
        Ok(())
    }

    /// Writes down that a payment by terminal is to be closed; the outbox tells mobilepayment.
    pub async fn cancel_pos(&self, company_id: i64, id: i64, payment_id: String) -> DeskResult<()> {
        self.change(company_id, id, move |tx, _| Ok(sales::want_cancelled(tx, id, &payment_id)?)).await?;
        self.to_send.send_replace(());
        Ok(())
    }

    /// The person leaves the payment: everything that the terminals have of this sale is to be closed.
    pub async fn leave_payment(&self, company_id: i64, id: i64) -> DeskResult<()> {
        self.change(company_id, id, move |tx, sale| {
            for payment in sale.payments.iter().filter(|payment| payment.is_live()) {
                sales::want_cancelled(tx, id, &payment.id)?;
            }
            Ok(())
        })
        .await?;
        self.to_send.send_replace(());
        Ok(())
    }

    /// mobilepayment has taken a payment as this order. What happened to it since must be read ([`Desk::read_order`]): an
    /// event that came before this was written down was of an order that nobody here knew.
    pub async fn order_created(
        &self,
        company_id: i64,
        sale_id: i64,
        payment_id: String,
        order_id: String,
        text: String,
    ) -> DbResult<()> {
        self.db.write(move |tx| sales::created(tx, &payment_id, &order_id, &text)).await?;
        self.live.tell(Change { company_id, sale_id });
        Ok(())
    }

    /// Reads an order as it is now and writes it down; a sale that is paid whole by it ends. An order of which this PDV has
    /// written nothing is somebody else's, as the account may have two clients: it is left alone.
    pub async fn read_order(
        &self,
        company_id: i64,
        service: &Service,
        order_id: &str,
    ) -> Result<(), ReadError> {
        let _held = self.reading.lock().await;
        let (order, text) = service.order(order_id).await?;
        let changed = self
            .db
            .write(move |tx| {
                let Some(sale_id) = sales::of_order(tx, company_id, &order.id)? else { return Ok(None) };
                let order_id = order.id.clone();
                sales::told(tx, &order_id, &text, order.is_ended())?;
                settle(tx, company_id, sale_id, now())?;
                Ok(Some(sale_id))
            })
            .await?;
        if let Some(sale_id) = changed {
            self.live.tell(Change { company_id, sale_id });
        }
        Ok(())
    }

    /// mobilepayment did not take a payment.
    pub async fn order_refused(
        &self,
        company_id: i64,
        sale_id: i64,
        payment_id: String,
        code: String,
        sentence: String,
    ) -> DbResult<()> {
        self.db.write(move |tx| sales::refused(tx, &payment_id, &code, &sentence)).await?;
        self.live.tell(Change { company_id, sale_id });
        Ok(())
    }

    /// Runs a change of an open sale, ends the sale when it is paid whole by that, and tells the pages.
    async fn change<T: Send + 'static>(
        &self,
        company_id: i64,
        sale_id: i64,
        work: impl FnOnce(&Transaction<'_>, &Sale) -> DeskResult<T> + Send + 'static,
    ) -> DeskResult<T> {
        let done = self
            .db
            .write(move |tx| {
                let Some(sale) = sales::load(tx, company_id, sale_id)? else {
                    return Ok(Err(Refusal::SaleUnknown.into()));
                };
                if sale.status != Status::Open {
                    return Ok(Err(Refusal::SaleEnded.into()));
                }
                let done = match work(tx, &sale) {
                    Ok(done) => done,
                    // Nothing was written before a refusal; a failure of the database rolls back.
                    Err(DeskError::Refused(refusal)) => return Ok(Err(DeskError::Refused(refusal))),
                    Err(DeskError::Db(error)) => return Err(error),
                };
                settle(tx, company_id, sale_id, now())?;
                Ok(Ok(done))
            })
            .await??;
        self.live.tell(Change { company_id, sale_id });
        Ok(done)
    }
}

/// Ends a sale that is paid whole.
fn settle(tx: &Transaction<'_>, company_id: i64, sale_id: i64, now: UnixMillis) -> DbResult<()> {
    if let Some(sale) = sales::load(tx, company_id, sale_id)?
        && sale.status == Status::Open
        && sale.is_paid()
    {
        sales::end(tx, sale_id, Status::Finished, now)?;
    }
    Ok(())
}

fn new_payment(amount: Centavos, form: Form) -> Payment {
    Payment { id: format!("pay_{}", random_hex::<16>()), amount, created_at: now(), form }
}

fn check_amount(sale: &Sale, amount: Centavos) -> Result<(), Refusal> {
    if amount.is_zero() {
        return Err(Refusal::AmountInvalid);
    }
    if amount > sale.missing() || amount > Centavos::CHARGE_MAX {
        return Err(Refusal::AmountTooHigh);
    }
    if sale.payments.len() >= PAYMENTS_MAX {
        return Err(Refusal::TooManyPayments);
    }
    Ok(())
}

fn check_wish(wish: &PosWish, terminals: &[Terminal]) -> Result<(), Refusal> {
    let most = if wish.method == Some(Method::Credit) { protocol::method::Installments::MAX } else { 1 };
    if !(1..=most).contains(&wish.installments) {
        return Err(Refusal::InstallmentsInvalid);
    }
    let Some(serial) = &wish.serial else { return Ok(()) };
    let terminal = terminals.iter().find(|known| known.serial == *serial).ok_or(Refusal::TerminalUnknown)?;
    if !terminal.takes_direct() {
        return Err(Refusal::TerminalDeliveryOnly);
    }
    // A direct payment opens by itself on the terminal: there is nobody to choose.
    if wish.method.is_none() { Err(Refusal::MethodMissing) } else { Ok(()) }
}

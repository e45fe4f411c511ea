//! The acquirer's apps on a terminal, simulated: payment, cancel, printer and reprinter.
//!
//! Written from the acquirer's public contract alone. Nothing of the agent is imported, so that a misreading of the
//! contract on one side shows up as a disagreement. A request URI comes in exactly as an Android intent carries it;
//! return URIs go out. [`StoneApps`] is the whole: what is on the screen, what was kept back, what is remembered.

use std::collections::VecDeque;

mod answer;
mod calendar;
mod damage;
mod deciding;
mod memory;
mod payment;
mod reading;
mod request;
mod reversal;
mod shown;
mod uri;

pub use answer::{Answer, AnswerError, Damage, Details, Forgery, Verdict};
pub use memory::{Memory, MemoryError, Transaction};
pub use payment::CARDHOLDER_NAME;
pub use request::{App, Cancel, InstallmentKind, Method, Pay, Print, Reprint, Request};
pub use shown::ShownRequest;
pub use uri::RequestProblem;

use crate::printer::Printer;
use deciding::Decider;

/// Most requests that are kept back; the oldest is forgotten first.
const MAX_HELD: usize = 16;

/// What the apps do by themselves when they are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auto {
    /// Approve.
    Approve,
    /// Decline.
    Decline,
    /// As if the operator gave up.
    Cancel,
}

/// A request that an app was opened with.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Counts from 1.
    pub number: u64,
    /// As the intent carried it.
    pub uri: String,
    /// As the app reads it.
    pub request: Result<Request, RequestProblem>,
    /// Decided and kept back.
    pub decided: Option<String>,
}

/// Return URIs that leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returns {
    /// At once, in this order.
    pub now: Vec<String>,
    /// The request that [`StoneApps::send_held`] is to send after so many milliseconds.
    pub later: Option<(u64, u64)>,
}

/// The acquirer's apps of one terminal.
#[derive(Debug)]
pub struct StoneApps {
    serial: String,
    memory: Memory,
    missing: Vec<App>,
    auto: Option<Auto>,
    shown: Option<Opened>,
    held: VecDeque<Opened>,
    next_number: u64,
    return_scheme: String,
}

impl StoneApps {
    /// The apps of the terminal with this serial number. `return_scheme` is where a forger aims before any request came.
    #[must_use]
    pub fn new(serial: &str, return_scheme: &str, memory: Memory) -> Self {
        Self {
            serial: serial.to_owned(),
            memory,
            missing: Vec::new(),
            auto: None,
            shown: None,
            held: VecDeque::new(),
            next_number: 1,
            return_scheme: return_scheme.to_owned(),
        }
    }

    /// Whether an app is installed.
    #[must_use]
    pub fn is_installed(&self, app: App) -> bool {
        !self.missing.contains(&app)
    }

    /// Installs an app or takes it away.
    pub fn install(&mut self, app: App, installed: bool) {
        self.missing.retain(|missing| *missing != app);
        if !installed {
            self.missing.push(app);
        }
    }

    /// What the apps do by themselves.
    #[must_use]
    pub fn auto(&self) -> Option<Auto> {
        self.auto
    }

    /// From the next request on.
    pub fn set_auto(&mut self, auto: Option<Auto>) {
        self.auto = auto;
    }

    /// The request on the screen.
    #[must_use]
    pub fn shown(&self) -> Option<&Opened> {
        self.shown.as_ref()
    }

    /// Requests that left the screen without an answer, oldest first.
    #[must_use]
    pub fn held(&self) -> &VecDeque<Opened> {
        &self.held
    }

    /// How many requests there were.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.next_number - 1
    }

    /// Everything approved, oldest first.
    #[must_use]
    pub fn transactions(&self) -> &[Transaction] {
        self.memory.transactions()
    }

    /// What a person finds in the app's own menu: the newest payment's slip once more. `false`: there was none.
    pub fn reprint_last(&self, printer: &mut Printer) -> bool {
        let last = self.memory.transactions().last();
        last.is_some_and(|last| {
            printer.print_slip(&deciding::slip(last, &self.serial, true));
            true
        })
    }

    /// An intent opens one of the apps. What was on the screen goes to the back. Prints run by themselves, unless
    /// the printer waits for a person.
    pub fn open(&mut self, uri: String, printer: &mut Printer, now_s: i64) -> Result<Returns, AnswerError> {
        if let Some(before) = self.shown.take() {
            self.hold(before);
        }
        let request = Request::read(&uri);
        if let Ok(request) = &request {
            request.return_scheme().clone_into(&mut self.return_scheme);
        }
        let automatic = match &request {
            Ok(Request::Print(_) | Request::Reprint(_)) if !printer.waits() => Some(Verdict::approve()),
            Ok(Request::Pay(_) | Request::Cancel(_)) => self.auto.map(Auto::verdict),
            Ok(Request::Print(_) | Request::Reprint(_)) | Err(_) => None,
        };
        self.shown = Some(Opened { number: self.next_number, uri, request, decided: None });
        self.next_number += 1;
        match automatic {
            Some(verdict) => self.answer(&Answer::Once(verdict), &Details::default(), printer, now_s),
            None => Ok(Returns::default()),
        }
    }

    /// Somebody makes an app answer.
    pub fn answer(
        &mut self,
        answer: &Answer,
        details: &Details,
        printer: &mut Printer,
        now_s: i64,
    ) -> Result<Returns, AnswerError> {
        if let Answer::Forge(forgery) = answer {
            return self.forge(*forgery, details).map(Returns::once);
        }
        let mut opened = self.find(details.request)?.clone();
        let mut decide = |verdict: &Verdict, opened: &Opened| {
            let decider = Decider {
                serial: &self.serial,
                memory: &mut self.memory,
                printer,
                now_s,
                with_order_id: !details.without_order_id,
            };
            decider.decide(opened, verdict)
        };
        match answer {
            Answer::Once(verdict) => {
                let uri = decide(verdict, &opened)?;
                self.close(opened.number);
                Ok(Returns::once(uri))
            }
            Answer::Twice(verdict) => {
                let uri = decide(verdict, &opened)?;
                self.close(opened.number);
                Ok(Returns { now: vec![uri.clone(), uri], later: None })
            }
            Answer::Malformed(verdict, damage) => {
                let uri = damage::damaged(&decide(verdict, &opened)?, *damage);
                self.close(opened.number);
                Ok(Returns::once(uri))
            }
            Answer::Late { verdict, after_ms } => {
                opened.decided = Some(decide(verdict, &opened)?);
                let later = after_ms.map(|after_ms| (opened.number, after_ms));
                self.close(opened.number);
                self.hold(opened);
                Ok(Returns { now: Vec::new(), later })
            }
            Answer::Silent(verdict) => {
                if let Some(verdict) = verdict {
                    opened.decided = Some(decide(verdict, &opened)?);
                }
                self.close(opened.number);
                self.hold(opened);
                Ok(Returns::default())
            }
            Answer::Now => {
                let uri = opened.decided.take().ok_or(AnswerError::NotDecided)?;
                self.close(opened.number);
                Ok(Returns::once(uri))
            }
            Answer::Forget => {
                self.close(opened.number);
                Ok(Returns::default())
            }
            Answer::Forge(_) => Ok(Returns::default()),
        }
    }

    /// The timer of a late answer has run out. `None`: it was sent or forgotten meanwhile.
    pub fn send_held(&mut self, number: u64) -> Option<String> {
        let at = self.held.iter().position(|held| held.number == number)?;
        self.held.remove(at).and_then(|held| held.decided)
    }

    fn find(&self, number: Option<u64>) -> Result<&Opened, AnswerError> {
        match number {
            None => self.shown.as_ref().ok_or(AnswerError::NothingOpen),
            Some(number) => self
                .shown
                .iter()
                .chain(&self.held)
                .find(|opened| opened.number == number)
                .ok_or(AnswerError::UnknownRequest(number)),
        }
    }

    fn close(&mut self, number: u64) {
        self.shown.take_if(|shown| shown.number == number);
        self.held.retain(|held| held.number != number);
    }

    fn hold(&mut self, opened: Opened) {
        if self.held.len() == MAX_HELD {
            self.held.pop_front();
        }
        self.held.push_back(opened);
    }

    fn forge(&self, forgery: Forgery, details: &Details) -> Result<String, AnswerError> {
        /// An order id and an atk that no agent and no acquirer ever made.
        const NOBODYS: &str = "1";
        let request = match forgery {
            Forgery::SameOrder => Some(self.find(details.request)?),
            Forgery::UnknownOrder => self.shown.as_ref(),
        };
        let same = forgery == Forgery::SameOrder;
        let scheme = &self.return_scheme;
        match request.map(|opened| &opened.request) {
            Some(Ok(Request::Cancel(cancel))) => {
                let atk = if same { &cancel.atk } else { NOBODYS };
                Ok(reversal::forged(scheme, atk, details.amount.unwrap_or(cancel.amount)))
            }
            Some(Ok(Request::Pay(pay))) => {
                let order_id = pay.order_id.as_deref().filter(|_| same).unwrap_or(NOBODYS);
                let amount = details.amount.or(pay.amount).unwrap_or(0);
                let method = details.method.or(pay.method).unwrap_or(Method::Credit);
                Ok(payment::forged(scheme, &self.serial, amount, method, order_id))
            }
            Some(Ok(Request::Print(_) | Request::Reprint(_)) | Err(_)) if same => {
                Err(AnswerError::NotForThisApp)
            }
            Some(Ok(Request::Print(_) | Request::Reprint(_)) | Err(_)) | None => {
                let amount = details.amount.unwrap_or(1_000);
                let method = details.method.unwrap_or(Method::Credit);
                Ok(payment::forged(scheme, &self.serial, amount, method, NOBODYS))
            }
        }
    }
}

impl Request {
    /// Where the answer goes.
    #[must_use]
    pub fn return_scheme(&self) -> &str {
        match self {
            Self::Pay(pay) => &pay.return_scheme,
            Self::Cancel(cancel) => &cancel.return_scheme,
            Self::Print(print) => &print.return_scheme,
            Self::Reprint(reprint) => &reprint.return_scheme,
        }
    }
}

impl Verdict {
    /// As asked for.
    #[must_use]
    pub const fn approve() -> Self {
        Self::Approve { amount: None, method: None, brand: None }
    }
}

impl Auto {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Approve => Verdict::approve(),
            Self::Decline => Verdict::Decline,
            Self::Cancel => Verdict::Cancel,
        }
    }
}

impl Returns {
    fn once(uri: String) -> Self {
        Self { now: vec![uri], later: None }
    }
}

#[cfg(test)]
mod tests;

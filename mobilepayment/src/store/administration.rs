//! What the administration changes while the service runs: licences, companies, terminals. Each change is one command of
//! the writer: checked, written, in the audit trail, and in force from its commit on.

use hmac::{Hmac, Mac};
use protocol::Serial;
use serde_json::{Value, json};
use sha2::Sha256;

use super::activation::{LETTERS, plain};
use super::unit::{Failure, Unit};
use super::{CommandError, Store, Unavailable};
use crate::db::devices::{self, Device};
use crate::db::registers as rows;
use crate::environment::Environment;
use crate::ledger::audit::{Act, What};
use crate::registers::licence::{Licence, LicenceId, PREFIX};
use crate::registers::{AccountId, Company, KeyHash, Model, Registers, Terminal, WebhookSettings};

/// Most licences of one service.
pub const LICENCES_MAX: usize = 1_000;
/// Most companies that are registered while the service runs.
pub const COMPANIES_MAX: usize = 1_000;
/// Most terminals that are registered while the service runs: every change reads them all.
pub const TERMINALS_MAX: usize = 10_000;
/// Characters of a licence's key: 100 bits.
const KEY_CHARS: usize = 20;
/// Characters between two dashes of a key as it is shown.
const GROUP_CHARS: usize = 5;
/// What the password of the web service is made of, under the key.
const PASSWORD_LABEL: &[u8] = b"web service password";

/// Why the administration was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminRefusal {
    /// No licence has this id or this key.
    LicenceUnknown,
    /// Too many wrong keys.
    TooMany,
    /// The licence has no active module; what the PDV is told of it.
    ModuleInactive(Option<String>),
    /// The configuration file declares this company or terminal.
    DeclaredInFile,
    /// Another licence registered this company.
    CompanyOfOtherLicence,
    /// No such company.
    CompanyUnknown,
    /// The id is one that only licences have.
    AccountReserved,
    /// A new company without a secret key.
    SecretKeyMissing,
    /// The key is the administrator's or another company's.
    SecretKeyTaken,
    /// The terminal is registered for another company.
    SerialTaken,
    /// No such terminal in this company.
    TerminalUnknown,
    /// Something of the terminal is unfinished.
    TerminalBusy,
    /// There are as many as there may be.
    TooManyRegistered(usize),
}

/// What the administration is answered.
pub type AdminResult<T> = Result<T, CommandError<AdminRefusal>>;
type Done<T> = Result<T, Failure<AdminRefusal>>;

/// What a PDV says of a company; every part was checked by itself.
#[derive(Clone, Debug)]
pub struct NewCompany {
    /// Its account.
    pub account_id: AccountId,
    /// Its name.
    pub store_name: String,
    /// Of its secret key; `None`: as before.
    pub secret_key: Option<KeyHash>,
    /// Where events go.
    pub webhook: Option<WebhookSettings>,
    /// The contract.
    pub methods: Vec<protocol::method::ContractedMethod>,
    /// As in [`Company`].
    pub feed_wait_s: u32,
    /// As in [`Company`].
    pub answer_timeout_s: u32,
}

/// A licence whose key was shown: the PDV's access to the web service.
#[derive(Clone)]
pub struct Activation {
    /// The licence.
    pub licence: Licence,
    /// Its password, derived from the key each time.
    pub password: String,
}

impl Unit<'_> {
    /// Makes a licence; gives its key, which is kept nowhere.
    pub fn create_licence(&mut self, description: &str) -> Done<(Licence, String)> {
        if self.registers.licences().count() >= LICENCES_MAX {
            return refuse(AdminRefusal::TooManyRegistered(LICENCES_MAX));
        }
        let key = new_key(self.environment);
        let id = LicenceId::parse(&self.environment.id(PREFIX)).expect("our own ids are valid");
        let licence = Licence {
            id,
            description: description.to_owned(),
            key: key_hash(&key),
            password: KeyHash::of(&password(&key)),
            active: true,
            message: None,
            created_at: self.now,
            activated_at: None,
            last_consulted_at: None,
        };
        rows::save_licence(self.db, &licence)?;
        let after = json!({ "description": licence.description, "modules": ["pos_connect"] });
        self.audit_licence(What::LicenceMade, &licence, None, Some(after))?;
        self.registers_changed()?;
        Ok((licence, key))
    }

    /// Turns the module of a licence on or off.
    pub fn set_module(&mut self, id: &LicenceId, active: bool, message: Option<String>) -> Done<Licence> {
        // From its row: the registers do not follow each use of the key.
        let Some(before) = rows::licences(self.db)?.into_iter().find(|licence| licence.id == *id) else {
            return refuse(AdminRefusal::LicenceUnknown);
        };
        let licence = Licence { active, message, ..before.clone() };
        if licence == before {
            return Ok(before);
        }
        rows::save_licence(self.db, &licence)?;
        let standing = |l: &Licence| Some(json!({ "active": l.active, "message": l.message }));
        self.audit_licence(What::ModuleChanged, &licence, standing(&before), standing(&licence))?;
        self.registers_changed()?;
        Ok(licence)
    }

    /// The licence of a key: its activation, and each later consultation.
    pub fn consult_licence(&mut self, key: &str) -> Done<Activation> {
        let Some(known) = rows::licence_of_key(self.db, key_hash(key))? else {
            return refuse(AdminRefusal::LicenceUnknown);
        };
        let first = known.activated_at.is_none();
        let licence = Licence {
            activated_at: known.activated_at.or(Some(self.now)),
            last_consulted_at: Some(self.now),
            ..known
        };
        rows::save_licence(self.db, &licence)?;
        if first {
            self.audit_licence(What::LicenceActivated, &licence, None, None)?;
        }
        Ok(Activation { licence, password: password(key) })
    }

    /// Registers a company or changes it.
    pub fn put_company(
        &mut self,
        id: &LicenceId,
        new: NewCompany,
        admin_key: Option<KeyHash>,
    ) -> Done<Company> {
        self.active(id)?;
        // The audit trail is by account, and a licence's rows are under its id.
        if new.account_id.as_str().starts_with(PREFIX) {
            return refuse(AdminRefusal::AccountReserved);
        }
        let registers = std::sync::Arc::clone(&self.registers);
        let before = registers.company(&new.account_id);
        if before.is_some() {
            owned(&registers, id, &new.account_id)?;
        } else if registers.registered_companies() >= COMPANIES_MAX {
            return refuse(AdminRefusal::TooManyRegistered(COMPANIES_MAX));
        }
        let Some(secret_key) = new.secret_key.or(before.map(|company| company.secret_key)) else {
            return refuse(AdminRefusal::SecretKeyMissing);
        };
        let holder = registers.company_of_key(secret_key);
        if holder.is_some_and(|holder| holder.account_id != new.account_id) || admin_key == Some(secret_key) {
            return refuse(AdminRefusal::SecretKeyTaken);
        }
        let company = Company {
            account_id: new.account_id,
            store_name: new.store_name,
            secret_key,
            webhooks: new.webhook.into_iter().collect(),
            methods: new.methods,
            feed_wait_s: new.feed_wait_s,
            answer_timeout_s: new.answer_timeout_s,
        };
        if before == Some(&company) {
            return Ok(company);
        }
        rows::save_company(self.db, id, &company)?;
        let what = if before.is_some() { What::CompanyChanged } else { What::CompanyRegistered };
        let act = Act::of(what, &self.author);
        let rekeyed = before.is_none_or(|before| before.secret_key != company.secret_key);
        let after = company_standing(&company, rekeyed);
        self.audit(&company.account_id, act, None, before.map(|b| company_standing(b, false)), Some(after))?;
        self.registers_changed()?;
        Ok(company)
    }

    /// Registers a terminal or changes it.
    pub fn put_terminal(&mut self, id: &LicenceId, terminal: Terminal) -> Done<Terminal> {
        self.active(id)?;
        owned(&self.registers, id, &terminal.account_id)?;
        let before = self.registers.serial_like(&terminal.serial).cloned();
        match &before {
            Some(before) if before.account_id != terminal.account_id => {
                return refuse(AdminRefusal::SerialTaken);
            }
            // Another spelling of the same label: it would be two terminals to everybody else.
            Some(before) if before.serial != terminal.serial => return refuse(AdminRefusal::SerialTaken),
            Some(before) if *before == terminal => return Ok(terminal),
            Some(_) => {}
            None if self.registers.registered_terminals() >= TERMINALS_MAX => {
                return refuse(AdminRefusal::TooManyRegistered(TERMINALS_MAX));
            }
            None => {}
        }
        rows::save_terminal(self.db, &terminal)?;
        let what = if before.is_some() { What::TerminalChanged } else { What::TerminalRegistered };
        let act = Act { terminal: Some(terminal.serial.clone()), ..Act::of(what, &self.author) };
        let before = before.as_ref().map(terminal_standing);
        self.audit(&terminal.account_id, act, None, before, Some(terminal_standing(&terminal)))?;
        self.registers_changed()?;
        Ok(terminal)
    }

    /// Takes a terminal out of the register; its device token ends with it.
    pub fn remove_terminal(&mut self, id: &LicenceId, account: &AccountId, serial: &Serial) -> Done<()> {
        owned(&self.registers, id, account)?;
        let Some(terminal) = self.registers.terminal_of(account, serial).cloned() else {
            return refuse(AdminRefusal::TerminalUnknown);
        };
        if rows::is_busy(self.db, account, serial, self.now)? {
            return refuse(AdminRefusal::TerminalBusy);
        }
        rows::remove_terminal(self.db, serial)?;
        if let Some(known) = devices::find(self.db, serial)? {
            // A block stays: who registers it again must lift it first.
            let device = Device { token_hash: None, activated_at: None, ..known };
            devices::save(self.db, &device)?;
            self.outbox.devices.push(device);
        }
        let act = Act { terminal: Some(serial.clone()), ..Act::of(What::TerminalRemoved, &self.author) };
        self.audit(account, act, None, Some(terminal_standing(&terminal)), None)?;
        self.registers_changed()?;
        Ok(())
    }

    fn active(&self, id: &LicenceId) -> Done<()> {
        match self.registers.licence(id) {
            Some(licence) if licence.active => Ok(()),
            Some(licence) => refuse(AdminRefusal::ModuleInactive(licence.message.clone())),
            None => refuse(AdminRefusal::LicenceUnknown),
        }
    }

    fn audit_licence(
        &self,
        what: What,
        of: &Licence,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Done<()> {
        let account = AccountId::parse(of.id.as_str()).expect("a licence's id is one too");
        Ok(self.audit(&account, Act::of(what, &self.author), None, before, after)?)
    }
}

/// Whether a licence may change a company.
fn owned(registers: &Registers, id: &LicenceId, account: &AccountId) -> Done<()> {
    if registers.company(account).is_none() {
        return refuse(AdminRefusal::CompanyUnknown);
    }
    match registers.owner(account) {
        Some(owner) if owner.id == *id => Ok(()),
        Some(_) => refuse(AdminRefusal::CompanyOfOtherLicence),
        None => refuse(AdminRefusal::DeclaredInFile),
    }
}

fn company_standing(company: &Company, rekeyed: bool) -> Value {
    let webhook = company.webhooks.first().map(|webhook| webhook.url.clone());
    json!({ "store_name": company.store_name, "methods": company.methods, "webhook_url": webhook,
        "feed_wait_s": company.feed_wait_s, "answer_timeout_s": company.answer_timeout_s,
        "new_secret_key": rekeyed })
}

fn terminal_standing(terminal: &Terminal) -> Value {
    let model: Model = terminal.model;
    json!({ "model": model.as_str(), "acquirer_cnpj": terminal.acquirer_cnpj,
        "description": terminal.description, "delivery": terminal.delivery, "counter": terminal.counter })
}

fn refuse<T>(refusal: AdminRefusal) -> Done<T> {
    Err(Failure::Refused(refusal))
}

/// A new key as it is shown: groups of five.
fn new_key(environment: &Environment) -> String {
    let bytes: [u8; KEY_CHARS] = environment.bytes();
    let groups = bytes.chunks(GROUP_CHARS).map(|group| {
        group.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect::<String>()
    });
    groups.collect::<Vec<_>>().join("-")
}

fn key_hash(key: &str) -> KeyHash {
    KeyHash::of(&plain(key))
}

/// The web service password of a key: the same each time, and no way back to the key.
fn password(key: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(plain(key).as_bytes()).expect("HMAC takes a key of any length");
    mac.update(PASSWORD_LABEL);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store {
    /// Makes a licence; gives its key, which is kept nowhere.
    pub async fn create_licence(&self, description: String) -> AdminResult<(Licence, String)> {
        self.write(move |unit| unit.create_licence(&description)).await
    }

    /// Turns the module of a licence on or off.
    pub async fn set_module(
        &self,
        id: LicenceId,
        active: bool,
        message: Option<String>,
    ) -> AdminResult<Licence> {
        self.write(move |unit| unit.set_module(&id, active, message)).await
    }

    /// The licence of a key: its activation, and each later consultation.
    pub async fn consult_licence(&self, key: String) -> AdminResult<Activation> {
        let own = self.registers().get().licence_of_key(key_hash(&key)).map(|licence| licence.id.clone());
        if !self.shared.licence_brake.allows(own.clone(), self.shared.environment.now()) {
            return Err(CommandError::Refused(AdminRefusal::TooMany));
        }
        let activation = self.write(move |unit| unit.consult_licence(&key)).await?;
        if let Some(own) = own {
            self.shared.licence_brake.was_right(own);
        }
        Ok(activation)
    }

    /// Every licence, oldest first, with the instants of its use.
    pub async fn licences(&self) -> Result<Vec<Licence>, Unavailable> {
        self.shared.readers.read(rows::licences).await
    }

    /// Registers a company or changes it.
    pub async fn put_company(
        &self,
        id: LicenceId,
        new: NewCompany,
        admin_key: Option<KeyHash>,
    ) -> AdminResult<Company> {
        self.write(move |unit| unit.put_company(&id, new, admin_key)).await
    }

    /// Registers a terminal or changes it.
    pub async fn put_terminal(&self, id: LicenceId, terminal: Terminal) -> AdminResult<Terminal> {
        self.write(move |unit| unit.put_terminal(&id, terminal)).await
    }

    /// Takes a terminal out of the register.
    pub async fn remove_terminal(
        &self,
        id: LicenceId,
        account: AccountId,
        serial: Serial,
    ) -> AdminResult<()> {
        self.write(move |unit| unit.remove_terminal(&id, &account, &serial)).await
    }
}

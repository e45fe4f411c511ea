//! The registers of a service: companies and their terminals, as the configuration file declares them.
//!
//! Plain data, never changed in place. `config` fills it and checks it; everything else only reads it, through the one
//! handle to what is [`current`].

pub mod current;
pub mod licence;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use licence::{Licence, LicenceId};
use protocol::Serial;
use protocol::feed::Settings;
use protocol::method::ContractedMethod;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A company's account, `acc_…`: what its secret key, its orders and its terminals belong to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// Parses an account id: 1 to 64 ASCII letters, digits, `_` and `-`.
    pub fn parse(text: &str) -> Result<Self, InvalidAccountId> {
        let clean = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if clean && (1..=64).contains(&text.len()) { Ok(Self(text.into())) } else { Err(InvalidAccountId) }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that is no account id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account id has 1 to 64 letters, digits, _ or -")]
pub struct InvalidAccountId;

impl TryFrom<String> for AccountId {
    type Error = InvalidAccountId;
    fn try_from(text: String) -> Result<Self, InvalidAccountId> {
        Self::parse(&text)
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A secret of the configuration; never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself: for comparing and signing, never for logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a key that its owner sends along: its SHA-256. A key is random and long, so that nobody gets from this
/// back to it, and a look-up by it tells an observer of time nothing of any key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Of a key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// As it was kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// To be kept.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// Where a company's events are delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Name of the endpoint: what its delivery state is kept under. Unique in the registers.
    pub name: String,
    /// Address that takes the POSTs.
    pub url: String,
    /// Key of the HMAC over the raw body.
    pub secret: Secret,
    /// Event types wanted; empty: all.
    pub types: Vec<String>,
}

/// A company (empresa): one establishment with its own account and secret key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its account.
    pub account_id: AccountId,
    /// The store's name, as people see it.
    pub store_name: String,
    /// Key of the PDV-facing API.
    pub secret_key: KeyHash,
    /// Where events go.
    pub webhooks: Vec<WebhookSettings>,
    /// Methods of the contract with the acquirer.
    pub methods: Vec<ContractedMethod>,
    /// Long-poll wait that terminals ask for, in seconds.
    pub feed_wait_s: u32,
    /// How long the acquirer's app may stay silent before an attempt is in doubt, in seconds.
    pub answer_timeout_s: u32,
}

/// Model of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Model {
    /// Positivo L3: counter and delivery.
    L3,
    /// Gertec A8: counter and delivery.
    A8,
    /// P2: delivery only.
    P2,
}

impl Model {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::L3 => "L3",
            Self::A8 => "A8",
            Self::P2 => "P2",
        }
    }

    /// The model with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::L3, Self::A8, Self::P2].into_iter().find(|model| model.as_str() == text)
    }
}

/// A terminal (equipamento POS) as registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Its serial number.
    pub serial: Serial,
    /// The company it belongs to.
    pub account_id: AccountId,
    /// Its model.
    pub model: Model,
    /// CNPJ of the acquirer, digits only.
    pub acquirer_cnpj: String,
    /// May take orders out for delivery.
    pub delivery: bool,
    /// May take payments at the counter; never with a P2.
    pub counter: bool,
    /// What people call it.
    pub description: String,
}

/// All companies and terminals of this service.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    companies: HashMap<AccountId, Arc<Company>>,
    by_key: HashMap<KeyHash, AccountId>,
    terminals: HashMap<Serial, Arc<Terminal>>,
    licences: HashMap<LicenceId, Licence>,
    by_password: HashMap<KeyHash, LicenceId>,
    /// The licence of each company that the file does not declare.
    owners: HashMap<AccountId, LicenceId>,
}

/// Registers that contradict themselves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistersError {
    /// Two companies with one account id.
    #[error("account {0} is registered twice")]
    AccountTwice(AccountId),
    /// Two companies with one secret key.
    #[error("accounts {0} and {1} have the same secret key")]
    KeyTwice(AccountId, AccountId),
    /// Two terminals with one serial number.
    #[error("terminal {0} is registered twice")]
    SerialTwice(Serial),
    /// A terminal of a company that is not registered.
    #[error("terminal {0} belongs to account {1}, which is not registered")]
    AccountUnknown(Serial, AccountId),
}

impl Registers {
    /// Puts the registers together.
    pub fn new(companies: Vec<Company>, terminals: Vec<Terminal>) -> Result<Self, RegistersError> {
        let mut registers = Self::default();
        for company in companies {
            let id = company.account_id.clone();
            let key = company.secret_key;
            if registers.companies.insert(id.clone(), Arc::new(company)).is_some() {
                return Err(RegistersError::AccountTwice(id));
            }
            if let Some(other) = registers.by_key.insert(key, id.clone()) {
                return Err(RegistersError::KeyTwice(other, id));
            }
        }
        for terminal in terminals {
            if !registers.companies.contains_key(&terminal.account_id) {
                return Err(RegistersError::AccountUnknown(terminal.serial, terminal.account_id));
            }
            let serial = terminal.serial.clone();
            if registers.terminals.insert(serial.clone(), Arc::new(terminal)).is_some() {
                return Err(RegistersError::SerialTwice(serial));
            }
        }
        Ok(registers)
    }

    /// These, which the file declares, and what was registered besides. What both have is as the file says: a person has
    /// just written it there.
    pub fn and(
        &self,
        licences: Vec<Licence>,
        companies: Vec<(LicenceId, Company)>,
        terminals: Vec<Terminal>,
    ) -> Result<Self, RegistersError> {
        let mut all: Vec<Company> = self.companies().cloned().collect();
        let mut owners = HashMap::new();
        for (licence, company) in companies {
            if self.company(&company.account_id).is_none() {
                owners.insert(company.account_id.clone(), licence);
                all.push(company);
            }
        }
        let declared: Vec<Terminal> = self.terminals().cloned().collect();
        let besides = terminals.into_iter().filter(|terminal| self.serial_like(&terminal.serial).is_none());
        let terminals = declared.iter().cloned().chain(besides).collect();
        let mut both = Self::new(all, terminals)?;
        both.owners = owners;
        both.by_password = licences.iter().map(|licence| (licence.password, licence.id.clone())).collect();
        both.licences = licences.into_iter().map(|licence| (licence.id.clone(), licence)).collect();
        Ok(both)
    }

    /// The terminal whose serial number is this one, upper or lower case: two that differ only in that are one label read
    /// twice.
    #[must_use]
    pub fn serial_like(&self, serial: &Serial) -> Option<&Terminal> {
        let like = |terminal: &&Terminal| terminal.serial.as_str().eq_ignore_ascii_case(serial.as_str());
        self.terminal(serial).map(Arc::as_ref).or_else(|| self.terminals().find(like))
    }

    /// A licence.
    #[must_use]
    pub fn licence(&self, id: &LicenceId) -> Option<&Licence> {
        self.licences.get(id)
    }

    /// Every licence, in no particular order.
    pub fn licences(&self) -> impl Iterator<Item = &Licence> {
        self.licences.values()
    }

    /// How many companies the file does not declare.
    #[must_use]
    pub fn registered_companies(&self) -> usize {
        self.owners.len()
    }

    /// How many terminals the file does not declare.
    #[must_use]
    pub fn registered_terminals(&self) -> usize {
        self.terminals().filter(|terminal| self.owners.contains_key(&terminal.account_id)).count()
    }

    /// The licence whose activation key this is.
    #[must_use]
    pub fn licence_of_key(&self, key: KeyHash) -> Option<&Licence> {
        self.licences().find(|licence| licence.key == key)
    }

    /// The licence whose web service password this is.
    #[must_use]
    pub fn licence_of_password(&self, password: KeyHash) -> Option<&Licence> {
        self.by_password.get(&password).and_then(|id| self.licences.get(id))
    }

    /// The licence that registered a company; `None`: the file declares it, or there is no such company.
    #[must_use]
    pub fn owner(&self, account: &AccountId) -> Option<&Licence> {
        self.owners.get(account).and_then(|id| self.licences.get(id))
    }

    /// The company of an account.
    #[must_use]
    pub fn company(&self, account: &AccountId) -> Option<&Company> {
        self.companies.get(account).map(Arc::as_ref)
    }

    /// The company whose secret key this is; shared, because every request of a PDV carries it along.
    #[must_use]
    pub fn company_of_key(&self, secret_key: KeyHash) -> Option<&Arc<Company>> {
        self.by_key.get(&secret_key).and_then(|account| self.companies.get(account))
    }

    /// Every company, in no particular order.
    pub fn companies(&self) -> impl Iterator<Item = &Company> {
        self.companies.values().map(Arc::as_ref)
    }

    /// The terminal with this serial number; shared, because every request of a terminal carries it along.
    #[must_use]
    pub fn terminal(&self, serial: &Serial) -> Option<&Arc<Terminal>> {
        self.terminals.get(serial)
    }

    /// The terminal with this serial number, if it is this account's.
    #[must_use]
    pub fn terminal_of(&self, account: &AccountId, serial: &Serial) -> Option<&Terminal> {
        self.terminal(serial).map(Arc::as_ref).filter(|t| t.account_id == *account)
    }

    /// Every terminal, in no particular order.
    pub fn terminals(&self) -> impl Iterator<Item = &Terminal> {
        self.terminals.values().map(Arc::as_ref)
    }

    /// What a terminal is told about itself and its store.
    #[must_use]
    pub fn settings(&self, terminal: &Terminal) -> Settings {
        let company =
            self.company(&terminal.account_id).expect("`new` refuses a terminal without its company");
        Settings {
            store_name: company.store_name.clone(),
            acquirer_cnpj: terminal.acquirer_cnpj.clone(),
            methods: company.methods.clone(),
            delivery: terminal.delivery,
            counter: terminal.counter,
            feed_wait_s: company.feed_wait_s,
            answer_timeout_s: company.answer_timeout_s,
        }
    }
}

//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use protocol::Serial;

use crate::service::{InvalidServiceAddress, ServiceAddress};
use crate::terminal::Model;

/// How the program is called.
pub const USAGE: &str = "\
usage: virtual-terminal --service http://HOST:PORT --data DIR --listen 127.0.0.1:PORT
                        [--terminal SERIAL:MODEL]... [--activate-with-key-file FILE]

  --service   where mobilepayment is
  --data      directory for journals and the simulated acquirer's memory; made when absent
  --listen    loopback address of the pages and their API; port 0: any free port
  --terminal  a terminal to start with, for example PB0419AL60480:L3 (models: L3, A8, P2)
  --activate-with-key-file
              file with the store's secret key; terminals that ask for an activation code get one by it";

/// What the command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where mobilepayment is.
    pub service: ServiceAddress,
    /// Data directory.
    pub data: PathBuf,
    /// Loopback address to listen on.
    pub listen: SocketAddr,
    /// Terminals to start with.
    pub terminals: Vec<(Serial, Model)>,
    /// File with the store's secret key.
    pub key_file: Option<PathBuf>,
}

/// What is wrong with the command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Not an option.
    #[error("unknown option {0:?}")]
    Unknown(String),
    /// An option without its value.
    #[error("{0} needs a value")]
    NoValue(String),
    /// An option that must be given.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An option given twice.
    #[error("{0} is given twice")]
    Twice(&'static str),
    /// The service address.
    #[error(transparent)]
    Service(#[from] InvalidServiceAddress),
    /// The listen address.
    #[error("--listen must be a loopback address with a port, such as 127.0.0.1:0, not {0:?}")]
    NotLoopback(String),
    /// A terminal.
    #[error("--terminal must look like PB0419AL60480:L3 (models: L3, A8, P2), not {0:?}")]
    BadTerminal(String),
}

impl Options {
    /// Reads the arguments after the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, OptionsError> {
        let (mut service, mut data, mut listen, mut key_file) = (None, None, None, None);
        let mut terminals = Vec::new();
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| OptionsError::NoValue(name.clone()));
            match name.as_str() {
                "--service" => once(&mut service, "--service", ServiceAddress::parse(&value()?)?)?,
                "--data" => once(&mut data, "--data", PathBuf::from(value()?))?,
                "--listen" => once(&mut listen, "--listen", loopback(&value()?)?)?,
                "--activate-with-key-file" => {
                    once(&mut key_file, "--activate-with-key-file", PathBuf::from(value()?))?;
                }
                "--terminal" => terminals.push(terminal(&value()?)?),
                _ => return Err(OptionsError::Unknown(name)),
            }
        }
        Ok(Self {
            service: service.ok_or(OptionsError::Missing("--service"))?,
            data: data.ok_or(OptionsError::Missing("--data"))?,
            listen: listen.ok_or(OptionsError::Missing("--listen"))?,
            terminals,
            key_file,
        })
    }
}

fn once<T>(place: &mut Option<T>, name: &'static str, value: T) -> Result<(), OptionsError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(OptionsError::Twice(name)),
    }
}

/// Every control of a terminal is open to whoever reaches the port, therefore loopback only.
fn loopback(text: &str) -> Result<SocketAddr, OptionsError> {
    text.parse::<SocketAddr>()
        .ok()
        .filter(|address| address.ip().is_loopback())
        .ok_or_else(|| OptionsError::NotLoopback(text.to_owned()))
}

fn terminal(text: &str) -> Result<(Serial, Model), OptionsError> {
    text.split_once(':')
        .and_then(|(serial, model)| Some((Serial::parse(serial).ok()?, Model::parse(model)?)))
        .ok_or_else(|| OptionsError::BadTerminal(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, OptionsError> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    const GOOD: &str = "--service http://127.0.0.1:1 --data d --listen 127.0.0.1:0";

    #[test]
    fn a_full_command_line_is_read() {
        let line = format!("{GOOD} --terminal PB1:l3 --terminal AP2:P2 --activate-with-key-file k");
        let options = parse(&line).unwrap();
        let models: Vec<_> = options.terminals.iter().map(|(_, model)| *model).collect();
        assert_eq!(models, [Model::L3, Model::P2]);
        assert_eq!(options.key_file, Some(PathBuf::from("k")));
    }

    #[test]
    fn only_loopback_is_listened_on() {
        for address in ["0.0.0.0:80", "192.168.0.2:80", "[::]:80", "localhost:80", "127.0.0.1", ""] {
            let line = GOOD.replace("127.0.0.1:0", address);
            assert!(parse(&line).is_err(), "{address}");
        }
        assert!(parse(&GOOD.replace("127.0.0.1:0", "[::1]:80")).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("--data d --listen 127.0.0.1:0".to_owned(), OptionsError::Missing("--service")),
            (format!("{GOOD} --data e"), OptionsError::Twice("--data")),
            (format!("{GOOD} --help"), OptionsError::Unknown("--help".to_owned())),
            (format!("{GOOD} --terminal"), OptionsError::NoValue("--terminal".to_owned())),
            (format!("{GOOD} --terminal PB1:L4"), OptionsError::BadTerminal("PB1:L4".to_owned())),
            (format!("{GOOD} --terminal a/b:L3"), OptionsError::BadTerminal("a/b:L3".to_owned())),
        ];
        for (line, error) in cases {
            assert_eq!(parse(&line), Err(error), "{line}");
        }
    }
}

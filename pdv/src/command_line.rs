//! The program's arguments.

use std::net::SocketAddr;
use std::path::PathBuf;

/// How the program is called.
pub const USAGE: &str = "\
usage: pdv --data DIR --listen HOST:PORT --service URL [--sample FILE]

  --data     directory of the PDV's own database; made when absent
  --listen   address of the page; port 0: any free port
  --service  where mobilepayment is, such as http://127.0.0.1:8470
  --sample   fills a new database from this file (companies, people, terminals), with sample products";

/// What the command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// Data directory.
    pub data: PathBuf,
    /// Address of the page.
    pub listen: SocketAddr,
    /// Where mobilepayment is, without a slash at its end.
    pub service: String,
    /// What fills a new database.
    pub sample: Option<PathBuf>,
}

/// What is wrong with the command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandLineError {
    /// Not an option.
    #[error("unknown option {0:?}")]
    Unknown(String),
    /// An option without its value.
    #[error("{0} needs a value")]
    NoValue(String),
    /// An option that must be given.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Not an address.
    #[error("--listen must look like 127.0.0.1:8460, not {0:?}")]
    BadListen(String),
    /// Not an address.
    #[error("--service must begin with http:// or https://, not {0:?}")]
    BadService(String),
}

impl CommandLine {
    /// Reads the arguments after the program's name; of an option given twice the last counts.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, CommandLineError> {
        let (mut data, mut listen, mut service, mut sample) = (None, None, None, None);
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| CommandLineError::NoValue(name.clone()));
            match name.as_str() {
                "--data" => data = Some(PathBuf::from(value()?)),
                "--listen" => {
                    let text = value()?;
                    listen = Some(text.parse().map_err(|_| CommandLineError::BadListen(text))?);
                }
                "--service" => service = Some(address(&value()?)?),
                "--sample" => sample = Some(PathBuf::from(value()?)),
                _ => return Err(CommandLineError::Unknown(name)),
            }
        }
        Ok(Self {
            data: data.ok_or(CommandLineError::Missing("--data"))?,
            listen: listen.ok_or(CommandLineError::Missing("--listen"))?,
            service: service.ok_or(CommandLineError::Missing("--service"))?,
            sample,
        })
    }
}

fn address(text: &str) -> Result<String, CommandLineError> {
    let known =
        ["http://", "https://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    if known {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(CommandLineError::BadService(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<CommandLine, CommandLineError> {
        CommandLine::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_whole_line_is_read_and_every_mistake_is_named() {
        let line = parse("--data d --listen 127.0.0.1:0 --service http://127.0.0.1:8470/").unwrap();
        assert_eq!((line.service.as_str(), line.sample), ("http://127.0.0.1:8470", None));
        for (text, said) in [
            ("--data d --listen x --service http://h", "--listen must look like"),
            ("--data d --listen 127.0.0.1:0 --service ftp://h", "--service must begin"),
            ("--data d --listen 127.0.0.1:0", "--service is missing"),
            ("--data", "--data needs a value"),
            ("--date d", "unknown option"),
        ] {
            assert!(parse(text).unwrap_err().to_string().starts_with(said), "{text}");
        }
    }
}

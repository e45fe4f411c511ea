//! What the program is told when it is started.

use std::net::SocketAddr;
use std::path::PathBuf;

/// How to start it, for the technician.
pub const USAGE: &str =
    "uso: mobilepayment --config ARQUIVO --data PASTA --listen ENDEREÇO:PORTA [--behind-tls-proxy]

  --config ARQUIVO     empresas e terminais (TOML)
  --data PASTA         onde fica o banco de dados; criada se não existir
  --listen ENDEREÇO    endereço local (127.0.0.1) e porta; a porta 0 escolhe uma livre e a mostra
  --behind-tls-proxy   permite um endereço que não é local: um proxy na frente faz o TLS";

/// The arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The configuration file.
    pub config: PathBuf,
    /// The data folder.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
}

/// Arguments that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandLineError {
    /// Asked how to start it.
    #[error("{USAGE}")]
    Help,
    /// One is missing.
    #[error("falta {0}\n\n{USAGE}")]
    Missing(&'static str),
    /// One has no value.
    #[error("{0} precisa de um valor\n\n{USAGE}")]
    NoValue(String),
    /// One is not known.
    #[error("{0} não existe\n\n{USAGE}")]
    Unknown(String),
    /// The address is none.
    #[error("--listen {0}: escreva endereço e porta, por exemplo 127.0.0.1:8080")]
    Address(String),
    /// The address could be reached from outside, and nothing would be encrypted.
    #[error(
        "--listen {0}: pagamentos não podem trafegar sem criptografia. Use 127.0.0.1, ou ponha um proxy TLS na frente e acrescente --behind-tls-proxy"
    )]
    NotLoopback(SocketAddr),
}

impl CommandLine {
    /// Reads the arguments, without the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, CommandLineError> {
        let (mut config, mut data, mut listen, mut behind_proxy) = (None, None, None, false);
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let target = match name.as_str() {
                "--config" => &mut config,
                "--data" => &mut data,
                "--listen" => &mut listen,
                "--behind-tls-proxy" => {
                    behind_proxy = true;
                    continue;
                }
                "--help" | "-h" => return Err(CommandLineError::Help),
                _ => return Err(CommandLineError::Unknown(name)),
            };
            *target = Some(arguments.next().ok_or(CommandLineError::NoValue(name))?);
        }
        let listen = listen.ok_or(CommandLineError::Missing("--listen"))?;
        let listen: SocketAddr = listen.parse().map_err(|_| CommandLineError::Address(listen))?;
        if !listen.ip().is_loopback() && !behind_proxy {
            return Err(CommandLineError::NotLoopback(listen));
        }
        Ok(Self {
            config: config.ok_or(CommandLineError::Missing("--config"))?.into(),
            data: data.ok_or(CommandLineError::Missing("--data"))?.into(),
            listen,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<CommandLine, CommandLineError> {
        CommandLine::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn an_address_reachable_from_outside_needs_a_tls_proxy() {
        let inside = parse("--config c --data d --listen 127.0.0.1:0");
        assert!(inside.is_ok_and(|line| line.listen.port() == 0));
        let outside = "--config c --data d --listen 0.0.0.0:80";
        assert!(matches!(parse(outside), Err(CommandLineError::NotLoopback(_))));
        assert!(parse(&format!("{outside} --behind-tls-proxy")).is_ok());
    }

    #[test]
    fn a_missing_or_wrong_argument_is_named() {
        let table = [
            ("--data d --listen 127.0.0.1:1", "falta --config"),
            ("--config", "--config precisa de um valor"),
            ("--port 1", "--port não existe"),
            ("--config c --data d --listen here", "escreva endereço e porta"),
        ];
        for (arguments, said) in table {
            let error = parse(arguments).unwrap_err().to_string();
            assert!(error.contains(said), "{arguments}: {error}");
        }
    }
}

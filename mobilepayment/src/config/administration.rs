//! The keys above all sections: who may administer this service, and how a PDV reaches it.

use super::company::{SECRET_CHARS_MAX, SECRET_KEY_CHARS_MIN, Seen, is_key, once};
use super::problem::Problems;
use super::table::Table;
use crate::registers::KeyHash;

/// Longest public address: more than any URL of a service needs.
const ADDRESS_CHARS_MAX: usize = 256;

pub(super) fn admin_key(root: &Table<'_>, seen: &mut Seen, problems: &mut Problems<'_>) -> Option<KeyHash> {
    let found = root.text("admin_key", problems)?;
    if !is_key(found.value) {
        problems.add(
            found.at,
            format!(
                "\"admin_key\" deve ter de {SECRET_KEY_CHARS_MIN} a {SECRET_CHARS_MAX} caracteres sem espaço, acento ou \
                 dois-pontos; gere uma chave aleatória, como adm_ e a saída de: openssl rand -hex 24"
            ),
        );
        return None;
    }
    // Among the secret keys, because it may be none of them.
    once(&mut seen.secret_keys, found, "esta chave", problems).then(|| KeyHash::of(found.value))
}

/// Without a slash at the end: paths are written behind it.
pub(super) fn public_address(root: &Table<'_>, problems: &mut Problems<'_>) -> Option<String> {
    let found = root.text("public_address", problems)?;
    let url = url::Url::parse(found.value).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        let bare = url.query().is_none() && url.fragment().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && plain && bare
    });
    if url.is_none() || found.value.len() > ADDRESS_CHARS_MAX {
        problems.add(
            found.at,
            "\"public_address\" deve ser o endereço deste serviço como o PDV o alcança, como \
             \"https://pagamentos.exemplo.com.br\", sem usuário, senha ou parâmetros"
                .to_owned(),
        );
        return None;
    }
    Some(found.value.trim_end_matches('/').to_owned())
}

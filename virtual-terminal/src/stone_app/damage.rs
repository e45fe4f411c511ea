//! Answers that cannot be read, made from good ones.

use super::answer::Damage;

/// Damages a return URI.
pub(super) fn damaged(uri: &str, damage: Damage) -> String {
    let (target, query) = uri.split_once('?').unwrap_or((uri, ""));
    let params = || query.split('&').filter(|param| !param.is_empty());
    let with = |params: Vec<String>| format!("{target}?{}", params.join("&"));
    match damage {
        Damage::NoResult => with(params().filter(|param| !is_result(param)).map(str::to_owned).collect()),
        Damage::Percent => with(params().map(|param| format!("{param}%ZZ%")).collect()),
        Damage::Empty => target.to_owned(),
        Damage::Repeated => {
            with(params().map(str::to_owned).chain(params().map(|param| format!("{param}7"))).collect())
        }
        Damage::TextAmount => with(
            params()
                .map(|param| match param.split_once('=') {
                    Some((name @ ("amount" | "canceledamount"), _)) => format!("{name}=cinquenta"),
                    Some(_) | None => param.to_owned(),
                })
                .collect(),
        ),
        Damage::WrongHost => {
            let scheme = target.split("://").next().unwrap_or_default();
            format!("{scheme}://outro-lugar?{query}")
        }
    }
}

/// Whether a parameter says how it went.
fn is_result(param: &str) -> bool {
    ["code=", "success=", "responsecode=", "reason=", "DEEPLINK_RETURN="]
        .iter()
        .any(|name| param.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_damage_has_its_own_look() {
        let good = "posconnect://pay-response?code=0&amount=5000&order_id=7";
        let cases = [
            (Damage::NoResult, "posconnect://pay-response?amount=5000&order_id=7"),
            (Damage::Percent, "posconnect://pay-response?code=0%ZZ%&amount=5000%ZZ%&order_id=7%ZZ%"),
            (Damage::Empty, "posconnect://pay-response"),
            (
                Damage::Repeated,
                "posconnect://pay-response?code=0&amount=5000&order_id=7&code=07&amount=50007&order_id=77",
            ),
            (Damage::TextAmount, "posconnect://pay-response?code=0&amount=cinquenta&order_id=7"),
            (Damage::WrongHost, "posconnect://outro-lugar?code=0&amount=5000&order_id=7"),
        ];
        for (damage, expected) in cases {
            assert_eq!(damaged(good, damage), expected);
        }
    }
}

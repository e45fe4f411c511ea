//! The status line: the most important thing first.

use super::screen::{Status, Tone};
use super::words::ago;
use crate::flow::{Agent, Moment};

pub(super) fn status(agent: &Agent, now: Moment) -> Status {
    let (durable, live) = (agent.durable(), agent.live());
    let line = |tone, text: String| Status { tone, text };
    if live.journal_problem.is_some() {
        return line(Tone::Bad, "Pagamentos bloqueados neste terminal".to_owned());
    }
    let Some(settings) = durable.settings() else {
        let serial = agent.serial().map_or_else(String::new, |serial| format!("{serial} "));
        return line(Tone::Neutral, format!("Terminal {serial}sem ativação"));
    };
    if durable.blocked {
        return line(Tone::Bad, "Terminal bloqueado pela loja".to_owned());
    }
    let unseen = durable.strays_total.saturating_sub(durable.strays_seen);
    if unseen > 0 {
        return line(Tone::Bad, "Resposta de pagamento não reconhecida: veja em Diagnóstico".to_owned());
    }
    let doubtful = durable.attempts.values().filter(|a| a.ended.is_some() && a.is_unclear()).count()
        + durable.reversals.values().filter(|r| r.ended.is_some() && r.is_unclear()).count();
    if doubtful > 0 {
        return line(Tone::Warning, counted(doubtful, "operação em dúvida", "operações em dúvida"));
    }
    let waiting = agent.outbox().len();
    let to_send = if waiting > 0 { format!("{waiting} a enviar · ") } else { String::new() };
    match (live.failure, durable.feed_at) {
        (Some(_), Some(at)) => {
            let age = ago(now.wall.since_ms(at));
            line(Tone::Warning, format!("Sem contato com a loja · {to_send}lista atualizada {age}"))
        }
        (Some(_), None) => line(Tone::Warning, format!("{to_send}Sem contato com a loja")),
        // A long name is cut off at its end: what waits stands before it.
        (None, _) => line(Tone::Good, format!("{to_send}{}", settings.store_name)),
    }
}

/// "1 pedido", "3 pedidos"
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

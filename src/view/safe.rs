//! The screen of a terminal whose app died again and again: it waits for a person instead of dying once more.

use super::screen::{Screen, Status, Tone};
use super::status::counted;
use super::{Drawn, PageName, fact, facts, message};
use crate::flow::Tap;

/// What the safe screen tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safe {
    /// How often the app died in a row.
    pub deaths: u32,
    /// What the last defect said, for support.
    pub defect: Option<String>,
    /// Version of the app.
    pub version: String,
    /// Returns of the acquirer's app that were kept meanwhile.
    pub returns_kept: usize,
    /// Returns that could not be kept.
    pub returns_lost: usize,
}

/// The safe screen.
#[must_use]
pub fn safe(safe: &Safe) -> Screen {
    let times = usize::try_from(safe.deaths).unwrap_or(usize::MAX);
    let title = format!("O aplicativo parou {} seguidas", counted(times, "vez", "vezes"));
    let kept = if safe.returns_lost == 0 { "Nada foi perdido: os" } else { "Os" };
    let text = format!(
        "{kept} registros ficam guardados. Toque em Tentar de novo; se parar outra vez, não cobre neste terminal e chame \
         o suporte."
    );
    let mut drawn = Drawn::new(PageName::Safe, "Modo de segurança").with(message(Tone::Bad, title, text));
    if safe.returns_kept > 0 {
        let title =
            counted(safe.returns_kept, "resposta de pagamento guardada", "respostas de pagamento guardadas");
        drawn =
            drawn.with(message(Tone::Warning, title, "O aplicativo lê quando voltar. Não cobre de novo."));
    }
    if safe.returns_lost > 0 {
        let text = "Anote o resultado mostrado pelo aplicativo de pagamento e avise o gerente.";
        drawn = drawn.with(message(Tone::Bad, "Uma resposta de pagamento não pôde ser guardada", text));
    }
    let mut rows = vec![fact("Versão", safe.version.clone())];
    rows.extend(safe.defect.clone().map(|defect| {
        let mut row = fact("Último erro", "");
        row.detail = defect;
        row
    }));
    let drawn = drawn.with(facts("facts", rows)).primary(&Tap::StartAgain, "Tentar de novo").numbered();
    let status = Status { tone: Tone::Bad, text: "Pagamentos parados neste terminal".to_owned() };
    Screen {
        page: drawn.page.text().to_owned(),
        title: drawn.title,
        status,
        widgets: drawn.widgets,
        actions: drawn.actions,
    }
}

//! The auxiliary document (DANFE NFC-e) in the order that the manual gives its parts, I to X.

use super::document::{CONSULT_URL, Document, payment_name};
use super::paper::{Face, Paper};
use crate::words::{date_and_time, figure};

/// The document on paper.
#[must_use]
pub fn drawn(document: &Document) -> Paper {
    let mut paper = Paper::default();
    paper.space(4);
    header(&mut paper, document);
    items(&mut paper, document);
    totals(&mut paper, document);
    consultation(&mut paper, document);
    identification(&mut paper, document);
    paper.qr(&document.qr_text());
    closing(&mut paper, document);
    paper.space(16);
    paper
}

/// I and II: who sells, and what this is.
fn header(paper: &mut Paper, document: &Document) {
    let issuer = &document.issuer;
    paper.centred(Face::Large, &issuer.name);
    paper.centred(Face::Plain, &format!("CNPJ {}  IE {}", cnpj(&issuer.cnpj), issuer.state_registration));
    paper.centred(Face::Plain, &issuer.address);
    paper.rule();
    paper.centred(Face::Bold, "Documento Auxiliar da Nota Fiscal de Consumidor Eletrônica");
    paper.space(2);
    paper.centred(Face::Bold, "EMITIDA EM AMBIENTE DE HOMOLOGAÇÃO");
    paper.centred(Face::Large, "SEM VALOR FISCAL");
    paper.rule();
}

/// III: what is sold.
fn items(paper: &mut Paper, document: &Document) {
    paper.pair(Face::Bold, "Código Descrição", "Qtd Un x Unit = Total");
    for item in &document.items {
        paper.text(Face::Plain, &format!("{} {}", item.code, item.description));
        let of_one = format!("{} {} x {}", item.quantity, item.unit, figure(item.price));
        paper.pair(Face::Plain, "", &format!("{of_one} = {}", figure(item.total)));
    }
    paper.rule();
}

/// IV and V: totals, and how it was paid.
fn totals(paper: &mut Paper, document: &Document) {
    paper.pair(Face::Plain, "Qtd. total de itens", &document.items.len().to_string());
    paper.pair(Face::Bold, "Valor a pagar R$", &figure(document.total()));
    paper.space(3);
    paper.pair(Face::Bold, "FORMA DE PAGAMENTO", "VALOR PAGO R$");
    for pay in &document.payments {
        paper.pair(Face::Plain, payment_name(&pay.t_pag), &figure(pay.amount));
        if let Some(card) = &pay.card {
            paper.text(Face::Small, &format!("  Aut. {} - terminal {}", card.authorization, card.terminal));
        }
    }
    paper.pair(Face::Plain, "Troco R$", &figure(document.change));
    paper.rule();
}

/// VI: where it can be consulted.
fn consultation(paper: &mut Paper, document: &Document) {
    paper.centred(Face::Plain, "Consulte pela Chave de Acesso em");
    paper.centred(Face::Plain, CONSULT_URL);
    // In one line, as it is typed.
    paper.centred(Face::Small, &document.key.groups());
    paper.rule();
}

/// VII: consumer, number, protocol.
fn identification(paper: &mut Paper, document: &Document) {
    paper.centred(Face::Bold, "CONSUMIDOR NÃO IDENTIFICADO");
    let when = date_and_time(document.issued_at);
    paper.centred(
        Face::Plain,
        &format!("NFC-e nº {:09} Série {:03} {when}", document.number, document.series),
    );
    let protocol = document.protocol.as_deref().unwrap_or("não transmitida");
    paper.centred(Face::Plain, &format!("Protocolo de autorização: {protocol}"));
}

/// IX and X: taxes, and what the software adds.
fn closing(paper: &mut Paper, document: &Document) {
    let taxes = figure(document.taxes);
    paper.centred(Face::Small, &format!("Tributos totais incidentes (Lei Federal 12.741/2012): R$ {taxes}"));
    if !document.note.is_empty() {
        paper.centred(Face::Small, &document.note);
    }
}

fn cnpj(digits: &str) -> String {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}.{}.{}/{}-{}", part(0, 2), part(2, 5), part(5, 8), part(8, 12), part(12, 14))
}

#[cfg(test)]
pub(crate) mod tests {
    use protocol::{Centavos, UnixMillis};

    use super::super::document::{Card, Issuer, Item, Pay};
    use super::super::key::{AccessKey, KeyParts};
    use super::super::paper::{QR_DOTS_MIN, WIDTH_DOTS};
    use super::*;

    fn money(centavos: u64) -> Centavos {
        Centavos::new(centavos).unwrap()
    }

    /// R$ 85,60 in cash, on credit and by Pix.
    pub(crate) fn document() -> Document {
        let cnpj = "11222333000181";
        let key =
            KeyParts { state: 35, year: 2026, month: 11, cnpj, series: 1, number: 42, random: 12_345_678 };
        let item = |code: &str, description: &str, quantity, price, total| Item {
            code: code.into(),
            description: description.into(),
            unit: "UN".into(),
            quantity,
            price: money(price),
            total: money(total),
        };
        let card = |t_band: Option<&str>, authorization: &str, terminal: &str| {
            let cnpj = "16501555000157".to_owned();
            let (authorization, terminal) = (authorization.to_owned(), terminal.to_owned());
            Some(Card { cnpj, t_band: t_band.map(str::to_owned), authorization, terminal })
        };
        let pay = |t_pag: &str, amount, card| Pay { t_pag: t_pag.into(), amount: money(amount), card };
        Document {
            key: AccessKey::new(key).unwrap(),
            series: 1,
            number: 42,
            issued_at: UnixMillis(1_795_430_177_000),
            issuer: Issuer {
                name: "Padaria São João Ltda".into(),
                cnpj: cnpj.into(),
                state_registration: "110042490114".into(),
                address: "Rua das Laranjeiras, 100, Centro, São Paulo, SP".into(),
                state: 35,
            },
            items: vec![
                item("12", "Pizza grande calabresa", 1, 6_490, 6_490),
                item("7", "Refrigerante lata", 3, 690, 2_070),
            ],
            payments: vec![
                pay("01", 890, None),
                pay("03", 5_000, card(Some("02"), "187607", "PB0423L300117")),
                pay("17", 2_670, card(None, "E123", "6C568971")),
            ],
            change: money(110),
            taxes: money(1_151),
            protocol: None,
            note: "PDV de referência POS Connect".into(),
        }
    }

    #[test]
    fn the_qr_code_of_the_image_can_be_read_and_is_large_enough() {
        let document = document();
        let paper = drawn(&document);
        let (wide, high) = (usize::try_from(WIDTH_DOTS).unwrap(), usize::try_from(paper.height()).unwrap());
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(wide, high, |x, y| {
            if paper.is_black(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()) { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, document.qr_text());
        let side = grids[0].bounds[1].x - grids[0].bounds[0].x;
        assert!(side >= i32::try_from(QR_DOTS_MIN).unwrap() - 1, "{side}");
    }

    #[test]
    fn the_image_is_what_a_terminal_takes() {
        let png = drawn(&document()).png();
        let reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.bit_depth), (WIDTH_DOTS, png::BitDepth::One));
        assert!((500..1_500).contains(&info.height), "{}", info.height);
        assert!(png.len() < 20_000, "{}", png.len());
    }

    #[test]
    fn a_document_of_sixty_items_is_long_and_whole() {
        let mut long = document();
        let item = long.items[0].clone();
        let before = drawn(&long).height();
        long.items.extend(std::iter::repeat_n(item, 58));
        assert_eq!(drawn(&long).height(), before + 58 * 30);
    }
}

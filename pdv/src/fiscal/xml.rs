//! The fragment of the NF-e layout (4.00) that an issuer signs and sends: identification, issuer, items, totals, payments.

use protocol::Centavos;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::writer::Writer;

use super::document::{Card, Document, Item, Pay};
use crate::words::iso_local;

type Xml = Writer<Vec<u8>>;

/// The document as XML, without signature.
#[must_use]
pub fn fragment(document: &Document) -> String {
    let mut xml = Writer::new(Vec::new());
    let id = format!("NFe{}", document.key);
    open_with(&mut xml, "NFe", &[("xmlns", "http://www.portalfiscal.inf.br/nfe")]);
    open_with(&mut xml, "infNFe", &[("versao", "4.00"), ("Id", &id)]);
    identification(&mut xml, document);
    issuer(&mut xml, document);
    for (place, item) in document.items.iter().enumerate() {
        detail(&mut xml, place + 1, item);
    }
    totals(&mut xml, document);
    group(&mut xml, "transp", |xml| leaf(xml, "modFrete", "9"));
    payments(&mut xml, document);
    close(&mut xml, "infNFe");
    group(&mut xml, "infNFeSupl", |xml| {
        leaf(xml, "qrCode", &document.qr_text());
        leaf(xml, "urlChave", super::document::CONSULT_URL);
    });
    close(&mut xml, "NFe");
    String::from_utf8(xml.into_inner()).expect("only text was written")
}

fn identification(xml: &mut Xml, document: &Document) {
    group(xml, "ide", |xml| {
        leaf(xml, "cUF", &format!("{:02}", document.issuer.state));
        leaf(xml, "cNF", document.key.random());
        leaf(xml, "natOp", "VENDA");
        leaf(xml, "mod", "65");
        leaf(xml, "serie", &document.series.to_string());
        leaf(xml, "nNF", &document.number.to_string());
        leaf(xml, "dhEmi", &iso_local(document.issued_at));
        leaf(xml, "tpNF", "1");
        leaf(xml, "tpImp", "4");
        leaf(xml, "tpEmis", "1");
        leaf(xml, "cDV", document.key.check());
        // 2: test environment, without fiscal value.
        leaf(xml, "tpAmb", "2");
        leaf(xml, "indFinal", "1");
        leaf(xml, "indPres", "1");
    });
}

fn issuer(xml: &mut Xml, document: &Document) {
    group(xml, "emit", |xml| {
        leaf(xml, "CNPJ", &document.issuer.cnpj);
        leaf(xml, "xNome", &document.issuer.name);
        leaf(xml, "IE", &document.issuer.state_registration);
    });
}

fn detail(xml: &mut Xml, place: usize, item: &Item) {
    open_with(xml, "det", &[("nItem", &place.to_string())]);
    group(xml, "prod", |xml| {
        leaf(xml, "cProd", &item.code);
        leaf(xml, "xProd", &item.description);
        leaf(xml, "uCom", &item.unit);
        leaf(xml, "qCom", &format!("{}.0000", item.quantity));
        leaf(xml, "vUnCom", &decimal(item.price));
        leaf(xml, "vProd", &decimal(item.total));
        leaf(xml, "indTot", "1");
    });
    close(xml, "det");
}

fn totals(xml: &mut Xml, document: &Document) {
    group(xml, "total", |xml| {
        group(xml, "ICMSTot", |xml| {
            leaf(xml, "vProd", &decimal(document.total()));
            leaf(xml, "vDesc", &decimal(Centavos::ZERO));
            leaf(xml, "vNF", &decimal(document.total()));
            leaf(xml, "vTotTrib", &decimal(document.taxes));
        });
    });
}

fn payments(xml: &mut Xml, document: &Document) {
    group(xml, "pag", |xml| {
        for pay in &document.payments {
            payment(xml, pay);
        }
        leaf(xml, "vTroco", &decimal(document.change));
    });
}

fn payment(xml: &mut Xml, pay: &Pay) {
    group(xml, "detPag", |xml| {
        leaf(xml, "tPag", &pay.t_pag);
        leaf(xml, "vPag", &decimal(pay.amount));
        if let Some(card) = &pay.card {
            card_group(xml, card);
        }
    });
}

fn card_group(xml: &mut Xml, card: &Card) {
    group(xml, "card", |xml| {
        // 1: the terminal is integrated with the sale software.
        leaf(xml, "tpIntegra", "1");
        leaf(xml, "CNPJ", &card.cnpj);
        if let Some(brand) = &card.t_band {
            leaf(xml, "tBand", brand);
        }
        leaf(xml, "cAut", &card.authorization);
        leaf(xml, "idTermPag", &card.terminal);
    });
}

fn decimal(amount: Centavos) -> String {
    format!("{}.{:02}", amount.get() / 100, amount.get() % 100)
}

fn group(xml: &mut Xml, name: &str, inside: impl FnOnce(&mut Xml)) {
    open_with(xml, name, &[]);
    inside(xml);
    close(xml, name);
}

fn leaf(xml: &mut Xml, name: &str, text: &str) {
    open_with(xml, name, &[]);
    write(xml, Event::Text(BytesText::new(text)));
    close(xml, name);
}

fn open_with(xml: &mut Xml, name: &str, attributes: &[(&str, &str)]) {
    write(xml, Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())));
}

fn close(xml: &mut Xml, name: &str) {
    write(xml, Event::End(BytesEnd::new(name)));
}

fn write(xml: &mut Xml, event: Event<'_>) {
    xml.write_event(event).expect("a Vec takes everything");
}

#[cfg(test)]
mod tests {
    use super::super::image::tests::document;
    use super::*;

    #[test]
    fn a_split_sale_has_one_entry_for_each_payment_with_its_own_card() {
        let text = fragment(&document());
        assert_eq!(text.matches("<detPag>").count(), 3);
        assert!(text.contains("<detPag><tPag>01</tPag><vPag>8.90</vPag></detPag>"), "{text}");
        let card = "<detPag><tPag>03</tPag><vPag>50.00</vPag><card><tpIntegra>1</tpIntegra><CNPJ>16501555000157</CNPJ>\
                    <tBand>02</tBand><cAut>187607</cAut><idTermPag>PB0423L300117</idTermPag></card></detPag>";
        assert!(text.contains(card), "{text}");
        let pix = "<tPag>17</tPag><vPag>26.70</vPag><card><tpIntegra>1</tpIntegra><CNPJ>16501555000157</CNPJ><cAut>";
        assert!(text.contains(pix), "a Pix has no brand: {text}");
        assert!(text.contains("<vTroco>1.10</vTroco></pag>"));
        assert!(text.contains("<vNF>85.60</vNF>"));
    }

    #[test]
    fn what_people_write_cannot_break_the_layout() {
        let mut document = document();
        document.items[0].description = "Pão & <queijo> \"d'água\"".into();
        let text = fragment(&document);
        assert!(text.contains("Pão &amp; &lt;queijo&gt;"), "{text}");
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut depth = 0;
        loop {
            let event = reader.read_event().unwrap();
            if matches!(event, Event::Eof) {
                break;
            }
            depth += i32::from(matches!(event, Event::Start(_))) - i32::from(matches!(event, Event::End(_)));
        }
        assert_eq!(depth, 0);
    }
}

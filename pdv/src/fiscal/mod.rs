//! The fiscal document of a sale: a NFC-e (model 65, layout 4.00), "SEM VALOR FISCAL" here, because nobody transmits it.
//!
//! [`document`] is its data, [`key`] its access key, [`xml`] the fragment of the layout that an issuer would sign and send,
//! [`image`] the auxiliary document (DANFE NFC-e) as a terminal prints it, 384 dots wide. Pure: what is not given is not
//! there.

pub mod document;
pub mod image;
pub mod key;
pub mod paper;
pub mod xml;

//! Why a receipt cannot be printed: a stable code for the service, a sentence for the operator.

use std::error::Error;
use std::fmt;

/// What stands behind a damaged image, in the decoder's words.
pub(super) type Cause = Box<dyn Error + Send + Sync>;

/// Why a receipt cannot be printed. The payment stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptProblem {
    /// Nothing was sent.
    #[error("no image was sent")]
    Empty,
    /// More text than the budget.
    #[error("{bytes} bytes of base64 are above the limit of {limit}", limit = super::MAX_BASE64_BYTES)]
    TextTooLong {
        /// Length of the text.
        bytes: usize,
    },
    /// The text is not base64.
    #[error("the text is not base64")]
    NotBase64,
    /// It is neither PNG nor JPEG nor BMP, whatever it was declared to be.
    #[error("the bytes are no PNG, JPEG or BMP")]
    UnknownFormat,
    /// A variety of the format that is not read.
    #[error("this variety of {format} is not supported")]
    Unsupported {
        /// The format.
        format: ImageFormat,
        /// What the decoder says.
        #[source]
        cause: Cause,
    },
    /// Cut short or broken.
    #[error("the {format} is damaged")]
    Damaged {
        /// The format.
        format: ImageFormat,
        /// What the decoder says.
        #[source]
        cause: Cause,
    },
    /// More pixels, or more memory to decode them, than the budget.
    #[error("an image of {width} by {height} pixels is above the limits")]
    TooManyPixels {
        /// Declared width.
        width: u32,
        /// Declared height.
        height: u32,
    },
    /// The inked part is wider than the printer and no exact reduction exists.
    #[error("{ink_width} inked columns do not fit into {width_dots} dots")]
    TooWide {
        /// Columns from the first to the last that is not white.
        ink_width: u32,
        /// The printer's width.
        width_dots: u32,
    },
    /// More paper than a receipt may take.
    #[error("{height_dots} rows are above the limit of {limit}", limit = super::MAX_HEIGHT_DOTS)]
    TooTall {
        /// Rows to print.
        height_dots: u32,
    },
    /// Nothing but white.
    #[error("the image is white")]
    Blank,
    /// This printer cannot take any image within its own limits.
    #[error("the printer's limits leave no room for an image")]
    PrinterLimits,
}

impl ReceiptProblem {
    /// Stable name, reported to the service.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TextTooLong { .. } => "text_too_long",
            Self::NotBase64 => "not_base64",
            Self::UnknownFormat => "unknown_format",
            Self::Unsupported { .. } => "unsupported_image",
            Self::Damaged { .. } => "damaged_image",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::TooWide { .. } => "too_wide",
            Self::TooTall { .. } => "too_tall",
            Self::Blank => "blank",
            Self::PrinterLimits => "printer_limits",
        }
    }

    /// For the operator: what happened and what to do next.
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::Empty => {
                "O comprovante chegou vazio. O pagamento está registrado; peça no PDV o envio do comprovante de novo."
            }
            Self::TextTooLong { .. } => {
                "O comprovante é grande demais para este terminal. O pagamento está registrado; no PDV, envie uma \
                 imagem menor (um PNG preto e branco) ou imprima o comprovante na impressora da loja."
            }
            Self::NotBase64 => {
                "O comprovante chegou em um formato que não dá para ler. O pagamento está registrado; no PDV, envie a \
                 imagem em base64."
            }
            Self::UnknownFormat => {
                "O comprovante enviado não é uma imagem PNG, JPEG ou BMP. O pagamento está registrado; no PDV, envie o \
                 comprovante em um desses formatos."
            }
            Self::Unsupported { .. } => {
                "Este tipo de imagem não pode ser impresso. O pagamento está registrado; no PDV, envie o comprovante em \
                 PNG preto e branco."
            }
            Self::Damaged { .. } => {
                "A imagem do comprovante chegou incompleta ou com defeito. O pagamento está registrado; peça no PDV o \
                 envio do comprovante de novo."
            }
            Self::TooManyPixels { .. } => {
                "A imagem do comprovante é grande demais para este terminal. O pagamento está registrado; no PDV, gere \
                 a imagem para papel de 58 mm (384 pontos de largura)."
            }
            Self::TooWide { .. } => {
                "O comprovante é mais largo que o papel deste terminal e, reduzido, o QR Code não poderia ser lido. O \
                 pagamento está registrado; no PDV, gere a imagem para papel de 58 mm (384 pontos de largura)."
            }
            Self::TooTall { .. } => {
                "O comprovante é comprido demais para este terminal (máximo de 1,5 m de papel). O pagamento está \
                 registrado; no PDV, envie a versão resumida ou imprima na impressora da loja."
            }
            Self::Blank => {
                "A imagem do comprovante está em branco. O pagamento está registrado; peça no PDV o envio do \
                 comprovante de novo."
            }
            Self::PrinterLimits => {
                "A impressora deste terminal não aceita imagens. O pagamento está registrado; imprima o comprovante na \
                 impressora da loja e avise o suporte."
            }
        }
    }

    pub(super) fn damaged(format: ImageFormat, cause: impl Into<Cause>) -> Self {
        Self::Damaged { format, cause: cause.into() }
    }

    pub(super) fn unsupported(format: ImageFormat, cause: impl Into<Cause>) -> Self {
        Self::Unsupported { format, cause: cause.into() }
    }
}

/// An image format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// BMP.
    Bmp,
}

impl fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Bmp => "BMP",
        })
    }
}

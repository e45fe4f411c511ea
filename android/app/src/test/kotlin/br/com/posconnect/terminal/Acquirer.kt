package br.com.posconnect.terminal

/** The acquirer's app: what was asked of it, and what it answers. The texts are those of Stone's. */
class Acquirer(
    private val link: String,
) {
    private val parameters: Map<String, String> =
        link.substringAfter('?').split('&').associate { it.substringBefore('=') to it.substringAfter('=') }

    /** The id by which the agent knows the answer. */
    val attempt: String get() = parameters.getValue("order_id")

    /** Approved as asked. */
    fun approval(
        amount: String = parameters.getValue("amount"),
        attempt: String = this.attempt,
    ): String {
        val debit = parameters["transaction_type"] == "DEBIT"
        return "posconnect://pay-response?code=0&amount=$amount&cardholder_name=MARIA%20CLIENTE%2FSIMULADA" +
            "&itk=PB0423L300117-1.17.7-0001-0001&atk=23208910000001" +
            "&authorization_date_time=05%2F10%2F2022%2002%3A36%3A17&brand=ELO&authorization_code=866247" +
            "&installment_count=0&pan=627303****8389&type=${if (debit) "D%C3%A9bito" else "Cr%C3%A9dito"}&entry_mode=ICC" +
            "&account_id=null&customer_wallet_provider_id=null&order_id=$attempt"
    }

    /** Not authorized. */
    fun refusal() = "posconnect://pay-response?success=false&message=Transa%C3%A7%C3%A3o%20n%C3%A3o%20autorizada&code=-6&order_id=$attempt"

    /** One slice came out of the printer. */
    fun printed() = "posconnect://print?DEEPLINK_RETURN=SUCCESS"

    /** The PNGs of a print request. */
    fun slices(): List<ByteArray> {
        val content = java.net.URLDecoder.decode(parameters.getValue("PRINTABLE_CONTENT"), "UTF-8")
        return IMAGE
            .findAll(content)
            .map {
                java.util.Base64
                    .getDecoder()
                    .decode(it.groupValues[1])
            }.toList()
    }

    private companion object {
        val IMAGE = Regex(""""imagePath":"([^"]+)"""")
    }
}

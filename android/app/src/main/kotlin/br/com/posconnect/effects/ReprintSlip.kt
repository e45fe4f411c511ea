package br.com.posconnect.effects

/** Opens the acquirer's own reprint of a card slip. */
class ReprintSlip(
    private val link: DeepLink,
) {
    fun perform(uri: String) = link.open(uri, "reprint")
}

package br.com.posconnect.effects

/**
 * Opens a payment or a reversal in the acquirer's app. Method and amount are fixed in the link by Rust; its answer comes
 * back as an intent to our activity, perhaps in another process.
 */
class OpenPayment(
    private val link: DeepLink,
) {
    fun perform(uri: String) = link.open(uri, "payment")
}

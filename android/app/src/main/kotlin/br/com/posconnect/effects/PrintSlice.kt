package br.com.posconnect.effects

import android.util.Log

/**
 * Hands one slice of a receipt to the acquirer's printing app. The next slice comes from Rust after this one's answer, so
 * at most one is under way.
 */
class PrintSlice(
    private val link: DeepLink,
    private val failed: () -> Unit,
) {
    fun perform(uri: String) {
        // Before Android 7 a link too large for the system vanishes without an exception.
        if (uri.length > URI_CHARS_MAX) {
            Log.e("posconnect.effect", "slice of ${uri.length} characters not opened")
            failed()
        } else {
            link.open(uri, "slice")
        }
    }

    private companion object {
        /** Rust makes slices of at most 150,000; the system carries two bytes for each, and 1 MB for all that is under way. */
        const val URI_CHARS_MAX = 200_000
    }
}

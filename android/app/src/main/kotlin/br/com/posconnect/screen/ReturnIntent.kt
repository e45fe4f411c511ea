package br.com.posconnect.screen

import android.content.Intent
import br.com.posconnect.service.AgentService

/** A return of the acquirer's app as it is handed over: as it came, unless it is too long to be one. */
internal object ReturnIntent {
    /** The core takes no longer ones (`RETURN_URI_BYTES` in `src/acquirer/stone`), and no real one comes near. */
    private const val URI_BYTES_MAX = 64 * 1024

    /** Of what is too long, enough to be told from others. */
    private const val HOST_CHARS_MAX = 64

    /** The return in an intent; `null`: it holds none. */
    fun uriIn(intent: Intent?): String? {
        if (intent?.action != Intent.ACTION_VIEW) return null
        // A task opened again from the list of recent ones brings its first intent once more.
        if (intent.flags and Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY != 0) return null
        val uri = intent.data ?: return null
        if (!uri.scheme.equals(AgentService.RETURN_SCHEME, ignoreCase = true)) return null
        val text = uri.toString()
        val bytes = text.toByteArray(Charsets.UTF_8).size
        if (bytes <= URI_BYTES_MAX) return text
        return "${AgentService.RETURN_SCHEME}://${uri.host.orEmpty().take(HOST_CHARS_MAX)}?too_long=$bytes"
    }
}

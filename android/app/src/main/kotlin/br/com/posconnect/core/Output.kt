package br.com.posconnect.core

import org.json.JSONException
import org.json.JSONObject

/** What Rust wants done (`jni-bridge/src/wire.rs`, `Given`). */
sealed class Output {
    /** Show this. The number goes back with every key. */
    data class Show(
        val number: Long,
        val screen: Screen,
    ) : Output()

    /** Open this deep link. */
    class Open(
        val uri: String,
        val purpose: Purpose,
    ) : Output()

    /** Make the operator look. */
    data class Alert(
        val kind: AlertKind,
    ) : Output()

    /** Keep the screen on, or stop doing so. */
    data class KeepAwake(
        val on: Boolean,
    ) : Output()

    /** The answer to a probe. */
    data class Alive(
        val id: Long,
    ) : Output()

    /** Nothing more comes. */
    object Ended : Output()

    /** Something this version does not know. */
    data class Unknown(
        val what: String,
    ) : Output()

    /** The output's name for logs and reports: never its contents. */
    val name: String get() =
        when (this) {
            is Show -> "screen ${screen.page}"
            is Open -> "open $purpose"
            is Alert -> "alert $kind"
            is KeepAwake -> "keep_awake $on"
            is Alive -> "alive"
            is Ended -> "ended"
            is Unknown -> "unknown"
        }

    companion object {
        /** Reads one; what cannot be read is [Unknown]. */
        fun read(bytes: ByteArray): Output =
            try {
                read(JSONObject(String(bytes, Charsets.UTF_8)))
            } catch (error: JSONException) {
                // The message would quote the bytes.
                Unknown(error.javaClass.simpleName)
            }

        private fun read(json: JSONObject): Output =
            when (val type = json.getString("type")) {
                "screen" -> Show(json.getLong("number"), ScreenReader.read(json.getJSONObject("screen")))
                "open" -> purpose(json.getString("purpose"))?.let { Open(json.getString("uri"), it) }
                "alert" -> alert(json.getString("alert"))?.let { Alert(it) }
                "keep_awake" -> KeepAwake(json.getBoolean("on"))
                "alive" -> Alive(json.getLong("id"))
                "ended" -> Ended
                else -> Unknown(type)
            } ?: Unknown(json.getString("type"))

        private fun purpose(name: String) = Purpose.values().find { it.name.lowercase() == name }

        private fun alert(name: String) = AlertKind.values().find { it.name.lowercase() == name }
    }
}

/** What a deep link is for. */
enum class Purpose { PAY, REVERSE, PRINT, REPRINT }

/** Why the operator should look. */
enum class AlertKind { DIRECT_ORDER, APPROVED, REFUSED, ATTENTION }

package br.com.posconnect.core

import org.json.JSONObject

/** What Kotlin tells Rust (`jni-bridge/src/wire.rs`, `Message`). */
sealed class Message {
    /** A button, a row or a choice. */
    data class Tap(
        val id: String,
    ) : Message()

    /** The whole new text of a field. */
    data class Text(
        val id: String,
        val value: String,
    ) : Message()

    /** A physical key, and the number of the screen that was drawn when it was pressed. */
    data class Pressed(
        val key: Key,
        val seen: Long,
    ) : Message()

    /** A return of the acquirer's app, unparsed. No `data`: its text would be printed by accident. */
    class Returned(
        val uri: String,
    ) : Message()

    /** The deep link could not be opened. */
    object OpenFailed : Message()

    /** The device's network. */
    data class Network(
        val state: NetworkState,
    ) : Message()

    /** The device's condition. */
    data class Device(
        val state: DeviceState,
    ) : Message()

    /** Is the core alive? */
    data class Probe(
        val id: Long,
    ) : Message()

    fun bytes(): ByteArray = json().toString().toByteArray(Charsets.UTF_8)

    private fun json(): JSONObject =
        when (this) {
            is Tap -> typed("tap").put("id", id)
            is Text -> typed("text").put("id", id).put("value", value)
            is Pressed -> typed("key").put("key", json(key)).put("seen", seen)
            is Returned -> typed("returned").put("uri", uri)
            is OpenFailed -> typed("open_failed")
            is Network -> state.putInto(typed("network"))
            is Device -> state.putInto(typed("device"))
            is Probe -> typed("probe").put("id", id)
        }

    private fun typed(type: String) = JSONObject().put("type", type)

    private fun json(key: Key): Any =
        when (key) {
            is Key.Digit -> JSONObject().put("digit", key.digit)
            is Key.Enter -> "enter"
            is Key.Back -> "back"
            is Key.Clear -> "clear"
        }
}

/** The device's network; `proxy`: the system's HTTP proxy, through which everything has to go. */
data class NetworkState(
    val connected: Boolean,
    val proxy: ProxyAddress?,
) {
    fun json(): JSONObject = putInto(JSONObject())

    internal fun putInto(json: JSONObject): JSONObject {
        val proxyJson = proxy?.let { JSONObject().put("host", it.host).put("port", it.port) }
        return json.put("connected", connected).put("proxy", proxyJson ?: JSONObject.NULL)
    }
}

data class ProxyAddress(
    val host: String,
    val port: Int,
)

/** The device's condition; `null`: not known. */
data class DeviceState(
    val batteryPercent: Int?,
    val charging: Boolean?,
    val storageFreeBytes: Long?,
    val system: String?,
) {
    internal fun putInto(json: JSONObject): JSONObject =
        json
            .put("battery_percent", batteryPercent ?: JSONObject.NULL)
            .put("charging", charging ?: JSONObject.NULL)
            .put("storage_free_bytes", storageFreeBytes ?: JSONObject.NULL)
            .put("system", system ?: JSONObject.NULL)
}

/** What a core is opened with (`jni-bridge/src/wire.rs`, `Config`). */
data class CoreConfig(
    val dataDir: String,
    val serviceUrl: String?,
    val provisionedSerial: String?,
    val systemSerial: String?,
    val appVersion: String,
    val returnScheme: String,
    val previousEnd: String?,
    val network: NetworkState?,
) {
    fun bytes(): ByteArray {
        val serial = JSONObject().put("provisioned", provisionedSerial ?: JSONObject.NULL).put("system", systemSerial ?: JSONObject.NULL)
        return JSONObject()
            .put("data_dir", dataDir)
            .put("service_url", serviceUrl ?: JSONObject.NULL)
            .put("serial", serial)
            .put("app_version", appVersion)
            .put("return_scheme", returnScheme)
            .put("previous_end", previousEnd ?: JSONObject.NULL)
            .put("network", network?.json() ?: JSONObject.NULL)
            .toString()
            .toByteArray(Charsets.UTF_8)
    }
}

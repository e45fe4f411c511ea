package br.com.posconnect.service

import android.content.Context

/** What outlives the process on the Kotlin side: what the technician set, and how the last process ended. Any thread. */
class Settings(
    context: Context,
) {
    private val stored = context.getSharedPreferences("posconnect", Context.MODE_PRIVATE)

    /** Base address of mobilepayment; `null`: not set yet. */
    val serviceUrl: String? get() = stored.getString(SERVICE_URL, null)

    /** Serial number from the label; `null`: not set. */
    val serial: String? get() = stored.getString(SERIAL, null)

    /** How the last process ended, in the core's words; `null`: as it should, or nobody knows. */
    val previousEnd: String? get() = stored.getString(PREVIOUS_END, null)

    /** Stores what the technician says; `null` leaves a value as it is, an empty text removes it. */
    fun provision(
        serviceUrl: String?,
        serial: String?,
    ): Boolean {
        val edit = stored.edit()
        if (serviceUrl != null) edit.putString(SERVICE_URL, serviceUrl.ifEmpty { null })
        if (serial != null) edit.putString(SERIAL, serial.ifEmpty { null })
        return edit.commit()
    }

    /** Before the process is ended because the core does not answer: at once, it has no later. */
    fun markUnresponsive() {
        stored.edit().putString(PREVIOUS_END, "unresponsive").commit()
    }

    /** The core knows. */
    fun forgetPreviousEnd() {
        if (previousEnd != null) stored.edit().remove(PREVIOUS_END).apply()
    }

    private companion object {
        const val SERVICE_URL = "service_url"
        const val SERIAL = "serial"
        const val PREVIOUS_END = "previous_end"
    }
}

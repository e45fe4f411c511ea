package br.com.posconnect.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.util.Log

/**
 * The technician's command, from a PC: service address and serial number.
 *
 * Its manifest entry asks senders for a permission that only the system and `adb shell` have. What is stored is used by
 * the core when it opens; whether an address or a serial can be one is said by the core, on the screen.
 */
class ProvisionReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        if (intent.action != ACTION) return
        val serviceUrl = intent.getStringExtra("service_url")?.trim()
        val serial = intent.getStringExtra("serial")?.trim()
        val said = store(context, serviceUrl, serial)
        Log.i("posconnect.service", "provisioning: $said")
        if (isOrderedBroadcast) {
            // `am broadcast` prints it.
            resultCode = if (said == STORED) 0 else 1
            resultData = said
        }
    }

    private fun store(
        context: Context,
        serviceUrl: String?,
        serial: String?,
    ): String {
        if (serviceUrl == null && serial == null) return "nothing given: service_url, serial"
        if (serviceUrl != null && serviceUrl.length > SERVICE_URL_CHARS_MAX) return "service_url too long"
        if (serial != null && serial.length > SERIAL_CHARS_MAX) return "serial too long"
        if (!Settings(context).provision(serviceUrl, serial)) return "not stored"
        AgentService.restartCore(context)
        return STORED
    }

    companion object {
        const val ACTION = "br.com.posconnect.PROVISION"
        private const val STORED = "stored"
        private const val SERVICE_URL_CHARS_MAX = 2_048
        private const val SERIAL_CHARS_MAX = 64
    }
}

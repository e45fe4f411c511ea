package br.com.posconnect.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.BatteryManager
import android.os.Build
import android.os.Handler
import android.os.StatFs
import br.com.posconnect.core.DeviceState

/**
 * Tells of battery, charging, free storage and Android's version, for people who look at diagnostics. Everything happens
 * on [handler]'s thread.
 */
class DeviceWatch(
    private val context: Context,
    private val handler: Handler,
    private val report: (DeviceState) -> Unit,
) {
    private var battery: Intent? = null
    private var told: DeviceState? = null

    private val receiver =
        object : BroadcastReceiver() {
            override fun onReceive(
                context: Context,
                intent: Intent,
            ) {
                battery = intent
                look(again = false)
            }
        }

    fun start() {
        // The last broadcast comes at once.
        context.registerReceiver(receiver, IntentFilter(Intent.ACTION_BATTERY_CHANGED), null, handler)
    }

    fun stop() {
        context.unregisterReceiver(receiver)
    }

    /** Tells how things are, changed or not. */
    fun tellAgain() {
        handler.post { look(again = true) }
    }

    private fun look(again: Boolean) {
        val state = now()
        if (!again && told?.isAbout(state) == true) return
        told = state
        report(state)
    }

    private fun now() =
        DeviceState(
            batteryPercent = battery?.let(::percent),
            charging = battery?.let(::isCharging),
            storageFreeBytes = StatFs(context.filesDir.path).availableBytes,
            system = "Android ${Build.VERSION.RELEASE}",
        )

    private fun percent(battery: Intent): Int? {
        val level = battery.getIntExtra(BatteryManager.EXTRA_LEVEL, -1)
        val scale = battery.getIntExtra(BatteryManager.EXTRA_SCALE, -1)
        return if (level in 0..scale && scale > 0) level * 100 / scale else null
    }

    private fun isCharging(battery: Intent): Boolean? {
        val status = battery.getIntExtra(BatteryManager.EXTRA_STATUS, BatteryManager.BATTERY_STATUS_UNKNOWN)
        if (status == BatteryManager.BATTERY_STATUS_UNKNOWN) return null
        return status == BatteryManager.BATTERY_STATUS_CHARGING || status == BatteryManager.BATTERY_STATUS_FULL
    }

    /** Free storage moves with every log line. */
    private fun DeviceState.isAbout(other: DeviceState): Boolean {
        val moved = (storageFreeBytes ?: 0) - (other.storageFreeBytes ?: 0)
        return copy(storageFreeBytes = other.storageFreeBytes) == other && moved in -STORAGE_STEP_BYTES..STORAGE_STEP_BYTES
    }

    private companion object {
        const val STORAGE_STEP_BYTES = 16L * 1024 * 1024
    }
}

package br.com.posconnect.service

import android.Manifest
import android.annotation.TargetApi
import android.app.AlarmManager
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.ConnectivityManager
import android.net.ProxyInfo
import android.os.Build

/**
 * Every call that Android 5.1 does not have, each behind the version that brought it. No other file may contain one; the
 * build checks it.
 */
internal object NewerAndroid {
    /** Starts a service that shows a notification at once. */
    fun startForegroundService(
        context: Context,
        intent: Intent,
    ) {
        if (Build.VERSION.SDK_INT >= 26) context.startForegroundService(intent) else context.startService(intent)
    }

    /** The same, later. */
    fun foregroundServiceIntent(
        context: Context,
        intent: Intent,
        flags: Int,
    ): PendingIntent =
        if (Build.VERSION.SDK_INT >= 26) {
            PendingIntent.getForegroundService(context, 0, intent, flags)
        } else {
            PendingIntent.getService(context, 0, intent, flags)
        }

    /** An alarm that comes even while the device dozes. */
    fun setAlarm(
        alarms: AlarmManager,
        atElapsedMs: Long,
        intent: PendingIntent,
    ) {
        if (Build.VERSION.SDK_INT >= 23) {
            alarms.setAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, atElapsedMs, intent)
        } else {
            alarms.set(AlarmManager.ELAPSED_REALTIME_WAKEUP, atElapsedMs, intent)
        }
    }

    fun notificationBuilder(
        context: Context,
        channel: String,
    ): Notification.Builder {
        if (Build.VERSION.SDK_INT >= 26) return Notification.Builder(context, channel)
        @Suppress("DEPRECATION")
        return Notification.Builder(context)
    }

    fun makeChannel(
        notifications: NotificationManager,
        id: String,
        name: String,
        urgent: Boolean,
    ) {
        if (Build.VERSION.SDK_INT < 26) return
        val importance = if (urgent) NotificationManager.IMPORTANCE_HIGH else NotificationManager.IMPORTANCE_LOW
        notifications.createNotificationChannel(NotificationChannel(id, name, importance))
    }

    /** The proxy of the network in use; before Android 6 the system tells it by properties only. */
    fun defaultProxy(connectivity: ConnectivityManager): ProxyInfo? = if (Build.VERSION.SDK_INT >= 23) connectivity.defaultProxy else null

    /** Android's serial number, where an app may know it. */
    fun serial(context: Context): String? {
        if (Build.VERSION.SDK_INT < 26) {
            @Suppress("DEPRECATION")
            return Build.SERIAL
        }
        return if (Build.VERSION.SDK_INT < 29) permittedSerial(context) else null
    }

    /** The permission is not asked for: a fleet that grants it gets its serials without typing them. */
    @TargetApi(26)
    private fun permittedSerial(context: Context): String? =
        try {
            val granted = context.checkSelfPermission(Manifest.permission.READ_PHONE_STATE) == PackageManager.PERMISSION_GRANTED
            if (granted) Build.getSerial() else null
        } catch (error: SecurityException) {
            null
        }
}

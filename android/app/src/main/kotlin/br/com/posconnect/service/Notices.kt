package br.com.posconnect.service

import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import br.com.posconnect.R
import br.com.posconnect.screen.MainActivity

/** The two notifications: that the service runs, and that an order waits for somebody to look. */
internal class Notices(
    private val context: Context,
) {
    private val notifications = context.getSystemService(Context.NOTIFICATION_SERVICE) as NotificationManager

    init {
        NewerAndroid.makeChannel(notifications, RUNNING, context.getString(R.string.channel_running), urgent = false)
        NewerAndroid.makeChannel(notifications, CALL, context.getString(R.string.channel_call), urgent = true)
    }

    /** Shown as long as the service runs. */
    fun running(): Notification = notice(RUNNING, R.string.notice_running).setOngoing(true).build()

    /** Brings the activity to the front where the system lets nothing else do so, or takes the call back. */
    fun call(on: Boolean) {
        if (!on) return notifications.cancel(CALL_ID)
        val call = notice(CALL, R.string.notice_call).setAutoCancel(true).setFullScreenIntent(openApp(), true)
        notifications.notify(CALL_ID, call.build())
    }

    private fun notice(
        channel: String,
        text: Int,
    ) = NewerAndroid
        .notificationBuilder(context, channel)
        .setSmallIcon(R.drawable.ic_notice)
        .setContentTitle(context.getString(R.string.app_name))
        .setContentText(context.getString(text))
        .setContentIntent(openApp())

    private fun openApp(): PendingIntent {
        val intent = Intent(context, MainActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        return PendingIntent.getActivity(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE)
    }

    companion object {
        const val RUNNING_ID = 1
        private const val CALL_ID = 2
        private const val RUNNING = "running"
        private const val CALL = "call"
    }
}

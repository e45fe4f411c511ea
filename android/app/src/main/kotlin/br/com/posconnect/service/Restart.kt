package br.com.posconnect.service

import android.app.AlarmManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.Process
import android.os.SystemClock
import br.com.posconnect.screen.MainActivity

/**
 * Ends this process and has the system start it again: by an alarm, because the system's own restart of a service may take
 * minutes when it was needed before.
 */
internal class Restart(
    private val context: Context,
) {
    /** Does not return. [wasSeen]: the operator was looking at our activity, and finds it again. */
    fun now(wasSeen: Boolean) {
        val alarms = context.getSystemService(Context.ALARM_SERVICE) as AlarmManager
        NewerAndroid.setAlarm(alarms, SystemClock.elapsedRealtime() + PAUSE_MS, pending(wasSeen))
        Process.killProcess(Process.myPid())
    }

    private fun pending(wasSeen: Boolean): PendingIntent {
        val flags = PendingIntent.FLAG_ONE_SHOT or PendingIntent.FLAG_IMMUTABLE
        // From Android 10 on an alarm may not open an activity.
        if (wasSeen && Build.VERSION.SDK_INT < 29) {
            val activity = Intent(context, MainActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
            return PendingIntent.getActivity(context, 0, activity, flags)
        }
        return NewerAndroid.foregroundServiceIntent(context, Intent(context, AgentService::class.java), flags)
    }

    private companion object {
        /** Until the system has noticed that the old process is gone. */
        const val PAUSE_MS = 2_000L
    }
}

package br.com.posconnect.effects

import android.content.Context
import android.media.AudioManager
import android.media.ToneGenerator
import android.os.Handler
import android.os.Looper
import android.os.PowerManager
import android.os.Vibrator
import android.util.Log
import br.com.posconnect.core.AlertKind

/**
 * Makes the operator look: vibration and a tone. An order of this terminal's own also wakes the screen and calls a few
 * times, until somebody touches the terminal. Main thread.
 */
class AlertOperator(
    private val context: Context,
) {
    private val main = Handler(Looper.getMainLooper())
    private var timesLeft = 0
    private val again = Runnable(::call)

    fun perform(kind: AlertKind) {
        hush()
        when (kind) {
            AlertKind.DIRECT_ORDER -> {
                wakeScreen()
                timesLeft = DIRECT_ORDER_TIMES
                call()
            }

            AlertKind.APPROVED -> {
                signal(longArrayOf(0, 120), ToneGenerator.TONE_PROP_ACK)
            }

            AlertKind.REFUSED -> {
                signal(longArrayOf(0, 300, 150, 300), ToneGenerator.TONE_PROP_NACK)
            }

            AlertKind.ATTENTION -> {
                signal(longArrayOf(0, 400), ToneGenerator.TONE_PROP_BEEP2)
            }
        }
    }

    /** Somebody is looking. */
    fun hush() {
        timesLeft = 0
        main.removeCallbacks(again)
    }

    private fun call() {
        signal(longArrayOf(0, 400, 200, 400), ToneGenerator.TONE_CDMA_ALERT_CALL_GUARD)
        timesLeft -= 1
        if (timesLeft > 0) main.postDelayed(again, DIRECT_ORDER_PAUSE_MS)
    }

    private fun signal(
        vibration: LongArray,
        tone: Int,
    ) {
        vibrate(vibration)
        try {
            val generator = ToneGenerator(AudioManager.STREAM_ALARM, TONE_VOLUME)
            generator.startTone(tone, TONE_MS)
            main.postDelayed(generator::release, TONE_MS + TONE_RELEASE_MS)
        } catch (error: RuntimeException) {
            // The sound system is busy or absent: the vibration and the screen have to do.
            Log.w(TAG, "no tone: ${error.message}")
        }
    }

    // The call that came in Android 8 does the same.
    @Suppress("DEPRECATION")
    private fun vibrate(pattern: LongArray) {
        val vibrator = context.getSystemService(Context.VIBRATOR_SERVICE) as Vibrator?
        vibrator?.vibrate(pattern, DO_NOT_REPEAT)
    }

    // A window can only keep a screen on that is on; there is no other call for a service that has none.
    @Suppress("DEPRECATION")
    private fun wakeScreen() {
        val power = context.getSystemService(Context.POWER_SERVICE) as PowerManager
        val lock = power.newWakeLock(PowerManager.SCREEN_BRIGHT_WAKE_LOCK or PowerManager.ACQUIRE_CAUSES_WAKEUP, "posconnect:alert")
        lock.acquire(SCREEN_MS)
    }

    private companion object {
        const val TAG = "posconnect.effect"
        const val DO_NOT_REPEAT = -1
        const val DIRECT_ORDER_TIMES = 3
        const val DIRECT_ORDER_PAUSE_MS = 2_500L

        /** Percent of the alarm volume: a counter is loud. */
        const val TONE_VOLUME = 90
        const val TONE_MS = 500

        /** After a tone its generator is of no use, and a system has only a few of them. */
        const val TONE_RELEASE_MS = 200L

        /** How long the screen stays on if nobody comes. */
        const val SCREEN_MS = 15_000L
    }
}

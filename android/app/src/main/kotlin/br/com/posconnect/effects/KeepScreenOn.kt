package br.com.posconnect.effects

import android.content.Context
import android.os.PowerManager

/**
 * While money is being taken: the screen stays on where our activity is seen ([show] tells its window), and the processor
 * runs where another app is in front, so that the answer finds the core awake. Main thread.
 */
class KeepScreenOn(
    context: Context,
    private val show: (Boolean) -> Unit,
) {
    private val lock =
        (context.getSystemService(Context.POWER_SERVICE) as PowerManager)
            .newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "posconnect:charging")
            .apply { setReferenceCounted(false) }

    fun perform(on: Boolean) {
        show(on)
        if (on) {
            lock.acquire(CHARGING_MS_MAX)
        } else if (lock.isHeld) {
            lock.release()
        }
    }

    private companion object {
        /** No payment takes longer; what hangs must not empty the battery. */
        const val CHARGING_MS_MAX = 10 * 60 * 1000L
    }
}

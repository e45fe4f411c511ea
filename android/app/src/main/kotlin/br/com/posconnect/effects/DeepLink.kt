package br.com.posconnect.effects

import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Handler
import android.os.Looper
import android.os.TransactionTooLargeException
import android.util.Log

/**
 * Opens a deep link in the app that takes it. Main thread.
 *
 * Up to Android 9 a service may open another app at any time. From Android 10 on only an app that can be seen may, and the
 * system says nothing when it refuses: so while our activity cannot be seen the link waits, the operator is called
 * ([callOperator]), and it is opened when the activity is there. It does not wait for long: an operator who comes
 * later must find an order, not a payment that opens by itself.
 */
class DeepLink(
    private val context: Context,
    private val isVisible: () -> Boolean,
    private val callOperator: (Boolean) -> Unit,
    private val failed: () -> Unit,
) {
    private val main = Handler(Looper.getMainLooper())
    private val timeOver = Runnable { giveUp() }
    private var held: Intent? = null

    /** Opens it, or says that it failed. [what] is for the log, which never holds the link. */
    fun open(
        uri: String,
        what: String,
    ) {
        val intent = Intent(Intent.ACTION_VIEW, Uri.parse(uri)).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        if (Build.VERSION.SDK_INT >= SEEN_APPS_ONLY && !isVisible()) hold(intent, what) else launch(intent, what)
    }

    /** Our activity can be seen now. */
    fun becameVisible() {
        val intent = held ?: return
        letGo()
        launch(intent, "held link")
    }

    /** Nothing that waits may be opened any more. */
    fun close() {
        if (held != null) giveUp()
    }

    private fun launch(
        intent: Intent,
        what: String,
    ) {
        try {
            context.startActivity(intent)
            Log.i(TAG, "$what opened")
        } catch (error: ActivityNotFoundException) {
            notOpened(what, error)
        } catch (error: SecurityException) {
            notOpened(what, error)
        } catch (error: RuntimeException) {
            // Anything else may have happened after the other app was told: silence then, and the core's own wait
            // ends in doubt, as with every payment that does not answer.
            if (error.cause is TransactionTooLargeException) {
                notOpened(
                    what,
                    error,
                )
            } else {
                Log.e(TAG, "$what perhaps opened: ${nameOf(error)}")
            }
        }
    }

    /** Certainly not. */
    private fun notOpened(
        what: String,
        error: RuntimeException,
    ) {
        Log.w(TAG, "$what not opened: ${nameOf(error)}")
        failed()
    }

    /** Without its message, which quotes the link. */
    private fun nameOf(error: RuntimeException) = error.javaClass.simpleName

    private fun hold(
        intent: Intent,
        what: String,
    ) {
        if (held != null) giveUp()
        Log.i(TAG, "$what waits until the app is seen")
        held = intent
        main.postDelayed(timeOver, HOLD_MS)
        callOperator(true)
    }

    private fun giveUp() {
        Log.w(TAG, "the app was not seen in time; link not opened")
        letGo()
        failed()
    }

    private fun letGo() {
        held = null
        main.removeCallbacks(timeOver)
        callOperator(false)
    }

    private companion object {
        const val TAG = "posconnect.effect"

        /** Android 10. */
        const val SEEN_APPS_ONLY = 29

        /** How long an operator may take to come: a direct order has somebody standing at the counter. */
        const val HOLD_MS = 60_000L
    }
}

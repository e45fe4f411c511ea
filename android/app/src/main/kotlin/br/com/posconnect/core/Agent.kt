package br.com.posconnect.core

import android.util.Log
import java.util.UUID

/**
 * The running agent as the activity knows it, whether or not the service has started it yet. The service fills it; the
 * activity watches it. Main thread, except where it says otherwise.
 */
object Agent {
    /** Told what there is to see. */
    interface Watcher {
        fun changed()
    }

    /** Why there is no screen of Rust's. */
    class Problem(
        val kind: Kind,
        val detail: String,
    ) {
        enum class Kind { LIBRARY, CORE }
    }

    /** Tells this process from the one before it. */
    val process: String = UUID.randomUUID().toString()

    /** The core that runs, or is being opened; any thread. */
    @Volatile
    var core: Core? = null

    /** Returns and failed opens on their way; any thread. */
    val deliveries = Deliveries { core }

    /** The newest screen. */
    var shown: Output.Show? = null
        private set

    /** What hinders the core, while it does. */
    var problem: Problem? = null
        private set

    /** Whether the screen is to stay on. */
    var keepsAwake = false
        set(value) {
            field = value
            watcher?.changed()
        }

    /** Whether our activity can be seen; any thread may look. */
    @Volatile
    var isVisible = false
        set(value) {
            field = value
            if (value) onVisible?.invoke()
        }

    /** The service wants to know when our activity can be seen, */
    var onVisible: (() -> Unit)? = null

    /** and that somebody touches the terminal. */
    var onOperator: (() -> Unit)? = null

    /** The activity. */
    var watcher: Watcher? = null

    /** Shows a screen of Rust's. */
    fun show(screen: Output.Show) {
        shown = screen
        problem = null
        watcher?.changed()
    }

    /** There is no core to show anything of. */
    fun show(hindrance: Problem) {
        problem = hindrance
        watcher?.changed()
    }

    /** The core is gone: the number of its screen means nothing to the next one. */
    fun coreEnded() {
        core = null
        shown = null
        problem = null
        keepsAwake = false
    }

    /** Something the operator did; `false`: the core did not take it. */
    fun tell(message: Message): Boolean {
        onOperator?.invoke()
        val taken = core?.send(message) == Core.Sent.TAKEN
        if (!taken) Log.w("posconnect.core", "${message.javaClass.simpleName} came to nothing")
        return taken
    }
}

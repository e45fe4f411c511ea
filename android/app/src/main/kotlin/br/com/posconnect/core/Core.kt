package br.com.posconnect.core

import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import android.util.Log
import java.util.concurrent.Semaphore
import java.util.concurrent.atomic.AtomicBoolean

/**
 * One life of the Rust core, from `open` to `close`.
 *
 * A thread of its own opens it and then waits in `next`; what comes is handed to [listener]. Nothing here blocks its
 * caller: opening touches the disk, closing waits for a write.
 */
class Core(
    private val config: () -> CoreConfig,
    private val listener: Listener,
) {
    /** Told what happens to a core. */
    interface Listener {
        /** It is open. Main thread. */
        fun opened(core: Core)

        /** Something to do. Main thread, in the order in which Rust gave them. */
        fun output(
            core: Core,
            output: Output,
        )

        /** It answered a probe. **The reader's thread**: a busy main thread is not a dead core. */
        fun alive(id: Long)

        /** It is over, and its directory is free. [problem]: why, when nobody asked for it. Main thread, exactly once. */
        fun ended(
            core: Core,
            problem: Throwable?,
        )
    }

    /** What became of a message. */
    enum class Sent {
        TAKEN,

        /** The core is not open (any more) or does not keep up: the same message may be taken later. */
        LATER,

        /** It will never be taken. */
        NEVER,
    }

    /** Names of the latest outputs, for a report. */
    val recent = RecentOutputs()

    private val main = Handler(Looper.getMainLooper())
    private val finishing = AtomicBoolean()

    /** Guards the step from opening to open against a [stop] in between. */
    private val lock = Any()
    private var stopping = false

    @Volatile
    private var handle = NOT_OPEN

    /** Whether messages are taken. */
    val isOpen: Boolean get() = handle != NOT_OPEN && !finishing.get()

    fun start() {
        Thread(::live, "agent-reader").start()
    }

    /** Ends it soon; [Listener.ended] tells when. */
    fun stop() {
        synchronized(lock) {
            stopping = true
            if (handle == NOT_OPEN) return
        }
        Thread({ finish(null) }, "agent-closer").start()
    }

    /** Hands a message over; any thread, never waits. */
    fun send(message: Message): Sent {
        val open = handle
        if (open == NOT_OPEN) return Sent.LATER
        return try {
            NativeCore.dispatch(open, message.bytes())
            Sent.TAKEN
        } catch (error: IllegalStateException) {
            Log.w(TAG, "${message.javaClass.simpleName} not taken: ${error.message}")
            Sent.LATER
        } catch (error: IllegalArgumentException) {
            // The core's sentence may quote the message, which may be a return.
            Log.e(TAG, "${message.javaClass.simpleName} cannot be read by the core")
            Sent.NEVER
        }
    }

    private fun live() {
        oneAtATime.acquireUninterruptibly()
        var problem: Throwable? = null
        try {
            NativeCore.load()
            if (open()) read()
        } catch (error: LinkageError) {
            problem = error
        } catch (error: RuntimeException) {
            // Also the core's own exceptions: their message begins with a word that says what it is.
            problem = error
        }
        finish(problem)
    }

    private fun open(): Boolean {
        val opened = NativeCore.open(config().bytes())
        val wanted =
            synchronized(lock) {
                handle = opened
                !stopping
            }
        if (wanted) main.post { listener.opened(this) }
        return wanted
    }

    private fun read() {
        while (true) {
            val bytes = NativeCore.next(handle, WAIT_MS) ?: continue
            val output = Output.read(bytes)
            recent.add(SystemClock.elapsedRealtime(), output.name)
            when (output) {
                is Output.Alive -> listener.alive(output.id)
                is Output.Ended -> return
                is Output.Unknown -> Log.e(TAG, "no such output: ${output.what}")
                else -> main.post { listener.output(this, output) }
            }
        }
    }

    /** By whoever comes first: the reader, when the core ended by itself, or the closer. */
    private fun finish(problem: Throwable?) {
        if (!finishing.compareAndSet(false, true)) return
        if (handle != NOT_OPEN) NativeCore.close(handle)
        oneAtATime.release()
        val asked = synchronized(lock) { stopping }
        main.post { listener.ended(this, if (asked) null else problem ?: IllegalStateException("ended")) }
    }

    private companion object {
        const val TAG = "posconnect.core"

        /** Rust never gives this as a handle. */
        const val NOT_OPEN = 0L

        /** The reader looks around this often although nothing came. */
        const val WAIT_MS = 30_000L

        /** Two cores of one process would want the same directory. */
        val oneAtATime = Semaphore(1)
    }
}

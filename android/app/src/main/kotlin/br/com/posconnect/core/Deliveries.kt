package br.com.posconnect.core

import android.util.Log
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/**
 * Carries what must reach the core even when it is not open yet or does not keep up: the acquirer's returns and deep links
 * that could not be opened. In the order in which they came, on a thread that lives while something waits.
 *
 * They wait in memory only. A return names a card, and nothing of that is written down before Rust has reduced it; one that
 * is lost with the process leaves its payment in doubt, as any silence does.
 */
class Deliveries(
    private val core: () -> Core?,
) {
    private val lock = ReentrantLock()
    private val mayBeTaken = lock.newCondition()
    private val waiting = ArrayDeque<Message>()
    private var carrier: Thread? = null
    private var added = 0L

    /** Takes a message to carry; its ticket for [isTaken]. */
    fun add(message: Message): Long =
        lock.withLock {
            if (waiting.size >= WAITING_MAX) {
                // Dozens of answers while no core runs are not the acquirer's.
                Log.e(TAG, "${message.javaClass.simpleName} dropped: ${waiting.size} wait already")
                return@withLock added
            }
            waiting.addLast(message)
            added += 1
            if (carrier == null) carrier = Thread(::carry, "agent-deliveries").also { it.start() }
            added
        }

    /** Whether the core has it. */
    fun isTaken(ticket: Long): Boolean = lock.withLock { ticket <= added - waiting.size }

    /** The core may take something now. */
    fun hurry() {
        lock.withLock { mayBeTaken.signalAll() }
    }

    private fun carry() {
        var pauseMs = PAUSE_MIN_MS
        while (true) {
            val message =
                lock.withLock {
                    if (waiting.isEmpty()) carrier = null
                    waiting.firstOrNull()
                } ?: return
            if (core()?.send(message) ?: Core.Sent.LATER == Core.Sent.LATER) {
                lock.withLock { mayBeTaken.await(pauseMs, TimeUnit.MILLISECONDS) }
                pauseMs = (pauseMs * 2).coerceAtMost(PAUSE_MAX_MS)
            } else {
                lock.withLock { waiting.removeFirst() }
                pauseMs = PAUSE_MIN_MS
            }
        }
    }

    private companion object {
        const val TAG = "posconnect.core"

        /** One call to the acquirer's app is under way at a time; the rest is room for a flood of forged ones. */
        const val WAITING_MAX = 64

        /** First pause before the same message is tried again. */
        const val PAUSE_MIN_MS = 20L

        /** Longest one: an operator waits. */
        const val PAUSE_MAX_MS = 1_000L
    }
}

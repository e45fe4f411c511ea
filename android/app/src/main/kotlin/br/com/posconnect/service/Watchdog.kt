package br.com.posconnect.service

import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/**
 * Notices that the core does not answer: asks it now and then whether it is alive, and waits for the answer for a bounded
 * time; opening and closing are bounded too. Its own thread; the waits stand still while the device sleeps.
 *
 * When the time is over it calls [unresponsive] once, on its thread, and is done.
 */
class Watchdog(
    private val probe: (Long) -> Boolean,
    private val unresponsive: (String) -> Unit,
    private val times: Times = Times(),
) {
    class Times(
        /** How often the core is asked: a question wakes a thread, nothing else. */
        val periodMs: Long = 20_000,
        /** How long it may take: a slow disk with a long journal, many times over. */
        val limitMs: Long = 40_000,
    )

    private sealed class Sign {
        class Awaiting(
            val what: String,
        ) : Sign()

        object Open : Sign()

        object Gone : Sign()

        class Alive(
            val id: Long,
        ) : Sign()

        object Stop : Sign()
    }

    private val signs = LinkedBlockingQueue<Sign>()

    fun start() {
        Thread(::watch, "agent-watchdog").start()
    }

    fun stop() = signs.put(Sign.Stop)

    /** A core is being opened. */
    fun opening() = signs.put(Sign.Awaiting("open"))

    /** It is open: from now on it is asked. */
    fun opened() = signs.put(Sign.Open)

    /** It is being closed. */
    fun closing() = signs.put(Sign.Awaiting("close"))

    /** There is no core to ask. */
    fun gone() = signs.put(Sign.Gone)

    /** It answered. */
    fun alive(id: Long) = signs.put(Sign.Alive(id))

    private fun watch() {
        var awaited: String? = null
        var asks = false
        var id = 0L
        var refusedMs = 0L
        while (true) {
            val waitMs =
                if (awaited != null) {
                    times.limitMs
                } else if (refusedMs > 0) {
                    REFUSED_PAUSE_MS
                } else {
                    times.periodMs
                }
            when (val sign = signs.poll(waitMs, TimeUnit.MILLISECONDS)) {
                is Sign.Awaiting -> {
                    awaited = sign.what
                }

                is Sign.Open -> {
                    awaited = null
                    asks = true
                }

                is Sign.Gone -> {
                    awaited = null
                    asks = false
                }

                is Sign.Alive -> {
                    if (sign.id == id) awaited = null
                }

                is Sign.Stop -> {
                    return
                }

                null -> {
                    // A core too busy to take the question has no more time than one that does not answer it.
                    val silent = awaited ?: if (refusedMs >= times.limitMs) "probe taken" else null
                    if (silent != null) return unresponsive(silent)
                    if (asks) {
                        id += 1
                        if (probe(id)) {
                            awaited = "alive"
                            refusedMs = 0
                        } else {
                            refusedMs += REFUSED_PAUSE_MS
                        }
                    }
                }
            }
        }
    }

    companion object {
        /** Pause before the question is asked again that was not taken. */
        private const val REFUSED_PAUSE_MS = 1_000L
    }
}

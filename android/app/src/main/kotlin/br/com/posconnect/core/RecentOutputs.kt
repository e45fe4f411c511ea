package br.com.posconnect.core

/** Names of the latest outputs with their times; any thread. */
class RecentOutputs {
    private val lines = ArrayDeque<String>()

    fun add(
        atMs: Long,
        name: String,
    ) {
        synchronized(lines) {
            if (lines.size == KEPT_MAX) lines.removeFirst()
            lines.addLast("$atMs $name")
        }
    }

    fun all(): List<String> = synchronized(lines) { lines.toList() }

    private companion object {
        /** Enough to see what a terminal was doing. */
        const val KEPT_MAX = 48
    }
}

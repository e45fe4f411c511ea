package br.com.posconnect.service

import br.com.posconnect.core.Agent

/** Keeps what a support engineer needs when Kotlin has a defect, and lets Android end the process as it always does. */
internal class LastException(
    private val words: LastWords,
    private val before: Thread.UncaughtExceptionHandler?,
) : Thread.UncaughtExceptionHandler {
    override fun uncaughtException(
        thread: Thread,
        error: Throwable,
    ) {
        // Where, not what: a message may quote a link.
        val causes = generateSequence(error) { it.cause }.take(CAUSES_MAX)
        val where =
            causes.joinToString("\n") {
                "${it.javaClass.name}\n" +
                    it.stackTrace.take(FRAMES_MAX).joinToString("\n") { at -> "    $at" }
            }
        words.write(
            "a defect in thread ${thread.name}: $where",
            Agent.core
                ?.recent
                ?.all()
                .orEmpty(),
        )
        before?.uncaughtException(thread, error)
    }

    companion object {
        private const val CAUSES_MAX = 4
        private const val FRAMES_MAX = 24

        /** For all threads of the process; the second time it does nothing. */
        fun install(words: LastWords) {
            val before = Thread.getDefaultUncaughtExceptionHandler()
            if (before !is LastException) Thread.setDefaultUncaughtExceptionHandler(LastException(words, before))
        }
    }
}

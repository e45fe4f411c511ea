package br.com.posconnect.service

import android.content.Context
import android.os.Build
import android.os.SystemClock
import android.util.Log
import java.io.File
import java.io.IOException
import java.util.Date

/**
 * What a support engineer needs to know of a process that is about to end: when, why, what it did last, what its threads
 * do, how much memory it has. Names only: no links, no texts of screens, nothing of a card.
 *
 * `files/support/last-words.txt`, and the one before it as `last-words-before.txt`. The core's own marks are in its directory.
 */
class LastWords(
    private val context: Context,
) {
    fun write(
        why: String,
        recent: List<String>,
    ) {
        val text =
            buildString {
                line("why: $why")
                line("at: ${Date()}")
                line("device up for ms: ${SystemClock.elapsedRealtime()}")
                line("device: ${Build.MANUFACTURER} ${Build.MODEL}, Android ${Build.VERSION.RELEASE} (${Build.VERSION.SDK_INT})")
                line("\nlatest outputs (device up for ms, name):")
                recent.forEach { line(it) }
                line("\nmemory:")
                lines(File("/proc/self/status")) { it.startsWith("Vm") || it.startsWith("Threads") }.forEach { line(it) }
                line("\nthreads of the system (name, state):")
                nativeThreads().forEach { line(it) }
                line("\nthreads of Java:")
                javaThreads(this)
            }.take(CHARS_MAX)
        store(text)
    }

    private fun StringBuilder.line(text: String) {
        append(text).append('\n')
    }

    private fun store(text: String) {
        try {
            val dir = File(context.filesDir, "support")
            dir.mkdirs()
            val file = File(dir, "last-words.txt")
            if (file.exists()) file.renameTo(File(dir, "last-words-before.txt"))
            file.writeText(text)
        } catch (error: IOException) {
            Log.e(TAG, "last words not written: ${error.javaClass.simpleName}")
        }
    }

    private fun javaThreads(text: StringBuilder) {
        for ((thread, stack) in Thread.getAllStackTraces()) {
            text.line("${thread.name} ${thread.state}")
            stack.take(FRAMES_MAX).forEach { text.line("    $it") }
            if (text.length > CHARS_MAX) return
        }
    }

    /** Rust's threads are none of Java's: their names and states tell which one hangs, and in what kind of call. */
    private fun nativeThreads(): List<String> =
        File("/proc/self/task").listFiles().orEmpty().take(THREADS_MAX).map { task ->
            val state = lines(File(task, "status")) { it.startsWith("Name") || it.startsWith("State") }.joinToString(" ")
            val call = lines(File(task, "wchan")) { true }.firstOrNull().orEmpty()
            "${task.name} $state $call"
        }

    private fun lines(
        file: File,
        wanted: (String) -> Boolean,
    ): List<String> =
        try {
            file.readLines().filter(wanted).take(LINES_MAX)
        } catch (error: IOException) {
            listOf("(${error.javaClass.simpleName})")
        }

    private companion object {
        const val TAG = "posconnect.service"

        /** Size of one file, in characters. */
        const val CHARS_MAX = 64 * 1024
        const val FRAMES_MAX = 24
        const val THREADS_MAX = 64
        const val LINES_MAX = 24
    }
}

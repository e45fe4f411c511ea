package br.com.posconnect.shop

import java.io.File
import java.io.InputStream
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** Longest wait for anything that should happen at once: a test that needs it has already failed. */
const val CEILING_S = 30L

/** Lines of a process's output that are kept. */
private const val LINES_MAX = 2_000

/** A real process: started, heard, waited for, killed. */
class Running(
    private val name: String,
    command: List<String>,
    directory: File? = null,
) : AutoCloseable {
    private val lines = ArrayDeque<String>()
    private val process =
        ProcessBuilder(command)
            .directory(directory)
            .redirectErrorStream(true)
            .start()
    private val heardAll = CountDownLatch(1)

    init {
        val output = process.inputStream
        Thread({ hear(output) }, "$name-output").apply { isDaemon = true }.start()
    }

    val pid: Long get() = process.pid()

    /** What it has printed so far. */
    val output: String get() = synchronized(lines) { lines.joinToString("\n") }

    /** Waits for a line that [pick] finds something in. */
    fun <T : Any> waitForLine(
        what: String,
        ceilingS: Long = CEILING_S,
        pick: (String) -> T?,
    ): T {
        val until = System.nanoTime() + TimeUnit.SECONDS.toNanos(ceilingS)
        synchronized(lines) {
            while (true) {
                lines.firstNotNullOfOrNull(pick)?.let { return it }
                val leftMs = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())
                check(leftMs > 0 && heardAll.count > 0) { "$name did not say $what, but:\n$output" }
                @Suppress("PLATFORM_CLASS_MAPPED_TO_KOTLIN")
                (lines as Object).wait(leftMs)
            }
        }
    }

    /** Says a line to it. */
    fun tell(line: String) {
        process.outputStream.write("$line\n".toByteArray())
        process.outputStream.flush()
    }

    /** Waits until it ends by itself; its exit status, 128 and the signal's number when a signal ended it. */
    fun exitStatus(): Int {
        check(process.waitFor(CEILING_S, TimeUnit.SECONDS)) { "$name does not end; it said:\n$output" }
        heardAll.await(CEILING_S, TimeUnit.SECONDS)
        return process.exitValue()
    }

    /** SIGKILL, as a power cut does it, and waits until it is gone. */
    fun kill() {
        process.destroyForcibly()
        process.waitFor()
    }

    override fun close() = kill()

    private fun hear(stream: InputStream) {
        stream.bufferedReader().useLines { all -> all.forEach(::note) }
        heardAll.countDown()
        wake()
    }

    private fun note(line: String) {
        synchronized(lines) {
            if (lines.size == LINES_MAX) lines.removeFirst()
            lines.addLast(line)
        }
        wake()
    }

    private fun wake() {
        @Suppress("PLATFORM_CLASS_MAPPED_TO_KOTLIN")
        synchronized(lines) { (lines as Object).notifyAll() }
    }
}

/** A directory or file that the build names. */
fun built(property: String) = File(checkNotNull(System.getProperty(property)) { "run by scripts/android-test, which sets $property" })

package br.com.posconnect.bridge

import br.com.posconnect.core.NativeCore
import br.com.posconnect.shop.CEILING_S
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.lang.reflect.InvocationTargetException
import java.nio.file.Files
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/**
 * Goal: nothing that Kotlin can do at the bridge ends the process or is left undefined; it is an exception whose message begins
 * with a stable word. Method: the five functions as the app declares them, without Android.
 */
class RefusedCallsTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val threads: ExecutorService = Executors.newCachedThreadPool()
    private val opened = mutableListOf<Long>()

    @Before
    fun load() = NativeCore.load()

    @After
    fun closeAll() {
        opened.forEach(NativeCore::close)
        threads.shutdown()
        assertTrue(threads.awaitTermination(CEILING_S, TimeUnit.SECONDS))
    }

    @Test
    fun bytes_that_are_no_message_are_refused_and_the_next_message_is_taken() {
        val handle = open()
        for (bytes in listOf("", "{", "[]", "\u0000", """{"type":"pay"}""", """{"type":"tap"}""", """{"type":"tap","id":"x","more":1}""")) {
            refused<IllegalArgumentException>("bad_bytes") { NativeCore.dispatch(handle, bytes.toByteArray()) }
        }
        refused<IllegalArgumentException>("bad_bytes") { NativeCore.dispatch(handle, byteArrayOf(0xC3.toByte(), 0x28)) }
        probe(handle, 1)
        nextOutput(handle) { it == alive(1) }
    }

    @Test
    fun a_configuration_that_cannot_be_used_is_refused() {
        val good = config(folder.root).decodeToString()
        for (bad in listOf(
            "",
            "{}",
            good.replace("data_dir", "dir"),
            good.replace(folder.root.path, "relative"),
            good.replace("posconnect", "http://"),
        )) {
            refused<IllegalArgumentException>("bad_config") { NativeCore.open(bad.toByteArray()) }
        }
    }

    @Test
    fun a_handle_that_was_never_given_is_closed_for_everybody() {
        for (handle in listOf(0L, -1L, Long.MAX_VALUE)) {
            refused<IllegalStateException>("closed") { probe(handle, 1) }
            refused<IllegalStateException>("closed") { NativeCore.next(handle, 0) }
            NativeCore.close(handle)
        }
    }

    @Test
    fun a_data_directory_is_opened_once_whatever_it_is_called_and_again_after_it_was_closed() {
        val first = open()
        val otherName = Files.createSymbolicLink(folder.root.toPath().resolve("other"), dataDir().toPath()).toFile()
        refused<IllegalStateException>("already_open") { NativeCore.open(config(dataDir())) }
        refused<IllegalStateException>("already_open") { NativeCore.open(config(otherName)) }
        NativeCore.close(first)
        val second = open()
        assertTrue("an id is given once", second != first)
        nextOutput(second) { "\"type\":\"screen\"" in it }
    }

    @Test
    fun of_two_threads_that_wait_for_one_handle_the_second_is_refused() {
        val handle = open()
        nextOutput(handle) { "\"type\":\"screen\"" in it }
        val waiting = CountDownLatch(1)
        val first =
            threads.submit(
                Callable {
                    waiting.countDown()
                    nextOutput(handle) { it == ENDED }
                },
            )
        waiting.await()
        val fault = generateSequence { runCatching { NativeCore.next(handle, 0) }.exceptionOrNull() ?: Unit }.first { it != Unit }
        assertEquals(IllegalStateException::class.java, fault.javaClass)
        assertEquals("two_readers", word(fault as Throwable))
        NativeCore.close(handle)
        assertEquals(ENDED, first.get(CEILING_S, TimeUnit.SECONDS))
    }

    @Test
    fun two_threads_may_dispatch_at_the_same_time_while_a_third_one_reads() {
        val handle = open()
        val both =
            (1..2).map { thread ->
                threads.submit { repeat(PROBES) { untilTaken { probe(handle, thread * 1_000 + it) } } }
            }
        val last = threads.submit(Callable { nextOutput(handle) { it == alive(LAST) } })
        both.forEach { it.get(CEILING_S, TimeUnit.SECONDS) }
        untilTaken { probe(handle, LAST) }
        assertEquals(alive(LAST), last.get(CEILING_S, TimeUnit.SECONDS))
    }

    @Test
    fun nothing_is_taken_or_given_after_a_close_and_a_second_close_does_nothing() {
        val handle = open()
        NativeCore.close(handle)
        refused<IllegalStateException>("closed") { probe(handle, 1) }
        refused<IllegalStateException>("closed") { NativeCore.next(handle, 0) }
        NativeCore.close(handle)
    }

    @Test
    fun null_instead_of_bytes_is_refused_although_kotlin_would_not_pass_it() {
        val open = NativeCore::class.java.getMethod("open", ByteArray::class.java)
        refused<IllegalArgumentException>("bad_bytes") { unwrapped { open.invoke(null, null as ByteArray?) } }
        val handle = open()
        val dispatch = NativeCore::class.java.getMethod("dispatch", Long::class.java, ByteArray::class.java)
        refused<IllegalArgumentException>("bad_bytes") { unwrapped { dispatch.invoke(null, handle, null) } }
    }

    @Test
    fun a_message_above_half_a_megabyte_is_refused_unread() {
        val handle = open()
        val longest = 512 * 1024

        fun text(bytes: Int) =
            """{"type":"text","id":"search","value":"""".let { it + "x".repeat(bytes - it.length - 2) + "\"}" }.toByteArray()
        NativeCore.dispatch(handle, text(longest))
        refused<IllegalArgumentException>("bad_bytes") { NativeCore.dispatch(handle, text(longest + 1)) }
        refused<IllegalArgumentException>("bad_bytes") { NativeCore.open(ByteArray(longest + 1)) }
    }

    @Test
    fun a_wait_below_zero_is_refused() {
        refused<IllegalArgumentException>("bad_bytes") { NativeCore.next(open(), -1) }
    }

    @Test
    fun the_library_says_its_version() {
        assertTrue(Regex("""\d+\.\d+\.\d+.*""").matches(NativeCore.version().decodeToString()))
    }

    private fun dataDir() = folder.root.resolve("core")

    private fun open() = NativeCore.open(config(dataDir())).also { opened += it }

    private fun probe(
        handle: Long,
        id: Int,
    ) = NativeCore.dispatch(handle, """{"type":"probe","id":$id}""".toByteArray())

    private fun alive(id: Int) = """{"type":"alive","id":$id}"""

    private fun untilTaken(call: () -> Unit) {
        while (true) {
            val fault = runCatching(call).exceptionOrNull() ?: return
            check(word(fault) == "full") { fault }
        }
    }

    private inline fun <reified T : Throwable> refused(
        word: String,
        noinline call: () -> Unit,
    ) = assertEquals(word, word(assertThrows(T::class.java) { call() }))

    private fun word(fault: Throwable) = fault.message.orEmpty().substringBefore(':')

    private fun unwrapped(call: () -> Unit) =
        try {
            call()
        } catch (error: InvocationTargetException) {
            throw error.targetException
        }

    private companion object {
        const val PROBES = 500
        const val LAST = 9_999
    }
}

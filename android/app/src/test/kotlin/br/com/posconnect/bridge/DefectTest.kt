package br.com.posconnect.bridge

import br.com.posconnect.shop.Running
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** Goal: a defect in Rust ends the process, says so in the log, and does not end it again and again. Method: JVMs of their own. */
class DefectTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun a_panic_ends_the_process_with_an_abort_and_a_line_in_the_log() {
        start().use { child ->
            assertEquals("activation", page(child))
            child.tell("panic")
            assertEquals(ABORTED, child.exitStatus())
            assertTrue(child.output, "posconnect ERROR" in child.output && "a defect ends the process" in child.output)
        }
    }

    @Test
    fun after_three_panics_in_a_row_the_safe_screen_opens_and_the_operator_can_start_again() {
        repeat(3) {
            start().use { child ->
                assertEquals("activation", page(child))
                child.tell("panic")
                assertEquals(ABORTED, child.exitStatus())
            }
        }
        start().use { child ->
            assertEquals("safe", page(child))
            child.tell("""{"type":"tap","id":"start-again"}""")
            child.waitForLine("the page after it") { line -> line.takeIf { it == "page activation" } }
            child.tell("end")
            assertEquals(0, child.exitStatus())
        }
    }

    @Test
    fun lives_that_end_as_they_should_are_no_defects() {
        repeat(4) {
            start().use { child ->
                assertEquals("activation", page(child))
                child.tell("end")
                assertEquals(0, child.exitStatus())
            }
        }
    }

    private fun start() = startJvm("br.com.posconnect.bridge.Child", folder.root, folder.root.resolve("core").path)

    private fun page(child: Running) = child.waitForLine("its first page") { it.substringAfter("page ", "").ifEmpty { null } }

    private companion object {
        /** 128 and SIGABRT. */
        const val ABORTED = 134
    }
}

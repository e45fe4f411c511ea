package br.com.posconnect.device

import android.app.AlarmManager
import android.content.Context
import android.content.Intent
import android.os.Process
import br.com.posconnect.core.Agent
import br.com.posconnect.service.AgentService
import br.com.posconnect.service.BootReceiver
import br.com.posconnect.service.Watchdog
import br.com.posconnect.shop.Shop
import br.com.posconnect.terminal.Terminal
import br.com.posconnect.terminal.eventuallyTrue
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowProcess
import java.io.File

/** Goal: the agent runs as long as the device is on, and when it hangs, it says why and starts anew. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [22, 25, 30])
class LivingOnTest {
    private val shop = Shop()
    private val terminal = Terminal()

    @get:Rule
    val both: RuleChain = RuleChain.outerRule(shop).around(terminal)

    @Test
    fun after_the_device_started_the_service_runs_in_the_foreground_and_hears_of_orders() {
        terminal.isActivatedAt(shop)
        terminal.closesApp()
        terminal.stopsService()
        terminal.boots()
        assertEquals(AgentService::class.java.name, shadowOf(terminal.context).nextStartedService.component?.className)
        val service = terminal.startsService()
        assertNotNull("a foreground service shows a notification", shadowOf(service).lastForegroundNotification)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        eventuallyTrue("the core lists it") {
            Agent.shown
                ?.screen
                .toString()
                .contains(order)
        }
    }

    @Test
    fun an_app_that_was_replaced_by_a_newer_one_runs_again_and_other_news_start_nothing() {
        BootReceiver().onReceive(terminal.context, Intent(Intent.ACTION_MY_PACKAGE_REPLACED))
        assertEquals(AgentService::class.java.name, shadowOf(terminal.context).nextStartedService.component?.className)
        BootReceiver().onReceive(terminal.context, Intent(Intent.ACTION_SCREEN_ON))
        assertEquals(null, shadowOf(terminal.context).nextStartedService)
    }

    @Test
    fun a_core_that_does_not_answer_leaves_a_report_and_has_its_process_started_anew() {
        terminal.isActivatedAt(shop)
        terminal.stopsService()
        HangingDisk(File(terminal.context.filesDir, "core/returns.waiting")).use {
            terminal.startsService(Watchdog.Times(periodMs = 50, limitMs = 1_000))
            eventuallyTrue("the process is ended") { ShadowProcess.wasKilled(Process.myPid()) }
            val report = File(terminal.context.filesDir, "support/last-words.txt").readText()
            assertTrue(report, report.startsWith("why: the core does not answer: alive"))
            assertTrue(report, "threads of Java:" in report && "agent-reader" in report)
            val alarms = terminal.context.getSystemService(Context.ALARM_SERVICE) as AlarmManager
            assertNotNull("an alarm starts it again", shadowOf(alarms).peekNextScheduledAlarm())
        }
        terminal.stopsService()
        terminal.startsService()
        terminal.shows("list")
    }
}

/** A file that nobody ever finishes reading: a disk that hangs. */
private class HangingDisk(
    private val file: File,
) : AutoCloseable {
    init {
        file.delete()
        check(ProcessBuilder("mkfifo", file.path).start().waitFor() == 0) { "no FIFO at $file" }
    }

    /** Lets its reader go on, with an empty file. */
    override fun close() {
        file.outputStream().close()
        file.delete()
    }
}

package br.com.posconnect.order

import android.content.Intent
import android.net.Uri
import br.com.posconnect.bridge.startJvm
import br.com.posconnect.service.AgentService
import br.com.posconnect.shop.L3
import br.com.posconnect.shop.Shop
import br.com.posconnect.terminal.Acquirer
import br.com.posconnect.terminal.Terminal
import br.com.posconnect.terminal.eventuallyTrue
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.rules.TemporaryFolder
import org.junit.runner.JUnitCore
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File

/**
 * Goal: the process may die at the worst moment, between the deep link and its answer. Method: the first life runs in a JVM of its
 * own ([FirstLife]) that is killed with SIGKILL; the second gets its storage and the answer as the intent that starts it.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [22, 25, 30])
class DeathTest {
    private val shop = Shop()
    private val terminal = Terminal()

    @get:Rule
    val folder = TemporaryFolder()

    @get:Rule
    val both: RuleChain = RuleChain.outerRule(shop).around(terminal)

    @Test
    fun an_answer_that_starts_the_app_anew_after_its_process_was_killed_is_the_payments_answer() {
        val order = shop.pdv.lists("Mesa 4", 10_000)
        val acquirer = firstLifeUpToItsLink()
        terminal.opensApp(Intent(Intent.ACTION_VIEW, Uri.parse(acquirer.approval())))
        assertEquals(AgentService::class.java.name, shadowOf(terminal.context).nextStartedService.component?.className)
        terminal.startsService()
        terminal.sees("Pagamento aprovado")
        eventuallyTrue("the order is paid at the service") { shop.pdv.order(order).getString("status") == "paid" }
        assertEquals(1, shop.pdv.paid(order).size)
        assertTrue("nothing is charged again", terminal.openedNoLink())
    }

    @Test
    fun after_a_death_without_an_answer_the_payment_is_open_and_nothing_is_charged_again() {
        val order = shop.pdv.lists("Mesa 4", 10_000)
        val acquirer = firstLifeUpToItsLink()
        terminal.startsService()
        terminal.opensApp()
        terminal.sees("R$ 100,00")
        assertTrue("nothing is charged again", terminal.openedNoLink())
        assertEquals(emptyList<Any>(), shop.pdv.paid(order))
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
    }

    /** Lives in another process until the deep link has left, dies, and leaves its storage to this one. */
    private fun firstLifeUpToItsLink(): Acquirer {
        val level = android.os.Build.VERSION.SDK_INT
        startJvm(FirstLife::class.java.name, folder.root, shop.address, shop.pdv.activationCode(L3), level.toString()).use { life ->
            val link = life.waitForLine("its link", FIRST_LIFE_S) { it.substringAfter("link ", "").ifEmpty { null } }
            val storage = life.waitForLine("its storage") { it.substringAfter("storage ", "").ifEmpty { null } }
            life.kill()
            File(storage).copyRecursively(terminal.storage, overwrite = true)
            return Acquirer(link)
        }
    }

    private companion object {
        /** A JVM makes an Android of its own before the app runs. */
        const val FIRST_LIFE_S = 120L
    }
}

/** What the first life is started with: a runner of tests wants no arguments. */
object FirstLife {
    @JvmStatic
    fun main(arguments: Array<String>) {
        System.setProperty("first-life-service", arguments[0])
        System.setProperty("first-life-code", arguments[1])
        System.setProperty("robolectric.enabledSdks", arguments[2])
        val result = JUnitCore.runClasses(UpToTheLink::class.java)
        result.failures.forEach { println(it.trace) }
    }

    /** Not a test of its own: it never ends by itself. */
    @RunWith(RobolectricTestRunner::class)
    @Config(sdk = [22, 25, 30])
    class UpToTheLink {
        @get:Rule
        val terminal = Terminal()

        @Test
        fun lives() {
            terminal.isProvisioned(System.getProperty("first-life-service"))
            terminal.startsService()
            terminal.opensApp()
            terminal.shows("activation")
            terminal.types(System.getProperty("first-life-code"))
            terminal.taps("Ativar")
            terminal.taps("Mesa 4")
            terminal.taps("Débito")
            println("link ${terminal.opensLink()}")
            println("storage ${terminal.storage}")
            // Until it is killed.
            System.`in`.read()
        }
    }
}

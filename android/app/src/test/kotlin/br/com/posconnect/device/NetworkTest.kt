package br.com.posconnect.device

import br.com.posconnect.shop.CEILING_S
import br.com.posconnect.shop.Shop
import br.com.posconnect.terminal.Acquirer
import br.com.posconnect.terminal.Terminal
import br.com.posconnect.terminal.eventuallyTrue
import br.com.posconnect.terminal.findsNetwork
import br.com.posconnect.terminal.hasProxy
import br.com.posconnect.terminal.losesNetwork
import org.junit.Assert.assertEquals
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.net.InetAddress
import java.net.ServerSocket
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** Goal: what the device knows of its network reaches the core, which then does what a courier needs. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [22, 25, 30])
class NetworkTest {
    private val shop = Shop()
    private val terminal = Terminal()

    @get:Rule
    val both: RuleChain = RuleChain.outerRule(shop).around(terminal)

    @Test
    fun a_lost_network_is_shown_and_a_payment_made_meanwhile_is_reported_when_it_is_back() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        terminal.taps("Mesa 4")
        terminal.taps("Débito")
        val acquirer = Acquirer(terminal.opensLink())
        shop.losesService()
        terminal.losesNetwork()
        terminal.sees("Sem contato com a loja")
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
        shop.restartsService()
        terminal.findsNetwork()
        eventuallyTrue("the order is paid at the service") { shop.pdv.order(order).getString("status") == "paid" }
        terminal.seesNo("Sem contato com a loja")
    }

    @Test
    fun a_service_that_is_away_is_shown_and_the_list_goes_on_when_it_is_back() {
        terminal.isActivatedAt(shop)
        shop.losesService()
        terminal.sees("Sem contato com a loja")
        shop.restartsService()
        shop.pdv.lists("Mesa 9", 900)
        terminal.sees("Mesa 9")
    }

    /** Addresses of this very machine are called directly, so the service is called by one that only means it. */
    @Test
    fun the_systems_proxy_is_asked_for_a_way_to_the_service() {
        ServerSocket(0, 50, InetAddress.getLoopbackAddress()).use { proxy ->
            val asked = CompletableFuture.supplyAsync { proxy.accept().use { it.getInputStream().bufferedReader().readLine() } }
            terminal.hasProxy("127.0.0.1", proxy.localPort)
            terminal.isProvisioned("https://0.0.0.0:8443")
            terminal.startsService()
            terminal.opensApp()
            terminal.shows("activation")
            terminal.types("ABCD-EFGH")
            terminal.taps("Ativar")
            val line = eventuallyGet(asked)
            assertEquals("CONNECT 0.0.0.0:8443 HTTP/1.1", line)
        }
    }

    private fun eventuallyGet(line: CompletableFuture<String>): String {
        eventuallyTrue("the proxy is asked") { line.isDone }
        return line.get(CEILING_S, TimeUnit.SECONDS)
    }
}

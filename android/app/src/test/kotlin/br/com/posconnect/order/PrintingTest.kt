package br.com.posconnect.order

import br.com.posconnect.shop.Receipt
import br.com.posconnect.shop.Shop
import br.com.posconnect.terminal.Acquirer
import br.com.posconnect.terminal.Terminal
import br.com.posconnect.terminal.eventuallyTrue
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** Goal: a fiscal receipt comes out whole and once, slice by slice, and never touches the payment. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [22, 25, 30])
class PrintingTest {
    private val shop = Shop()
    private val terminal = Terminal()

    @get:Rule
    val both: RuleChain = RuleChain.outerRule(shop).around(terminal)

    @Test
    fun a_long_receipt_is_printed_slice_after_slice_each_after_the_answer_to_the_one_before() {
        terminal.isActivatedAt(shop)
        val receipt = Receipt(heightDots = 4_000)
        val order = paidOrder(receipt)
        terminal.taps("Imprimir")
        val paper = mutableListOf<ByteArray>()
        var requests = 0
        for (link in generateSequence { terminal.opensLinkUnlessItShows("printed") }) {
            assertTrue(link.take(PREFIX.length), link.startsWith(PREFIX))
            assertTrue("the next slice waits for this one's answer", terminal.openedNoLink())
            val request = Acquirer(link)
            paper += request.slices()
            requests += 1
            terminal.isAnswered(request.printed())
        }
        eventuallyTrue("the PDV hears that it was printed") { "posconnect.print.printed" in shop.pdv.events(order) }
        assertTrue("$requests requests", requests >= 2)
        assertEquals(receipt.rows.joinToString("\n").trimEnd(), Receipt.rowsOf(paper).joinToString("\n").trimEnd())
        assertEquals(1, shop.pdv.paid(order).size)
    }

    @Test
    fun without_paper_the_operator_is_told_and_the_payment_stays_paid() {
        terminal.isActivatedAt(shop)
        val order = paidOrder(Receipt(heightDots = 600))
        terminal.taps("Imprimir")
        terminal.opensLink()
        terminal.isAnswered("posconnect://print?DEEPLINK_RETURN=PRINTER_OUT_OF_PAPER")
        terminal.sees("papel")
        assertEquals("paid", shop.pdv.order(order).getString("status"))
        assertEquals(1, shop.pdv.paid(order).size)
    }

    private fun paidOrder(receipt: Receipt): String {
        val order = shop.pdv.lists("Mesa 4", 10_000, withReceipt = true)
        terminal.taps("Mesa 4")
        terminal.taps("Débito")
        terminal.isAnswered(Acquirer(terminal.opensLink()).approval())
        terminal.sees("Pagamento aprovado")
        eventuallyTrue("the order is paid at the service") { shop.pdv.order(order).getString("status") == "paid" }
        shop.pdv.sendsReceipt(order, receipt)
        return order
    }

    private companion object {
        const val PREFIX =
            "printer-app://print?SHOW_FEEDBACK_SCREEN=false&SCHEME_RETURN=posconnect" +
                "&PRINTABLE_CONTENT=%5B%7B%22type%22%3A%22image%22"
    }
}

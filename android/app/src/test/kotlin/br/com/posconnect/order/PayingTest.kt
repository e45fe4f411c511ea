package br.com.posconnect.order

import android.content.Intent
import android.net.Uri
import br.com.posconnect.shop.L3
import br.com.posconnect.shop.Shop
import br.com.posconnect.terminal.Acquirer
import br.com.posconnect.terminal.Terminal
import br.com.posconnect.terminal.eventuallyTrue
import br.com.posconnect.terminal.hasVibrated
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/**
 * Goal: an order goes from the PDV through the real app to the acquirer's app and back to the PDV, whatever happens in between.
 * Method: the real core through JNI, a real mobilepayment process; only the operator and the acquirer's app are played.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [22, 25, 30])
class PayingTest {
    private val shop = Shop()
    private val terminal = Terminal()

    @get:Rule
    val both: RuleChain = RuleChain.outerRule(shop).around(terminal)

    @Test
    fun a_listed_order_is_tapped_charged_with_the_chosen_method_and_paid_at_the_service() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        terminal.taps("Mesa 4")
        terminal.taps("Débito")
        val link = terminal.opensLink()
        val acquirer = Acquirer(link)
        assertEquals(
            "payment-app://pay?return_scheme=posconnect&amount=10000&editable_amount=0&transaction_type=DEBIT&order_id=${acquirer.attempt}",
            link,
        )
        terminal.shows("paying")
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
        terminal.sees("R$ 100,00")
        paid(order, 10_000)
    }

    @Test
    fun credit_in_one_instalment_says_so_instead_of_leaving_it_to_the_acquirers_screen() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 5", 5_000)
        terminal.taps("Mesa 5")
        terminal.taps("Crédito")
        terminal.taps("À vista")
        val link = terminal.opensLink()
        val acquirer = Acquirer(link)
        val expected =
            "payment-app://pay?return_scheme=posconnect&amount=5000&editable_amount=0&transaction_type=CREDIT" +
                "&installment_type=NONE&order_id=${acquirer.attempt}"
        assertEquals(expected, link)
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
        paid(order, 5_000)
    }

    @Test
    fun a_refused_payment_is_shown_and_can_be_tried_again() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 6", 2_000)
        val acquirer = charges("Mesa 6")
        terminal.isAnswered(acquirer.refusal())
        terminal.sees("Pagamento não aprovado")
        terminal.taps("Tentar de novo")
        terminal.taps("Débito")
        terminal.isAnswered(Acquirer(terminal.opensLink()).approval())
        terminal.sees("Pagamento aprovado")
        paid(order, 2_000)
    }

    @Test
    fun an_activity_that_is_built_anew_while_paying_shows_the_payment_and_takes_its_answer() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        val acquirer = charges("Mesa 4")
        terminal.shows("paying")
        terminal.activityIsRecreated()
        terminal.sees("R$ 100,00")
        assertTrue("no second payment is opened", terminal.openedNoLink())
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
        terminal.activityIsRecreated()
        terminal.sees("Pagamento aprovado")
        paid(order, 10_000)
    }

    @Test
    fun an_activity_built_anew_from_an_answered_intent_does_not_answer_twice() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        val acquirer = charges("Mesa 4")
        terminal.closesApp()
        terminal.opensApp(Intent(Intent.ACTION_VIEW, Uri.parse(acquirer.approval())))
        terminal.sees("Pagamento aprovado")
        paid(order, 10_000)
        terminal.activityIsRecreated()
        terminal.taps("Concluir")
        terminal.shows("list")
        terminal.seesNo("não reconhecida")
    }

    @Test
    fun a_service_that_is_restarted_while_paying_knows_the_payment_and_takes_its_answer() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        val acquirer = charges("Mesa 4")
        terminal.restartsService()
        terminal.sees("R$ 100,00")
        assertTrue("no second payment is opened", terminal.openedNoLink())
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
        paid(order, 10_000)
    }

    @Test
    fun the_same_answer_twice_is_one_payment() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        val acquirer = charges("Mesa 4")
        terminal.isAnswered(acquirer.approval())
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
        paid(order, 10_000)
        assertEquals(1, shop.pdv.paid(order).size)
    }

    @Test
    fun an_answer_that_names_another_attempt_is_shown_and_pays_nothing() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        val acquirer = charges("Mesa 4")
        terminal.isAnswered(acquirer.approval(attempt = "4711"))
        terminal.sees("Resposta de pagamento não reconhecida")
        assertEquals(emptyList<Any>(), shop.pdv.paid(order))
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
        paid(order, 10_000)
    }

    @Test
    fun an_answer_over_another_amount_leaves_the_payment_in_doubt() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        val acquirer = charges("Mesa 4")
        terminal.isAnswered(acquirer.approval(amount = "1"))
        terminal.sees("Pagamento em dúvida")
        assertEquals(emptyList<Any>(), shop.pdv.paid(order))
    }

    @Test
    fun without_an_app_for_the_link_nothing_is_charged_and_the_operator_is_told() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.lists("Mesa 4", 10_000)
        shadowOf(terminal.context).checkActivities(true)
        terminal.taps("Mesa 4")
        terminal.taps("Débito")
        terminal.sees("O aplicativo de pagamento não abriu")
        assertEquals(emptyList<Any>(), shop.pdv.paid(order))
        shadowOf(terminal.context).checkActivities(false)
    }

    @Test
    fun a_direct_order_opens_by_itself_calls_the_operator_and_closes_the_sale() {
        terminal.isActivatedAt(shop)
        val order = shop.pdv.sendsDirectly(L3, "debit", 2_590)
        val link = terminal.opensLink()
        val acquirer = Acquirer(link)
        assertEquals(
            "payment-app://pay?return_scheme=posconnect&amount=2590&editable_amount=0&transaction_type=DEBIT&order_id=${acquirer.attempt}",
            link,
        )
        eventuallyTrue("the terminal vibrates") { terminal.hasVibrated() }
        terminal.isAnswered(acquirer.approval())
        terminal.sees("Pagamento aprovado")
        paid(order, 2_590)
        assertTrue(shop.pdv.events(order).toString(), shop.pdv.events(order).containsAll(listOf("charge.paid", "order.paid")))
    }

    private fun charges(name: String): Acquirer {
        terminal.taps(name)
        terminal.taps("Débito")
        return Acquirer(terminal.opensLink())
    }

    /** Waits until the PDV reads that an order is paid, once. */
    private fun paid(
        order: String,
        centavos: Int,
    ) {
        eventuallyTrue("the order is paid at the service", shop::serviceOutput) { shop.pdv.order(order).getString("status") == "paid" }
        assertEquals(listOf(centavos), shop.pdv.paid(order).map { it.getInt("amount") })
    }
}

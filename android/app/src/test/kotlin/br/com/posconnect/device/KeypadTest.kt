package br.com.posconnect.device

import android.view.KeyEvent.KEYCODE_0
import android.view.KeyEvent.KEYCODE_1
import android.view.KeyEvent.KEYCODE_2
import android.view.KeyEvent.KEYCODE_4
import android.view.KeyEvent.KEYCODE_5
import android.view.KeyEvent.KEYCODE_BACK
import android.view.KeyEvent.KEYCODE_DEL
import android.view.KeyEvent.KEYCODE_ENTER
import br.com.posconnect.shop.Shop
import br.com.posconnect.terminal.Acquirer
import br.com.posconnect.terminal.Terminal
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** Goal: with gloves on, an order is found, charged and done with the L3's keys alone. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [22, 25, 30])
class KeypadTest {
    private val shop = Shop()
    private val terminal = Terminal()

    @get:Rule
    val both: RuleChain = RuleChain.outerRule(shop).around(terminal)

    @Test
    fun an_order_is_found_charged_and_finished_with_keys_alone() {
        terminal.isActivatedAt(shop)
        // Numbers of our own: one that the service makes may hold any digit, and the search looks into it too.
        shop.pdv.lists("Mesa 41", 10_000, number = "77")
        shop.pdv.lists("Mesa 52", 5_000, number = "88")
        terminal.sees("Mesa 41")
        terminal.sees("Mesa 52")
        terminal.presses(KEYCODE_5)
        terminal.seesNo("Mesa 41")
        terminal.presses(KEYCODE_DEL)
        terminal.sees("Mesa 41")
        terminal.presses(KEYCODE_4)
        terminal.seesNo("Mesa 52")
        terminal.presses(KEYCODE_ENTER)
        terminal.shows("order")
        terminal.presses(KEYCODE_2)
        val link = terminal.opensLink()
        assertTrue(link, "transaction_type=DEBIT" in link && "amount=10000" in link)
        terminal.isAnswered(Acquirer(link).approval())
        terminal.sees("Pagamento aprovado")
        terminal.presses(KEYCODE_ENTER)
        terminal.shows("list")
    }

    @Test
    fun an_amount_is_entered_and_taken_back_with_keys_and_the_red_key_leaves() {
        terminal.isActivatedAt(shop)
        shop.pdv.lists("Mesa 4", 10_000)
        terminal.taps("Mesa 4")
        terminal.taps("Outro valor")
        terminal.shows("amount")
        terminal.presses(KEYCODE_1, KEYCODE_2, KEYCODE_0)
        terminal.sees("R$ 1,20")
        terminal.presses(KEYCODE_DEL)
        terminal.sees("R$ 0,12")
        terminal.presses(KEYCODE_BACK)
        terminal.shows("order")
    }
}

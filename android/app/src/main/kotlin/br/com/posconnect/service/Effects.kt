package br.com.posconnect.service

import android.content.Context
import br.com.posconnect.core.Agent
import br.com.posconnect.core.Message
import br.com.posconnect.core.Output
import br.com.posconnect.core.Purpose
import br.com.posconnect.effects.AlertOperator
import br.com.posconnect.effects.DeepLink
import br.com.posconnect.effects.KeepScreenOn
import br.com.posconnect.effects.OpenPayment
import br.com.posconnect.effects.PrintSlice
import br.com.posconnect.effects.ReprintSlip

/** Gives each output of the core to the class that does it. Main thread. */
internal class Effects(
    context: Context,
    notices: Notices,
) {
    private val link = DeepLink(context, { Agent.isVisible }, notices::call, ::openFailed)
    private val payment = OpenPayment(link)
    private val slice = PrintSlice(link, ::openFailed)
    private val slip = ReprintSlip(link)
    private val alert = AlertOperator(context)
    private val screenOn = KeepScreenOn(context) { on -> Agent.keepsAwake = on }

    fun perform(output: Output) {
        when (output) {
            is Output.Open -> {
                when (output.purpose) {
                    Purpose.PAY, Purpose.REVERSE -> payment.perform(output.uri)
                    Purpose.PRINT -> slice.perform(output.uri)
                    Purpose.REPRINT -> slip.perform(output.uri)
                }
            }

            is Output.Alert -> {
                alert.perform(output.kind)
            }

            is Output.KeepAwake -> {
                screenOn.perform(output.on)
            }

            is Output.Show, is Output.Alive, is Output.Ended, is Output.Unknown -> {}
        }
    }

    fun becameVisible() = link.becameVisible()

    fun operatorActed() = alert.hush()

    /** What the core wanted is wanted no longer: the next one must not meet a payment that opens late. */
    fun coreEnded() {
        link.close()
        screenOn.perform(false)
    }

    fun stop() {
        coreEnded()
        alert.hush()
    }

    /** The core has to hear of it, however busy it is: it waits for an answer that will not come. */
    private fun openFailed() {
        Agent.deliveries.add(Message.OpenFailed)
    }
}

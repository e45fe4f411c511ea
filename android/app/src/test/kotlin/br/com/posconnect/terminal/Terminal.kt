package br.com.posconnect.terminal

import android.app.Application
import android.content.Intent
import android.net.Uri
import android.os.Looper
import android.os.SystemClock
import android.view.KeyEvent
import br.com.posconnect.core.Agent
import br.com.posconnect.screen.MainActivity
import br.com.posconnect.service.AgentService
import br.com.posconnect.service.ProvisionReceiver
import br.com.posconnect.service.Watchdog
import br.com.posconnect.shop.L3
import br.com.posconnect.shop.Shop
import org.junit.rules.ExternalResource
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.android.controller.ServiceController
import java.io.File

/**
 * A terminal with the real app: its service and its activity, as Android would run them, and the Rust core behind. The test is
 * the operator and the acquirer's app.
 */
class Terminal : ExternalResource() {
    private var service: ServiceController<AgentService>? = null
    private var activity: ActivityController<MainActivity>? = null

    val context: Application get() = RuntimeEnvironment.getApplication()

    /** Everything that the app keeps, as on a device's storage. */
    val storage: File get() = File(context.applicationInfo.dataDir)

    private val sight get() = Sight(checkNotNull(activity) { "the activity is open" }.get().window.decorView)

    /** The technician's command. */
    fun isProvisioned(
        serviceUrl: String,
        serial: String = L3,
    ) {
        val command = Intent(ProvisionReceiver.ACTION).putExtra("service_url", serviceUrl).putExtra("serial", serial)
        ProvisionReceiver().onReceive(context, command)
        shadowOf(context).clearStartedServices()
    }

    /** Android runs the service. */
    fun startsService(watchdogTimes: Watchdog.Times = Watchdog.Times()): AgentService {
        Library.use()
        AgentService.watchdogTimes = watchdogTimes
        val started = Robolectric.buildService(AgentService::class.java).create().startCommand(0, 1)
        service = started
        return started.get()
    }

    /** The device was switched on: Android tells whom the manifest names. */
    fun boots() {
        shadowOf(context).clearStartedServices()
        context.sendBroadcast(Intent(Intent.ACTION_BOOT_COMPLETED))
        shadowOf(Looper.getMainLooper()).idle()
    }

    /** The operator opens the app, or [intent] does. */
    fun opensApp(intent: Intent = Intent(Intent.ACTION_MAIN)) {
        Library.use()
        activity = Robolectric.buildActivity(MainActivity::class.java, intent).setup()
    }

    /** Provisioned, running, activated, with the empty list on its screen. */
    fun isActivatedAt(shop: Shop) {
        isProvisioned(shop.address)
        startsService()
        opensApp()
        shows("activation")
        types(shop.pdv.activationCode(L3))
        taps("Ativar")
        shows("list")
    }

    /** Waits for a page. */
    fun shows(page: String) = eventuallyTrue("page $page", ::described) { Agent.shown?.screen?.page == page }

    /** Waits for a text on the screen. */
    fun sees(text: String) = eventuallyTrue("to see \"$text\"", ::described) { sight.texts().any { text in it } }

    /** Waits until a text is gone from the screen. */
    fun seesNo(text: String) = eventuallyTrue("not to see \"$text\"", ::described) { sight.texts().none { text in it } }

    /** Touches what carries a text, as soon as it is there. */
    fun taps(text: String) = eventuallyTrue("to tap \"$text\"", ::described) { sight.touch(text) }

    /** Types into the field on the screen. */
    fun types(text: String) {
        val field = eventually("a field", ::described) { sight.field() }
        field.requestFocus()
        field.setText(text)
    }

    /** Presses a key of the keypad. */
    fun presses(vararg keys: Int) {
        for (key in keys) {
            for (action in listOf(KeyEvent.ACTION_DOWN, KeyEvent.ACTION_UP)) {
                val now = SystemClock.uptimeMillis()
                checkNotNull(activity).get().dispatchKeyEvent(KeyEvent(now, now, action, key, 0))
            }
        }
    }

    /** Waits until the app opens another one, and gives that link. */
    fun opensLink(): String = eventually("a deep link", ::described, ::link)

    /** The same, or nothing when this page comes instead. */
    fun opensLinkUnlessItShows(page: String): String? =
        eventually("a deep link or page $page", ::described) {
            link() ?: if (Agent.shown?.screen?.page == page) "" else null
        }.ifEmpty { null }

    private fun link(): String? =
        generateSequence { shadowOf(context).nextStartedActivity }.firstOrNull { it.action == Intent.ACTION_VIEW }?.dataString

    /** Whether no link was opened so far. */
    fun openedNoLink() = shadowOf(context).peekNextStartedActivity()?.action != Intent.ACTION_VIEW

    /** The acquirer's app answers the running activity. */
    fun isAnswered(uri: String) {
        checkNotNull(activity).newIntent(Intent(Intent.ACTION_VIEW, Uri.parse(uri)))
    }

    /** Turned, or the font changed: Android builds the activity anew. */
    fun activityIsRecreated() {
        checkNotNull(activity).recreate()
    }

    /** The operator leaves the app; the service stays. */
    fun closesApp() {
        activity?.pause()?.stop()?.destroy()
        activity = null
    }

    /** Android ends the service, and the core is closed. */
    fun stopsService() {
        service?.destroy()
        service = null
        eventuallyTrue("the core is closed") { Agent.core == null }
    }

    /** The service as Android restarts it after its process was needed: without an intent. */
    fun restartsService() {
        stopsService()
        startsService()
    }

    public override fun after() {
        closesApp()
        stopsService()
        hasNoProxy()
    }

    private fun described(): String {
        val shown = "page ${Agent.shown?.screen?.page}, problem ${Agent.problem?.detail}"
        return if (activity == null) shown else shown + "\n" + sight.texts().joinToString("\n")
    }
}

package br.com.posconnect.screen

import android.app.Activity
import android.content.Intent
import android.content.res.Configuration
import android.os.Bundle
import android.view.KeyEvent
import android.view.WindowManager
import br.com.posconnect.core.Agent
import br.com.posconnect.core.Key
import br.com.posconnect.core.Message
import br.com.posconnect.service.AgentService

/**
 * The one activity: draws what the core shows, tells it what is tapped and pressed, and takes the acquirer's answers. It
 * decides nothing, and it is never finished by the operator: the way back is the core's.
 */
class MainActivity :
    Activity(),
    Agent.Watcher {
    /** What draws the screens. */
    lateinit var screenView: ScreenView
        private set

    private var launchTicket = NO_TICKET

    // Their successors came in Android 8 and 8.1.
    @Suppress("DEPRECATION")
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // An order of this terminal's own wakes it.
        window.addFlags(WindowManager.LayoutParams.FLAG_TURN_SCREEN_ON or WindowManager.LayoutParams.FLAG_DISMISS_KEYGUARD)
        screenView = ScreenView(this, ::tell)
        screenView.hasKeys = keypadIsThere(resources.configuration)
        setContentView(screenView)
        AgentService.start(this)
        if (isNew(savedInstanceState)) takeReturn(intent)?.let { launchTicket = it }
        Agent.watcher = this
        changed()
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        takeReturn(intent)
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(PROCESS, Agent.process)
        outState.putBoolean(TAKEN, launchTicket == NO_TICKET || Agent.deliveries.isTaken(launchTicket))
    }

    override fun onResume() {
        super.onResume()
        Agent.isVisible = true
    }

    override fun onStop() {
        Agent.isVisible = false
        super.onStop()
    }

    override fun onDestroy() {
        if (Agent.watcher === this) Agent.watcher = null
        super.onDestroy()
    }

    override fun onConfigurationChanged(newConfig: Configuration) {
        super.onConfigurationChanged(newConfig)
        screenView.hasKeys = keypadIsThere(newConfig)
    }

    override fun changed() {
        val flag = WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
        if (Agent.keepsAwake) window.addFlags(flag) else window.clearFlags(flag)
        val problem = Agent.problem
        val shown = Agent.shown
        if (problem != null) {
            screenView.show(NO_NUMBER, LastResort.screen(this, problem))
        } else if (shown != null && (shown.number != screenView.number || shown.screen !== screenView.shown)) {
            screenView.show(shown.number, shown.screen)
        }
    }

    override fun dispatchKeyEvent(event: KeyEvent): Boolean {
        val key = keyOf(event.keyCode)
        // What a keyboard on the screen sends is typing, not a key of the terminal.
        if (key == null || event.flags and KeyEvent.FLAG_SOFT_KEYBOARD != 0) return super.dispatchKeyEvent(event)
        screenView.hasKeys = true
        val typing = key is Key.Digit || key is Key.Clear
        if (typing && screenView.typesInto(erase = key is Key.Clear)) return super.dispatchKeyEvent(event)
        // A key held down is not pressed again and again, except to erase.
        val counts = event.action == KeyEvent.ACTION_DOWN && (event.repeatCount == 0 || key is Key.Clear)
        if (counts) press(key)
        return true
    }

    @Deprecated("Its successor came in Android 13")
    override fun onBackPressed() = press(Key.Back)

    private fun press(key: Key) {
        if (Agent.problem == null) {
            Agent.tell(Message.Pressed(key, screenView.number))
        } else if (key is Key.Enter) {
            AgentService.restartCore(this)
        }
    }

    private fun tell(message: Message): Boolean {
        if (message == Message.Tap(LastResort.RETRY)) {
            AgentService.restartCore(this)
            return true
        }
        return Agent.tell(message)
    }

    /** Whether the intent this activity was started with has not been handed over by an earlier one. */
    private fun isNew(saved: Bundle?): Boolean {
        if (saved == null) return true
        // It was on its way to the core when the process ended, and went with it.
        return saved.getString(PROCESS) != Agent.process && !saved.getBoolean(TAKEN, true)
    }

    private fun takeReturn(intent: Intent?): Long? = ReturnIntent.uriIn(intent)?.let { Agent.deliveries.add(Message.Returned(it)) }

    private fun keypadIsThere(configuration: Configuration) =
        configuration.keyboard != Configuration.KEYBOARD_NOKEYS &&
            configuration.hardKeyboardHidden != Configuration.HARDKEYBOARDHIDDEN_YES

    private companion object {
        const val PROCESS = "process"
        const val TAKEN = "taken"
        const val NO_TICKET = -1L
        const val NO_NUMBER = 0L
    }
}

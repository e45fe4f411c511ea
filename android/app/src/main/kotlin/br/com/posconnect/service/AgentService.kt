package br.com.posconnect.service

import android.app.Service
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Handler
import android.os.HandlerThread
import android.os.IBinder
import android.os.Looper
import android.os.SystemClock
import android.util.Log
import br.com.posconnect.core.Agent
import br.com.posconnect.core.Core
import br.com.posconnect.core.CoreConfig
import br.com.posconnect.core.Message
import br.com.posconnect.core.Output
import java.io.File

/**
 * Holds the core as long as the device is on: opens it, does what it asks for, tells it of the device, and opens the next
 * one when it is over. In the foreground, so that the system lets it live; restarted by the system when it does not.
 *
 * Main thread, except [alive] and what the watchdog and the watches call.
 */
class AgentService :
    Service(),
    Core.Listener {
    private val main = Handler(Looper.getMainLooper())
    private val open = Runnable(::openCore)

    /** Also read by the watchdog and the watches. */
    @Volatile
    private var core: Core? = null
    private var openedAtMs = 0L
    private var restarts = 0
    private var isOver = false

    private lateinit var settings: Settings
    private lateinit var effects: Effects
    private lateinit var watchThread: HandlerThread
    private lateinit var network: NetworkWatch
    private lateinit var device: DeviceWatch
    private lateinit var watchdog: Watchdog

    override fun onCreate() {
        super.onCreate()
        LastException.install(LastWords(applicationContext))
        val notices = Notices(this)
        startForeground(Notices.RUNNING_ID, notices.running())
        settings = Settings(this)
        effects = Effects(this, notices)
        Agent.onVisible = effects::becameVisible
        Agent.onOperator = effects::operatorActed
        watchThread = HandlerThread("agent-watch").also { it.start() }
        val watchHandler = Handler(watchThread.looper)
        network = NetworkWatch(this, watchHandler, ::serviceHost) { state -> tell(Message.Network(state)) { network.tellAgain() } }
        device = DeviceWatch(this, watchHandler) { state -> tell(Message.Device(state)) { device.tellAgain() } }
        watchdog = Watchdog({ id -> core?.send(Message.Probe(id)) == Core.Sent.TAKEN }, ::unresponsive, watchdogTimes)
        watchdog.start()
        network.start()
        device.start()
        openCore()
    }

    override fun onStartCommand(
        intent: Intent?,
        flags: Int,
        startId: Int,
    ): Int {
        if (intent?.action == ACTION_RESTART_CORE) restartCore()
        return START_STICKY
    }

    override fun onBind(intent: Intent): IBinder? = null

    override fun onDestroy() {
        isOver = true
        main.removeCallbacks(open)
        network.stop()
        device.stop()
        watchThread.quitSafely()
        Agent.onVisible = null
        Agent.onOperator = null
        effects.stop()
        core?.let {
            watchdog.closing()
            it.stop()
        } ?: watchdog.stop()
        super.onDestroy()
    }

    override fun opened(core: Core) {
        openedAtMs = SystemClock.elapsedRealtime()
        settings.forgetPreviousEnd()
        watchdog.opened()
        network.tellAgain()
        device.tellAgain()
        Agent.deliveries.hurry()
    }

    override fun output(
        core: Core,
        output: Output,
    ) {
        // What a core said before it was told to stop may still be on its way.
        if (core !== this.core || isOver) return
        if (output is Output.Show) Agent.show(output) else effects.perform(output)
    }

    override fun alive(id: Long) = watchdog.alive(id)

    override fun ended(
        core: Core,
        problem: Throwable?,
    ) {
        this.core = null
        if (Agent.core === core) Agent.coreEnded()
        effects.coreEnded()
        if (isOver) return watchdog.stop()
        watchdog.gone()
        if (problem == null) return openCore()
        Log.e(TAG, "the core ended: ${problem.javaClass.simpleName} ${problem.message}")
        val kind = if (problem is LinkageError) Agent.Problem.Kind.LIBRARY else Agent.Problem.Kind.CORE
        Agent.show(Agent.Problem(kind, problem.message.orEmpty()))
        if (openedAtMs > 0 && SystemClock.elapsedRealtime() - openedAtMs > LONG_LIFE_MS) restarts = 0
        main.postDelayed(open, (RESTART_PAUSE_MIN_MS shl restarts).coerceAtMost(RESTART_PAUSE_MAX_MS))
        restarts = (restarts + 1).coerceAtMost(RESTARTS_COUNTED_MAX)
    }

    private fun openCore() {
        main.removeCallbacks(open)
        openedAtMs = 0
        watchdog.opening()
        core =
            Core(::config, this).also {
                Agent.core = it
                it.start()
            }
    }

    /** With what the technician has just set, or because the operator asks for it. */
    private fun restartCore() {
        val running = core
        if (running == null) {
            openCore()
        } else {
            watchdog.closing()
            running.stop()
        }
    }

    /** On the reader's thread: it reads the disk. */
    private fun config() =
        CoreConfig(
            dataDir = File(filesDir, "core").absolutePath,
            serviceUrl = settings.serviceUrl,
            provisionedSerial = settings.serial,
            systemSerial = NewerAndroid.serial(this)?.takeUnless { it.isBlank() || it == SERIAL_NOT_KNOWN },
            appVersion = packageManager.getPackageInfo(packageName, 0).versionName.orEmpty(),
            returnScheme = RETURN_SCHEME,
            previousEnd = settings.previousEnd,
            network = network.now(),
        )

    private fun serviceHost(): String? = settings.serviceUrl?.let { Uri.parse(it).host }

    /** On the watches' thread. */
    private fun tell(
        message: Message,
        again: () -> Unit,
    ) {
        val core = core ?: return
        if (core.isOpen && core.send(message) == Core.Sent.LATER) main.postDelayed(again, TELL_AGAIN_MS)
    }

    /** On the watchdog's thread: the main one may hang as well. */
    private fun unresponsive(awaited: String) {
        val why = "the core does not answer: $awaited"
        Log.e(TAG, "$why; the process ends")
        LastWords(this).write(why, core?.recent?.all().orEmpty())
        settings.markUnresponsive()
        Restart(this).now(Agent.isVisible)
    }

    companion object {
        private const val TAG = "posconnect.service"
        private const val ACTION_RESTART_CORE = "restart-core"

        /** How long the watchdog waits. Replaced where nobody can wait so long. */
        @Volatile
        var watchdogTimes = Watchdog.Times()

        /** The scheme of the manifest's intent filter. */
        const val RETURN_SCHEME = "posconnect"

        /** Android's word for a serial that it does not tell. */
        private const val SERIAL_NOT_KNOWN = "unknown"

        /** A core that lived this long has no part in what ended the ones before it. */
        private const val LONG_LIFE_MS = 60_000L
        private const val RESTART_PAUSE_MIN_MS = 1_000L
        private const val RESTART_PAUSE_MAX_MS = 60_000L
        private const val RESTARTS_COUNTED_MAX = 10

        /** Pause before a core that does not keep up is told the network or the battery again. */
        private const val TELL_AGAIN_MS = 1_000L

        /** Starts the service if it does not run. */
        fun start(context: Context) = NewerAndroid.startForegroundService(context, Intent(context, AgentService::class.java))

        /** Closes the core and opens it again with the present settings. */
        fun restartCore(context: Context) {
            NewerAndroid.startForegroundService(context, Intent(context, AgentService::class.java).setAction(ACTION_RESTART_CORE))
        }
    }
}

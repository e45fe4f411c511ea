package br.com.posconnect.terminal

import br.com.posconnect.core.Agent
import br.com.posconnect.core.Core
import br.com.posconnect.core.Message
import br.com.posconnect.service.AgentService
import br.com.posconnect.service.Watchdog

private const val PERIOD_MS = 50L
private const val LIMIT_MS = 1_000L

/** The same watchdog on the same core, with waits of a second instead of a minute. */
internal fun AgentService.becomesImpatient() {
    val field = AgentService::class.java.getDeclaredField("watchdog").apply { isAccessible = true }
    val end = AgentService::class.java.getDeclaredMethod("unresponsive", String::class.java).apply { isAccessible = true }
    (field.get(this) as Watchdog).stop()
    val watchdog =
        Watchdog({ id -> Agent.core?.send(Message.Probe(id)) == Core.Sent.TAKEN }, { end.invoke(this, it) }, PERIOD_MS, LIMIT_MS)
    field.set(this, watchdog)
    watchdog.start()
    watchdog.opening()
}

package br.com.posconnect.terminal

import android.os.Looper
import br.com.posconnect.shop.CEILING_S
import org.robolectric.Shadows.shadowOf
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport

/** How often a condition is looked at that nothing tells of. */
private const val LOOK_NS = 2_000_000L

/** Lets the main thread do its work until [look] gives something; fails with [describe] when it does not. */
fun <T : Any> eventually(
    what: String,
    describe: () -> String = { "" },
    look: () -> T?,
): T {
    val until = System.nanoTime() + TimeUnit.SECONDS.toNanos(CEILING_S)
    while (true) {
        shadowOf(Looper.getMainLooper()).idle()
        look()?.let { return it }
        if (System.nanoTime() > until) throw AssertionError("$what: not within $CEILING_S s\n${describe()}")
        LockSupport.parkNanos(LOOK_NS)
    }
}

/** Lets the main thread do its work until something is so. */
fun eventuallyTrue(
    what: String,
    describe: () -> String = { "" },
    condition: () -> Boolean,
) {
    eventually(what, describe) { if (condition()) Unit else null }
}

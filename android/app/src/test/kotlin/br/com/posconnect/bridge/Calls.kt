package br.com.posconnect.bridge

import br.com.posconnect.core.NativeCore
import java.io.File

/** A configuration of a terminal that knows its serial number and whose service cannot be reached. */
fun config(dataDir: File) =
    """
    {"data_dir":"${dataDir.absolutePath}","service_url":"http://127.0.0.1:1","serial":{"provisioned":"PB0423L300117","system":null},
     "app_version":"0","return_scheme":"posconnect","previous_end":null,"network":null}
    """.trimIndent().toByteArray()

/** Reads outputs until one satisfies [wanted], which then is given. */
fun nextOutput(
    handle: Long,
    wanted: (String) -> Boolean,
): String {
    val until = System.nanoTime() + OUTPUT_CEILING_NS
    while (true) {
        check(System.nanoTime() < until) { "no such output" }
        val output = NativeCore.next(handle, OUTPUT_WAIT_MS)?.decodeToString() ?: continue
        if (wanted(output)) return output
        check(output != ENDED) { "the core ended" }
    }
}

const val ENDED = """{"type":"ended"}"""
private const val OUTPUT_WAIT_MS = 1_000L
private const val OUTPUT_CEILING_NS = 30_000_000_000L

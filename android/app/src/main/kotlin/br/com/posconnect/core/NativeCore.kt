package br.com.posconnect.core

/**
 * The Rust core's five functions. Bytes are UTF-8 JSON objects; the contract of each function (threads, ownership, errors)
 * stands beside its Rust side, in `jni-bridge/src/exports.rs`.
 */
object NativeCore {
    /** How the library comes into the process; only the first call does anything. Replaced where it lies elsewhere. */
    @Volatile
    var load: () -> Unit = { System.loadLibrary("posconnect") }

    /** Starts an agent; its handle. */
    @JvmStatic
    external fun open(config: ByteArray): Long

    /** Hands one message over; never waits. */
    @JvmStatic
    external fun dispatch(
        handle: Long,
        message: ByteArray,
    )

    /** Waits for the next output, at most [timeoutMs]; `null`: nothing came. One thread at a time. */
    @JvmStatic
    external fun next(
        handle: Long,
        timeoutMs: Long,
    ): ByteArray?

    /** Ends an agent and waits until its directory is free. The second time it does nothing. */
    @JvmStatic
    external fun close(handle: Long)

    /** The library's version, as text. */
    @JvmStatic
    external fun version(): ByteArray
}

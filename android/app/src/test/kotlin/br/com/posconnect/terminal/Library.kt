package br.com.posconnect.terminal

import br.com.posconnect.core.NativeCore
import br.com.posconnect.shop.built
import java.io.File
import java.nio.file.Files

/**
 * The Rust library for this API level. A JVM loads a library file for one class loader only, and each API level has its own:
 * so each gets a copy of the file.
 */
object Library {
    private val copy: File by lazy {
        val copy = Files.createTempFile("posconnect-", ".so").toFile()
        copy.deleteOnExit()
        File(built("rust"), "libposconnect.so").copyTo(copy, overwrite = true)
    }

    fun use() {
        NativeCore.load = { System.load(copy.path) }
    }
}

package br.com.posconnect.bridge

import br.com.posconnect.core.NativeCore
import br.com.posconnect.core.TestingCore
import br.com.posconnect.shop.Running
import br.com.posconnect.shop.built
import java.io.File
import kotlin.system.exitProcess

/** A JVM of its own, with the same class path and library, for what ends one. It leaves its files in [temporary]. */
fun startJvm(
    mainClass: String,
    temporary: File,
    vararg arguments: String,
): Running {
    val java = File(System.getProperty("java.home"), "bin/java").path
    val settings =
        System
            .getProperties()
            .stringPropertyNames()
            .filter { it in PASSED_ON }
            .map { "-D$it=${System.getProperty(it)}" }
    val opens = OPENED.map { "--add-opens=java.base/$it=ALL-UNNAMED" }
    val place = listOf("-Djava.io.tmpdir=$temporary", "-Djava.library.path=${built("rust")}", "-cp", System.getProperty("java.class.path"))
    return Running(mainClass, listOf(java) + SHORT_LIFE + opens + settings + place + mainClass + arguments)
}

/** It lives for seconds: compiled quickly rather than well. */
private val SHORT_LIFE = listOf("-Xmx700m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
private val PASSED_ON = setOf("rust", "screens", "pictures")
private val OPENED = listOf("java.lang", "java.util", "java.io", "java.net", "java.nio")

/** Opens an agent, says which page it shows, and then does what it is told, line by line. */
object Child {
    @JvmStatic
    fun main(arguments: Array<String>) {
        NativeCore.load()
        val handle = NativeCore.open(config(File(arguments.single())))
        println("page ${page(handle)}")
        for (line in generateSequence(::readlnOrNull)) {
            when (line) {
                "panic" -> {
                    TestingCore.panic()
                }

                "end" -> {
                    NativeCore.close(handle)
                    exitProcess(0)
                }

                else -> {
                    NativeCore.dispatch(handle, line.toByteArray())
                    println("page ${page(handle)}")
                }
            }
        }
    }

    private fun page(handle: Long): String {
        val screen = nextOutput(handle) { "\"type\":\"screen\"" in it }
        return checkNotNull(Regex(""""page":"([a-z_]+)"""").find(screen)).groupValues[1]
    }
}

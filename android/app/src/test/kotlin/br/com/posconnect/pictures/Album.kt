package br.com.posconnect.pictures

import br.com.posconnect.shop.built
import org.robolectric.RuntimeEnvironment
import java.io.File

/** Pictures of one kind of device. */
enum class Album(
    val folder: String,
    val width: Int,
    val height: Int,
    private val qualifiers: String,
    private val fontScale: Float = 1f,
    /** Only these screens; all unless said. */
    private val only: List<String>? = null,
) {
    /** The A8's kind: small and coarse. */
    SMALL("320x480", 320, 480, "pt-rBR-w320dp-h480dp-port-mdpi"),

    /** The L3's and P2's kind. */
    MIDDLE("480x800", 480, 800, "pt-rBR-w320dp-h533dp-port-hdpi"),

    /** The newer ones. */
    LARGE("720x1280", 720, 1280, "pt-rBR-w360dp-h640dp-port-xhdpi"),

    /** Somebody who needs larger letters. */
    LARGE_TEXT("320x480-font-1.3", 320, 480, "pt-rBR-w320dp-h480dp-port-mdpi", 1.3f, CROWDED),

    /** The L3's keypad. */
    KEYPAD("480x800-keypad", 480, 800, "pt-rBR-w320dp-h533dp-port-hdpi-keysexposed-12key", 1f, CROWDED),
    ;

    /** The screens in it, by name. */
    fun screens(): List<ScreenFile> = ScreenFile.all().filter { only == null || it.name in only }

    /** Makes the device one of this kind; before an activity is built. */
    fun prepare() {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(fontScale)
    }
}

/** Screens with much on them, or with keys. */
private val CROWDED =
    listOf(
        "activation",
        "amount",
        "approved",
        "diagnostics",
        "in_doubt",
        "installments",
        "list",
        "menu",
        "order",
        "reversal_confirm",
        "safe",
    )

/** A screen that the Rust tests wrote. */
class ScreenFile(
    private val file: File,
) {
    val name: String = file.nameWithoutExtension

    /** As an output of the core. */
    val output: ByteArray get() = file.readText().replaceFirst("{", """{"type":"screen",""").toByteArray()

    companion object {
        fun all(): List<ScreenFile> {
            val files = built("screens").listFiles().orEmpty().filter { it.extension == "json" }
            check(files.isNotEmpty()) { "no screens in ${built("screens")}" }
            return files.sorted().map(::ScreenFile)
        }
    }
}

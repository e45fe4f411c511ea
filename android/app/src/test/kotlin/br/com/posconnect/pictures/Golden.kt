package br.com.posconnect.pictures

import br.com.posconnect.shop.built
import java.io.File

/**
 * The pictures that somebody has looked at, in `src/test/pictures/<album>/<name>.png`. What is drawn must be the same, dot for
 * dot; `scripts/android-test --pictures` draws them anew.
 */
class Golden(
    album: String,
) {
    private val kept = File(built("pictures"), album)
    private val drawn = File(built("drawn"), album)
    private val redraw = built("redraw").path == "true"
    private val names = mutableSetOf<String>()

    /** What is wrong with this picture; `null`: nothing. */
    fun problemWith(
        name: String,
        picture: Picture,
    ): String? {
        names += "$name.png"
        val file = File(kept, "$name.png")
        if (redraw) {
            // A file whose dots are the same stays as it is, whoever compressed it.
            if (!file.exists() || picture.differenceFrom(Picture.read(file)) != null) picture.write(file)
            return null
        }
        val difference = if (file.exists()) picture.differenceFrom(Picture.read(file)) else "nobody has looked at it yet"
        if (difference == null) return null
        val now = File(drawn, "$name.png")
        picture.write(now)
        return "$name: $difference; drawn now: $now"
    }

    /** Pictures that no screen leads to any more. */
    fun unreferenced(): List<String> {
        val left = kept.listFiles().orEmpty().filter { it.name !in names }
        if (!redraw) return left.map { "${it.name}: no screen has this name" }
        left.forEach { it.delete() }
        return emptyList()
    }
}

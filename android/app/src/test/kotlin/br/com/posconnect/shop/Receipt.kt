package br.com.posconnect.shop

import java.awt.Color
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.util.Base64
import java.util.Random
import javax.imageio.ImageIO

/** A fiscal receipt as a PDV sends it: a grey PNG. Half of it is noise, so that it compresses badly and takes several requests. */
class Receipt(
    val heightDots: Int,
) {
    val widthDots = 384

    private val image = draw()

    val base64: String by lazy { Base64.getEncoder().encodeToString(png(image)) }

    /** Which of its dots are black, row by row. */
    val rows: List<String> by lazy { rows(image) }

    private fun draw(): BufferedImage {
        val image = BufferedImage(widthDots, heightDots, BufferedImage.TYPE_BYTE_GRAY)
        val pen = image.createGraphics()
        pen.color = Color.WHITE
        pen.fillRect(0, 0, widthDots, heightDots)
        pen.color = Color.BLACK
        for (line in 0 until heightDots / LINE_DOTS) {
            // No two lines alike: a slice that is lost, doubled or in the wrong place is seen.
            for (bit in 0 until 12) {
                if ((line + 1) shr bit and 1 == 1) pen.fillRect(12 + bit * 30, line * LINE_DOTS + 6, 20, 12)
            }
        }
        pen.dispose()
        val noise = Random(SEED)
        for (y in 0 until heightDots) {
            for (x in 0 until widthDots step 2) {
                image.raster.setSample(
                    x,
                    y,
                    0,
                    if (noise.nextBoolean()) 0 else 255,
                )
            }
        }
        return image
    }

    companion object {
        private const val LINE_DOTS = 24
        private const val SEED = 42L

        /** Reads what a printer got: the black dots of PNGs, one below the other. */
        fun rowsOf(pngs: List<ByteArray>): List<String> = pngs.flatMap { rows(ImageIO.read(it.inputStream())) }

        private fun rows(image: BufferedImage): List<String> =
            (0 until image.height).map { y ->
                String(CharArray(image.width) { x -> if (image.getRGB(x, y) and 0xFF < 128) '#' else ' ' })
            }

        private fun png(image: BufferedImage) = ByteArrayOutputStream().also { ImageIO.write(image, "png", it) }.toByteArray()
    }
}

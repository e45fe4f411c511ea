package br.com.posconnect.pictures

import android.graphics.Bitmap
import android.graphics.Canvas
import android.view.View
import java.awt.image.BufferedImage
import java.awt.image.IndexColorModel
import java.io.File
import javax.imageio.IIOImage
import javax.imageio.ImageIO
import javax.imageio.ImageWriteParam

/** The dots of a drawn view, each as 0xAARRGGBB, row by row. */
class Picture(
    val width: Int,
    val height: Int,
    private val dots: IntArray,
) {
    operator fun get(
        x: Int,
        y: Int,
    ) = dots[y * width + x]

    /** Where another picture is not the same, for people; `null`: nowhere. */
    fun differenceFrom(other: Picture): String? {
        if (width != other.width || height != other.height) return "${other.width}x${other.height} became ${width}x$height"
        val different = dots.indices.filter { dots[it] != other.dots[it] }
        if (different.isEmpty()) return null
        val columns = different.map { it % width }
        val rows = different.map { it / width }
        return "${different.size} dots differ, from ${columns.min()},${rows.min()} to ${columns.max()},${rows.max()}"
    }

    /** Writes it as a PNG, with a palette where the colours fit into one: a quarter of the size. */
    fun write(file: File) {
        file.parentFile.mkdirs()
        val writer = ImageIO.getImageWritersByFormatName("png").next()
        val smallest = writer.defaultWriteParam
        smallest.compressionMode = ImageWriteParam.MODE_EXPLICIT
        smallest.compressionQuality = 0f
        file.delete()
        ImageIO.createImageOutputStream(file).use {
            writer.output = it
            writer.write(null, IIOImage(image(), null, null), smallest)
        }
        writer.dispose()
    }

    /** The colours of a part of it, each with how many dots have it. */
    fun colors(
        columns: IntRange = 0 until width,
        rows: IntRange = 0 until height,
    ): Map<Int, Int> {
        val counts = HashMap<Int, Int>()
        for (y in rows) {
            // Most dots are like the one before: the map is asked once for a run of them.
            var from = columns.first
            for (x in columns) {
                if (x < columns.last && this[x, y] == this[x + 1, y]) continue
                counts.merge(this[x, y], x + 1 - from, Int::plus)
                from = x + 1
            }
        }
        return counts
    }

    private fun image(): BufferedImage {
        val colors = colors().keys
        if (colors.size > PALETTE_MAX) {
            return BufferedImage(width, height, BufferedImage.TYPE_INT_RGB).also { it.setRGB(0, 0, width, height, dots, 0, width) }
        }
        val sorted = colors.sorted().toIntArray()
        val palette = IndexColorModel(8, sorted.size, sorted, 0, false, -1, java.awt.image.DataBuffer.TYPE_BYTE)
        val image = BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, palette)
        val bytes = ByteArray(dots.size) { sorted.binarySearch(dots[it]).toByte() }
        image.raster.setDataElements(0, 0, width, height, bytes)
        return image
    }

    companion object {
        private const val PALETTE_MAX = 256

        /** Lays a view out at a size, whatever the window thinks, and draws it. */
        fun of(
            view: View,
            width: Int,
            height: Int,
        ): Picture {
            val exactly = { dots: Int -> View.MeasureSpec.makeMeasureSpec(dots, View.MeasureSpec.EXACTLY) }
            view.measure(exactly(width), exactly(height))
            view.layout(0, 0, width, height)
            val bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
            view.draw(Canvas(bitmap))
            val dots = IntArray(width * height)
            bitmap.getPixels(dots, 0, width, 0, 0, width, height)
            bitmap.recycle()
            return Picture(width, height, dots)
        }

        fun read(file: File): Picture {
            val image = ImageIO.read(file)
            return Picture(image.width, image.height, image.getRGB(0, 0, image.width, image.height, null, 0, image.width))
        }
    }
}

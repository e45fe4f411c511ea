package br.com.posconnect.screen

import android.content.Context
import android.text.TextPaint
import android.util.TypedValue
import android.widget.TextView

/** One line of text that grows smaller until it fits. */
internal class FittingText(
    context: Context,
) : TextView(context) {
    /** Size when there is room, in sp. */
    var largestSp = 56f
        set(value) {
            if (field == value) return
            field = value
            requestLayout()
        }

    private val ruler = TextPaint()

    init {
        maxLines = 1
        // Never on to a second line that nobody sees.
        setHorizontallyScrolling(true)
    }

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val largest = TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, largestSp, resources.displayMetrics)
        val room = MeasureSpec.getSize(widthMeasureSpec) - paddingLeft - paddingRight
        val bounded = MeasureSpec.getMode(widthMeasureSpec) != MeasureSpec.UNSPECIFIED
        val size = if (bounded) fitting(largest, room) else largest
        if (size != textSize) setTextSize(TypedValue.COMPLEX_UNIT_PX, size)
        super.onMeasure(widthMeasureSpec, heightMeasureSpec)
    }

    /** How wide the text is at its largest. */
    fun naturalWidth(): Float = widthAt(TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, largestSp, resources.displayMetrics))

    private fun fitting(
        largest: Float,
        room: Int,
    ): Float {
        val wide = widthAt(largest)
        if (wide <= room) return largest
        // Glyphs do not scale to the pixel, and an amount must not lose a digit.
        var size = largest * room / wide
        while (size > SMALLEST_PX && widthAt(size) > room) size -= 1
        return maxOf(size, SMALLEST_PX)
    }

    private fun widthAt(size: Float): Float {
        ruler.set(paint)
        ruler.textSize = size
        return ruler.measureText(text.toString())
    }

    private companion object {
        const val SMALLEST_PX = 8f
    }
}

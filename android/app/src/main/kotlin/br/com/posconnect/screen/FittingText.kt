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
    }

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val largest = TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, largestSp, resources.displayMetrics)
        val room = MeasureSpec.getSize(widthMeasureSpec) - paddingLeft - paddingRight
        ruler.set(paint)
        ruler.textSize = largest
        val wide = ruler.measureText(text.toString())
        val bounded = MeasureSpec.getMode(widthMeasureSpec) != MeasureSpec.UNSPECIFIED
        val size = if (bounded && wide > room) largest * room / wide * ROUNDING else largest
        if (size != textSize) setTextSize(TypedValue.COMPLEX_UNIT_PX, size)
        super.onMeasure(widthMeasureSpec, heightMeasureSpec)
    }

    private companion object {
        /** Glyphs do not scale to the pixel. */
        const val ROUNDING = 0.99f
    }
}

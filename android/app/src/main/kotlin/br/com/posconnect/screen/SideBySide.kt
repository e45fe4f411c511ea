package br.com.posconnect.screen

import android.content.Context
import android.view.Gravity
import android.view.View
import android.view.ViewGroup

/**
 * A main part and a value: beside one another when they fit, else the value below, at the side where [stackedGravity] says.
 */
internal class SideBySide(
    context: Context,
    private val main: View,
    private val value: View,
    private val gap: Int,
    private val stackedGravity: Int = Gravity.START,
) : ViewGroup(context) {
    private var beside = true

    init {
        addView(main)
        addView(value)
    }

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val width = MeasureSpec.getSize(widthMeasureSpec)
        val valueShown = value.visibility != GONE
        main.measure(FREE, FREE)
        value.measure(FREE, FREE)
        val valueWidth = if (valueShown) value.measuredWidth else 0
        val between = if (valueShown) gap else 0
        val left = width - between - valueWidth
        beside = main.measuredWidth <= left || (valueWidth <= width * VALUE_SHARE_MAX && main.measuredWidth <= left * LINES_BESIDE_MAX)
        if (beside) {
            main.measure(exactly(width - valueWidth - between), FREE)
            value.measure(exactly(valueWidth), FREE)
            setMeasuredDimension(width, maxOf(main.measuredHeight, if (valueShown) value.measuredHeight else 0))
        } else {
            main.measure(exactly(width), FREE)
            value.measure(MeasureSpec.makeMeasureSpec(width, MeasureSpec.AT_MOST), FREE)
            setMeasuredDimension(width, main.measuredHeight + gap / STACKED_GAP + value.measuredHeight)
        }
    }

    override fun onLayout(
        changed: Boolean,
        left: Int,
        top: Int,
        right: Int,
        bottom: Int,
    ) {
        val height = bottom - top
        if (beside) {
            val mainTop = (height - main.measuredHeight) / 2
            main.layout(0, mainTop, main.measuredWidth, mainTop + main.measuredHeight)
            val valueTop = (height - value.measuredHeight) / 2
            value.layout(right - left - value.measuredWidth, valueTop, right - left, valueTop + value.measuredHeight)
        } else {
            main.layout(0, 0, main.measuredWidth, main.measuredHeight)
            val valueLeft = if (stackedGravity == Gravity.END) right - left - value.measuredWidth else 0
            value.layout(valueLeft, height - value.measuredHeight, valueLeft + value.measuredWidth, height)
        }
    }

    private fun exactly(size: Int) = MeasureSpec.makeMeasureSpec(maxOf(0, size), MeasureSpec.EXACTLY)

    private companion object {
        val FREE = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)

        /** A value this wide leaves room for a main part of a few lines, */
        const val VALUE_SHARE_MAX = 0.45f

        /** but not of more than about so many. */
        const val LINES_BESIDE_MAX = 2

        /** Stacked parts belong together more closely. */
        const val STACKED_GAP = 4
    }
}

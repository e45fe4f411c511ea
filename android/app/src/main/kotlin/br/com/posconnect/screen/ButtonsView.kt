package br.com.posconnect.screen

import android.content.Context
import android.graphics.Typeface
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.widget.FrameLayout
import android.widget.TextView
import br.com.posconnect.R
import br.com.posconnect.core.Action
import br.com.posconnect.core.ActionStyle
import br.com.posconnect.core.Tone

/** The buttons at the bottom: the one to press large and as wide as the screen, the others at most two in a row. */
internal class ButtonsView(
    context: Context,
    private val palette: Palette,
    private val tell: (String) -> Unit,
) : ViewGroup(context) {
    private val gap = palette.px(GAP_DP)
    private var compact = false

    /** First child and number of children of each row. */
    private var rows = listOf<IntRange>()

    fun bind(
        actions: List<Action>,
        look: Look,
    ) {
        compact = look.compact
        while (childCount > actions.size) removeViewAt(childCount - 1)
        while (childCount < actions.size) addView(Button(context, palette, tell))
        actions.forEachIndexed { index, action -> button(index).bind(action, look) }
    }

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val width = MeasureSpec.getSize(widthMeasureSpec) - paddingLeft - paddingRight
        rows = arranged(width)
        var height = paddingTop + paddingBottom + gap * maxOf(0, rows.size - 1)
        for (row in rows) height += measureRow(row, width)
        setMeasuredDimension(MeasureSpec.getSize(widthMeasureSpec), if (rows.isEmpty()) 0 else height)
    }

    private fun arranged(width: Int): List<IntRange> {
        val arranged = mutableListOf<IntRange>()
        var index = 0
        while (index < childCount) {
            val pair = index + 1 < childCount && sharesRow(index) && sharesRow(index + 1) && fit(index, width) && fit(index + 1, width)
            val last = if (pair) index + 1 else index
            arranged.add(index..last)
            index = last + 1
        }
        return arranged
    }

    /** Where there is little height, even the one to press. */
    private fun sharesRow(index: Int) = compact || !button(index).isPrimary

    private fun fit(
        index: Int,
        width: Int,
    ): Boolean {
        val child = button(index)
        child.measure(FREE, FREE)
        return child.measuredWidth <= (width - gap) / 2
    }

    private fun measureRow(
        row: IntRange,
        width: Int,
    ): Int {
        val count = row.last - row.first + 1
        val columnSpec = MeasureSpec.makeMeasureSpec((width - gap * (count - 1)) / count, MeasureSpec.EXACTLY)
        for (index in row) button(index).measure(columnSpec, FREE)
        val height = row.maxOf { button(it).measuredHeight }
        for (index in row) button(index).measure(columnSpec, MeasureSpec.makeMeasureSpec(height, MeasureSpec.EXACTLY))
        return height
    }

    override fun onLayout(
        changed: Boolean,
        left: Int,
        top: Int,
        right: Int,
        bottom: Int,
    ) {
        var y = paddingTop
        for (row in rows) {
            var x = paddingLeft
            for (index in row) {
                val child = button(index)
                child.layout(x, y, x + child.measuredWidth, y + child.measuredHeight)
                x += child.measuredWidth + gap
            }
            y += button(row.first).measuredHeight + gap
        }
    }

    private fun button(index: Int) = getChildAt(index) as Button

    private class Button(
        context: Context,
        private val palette: Palette,
        tell: (String) -> Unit,
    ) : FrameLayout(context) {
        var isPrimary = false
            private set

        private val tap = Tap(this, tell)
        private val label = TextView(context)
        private var style: ActionStyle? = null

        init {
            label.gravity = Gravity.CENTER_VERTICAL
            label.typeface = Typeface.DEFAULT_BOLD
            label.maxLines = 2
            addView(label, LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT, Gravity.CENTER))
        }

        fun bind(
            action: Action,
            look: Look,
        ) {
            tap.standFor(action.id)
            isPrimary = action.style == ActionStyle.PRIMARY
            label.text = action.label
            label.textSize =
                when {
                    look.compact -> if (isPrimary) COMPACT_PRIMARY_SP else COMPACT_OTHER_SP
                    else -> if (isPrimary) PRIMARY_SP else OTHER_SP
                }
            val side = palette.px(if (look.compact) COMPACT_SIDE_DP else SIDE_DP)
            setPadding(side, palette.px(ABOVE_DP), side, palette.px(ABOVE_DP))
            minimumHeight = palette.px(height(look))
            if (style != action.style) paint(action.style)
            hintOf(label, action.key, look, palette, label.currentTextColor)
            contentDescription = action.label
        }

        private fun height(look: Look) =
            when {
                look.compact -> COMPACT_HEIGHT_DP
                isPrimary -> PRIMARY_HEIGHT_DP
                else -> HEIGHT_DP
            }

        private fun paint(newStyle: ActionStyle) {
            style = newStyle
            val bad = palette.quiet(Tone.BAD)
            val ground =
                when (newStyle) {
                    ActionStyle.PRIMARY -> palette.rounded(palette.brand, CORNER_DP)
                    ActionStyle.SECONDARY -> palette.rounded(palette.surface, CORNER_DP, palette.edge)
                    ActionStyle.DANGER -> palette.rounded(bad.ground, CORNER_DP, palette.color(R.color.bad_strong))
                }
            background = palette.pressable(ground, CORNER_DP)
            label.setTextColor(
                when (newStyle) {
                    ActionStyle.PRIMARY -> palette.onBrand
                    ActionStyle.SECONDARY -> palette.text
                    ActionStyle.DANGER -> bad.text
                },
            )
        }
    }

    private companion object {
        val FREE = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)
        const val GAP_DP = 8
        const val SIDE_DP = 10
        const val COMPACT_SIDE_DP = 6
        const val ABOVE_DP = 4
        const val CORNER_DP = 10
        const val PRIMARY_HEIGHT_DP = 60
        const val HEIGHT_DP = 52
        const val COMPACT_HEIGHT_DP = 48
        const val PRIMARY_SP = 19f
        const val OTHER_SP = 16f
        const val COMPACT_PRIMARY_SP = 17f
        const val COMPACT_OTHER_SP = 15f
    }
}

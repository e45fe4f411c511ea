package br.com.posconnect.screen

import android.content.Context
import android.view.View
import android.view.ViewGroup

/** Children in even columns: as many as fit without breaking a child's text, at most [columnsMax]. */
internal class EvenGrid(
    context: Context,
    private val gap: Int,
) : ViewGroup(context) {
    /** The most columns. */
    var columnsMax = 2
        set(value) {
            if (field == value) return
            field = value
            requestLayout()
        }

    private var columns = 1
    private var rowHeights = IntArray(0)

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val width = MeasureSpec.getSize(widthMeasureSpec)
        columns = (columnsMax downTo 1).first { it == 1 || fits(columnWidth(width, it)) }
        val columnSpec = MeasureSpec.makeMeasureSpec(columnWidth(width, columns), MeasureSpec.EXACTLY)
        val rows = (childCount + columns - 1) / columns
        rowHeights = IntArray(rows)
        for (index in 0 until childCount) {
            val child = getChildAt(index)
            child.measure(columnSpec, FREE)
            rowHeights[index / columns] = maxOf(rowHeights[index / columns], child.measuredHeight)
        }
        // Children of a row are of one height.
        for (index in 0 until childCount) {
            getChildAt(index).measure(columnSpec, MeasureSpec.makeMeasureSpec(rowHeights[index / columns], MeasureSpec.EXACTLY))
        }
        setMeasuredDimension(width, rowHeights.sum() + gap * maxOf(0, rows - 1))
    }

    override fun onLayout(
        changed: Boolean,
        left: Int,
        top: Int,
        right: Int,
        bottom: Int,
    ) {
        var y = 0
        for (index in 0 until childCount) {
            val child = getChildAt(index)
            val x = index % columns * (child.measuredWidth + gap)
            child.layout(x, y, x + child.measuredWidth, y + child.measuredHeight)
            if (index % columns == columns - 1) y += child.measuredHeight + gap
        }
    }

    private fun columnWidth(
        width: Int,
        columns: Int,
    ) = (width - gap * (columns - 1)) / columns

    private fun fits(columnWidth: Int): Boolean =
        (0 until childCount).all { index ->
            val child: View = getChildAt(index)
            child.measure(FREE, FREE)
            child.measuredWidth <= columnWidth
        }

    private companion object {
        val FREE = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)
    }
}

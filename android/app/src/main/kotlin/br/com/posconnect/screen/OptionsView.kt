package br.com.posconnect.screen

import android.content.Context
import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import br.com.posconnect.core.Choice
import br.com.posconnect.core.Widget

/** A few options as large buttons. */
internal class OptionsView(
    context: Context,
    private val palette: Palette,
    private val tell: (String) -> Unit,
) : LinearLayout(context),
    ItemView {
    private val label = palette.label(16, palette.textSoft)
    private val grid = EvenGrid(context, palette.px(GAP_DP))

    init {
        orientation = VERTICAL
        addView(label)
        addView(grid, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
    }

    override fun bind(
        item: Item,
        look: Look,
    ) {
        val widget = (item as Item.Piece).widget as Widget.Options
        label.text = widget.label
        label.setPadding(palette.px(LABEL_SIDE_DP), 0, 0, palette.px(if (look.compact) COMPACT_LABEL_BELOW_DP else GAP_DP))
        label.visibility = if (widget.label.isEmpty()) View.GONE else View.VISIBLE
        grid.columnsMax =
            when {
                widget.options.size <= FEW -> 1
                widget.options.size > SOME -> COLUMNS_OF_MANY
                else -> COLUMNS
            }
        while (grid.childCount > widget.options.size) grid.removeViewAt(grid.childCount - 1)
        while (grid.childCount < widget.options.size) grid.addView(Option(context, palette, tell))
        widget.options.forEachIndexed { index, option -> (grid.getChildAt(index) as Option).bind(option, look) }
    }

    private class Option(
        context: Context,
        private val palette: Palette,
        tell: (String) -> Unit,
    ) : LinearLayout(context) {
        private val tap = Tap(this, tell)
        private val label = palette.label(18, palette.brand, bold = true)
        private val detail = palette.label(15, palette.textSoft)

        init {
            orientation = VERTICAL
            gravity = Gravity.CENTER
            background = palette.pressable(palette.rounded(palette.surface, CORNER_DP, palette.brand), CORNER_DP)
            label.gravity = Gravity.CENTER
            detail.gravity = Gravity.CENTER
            addView(label)
            addView(detail)
        }

        fun bind(
            option: Choice,
            look: Look,
        ) {
            tap.standFor(option.id)
            minimumHeight = palette.px(if (look.compact) COMPACT_HEIGHT_DP else HEIGHT_DP)
            val above = palette.px(if (look.compact) COMPACT_ABOVE_DP else ABOVE_DP)
            val side = palette.px(if (look.compact) COMPACT_SIDE_DP else SIDE_DP)
            setPadding(side, above, side, above)
            label.text = option.label
            detail.text = option.detail
            detail.visibility = if (option.detail.isEmpty()) View.GONE else View.VISIBLE
            hintOf(label, option.key, look, palette, palette.brand)
            // A text that is as high as the one before is not measured again, and its width decides the columns.
            label.requestLayout()
            detail.requestLayout()
            contentDescription = listOf(option.label, option.detail).filter { it.isNotEmpty() }.joinToString(", ")
        }
    }

    private companion object {
        const val GAP_DP = 8
        const val COMPACT_LABEL_BELOW_DP = 4
        const val LABEL_SIDE_DP = 4
        const val CORNER_DP = 10
        const val HEIGHT_DP = 64
        const val COMPACT_HEIGHT_DP = 48
        const val SIDE_DP = 8
        const val COMPACT_SIDE_DP = 5
        const val ABOVE_DP = 8
        const val COMPACT_ABOVE_DP = 2

        /** So few stand below one another. */
        const val FEW = 3

        /** Up to so many stand in two columns, more in three where they fit. */
        const val SOME = 6
        const val COLUMNS = 2
        const val COLUMNS_OF_MANY = 3
    }
}

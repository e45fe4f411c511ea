package br.com.posconnect.screen

import android.content.Context
import android.view.Gravity
import android.widget.LinearLayout
import android.widget.ScrollView
import br.com.posconnect.core.Screen
import br.com.posconnect.core.Widget

/** The middle of a screen without a list: its few things below one another, in the middle of the room there is. */
internal class ColumnBody(
    context: Context,
    private val palette: Palette,
    private val views: ItemViews,
) : ScrollView(context) {
    private val column = LinearLayout(context)
    private var kinds = listOf<Item.Kind>()
    private var page: String? = null
    private var typesBelow = false

    init {
        isFillViewport = true
        isFocusable = false
        column.orientation = LinearLayout.VERTICAL
        addView(column, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
    }

    fun show(
        screen: Screen,
        look: Look,
    ) {
        val items = Item.of(screen)
        // What is said about a field stands beside it.
        typesBelow = screen.widgets.any { it is Widget.Keypad }
        column.gravity = if (typesBelow) Gravity.BOTTOM else Gravity.CENTER_VERTICAL
        val edge = palette.px(if (look.compact) COMPACT_EDGE_DP else EDGE_DP)
        column.setPadding(palette.px(SIDE_DP), edge, palette.px(SIDE_DP), edge)
        val newKinds = items.map { it.kind }
        if (newKinds != kinds) {
            column.removeAllViews()
            newKinds.forEach { column.addView(views.make(it)) }
            kinds = newKinds
        }
        items.forEachIndexed { index, item ->
            val view = column.getChildAt(index)
            view.layoutParams = place(index, look)
            (view as ItemView).bind(item, look)
        }
        if (screen.page != page) scrollTo(0, 0)
        page = screen.page
    }

    /** As high as everything in it. */
    fun wholeHeight(width: Int): Int {
        column.measure(MeasureSpec.makeMeasureSpec(width, MeasureSpec.EXACTLY), MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED))
        return column.measuredHeight
    }

    override fun onLayout(
        changed: Boolean,
        left: Int,
        top: Int,
        right: Int,
        bottom: Int,
    ) {
        super.onLayout(changed, left, top, right, bottom)
        // What was refused about an entry is said last.
        if (typesBelow) scrollTo(0, column.height)
    }

    private fun place(
        index: Int,
        look: Look,
    ): LinearLayout.LayoutParams {
        val place = LinearLayout.LayoutParams(LinearLayout.LayoutParams.MATCH_PARENT, LinearLayout.LayoutParams.WRAP_CONTENT)
        if (index > 0) place.topMargin = palette.px(gapDp(look.density))
        return place
    }

    private fun gapDp(density: Look.Density) =
        when (density) {
            Look.Density.ROOMY -> GAP_DP
            Look.Density.COMPACT -> COMPACT_GAP_DP
            Look.Density.DENSE -> DENSE_GAP_DP
        }

    private companion object {
        const val SIDE_DP = 12
        const val EDGE_DP = 6
        const val COMPACT_EDGE_DP = 3
        const val GAP_DP = 12
        const val COMPACT_GAP_DP = 6
        const val DENSE_GAP_DP = 4
    }
}

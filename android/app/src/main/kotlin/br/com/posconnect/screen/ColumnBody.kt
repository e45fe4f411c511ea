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

    init {
        isFillViewport = true
        isFocusable = false
        column.orientation = LinearLayout.VERTICAL
        column.setPadding(palette.px(SIDE_DP), palette.px(EDGE_DP), palette.px(SIDE_DP), palette.px(EDGE_DP))
        addView(column, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
    }

    fun show(
        screen: Screen,
        look: Look,
    ) {
        val items = Item.of(screen)
        // What is said about a field stands beside it.
        val typesBelow = screen.widgets.any { it is Widget.Keypad }
        column.gravity = if (typesBelow) Gravity.BOTTOM else Gravity.CENTER_VERTICAL
        val newKinds = items.map { it.kind }
        if (newKinds != kinds) {
            column.removeAllViews()
            newKinds.forEachIndexed { index, kind -> column.addView(views.make(kind), place(index, look)) }
            kinds = newKinds
        }
        items.forEachIndexed { index, item -> (column.getChildAt(index) as ItemView).bind(item, look) }
        if (screen.page != page) scrollTo(0, 0)
        page = screen.page
    }

    private fun place(
        index: Int,
        look: Look,
    ): LinearLayout.LayoutParams {
        val place = LinearLayout.LayoutParams(LinearLayout.LayoutParams.MATCH_PARENT, LinearLayout.LayoutParams.WRAP_CONTENT)
        if (index > 0) place.topMargin = palette.px(if (look.compact) COMPACT_GAP_DP else GAP_DP)
        return place
    }

    private companion object {
        const val SIDE_DP = 12
        const val EDGE_DP = 6
        const val GAP_DP = 12
        const val COMPACT_GAP_DP = 6
    }
}

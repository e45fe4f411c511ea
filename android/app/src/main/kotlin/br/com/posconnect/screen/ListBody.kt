package br.com.posconnect.screen

import android.content.Context
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.ListView
import br.com.posconnect.core.Screen
import br.com.posconnect.core.Widget

/**
 * The scrolled middle of a screen with a list. Its rows are used again as they leave the screen, so that 500 orders cost
 * as much as ten. It stays where it is while rows come and go above, and remembers where it was when a page comes back.
 */
internal class ListBody(
    context: Context,
    palette: Palette,
    private val views: ItemViews,
) : ListView(context) {
    private val items = Items()
    private val places = ScrollPlaces()
    private var page: String? = null
    private var search = ""

    init {
        divider = null
        dividerHeight = palette.px(GAP_DP)
        clipToPadding = false
        isFocusable = false
        setSelector(android.R.color.transparent)
        setPadding(palette.px(SIDE_DP), palette.px(EDGE_DP), palette.px(SIDE_DP), palette.px(EDGE_DP))
        adapter = items
    }

    fun show(
        screen: Screen,
        look: Look,
    ) {
        val name = nameOf(screen)
        val newSearch = searchIn(screen)
        val place =
            when {
                name != page -> {
                    keepPlace()
                    places.of(name)
                }

                newSearch != search -> {
                    null
                }

                else -> {
                    place()
                }
            }
        page = name
        search = newSearch
        items.show(Item.of(screen), look)
        goTo(place)
    }

    /** Another kind of page is shown. */
    fun leave() {
        keepPlace()
        page = null
    }

    private fun keepPlace() {
        page?.let { places.keep(it, place()) }
    }

    /** Where the list is now; `null`: at its top, where new rows are to be seen. */
    private fun place(): ScrollPlaces.Place? {
        val first = getChildAt(0) ?: return null
        if (firstVisiblePosition == 0 && first.top >= paddingTop) return null
        return ScrollPlaces.Place(items.keyAt(firstVisiblePosition), firstVisiblePosition, first.top - paddingTop)
    }

    private fun goTo(place: ScrollPlaces.Place?) {
        if (place == null) {
            setSelectionFromTop(0, 0)
            return
        }
        val found = items.positionOf(place.key)
        setSelectionFromTop(if (found >= 0) found else place.position.coerceAtMost(items.count - 1), place.offset)
    }

    /** Facts have no names of their own: a page of them begins at its top. */
    private fun nameOf(screen: Screen): String {
        val lists = screen.widgets.filterIsInstance<Widget.Rows>()
        return screen.page + lists.joinToString("") { " ${it.id}" }
    }

    private fun searchIn(screen: Screen): String =
        screen.widgets
            .filterIsInstance<Widget.Rows>()
            .mapNotNull { it.search?.value }
            .joinToString()

    private inner class Items : BaseAdapter() {
        private var items = listOf<Item>()
        private var look = Look(Look.Density.ROOMY, hints = false, good = false)

        /** A number for each key, as the list wants it. */
        private val ids = HashMap<String, Long>()

        fun show(
            newItems: List<Item>,
            newLook: Look,
        ) {
            items = newItems
            look = newLook
            val keys = newItems.map { it.key }
            if (ids.size > IDS_MAX) ids.keys.retainAll(keys.toSet())
            for (key in keys) if (key !in ids) ids[key] = nextId++
            notifyDataSetChanged()
        }

        private var nextId = 0L

        fun keyAt(position: Int): String = items.getOrNull(position)?.key.orEmpty()

        fun positionOf(key: String): Int = items.indexOfFirst { it.key == key }

        override fun getCount() = items.size

        override fun getItem(position: Int) = items[position]

        override fun getItemId(position: Int) = ids[items[position].key] ?: -1

        override fun hasStableIds() = true

        override fun getViewTypeCount() = Item.Kind.values().size

        override fun getItemViewType(position: Int) = items[position].kind.ordinal

        /** Rows take their taps themselves. */
        override fun areAllItemsEnabled() = false

        override fun isEnabled(position: Int) = false

        override fun getView(
            position: Int,
            used: View?,
            parent: ViewGroup,
        ): View {
            val item = items[position]
            val view = used ?: views.make(item.kind)
            (view as ItemView).bind(item, look)
            return view
        }
    }

    private companion object {
        const val SIDE_DP = 12
        const val EDGE_DP = 6
        const val GAP_DP = 6

        /** Longest list, twice. */
        const val IDS_MAX = 1_024
    }
}

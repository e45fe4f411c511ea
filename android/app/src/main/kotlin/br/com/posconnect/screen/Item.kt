package br.com.posconnect.screen

import br.com.posconnect.core.Action
import br.com.posconnect.core.Row
import br.com.posconnect.core.Screen
import br.com.posconnect.core.Widget

/** One thing in the scrolled middle of a screen. */
internal sealed class Item {
    /** Which view draws it. */
    enum class Kind { MAIN_AMOUNT, AMOUNT, MESSAGE, OPTIONS, PROGRESS, ROW, FACT, MORE, EMPTY }

    abstract val kind: Kind

    /** The same thing has the same key in the next screen. */
    abstract val key: String

    /** A widget that is not a list; [number]: how many stand above it. */
    class Piece(
        val widget: Widget,
        number: Int,
    ) : Item() {
        override val kind =
            when (widget) {
                is Widget.Amount -> if (widget.main) Kind.MAIN_AMOUNT else Kind.AMOUNT
                is Widget.Options -> Kind.OPTIONS
                is Widget.Progress -> Kind.PROGRESS
                is Widget.Message, is Widget.Keypad, is Widget.Rows -> Kind.MESSAGE
            }
        override val key = "$kind $number"
    }

    /** A row of a list; rows that are all facts are drawn as facts. */
    class ListRow(
        val row: Row,
        list: Widget.Rows,
        number: Int,
    ) : Item() {
        override val kind = if (list.search == null && list.rows.all { it.id == null }) Kind.FACT else Kind.ROW
        override val key = "row ${list.id} ${row.id ?: "$number ${row.title}"}"
    }

    /** The button for more rows. */
    class More(
        val action: Action,
        list: Widget.Rows,
    ) : Item() {
        override val kind = Kind.MORE
        override val key = "more ${list.id}"
    }

    /** What stands in place of rows. */
    class Empty(
        val text: String,
        list: Widget.Rows,
    ) : Item() {
        override val kind = Kind.EMPTY
        override val key = "empty ${list.id}"
    }

    companion object {
        /** The items of a screen, from top to bottom. A keypad is none: it stays in its place. */
        fun of(screen: Screen): List<Item> =
            screen.widgets.flatMapIndexed { number, widget ->
                when (widget) {
                    is Widget.Rows -> ofList(widget)
                    is Widget.Keypad -> emptyList()
                    else -> listOf(Piece(widget, number))
                }
            }

        private fun ofList(list: Widget.Rows): List<Item> {
            val rows = list.rows.mapIndexed { number, row -> ListRow(row, list, number) }
            val more = listOfNotNull(list.more?.let { More(it, list) })
            val empty = if (rows.isEmpty() && list.empty.isNotEmpty()) listOf(Empty(list.empty, list)) else emptyList()
            return rows + more + empty
        }
    }
}

/** Draws an [Item] of one kind, again and again. */
internal interface ItemView {
    fun bind(
        item: Item,
        look: Look,
    )
}

/** How things are drawn at present. */
internal data class Look(
    val density: Density,
    /** The device has keys to show hints for. */
    val hints: Boolean,
    /** The screen says that all went well. */
    val good: Boolean,
) {
    /** From much room to as little as can be worked with. */
    enum class Density { ROOMY, COMPACT, DENSE }

    val compact: Boolean get() = density != Density.ROOMY
    val dense: Boolean get() = density == Density.DENSE
}

package br.com.posconnect.screen

import android.content.Context
import android.view.Gravity
import android.view.View
import android.widget.FrameLayout
import android.widget.TextView

/** Makes the view that draws items of a kind. */
internal class ItemViews(
    private val context: Context,
    private val palette: Palette,
    private val tell: (String) -> Unit,
) {
    fun make(kind: Item.Kind): View =
        when (kind) {
            Item.Kind.MAIN_AMOUNT -> MainAmountView(context, palette)
            Item.Kind.AMOUNT -> AmountView(context, palette)
            Item.Kind.MESSAGE -> MessageView(context, palette)
            Item.Kind.OPTIONS -> OptionsView(context, palette, tell)
            Item.Kind.PROGRESS -> ProgressView(context, palette)
            Item.Kind.ROW -> RowView(context, palette, tell)
            Item.Kind.FACT -> FactView(context, palette)
            Item.Kind.MORE -> MoreView()
            Item.Kind.EMPTY -> EmptyView()
        }

    /** Asks for more rows. */
    private inner class MoreView :
        FrameLayout(context),
        ItemView {
        private val tap = Tap(this, tell)
        private val label: TextView = palette.label(16, palette.brand, bold = true)

        init {
            minimumHeight = palette.px(MORE_HEIGHT_DP)
            background = palette.pressable(palette.rounded(palette.brandTint, CORNER_DP), CORNER_DP)
            label.gravity = Gravity.CENTER
            addView(label, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT, Gravity.CENTER))
        }

        override fun bind(
            item: Item,
            look: Look,
        ) {
            val action = (item as Item.More).action
            tap.standFor(action.id)
            label.text = action.label
            contentDescription = action.label
        }
    }

    /** Stands in place of rows. */
    private inner class EmptyView :
        FrameLayout(context),
        ItemView {
        private val label = palette.label(17, palette.textSoft)

        init {
            val padding = palette.px(EMPTY_PADDING_DP)
            setPadding(padding, padding, padding, padding)
            label.gravity = Gravity.CENTER
            addView(label, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
        }

        override fun bind(
            item: Item,
            look: Look,
        ) {
            label.text = (item as Item.Empty).text
        }
    }

    private companion object {
        const val MORE_HEIGHT_DP = 52
        const val CORNER_DP = 10
        const val EMPTY_PADDING_DP = 28
    }
}

package br.com.posconnect.screen

import android.content.Context
import android.graphics.Typeface
import android.view.Gravity
import android.view.View
import android.widget.FrameLayout
import android.widget.ImageView
import android.widget.LinearLayout
import br.com.posconnect.R
import br.com.posconnect.core.Choice
import br.com.posconnect.core.Key
import br.com.posconnect.core.Widget

/** What is entered, and the keys to enter it with. Stays in its place above the buttons. */
internal class KeypadView(
    context: Context,
    private val palette: Palette,
    private val tell: (String) -> Unit,
) : LinearLayout(context) {
    private val label = palette.label(16, palette.textSoft)
    private val value = FittingText(context)
    private val shown = LinearLayout(context)
    private val grid = EvenGrid(context, palette.px(GAP_DP))

    init {
        orientation = VERTICAL
        shown.orientation = HORIZONTAL
        shown.gravity = Gravity.CENTER_VERTICAL
        shown.background = palette.rounded(palette.surface, CORNER_DP, palette.brand, edgeDp = 2)
        value.gravity = Gravity.END
        value.typeface = Typeface.DEFAULT_BOLD
        value.setTextColor(palette.text)
        value.includeFontPadding = false
        shown.addView(label, LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT))
        shown.addView(value, LayoutParams(0, LayoutParams.WRAP_CONTENT, 1f))
        val shownPlace = LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT)
        shownPlace.bottomMargin = palette.px(GAP_DP)
        addView(shown, shownPlace)
        grid.columnsMax = COLUMNS
        addView(grid, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
    }

    fun bind(
        keypad: Widget.Keypad,
        look: Look,
    ) {
        label.text = keypad.label
        value.text = keypad.value
        value.largestSp = if (look.compact) COMPACT_SP else LARGE_SP
        val above = palette.px(if (look.compact) COMPACT_ABOVE_DP else ABOVE_DP)
        shown.setPadding(palette.px(SIDE_DP), above, palette.px(SIDE_DP), above)
        value.setPadding(palette.px(SIDE_DP), 0, 0, 0)
        shown.contentDescription = "${keypad.label}: ${keypad.value}"
        while (grid.childCount > keypad.keys.size) grid.removeViewAt(grid.childCount - 1)
        while (grid.childCount < keypad.keys.size) grid.addView(KeyButton(context, palette, tell))
        keypad.keys.forEachIndexed { index, key -> (grid.getChildAt(index) as KeyButton).bind(key, look) }
    }

    private class KeyButton(
        context: Context,
        private val palette: Palette,
        tell: (String) -> Unit,
    ) : FrameLayout(context) {
        private val tap = Tap(this, tell)
        private val label = palette.label(24, palette.text, bold = true)
        private val erase = ImageView(context)

        init {
            background = palette.pressable(palette.rounded(palette.surface, CORNER_DP, palette.line), CORNER_DP)
            val place = LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT, Gravity.CENTER)
            label.includeFontPadding = false
            addView(label, place)
            erase.setImageDrawable(palette.icon(R.drawable.ic_erase, palette.text))
            addView(erase, LayoutParams(palette.px(ICON_DP), palette.px(ICON_DP), Gravity.CENTER))
        }

        fun bind(
            key: Choice,
            look: Look,
        ) {
            tap.standFor(key.id)
            minimumHeight = palette.px(if (look.compact) COMPACT_KEY_DP else KEY_DP)
            // Old fonts have no such sign.
            val erases = key.key is Key.Clear
            label.text = key.label
            label.visibility = if (erases) View.GONE else View.VISIBLE
            erase.visibility = if (erases) View.VISIBLE else View.GONE
            contentDescription = key.detail.ifEmpty { key.label }
        }
    }

    private companion object {
        const val COLUMNS = 3
        const val GAP_DP = 5
        const val CORNER_DP = 10
        const val SIDE_DP = 12
        const val ABOVE_DP = 10
        const val COMPACT_ABOVE_DP = 3
        const val LARGE_SP = 38f
        const val COMPACT_SP = 28f
        const val KEY_DP = 58
        const val COMPACT_KEY_DP = 48
        const val ICON_DP = 30
    }
}

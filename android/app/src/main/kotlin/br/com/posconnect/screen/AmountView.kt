package br.com.posconnect.screen

import android.content.Context
import android.graphics.Typeface
import android.view.Gravity
import android.view.View
import android.widget.FrameLayout
import android.widget.LinearLayout
import android.widget.TextView
import br.com.posconnect.core.Widget

/** The figure of the screen, as large as it fits. */
internal class MainAmountView(
    context: Context,
    private val palette: Palette,
) : LinearLayout(context),
    ItemView {
    private val label = palette.label(16, palette.textSoft)
    private val value = FittingText(context)

    init {
        orientation = VERTICAL
        gravity = Gravity.CENTER_HORIZONTAL
        background = palette.rounded(palette.surface, CORNER_DP, palette.line)
        label.gravity = Gravity.CENTER
        value.gravity = Gravity.CENTER
        value.typeface = Typeface.DEFAULT_BOLD
        value.setTextColor(palette.brand)
        value.includeFontPadding = false
        addView(label, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
        addView(value, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
    }

    override fun bind(
        item: Item,
        look: Look,
    ) {
        val amount = (item as Item.Piece).widget as Widget.Amount
        label.text = amount.label
        value.text = amount.value
        value.largestSp = if (look.compact) COMPACT_SP else LARGE_SP
        val padding = palette.px(if (look.compact) COMPACT_PADDING_DP else PADDING_DP)
        setPadding(palette.px(PADDING_DP), padding, palette.px(PADDING_DP), padding)
        contentDescription = "${amount.label}: ${amount.value}"
    }

    private companion object {
        const val CORNER_DP = 12
        const val PADDING_DP = 16
        const val COMPACT_PADDING_DP = 8
        const val LARGE_SP = 54f
        const val COMPACT_SP = 44f
    }
}

/** Another figure: one line. */
internal class AmountView(
    context: Context,
    private val palette: Palette,
) : FrameLayout(context),
    ItemView {
    private val label = palette.label(16, palette.textSoft)
    private val value: TextView = palette.label(20, palette.text, bold = true)

    init {
        val side = palette.px(SIDE_DP)
        setPadding(side, 0, side, 0)
        addView(SideBySide(context, label, value, palette.px(GAP_DP)))
    }

    override fun bind(
        item: Item,
        look: Look,
    ) {
        val amount = (item as Item.Piece).widget as Widget.Amount
        label.text = amount.label
        value.text = amount.value
        contentDescription = "${amount.label}: ${amount.value}"
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_YES
    }

    private companion object {
        const val SIDE_DP = 4
        const val GAP_DP = 12
    }
}

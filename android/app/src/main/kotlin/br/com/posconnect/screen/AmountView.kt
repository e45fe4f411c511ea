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
        background = palette.rounded(palette.surface, CORNER_DP, palette.line)
        value.typeface = Typeface.DEFAULT_BOLD
        value.includeFontPadding = false
        addView(label)
        addView(value)
    }

    override fun bind(
        item: Item,
        look: Look,
    ) {
        val amount = (item as Item.Piece).widget as Widget.Amount
        label.text = amount.label
        value.text = amount.value
        // Green says that it is paid.
        value.setTextColor(if (look.good) palette.brand else palette.text)
        arrange(look)
        contentDescription = "${amount.label}: ${amount.value}"
    }

    /** Below one another, or on one line where there is no height for two. */
    private fun arrange(look: Look) {
        orientation = if (look.dense) HORIZONTAL else VERTICAL
        gravity = Gravity.CENTER
        label.gravity = if (look.dense) Gravity.START else Gravity.CENTER
        value.gravity = if (look.dense) Gravity.END else Gravity.CENTER
        val whole = if (look.dense) LayoutParams.WRAP_CONTENT else LayoutParams.MATCH_PARENT
        label.layoutParams = LayoutParams(whole, LayoutParams.WRAP_CONTENT)
        value.layoutParams = LayoutParams(if (look.dense) 0 else whole, LayoutParams.WRAP_CONTENT, if (look.dense) 1f else 0f)
        value.setPadding(if (look.dense) palette.px(PADDING_DP) else 0, 0, 0, 0)
        value.largestSp =
            when (look.density) {
                Look.Density.ROOMY -> LARGE_SP
                Look.Density.COMPACT -> COMPACT_SP
                Look.Density.DENSE -> DENSE_SP
            }
        val padding = palette.px(if (look.compact) COMPACT_PADDING_DP else PADDING_DP)
        setPadding(palette.px(PADDING_DP), padding, palette.px(PADDING_DP), padding)
    }

    private companion object {
        const val CORNER_DP = 12
        const val PADDING_DP = 16
        const val COMPACT_PADDING_DP = 8
        const val LARGE_SP = 54f
        const val COMPACT_SP = 44f
        const val DENSE_SP = 34f
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
        value.textSize = if (look.compact) COMPACT_SP else LARGE_SP
        contentDescription = "${amount.label}: ${amount.value}"
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_YES
    }

    private companion object {
        const val SIDE_DP = 4
        const val GAP_DP = 12
        const val LARGE_SP = 20f
        const val COMPACT_SP = 17f
    }
}

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
    private var isDense = false
    private var isInline: Boolean? = null

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
        isDense = look.dense
        value.largestSp =
            when (look.density) {
                Look.Density.ROOMY -> LARGE_SP
                Look.Density.COMPACT -> COMPACT_SP
                Look.Density.DENSE -> DENSE_SP
            }
        val padding = palette.px(paddingDp(look.density))
        setPadding(palette.px(PADDING_DP), padding, palette.px(PADDING_DP), padding)
        contentDescription = "${amount.label}: ${amount.value}"
    }

    private fun paddingDp(density: Look.Density) =
        when (density) {
            Look.Density.ROOMY -> PADDING_DP
            Look.Density.COMPACT -> COMPACT_PADDING_DP
            Look.Density.DENSE -> DENSE_PADDING_DP
        }

    /** Below one another; on one line where there is no height for two, if the figure stays large enough. */
    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val room = MeasureSpec.getSize(widthMeasureSpec) - paddingLeft - paddingRight
        val both = label.paint.measureText(label.text.toString()) + palette.px(PADDING_DP) + value.naturalWidth() * INLINE_SP / DENSE_SP
        arrange(inline = isDense && both <= room)
        super.onMeasure(widthMeasureSpec, heightMeasureSpec)
    }

    private fun arrange(inline: Boolean) {
        if (isInline == inline) return
        isInline = inline
        orientation = if (inline) HORIZONTAL else VERTICAL
        gravity = Gravity.CENTER
        label.gravity = if (inline) Gravity.START else Gravity.CENTER
        value.gravity = if (inline) Gravity.END else Gravity.CENTER
        val width = if (inline) LayoutParams.WRAP_CONTENT else LayoutParams.MATCH_PARENT
        label.layoutParams = LayoutParams(width, LayoutParams.WRAP_CONTENT)
        value.layoutParams = LayoutParams(if (inline) 0 else width, LayoutParams.WRAP_CONTENT, if (inline) 1f else 0f)
    }

    private companion object {
        const val CORNER_DP = 12
        const val PADDING_DP = 16
        const val COMPACT_PADDING_DP = 8
        const val DENSE_PADDING_DP = 4
        const val LARGE_SP = 54f
        const val COMPACT_SP = 44f
        const val DENSE_SP = 34f

        /** Smaller a main figure must not become beside its label. */
        const val INLINE_SP = 26f
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

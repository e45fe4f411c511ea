package br.com.posconnect.screen

import android.content.Context
import android.view.View
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import br.com.posconnect.R
import br.com.posconnect.core.Tone
import br.com.posconnect.core.Widget

/** A message on a ground of its tone, with a sign that can be told without colours. */
internal class MessageView(
    context: Context,
    private val palette: Palette,
) : LinearLayout(context),
    ItemView {
    private val icon = ImageView(context)
    private val title = palette.label(18, palette.text, bold = true)
    private val text = palette.label(16, palette.text)

    init {
        orientation = HORIZONTAL
        val words = LinearLayout(context)
        words.orientation = VERTICAL
        words.addView(title)
        words.addView(text)
        val iconPlace = LayoutParams(palette.px(ICON_DP), palette.px(ICON_DP))
        iconPlace.rightMargin = palette.px(ICON_GAP_DP)
        addView(icon, iconPlace)
        addView(words, LayoutParams(0, LayoutParams.WRAP_CONTENT, 1f))
        text.setLineSpacing(palette.px(1).toFloat(), 1f)
    }

    override fun bind(
        item: Item,
        look: Look,
    ) {
        val message = (item as Item.Piece).widget as Widget.Message
        val colors = palette.quiet(message.tone)
        background = palette.rounded(colors.ground, CORNER_DP)
        val padding = palette.px(if (look.compact) COMPACT_PADDING_DP else PADDING_DP)
        setPadding(palette.px(PADDING_DP), padding, palette.px(PADDING_DP), padding)
        val sign = sign(message.tone)
        icon.visibility = if (sign == null) View.GONE else View.VISIBLE
        if (sign != null) icon.setImageDrawable(palette.icon(sign, colors.text))
        show(title, message.title, colors.text)
        show(text, message.text, colors.text)
        title.textSize = if (look.compact) COMPACT_TITLE_SP else TITLE_SP
        text.setPadding(0, if (message.title.isEmpty()) 0 else palette.px(TEXT_GAP_DP), 0, 0)
    }

    private fun show(
        view: TextView,
        words: String,
        color: Int,
    ) {
        view.visibility = if (words.isEmpty()) View.GONE else View.VISIBLE
        view.text = words
        view.setTextColor(color)
    }

    private fun sign(tone: Tone): Int? =
        when (tone) {
            Tone.NEUTRAL -> null
            Tone.GOOD -> R.drawable.ic_good
            Tone.WARNING -> R.drawable.ic_warning
            Tone.BAD -> R.drawable.ic_bad
        }

    private companion object {
        const val ICON_DP = 26
        const val ICON_GAP_DP = 12
        const val CORNER_DP = 12
        const val PADDING_DP = 14
        const val COMPACT_PADDING_DP = 7
        const val TITLE_SP = 19f
        const val COMPACT_TITLE_SP = 16f
        const val TEXT_GAP_DP = 3
    }
}

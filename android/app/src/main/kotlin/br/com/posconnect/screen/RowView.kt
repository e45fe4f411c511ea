package br.com.posconnect.screen

import android.content.Context
import android.text.TextUtils
import android.view.Gravity
import android.view.View
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import br.com.posconnect.R
import br.com.posconnect.core.Row
import br.com.posconnect.core.Tone

/** A row of a list: what it is, a second line, a mark, and a figure at the right. */
internal class RowView(
    context: Context,
    private val palette: Palette,
    tell: (String) -> Unit,
) : LinearLayout(context),
    ItemView {
    private val tap = Tap(this, tell)
    private val box = ImageView(context)
    private val title = palette.label(17, palette.text, bold = true)
    private val detail = palette.label(14, palette.textSoft)
    private val badge = palette.label(13, palette.text, bold = true)
    private val value = palette.label(18, palette.text, bold = true)
    private val plain = palette.rounded(palette.surface, CORNER_DP, palette.line)
    private val chosen = palette.rounded(palette.brandTint, CORNER_DP, palette.brand, edgeDp = 2)

    init {
        orientation = HORIZONTAL
        gravity = Gravity.CENTER_VERTICAL
        minimumHeight = palette.px(HEIGHT_DP)
        val side = palette.px(SIDE_DP)
        val above = palette.px(ABOVE_DP)
        setPadding(side, above, side, above)
        val boxPlace = LayoutParams(palette.px(BOX_DP), palette.px(BOX_DP))
        boxPlace.rightMargin = palette.px(GAP_DP)
        addView(box, boxPlace)
        addView(SideBySide(context, words(context), value, palette.px(GAP_DP), Gravity.END), LayoutParams(0, LayoutParams.WRAP_CONTENT, 1f))
        value.maxLines = 1
    }

    private fun words(context: Context): View {
        val words = LinearLayout(context)
        words.orientation = VERTICAL
        title.maxLines = LINES_MAX
        title.ellipsize = TextUtils.TruncateAt.END
        badge.maxLines = 1
        badge.ellipsize = TextUtils.TruncateAt.END
        badge.setPadding(palette.px(BADGE_SIDE_DP), palette.px(1), palette.px(BADGE_SIDE_DP), palette.px(2))
        val badgePlace = LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT)
        badgePlace.topMargin = palette.px(BADGE_ABOVE_DP)
        // As wide as their texts, so that what fits beside them can be told.
        words.addView(title, LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT))
        words.addView(detail, LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT))
        words.addView(badge, badgePlace)
        return words
    }

    override fun bind(
        item: Item,
        look: Look,
    ) {
        val row = (item as Item.ListRow).row
        tap.standFor(row.id)
        val ground = if (row.selected == true) chosen else plain
        background = if (row.id == null) ground else palette.pressable(ground, CORNER_DP)
        box(row)
        title.text = row.title
        title.setTextColor(if (row.id == null) palette.textSoft else palette.text)
        value.setTextColor(if (row.id == null) palette.textSoft else palette.text)
        show(detail, row.detail)
        show(value, row.value)
        show(badge, row.badge)
        val colors = palette.quiet(row.tone)
        badge.setTextColor(colors.text)
        badge.background = palette.rounded(colors.ground, BADGE_CORNER_DP)
        contentDescription = described(row)
        isSelected = row.selected == true
        hintOf(title, row.key, look, palette, palette.text)
    }

    private fun box(row: Row) {
        box.visibility = if (row.selected == null) View.GONE else View.VISIBLE
        if (row.selected == null) return
        val sign = if (row.selected) R.drawable.ic_selected else R.drawable.ic_unselected
        box.setImageDrawable(palette.icon(sign, if (row.selected) palette.brand else palette.edge))
    }

    private companion object {
        const val HEIGHT_DP = 60
        const val SIDE_DP = 12
        const val ABOVE_DP = 8
        const val GAP_DP = 10
        const val BOX_DP = 26
        const val CORNER_DP = 10
        const val BADGE_SIDE_DP = 8
        const val BADGE_ABOVE_DP = 4
        const val BADGE_CORNER_DP = 8
        const val LINES_MAX = 6
    }
}

/** A fact: its name and what it is. */
internal class FactView(
    context: Context,
    private val palette: Palette,
) : LinearLayout(context),
    ItemView {
    private val title = palette.label(16, palette.textSoft)
    private val value = palette.label(17, palette.text, bold = true)
    private val detail = palette.label(16, palette.text)
    private val badge = palette.label(13, palette.text, bold = true)

    init {
        orientation = VERTICAL
        background = palette.rounded(palette.surface, CORNER_DP)
        val side = palette.px(SIDE_DP)
        val above = palette.px(ABOVE_DP)
        setPadding(side, above, side, above)
        addView(SideBySide(context, title, value, palette.px(GAP_DP)))
        addView(detail)
        badge.setPadding(palette.px(BADGE_SIDE_DP), palette.px(1), palette.px(BADGE_SIDE_DP), palette.px(2))
        val badgePlace = LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT)
        badgePlace.topMargin = palette.px(BADGE_ABOVE_DP)
        addView(badge, badgePlace)
    }

    override fun bind(
        item: Item,
        look: Look,
    ) {
        val row = (item as Item.ListRow).row
        title.text = row.title
        show(value, row.value)
        show(detail, row.detail)
        show(badge, row.badge)
        val colors = palette.quiet(row.tone)
        badge.setTextColor(colors.text)
        badge.background = palette.rounded(colors.ground, BADGE_CORNER_DP)
        value.setTextColor(if (row.tone == Tone.NEUTRAL || row.badge.isNotEmpty()) palette.text else colors.text)
        contentDescription = described(row)
    }

    private companion object {
        const val SIDE_DP = 12
        const val ABOVE_DP = 8
        const val GAP_DP = 12
        const val CORNER_DP = 8
        const val BADGE_SIDE_DP = 8
        const val BADGE_ABOVE_DP = 4
        const val BADGE_CORNER_DP = 8
    }
}

/** All of a row in one breath, for a screen reader. */
private fun described(row: Row) = listOf(row.title, row.value, row.detail, row.badge).filter { it.isNotEmpty() }.joinToString(", ")

private fun show(
    view: TextView,
    words: String,
) {
    view.text = words
    view.visibility = if (words.isEmpty()) View.GONE else View.VISIBLE
}

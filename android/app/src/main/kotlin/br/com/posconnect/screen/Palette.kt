package br.com.posconnect.screen

import android.content.Context
import android.content.res.ColorStateList
import android.graphics.Typeface
import android.graphics.drawable.Drawable
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.widget.TextView
import br.com.posconnect.R
import br.com.posconnect.core.Tone

/** Colours, measures and grounds: what everything on a screen is painted with. */
internal class Palette(
    private val context: Context,
) {
    /** A ground and the text on it. */
    class Pair(
        val ground: Int,
        val text: Int,
    )

    private val density = context.resources.displayMetrics.density

    val brand = color(R.color.brand)
    val brandTint = color(R.color.brand_tint)
    val onBrand = color(R.color.on_brand)
    val background = color(R.color.background)
    val surface = color(R.color.surface)
    val line = color(R.color.line)
    val edge = color(R.color.edge)
    val text = color(R.color.text)
    val textSoft = color(R.color.text_soft)

    private val quiet =
        mapOf(
            Tone.NEUTRAL to Pair(color(R.color.neutral_ground), color(R.color.neutral_text)),
            Tone.GOOD to Pair(color(R.color.good_ground), color(R.color.good_text)),
            Tone.WARNING to Pair(color(R.color.warning_ground), color(R.color.warning_text)),
            Tone.BAD to Pair(color(R.color.bad_ground), color(R.color.bad_text)),
        )
    private val strong =
        mapOf(
            Tone.NEUTRAL to Pair(color(R.color.neutral_strong), color(R.color.neutral_on_strong)),
            Tone.GOOD to Pair(color(R.color.good_strong), color(R.color.good_on_strong)),
            Tone.WARNING to Pair(color(R.color.warning_strong), color(R.color.warning_on_strong)),
            Tone.BAD to Pair(color(R.color.bad_strong), color(R.color.bad_on_strong)),
        )

    /** For messages and marks. */
    fun quiet(tone: Tone): Pair = quiet.getValue(tone)

    /** For the status line. */
    fun strong(tone: Tone): Pair = strong.getValue(tone)

    // The call with a theme came in Android 6; these colours have none.
    @Suppress("DEPRECATION")
    fun color(id: Int): Int = context.resources.getColor(id)

    fun icon(
        id: Int,
        tint: Int,
    ): Drawable {
        val icon = context.getDrawable(id) ?: error("an icon of ours")
        return icon.mutate().apply { setTint(tint) }
    }

    fun px(dp: Int): Int = (dp * density + 0.5f).toInt()

    /** A text view. */
    fun label(
        sizeSp: Int,
        color: Int,
        bold: Boolean = false,
    ): TextView =
        TextView(context).apply {
            textSize = sizeSp.toFloat()
            setTextColor(color)
            if (bold) typeface = Typeface.DEFAULT_BOLD
        }

    /** A ground with round corners. */
    fun rounded(
        ground: Int,
        radiusDp: Int,
        edge: Int? = null,
        edgeDp: Int = 1,
    ): GradientDrawable =
        GradientDrawable().apply {
            setColor(ground)
            cornerRadius = px(radiusDp).toFloat()
            if (edge != null) setStroke(px(edgeDp), edge)
        }

    /** The same, answering a finger. */
    fun pressable(
        ground: Drawable,
        radiusDp: Int,
    ): Drawable = RippleDrawable(ColorStateList.valueOf(color(R.color.press)), ground, rounded(surface, radiusDp))
}

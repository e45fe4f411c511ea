package br.com.posconnect.screen

import android.graphics.Canvas
import android.graphics.ColorFilter
import android.graphics.Paint
import android.graphics.PixelFormat
import android.graphics.RectF
import android.graphics.drawable.Drawable
import android.widget.TextView
import br.com.posconnect.R
import br.com.posconnect.core.Key

/** Shows which physical key does the same: its digit in a frame, or a dot in its colour. */
internal class KeyHint(
    private val key: Key,
    private val palette: Palette,
    private val textColor: Int,
) : Drawable() {
    private val size = palette.px(SIZE_DP)
    private val paint = Paint(Paint.ANTI_ALIAS_FLAG)

    override fun getIntrinsicWidth() = size

    override fun getIntrinsicHeight() = size

    override fun draw(canvas: Canvas) {
        when (key) {
            is Key.Digit -> digit(canvas, key.digit.toString())
            is Key.Enter -> dot(canvas, palette.color(R.color.key_enter))
            is Key.Back -> dot(canvas, palette.color(R.color.key_back))
            is Key.Clear -> dot(canvas, palette.color(R.color.key_clear))
        }
    }

    private fun digit(
        canvas: Canvas,
        digit: String,
    ) {
        val edge = palette.px(1).toFloat()
        val radius = palette.px(RADIUS_DP).toFloat()
        paint.color = textColor
        paint.style = Paint.Style.STROKE
        paint.strokeWidth = edge
        val frame = RectF(bounds)
        frame.inset(edge, edge)
        canvas.drawRoundRect(frame, radius, radius, paint)
        paint.style = Paint.Style.FILL
        paint.textAlign = Paint.Align.CENTER
        paint.textSize = size * DIGIT_SHARE
        paint.isFakeBoldText = true
        canvas.drawText(digit, bounds.exactCenterX(), bounds.exactCenterY() - (paint.ascent() + paint.descent()) / 2, paint)
    }

    /** With a rim, to stand out on grounds of its own colour. */
    private fun dot(
        canvas: Canvas,
        color: Int,
    ) {
        val radius = size / 2f - palette.px(DOT_INSET_DP)
        paint.style = Paint.Style.FILL
        paint.color = palette.surface
        canvas.drawCircle(bounds.exactCenterX(), bounds.exactCenterY(), radius + palette.px(1), paint)
        paint.color = color
        canvas.drawCircle(bounds.exactCenterX(), bounds.exactCenterY(), radius, paint)
    }

    override fun setAlpha(alpha: Int) = Unit

    override fun setColorFilter(filter: ColorFilter?) = Unit

    @Deprecated("Android asks for it up to version 9")
    override fun getOpacity() = PixelFormat.TRANSLUCENT

    private companion object {
        const val SIZE_DP = 20
        const val RADIUS_DP = 5
        const val DIGIT_SHARE = 0.68f
        const val DOT_INSET_DP = 4
    }
}

/** Puts the hint of [key] before a text, or none. */
internal fun hintOf(
    view: TextView,
    key: Key?,
    look: Look,
    palette: Palette,
    textColor: Int,
) {
    val hint = if (look.hints && key != null) KeyHint(key, palette, textColor) else null
    hint?.setBounds(0, 0, hint.intrinsicWidth, hint.intrinsicHeight)
    view.setCompoundDrawablesRelative(hint, null, null, null)
    view.compoundDrawablePadding = palette.px(HINT_GAP_DP)
}

private const val HINT_GAP_DP = 6

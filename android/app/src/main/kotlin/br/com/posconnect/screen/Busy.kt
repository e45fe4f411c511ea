package br.com.posconnect.screen

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.view.View
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.sin

/**
 * Something takes time, nobody knows how long: a ring of dots, the dark one moving. It moves in steps, about as often as
 * an eye needs, because the processor is small and a payment may take minutes.
 */
internal class Busy(
    context: Context,
    private val palette: Palette,
) : View(context) {
    /** How wide and high it is. */
    var sizeDp = 0
        set(value) {
            if (field == value) return
            field = value
            requestLayout()
        }

    private val paint = Paint(Paint.ANTI_ALIAS_FLAG)
    private var lead = 0
    private val step =
        Runnable {
            lead = (lead + 1) % DOTS
            invalidate()
            goOn()
        }

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val size = palette.px(sizeDp)
        setMeasuredDimension(size, size)
    }

    override fun onDraw(canvas: Canvas) {
        val centre = width / 2f
        val dot = width / DOT_SHARE
        for (index in 0 until DOTS) {
            val behind = (lead - index + DOTS) % DOTS
            paint.color = palette.brand
            paint.alpha = (FULL - behind * FADE).coerceAtLeast(FAINT)
            val angle = 2 * PI * index / DOTS - PI / 2
            canvas.drawCircle(centre + (centre - dot) * cos(angle).toFloat(), centre + (centre - dot) * sin(angle).toFloat(), dot, paint)
        }
    }

    override fun onAttachedToWindow() {
        super.onAttachedToWindow()
        goOn()
    }

    override fun onWindowVisibilityChanged(visibility: Int) {
        super.onWindowVisibilityChanged(visibility)
        goOn()
    }

    override fun onDetachedFromWindow() {
        removeCallbacks(step)
        super.onDetachedFromWindow()
    }

    /** While it can be seen. */
    private fun goOn() {
        removeCallbacks(step)
        if (windowVisibility == VISIBLE && isShown) postDelayed(step, STEP_MS)
    }

    private companion object {
        const val DOTS = 10
        const val STEP_MS = 110L
        const val DOT_SHARE = 13f
        const val FULL = 255
        const val FADE = 26
        const val FAINT = 40
    }
}

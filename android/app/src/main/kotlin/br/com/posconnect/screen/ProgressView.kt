package br.com.posconnect.screen

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import br.com.posconnect.core.Widget

/** Something takes time: a moving ring, or steps where they are known. */
internal class ProgressView(
    context: Context,
    private val palette: Palette,
) : LinearLayout(context),
    ItemView {
    private val busy = Busy(context, palette)
    private val steps = Steps(context, palette)
    private val label = palette.label(18, palette.text)

    init {
        orientation = VERTICAL
        gravity = Gravity.CENTER_HORIZONTAL
        addView(busy)
        addView(steps, LayoutParams(LayoutParams.MATCH_PARENT, palette.px(BAR_DP)))
        label.gravity = Gravity.CENTER
        addView(label, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
    }

    override fun bind(
        item: Item,
        look: Look,
    ) {
        val progress = (item as Item.Piece).widget as Widget.Progress
        label.text = progress.label
        val padding = palette.px(if (look.compact) COMPACT_PADDING_DP else PADDING_DP)
        setPadding(padding, padding, padding, padding)
        label.setPadding(0, padding, 0, 0)
        label.textSize = if (look.compact) COMPACT_SP else LARGE_SP
        busy.sizeDp = if (look.dense) DENSE_BUSY_DP else BUSY_DP
        val known = progress.of > 0
        busy.visibility = if (known) View.GONE else View.VISIBLE
        steps.visibility = if (known) View.VISIBLE else View.GONE
        if (known) steps.show(progress.done, progress.of)
    }

    /** A bar in as many pieces as there are steps. */
    private class Steps(
        context: Context,
        private val palette: Palette,
    ) : View(context) {
        private val paint = Paint(Paint.ANTI_ALIAS_FLAG)
        private var done = 0
        private var of = 1

        fun show(
            newDone: Int,
            newOf: Int,
        ) {
            done = newDone.coerceIn(0, newOf)
            of = newOf
            invalidate()
        }

        override fun onDraw(canvas: Canvas) {
            val pieces = of.coerceAtMost(PIECES_MAX)
            val gap = palette.px(PIECE_GAP_DP).toFloat()
            val piece = (width - gap * (pieces - 1)) / pieces
            val radius = height / 2f
            for (index in 0 until pieces) {
                paint.color = if (index.toLong() * of < done.toLong() * pieces) palette.brand else palette.line
                val left = index * (piece + gap)
                canvas.drawRoundRect(left, 0f, left + piece, height.toFloat(), radius, radius, paint)
            }
        }
    }

    private companion object {
        const val PADDING_DP = 14
        const val COMPACT_PADDING_DP = 4
        const val LARGE_SP = 18f
        const val COMPACT_SP = 16f
        const val BUSY_DP = 56
        const val DENSE_BUSY_DP = 36
        const val BAR_DP = 14
        const val PIECE_GAP_DP = 4

        /** More could not be told apart. */
        const val PIECES_MAX = 24
    }
}

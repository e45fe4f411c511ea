package br.com.posconnect.pictures

import android.graphics.Rect
import android.view.View
import android.view.ViewGroup
import android.widget.AdapterView
import android.widget.HorizontalScrollView
import android.widget.ListAdapter
import android.widget.ScrollView
import android.widget.TextView
import kotlin.math.ceil
import kotlin.math.pow

/**
 * What every screen must be for a hand in a glove and an eye in the sun: no text cut off, nothing to tap that is smaller than
 * 48 dp or has no name, and every text 4.5 times as bright or dark as what is behind it.
 */
class Readability(
    private val root: View,
    private val picture: Picture,
) {
    private val found = mutableListOf<String>()

    fun problems(): List<String> {
        visit(root)
        return found
    }

    private fun visit(view: View) {
        if (view.visibility != View.VISIBLE || view.width == 0 || view.height == 0) {
            if (view.visibility == View.VISIBLE && view is TextView && view.text.isNotEmpty()) found += "no room for ${named(view)}"
            return
        }
        if (view is TextView) {
            wholeText(view)
            contrast(view)
        }
        if (view.isClickable || isRow(view)) tappable(view)
        if (view is ViewGroup) (0 until view.childCount).forEach { visit(view.getChildAt(it)) }
    }

    private fun wholeText(view: TextView) {
        val layout = view.layout ?: return
        // An empty field is as readable as its hint.
        if (view.text.isEmpty() && view.hint.isNullOrEmpty()) return
        val lines = 0 until layout.lineCount
        if (lines.any { layout.getEllipsisCount(it) > 0 }) found += "ellipsized: ${named(view)}"
        val wide = view.width - view.compoundPaddingLeft - view.compoundPaddingRight
        if (lines.any { ceil(layout.getLineMax(it)) > wide + 1 }) found += "wider than its view: ${named(view)}"
        val high = view.height - view.compoundPaddingTop - view.compoundPaddingBottom
        if (layout.height > high) found += "higher than its view: ${named(view)}"
        val shown = Rect()
        val whole = view.getGlobalVisibleRect(shown)
        if (!scrolls(view) && (!whole || shown.width() < view.width || shown.height() < view.height)) {
            found += "cut off: ${named(view)}"
        }
        if (scrolls(view) && whole && shown.width() < view.width) found += "cut off at the side: ${named(view)}"
    }

    private fun tappable(view: View) {
        val least = ceil(TOUCH_DP * view.resources.displayMetrics.density - 0.5f).toInt()
        if (view.width < least || view.height < least) {
            found += "smaller than $TOUCH_DP dp (${view.width}x${view.height} px): ${named(view)}"
        }
        if (view.isEnabled && name(view).isEmpty()) found += "nothing says what it is: ${named(view)}"
    }

    /** Against the most frequent colour behind it, as drawn. */
    private fun contrast(view: TextView) {
        val place = Rect()
        if (!view.getGlobalVisibleRect(place) || !place.intersect(0, 0, picture.width, picture.height)) return
        val empty = view.text.isEmpty()
        val written = if (empty) view.hint else view.text
        if (written.isNullOrBlank()) return
        val colors = picture.colors(place.left until place.right, place.top until place.bottom)
        val behind = colors.maxBy { it.value }.key
        val text = if (empty) view.currentHintTextColor else view.currentTextColor
        val ratio = ratio(over(text, behind), behind)
        if (ratio < CONTRAST_MIN) found += "contrast of %.1f: %s".format(ratio, named(view))
    }

    private fun isRow(view: View): Boolean {
        val list = view.parent as? AdapterView<*> ?: return false
        val at = list.getPositionForView(view)
        return at >= 0 && (list.adapter as ListAdapter).isEnabled(at)
    }

    private fun scrolls(view: View): Boolean =
        generateSequence(view.parent) { it.parent }.any { it is AdapterView<*> || it is ScrollView || it is HorizontalScrollView }

    private fun name(view: View): String {
        val own = view.contentDescription ?: (view as? TextView)?.let { it.text.ifEmpty { it.hint } }
        if (!own.isNullOrBlank() || view !is ViewGroup) return own?.toString()?.trim().orEmpty()
        return (0 until view.childCount).map { name(view.getChildAt(it)) }.firstOrNull { it.isNotEmpty() }.orEmpty()
    }

    private fun named(view: View) = "${view.javaClass.simpleName} \"${name(view)}\""

    companion object {
        private const val TOUCH_DP = 48
        private const val CONTRAST_MIN = 4.5

        /** Relative contrast of two opaque colours, as WCAG 2 reckons it. */
        fun ratio(
            one: Int,
            other: Int,
        ): Double {
            val (darker, lighter) = listOf(luminance(one), luminance(other)).sorted()
            return (lighter + 0.05) / (darker + 0.05)
        }

        private fun luminance(color: Int): Double {
            fun part(shift: Int): Double {
                val part = (color shr shift and 0xFF) / 255.0
                return if (part <= 0.03928) part / 12.92 else ((part + 0.055) / 1.055).pow(2.4)
            }
            return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
        }

        /** A colour with its transparency on an opaque one. */
        private fun over(
            color: Int,
            behind: Int,
        ): Int {
            val alpha = color ushr 24

            fun mixed(shift: Int) = ((color shr shift and 0xFF) * alpha + (behind shr shift and 0xFF) * (255 - alpha)) / 255 shl shift
            return mixed(16) or mixed(8) or mixed(0)
        }
    }
}

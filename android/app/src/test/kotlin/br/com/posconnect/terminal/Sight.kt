package br.com.posconnect.terminal

import android.view.View
import android.view.ViewGroup
import android.widget.AdapterView
import android.widget.EditText
import android.widget.ListAdapter
import android.widget.TextView

/** What an operator sees in a window, and where a finger lands. */
class Sight(
    private val root: View,
) {
    /** Every text that can be read, from top to bottom. */
    fun texts(): List<String> = labels().map { it.text.toString() }.filter { it.isNotBlank() }.toList()

    fun field(): EditText? = views().filterIsInstance<EditText>().firstOrNull()

    /** Touches whatever carries this text; `false`: there is no such thing, or it does nothing. */
    fun touch(text: String): Boolean {
        val label = labels().firstOrNull { it.text.toString() == text } ?: labels().firstOrNull { text in it.text } ?: return false
        for (view in generateSequence<View>(label) { it.parent as? View }) {
            if (view.isClickable && view.isEnabled) return view.performClick()
            val list = view.parent as? AdapterView<*> ?: continue
            val at = list.getPositionForView(view)
            return (list.adapter as ListAdapter).isEnabled(at) && list.performItemClick(view, at, list.adapter.getItemId(at))
        }
        return false
    }

    private fun labels() = views().filterIsInstance<TextView>()

    private fun views(): Sequence<View> = views(root)

    private fun views(view: View): Sequence<View> =
        sequence {
            if (view.visibility != View.VISIBLE) return@sequence
            yield(view)
            if (view is ViewGroup) for (n in 0 until view.childCount) yieldAll(views(view.getChildAt(n)))
        }
}

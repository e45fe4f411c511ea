package br.com.posconnect.screen

import android.annotation.SuppressLint
import android.view.MotionEvent
import android.view.View

/**
 * Makes a view a thing to tap. Views are used again for other things while a finger is on them: the tap counts only if the
 * view still stands for what it stood for when the finger came down.
 */
internal class Tap(
    private val view: View,
    private val tell: (String) -> Unit,
) {
    private var id: String? = null
    private var touched: String? = null

    init {
        @SuppressLint("ClickableViewAccessibility")
        view.setOnTouchListener { _, event ->
            when (event.actionMasked) {
                MotionEvent.ACTION_DOWN -> touched = id
                MotionEvent.ACTION_CANCEL -> touched = null
            }
            false
        }
    }

    /** From now on the view stands for [newId]; `null`: it cannot be tapped. */
    fun standFor(newId: String?) {
        id = newId
        view.tag = newId
        if (newId == null) {
            view.setOnClickListener(null)
            view.isClickable = false
        } else {
            view.setOnClickListener { tapped() }
        }
    }

    private fun tapped() {
        val meant = touched ?: id
        touched = null
        if (meant != null && meant == id) tell(meant)
    }
}

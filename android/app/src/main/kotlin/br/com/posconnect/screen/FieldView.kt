package br.com.posconnect.screen

import android.content.Context
import android.text.Editable
import android.text.InputType
import android.text.TextWatcher
import android.view.View
import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputMethodManager
import android.widget.EditText
import android.widget.LinearLayout
import br.com.posconnect.R

/**
 * A text field of the screen: a search, or a code. What is typed goes to Rust as a whole text; what Rust shows is put into
 * the field, unless it is an echo of what was typed a moment ago.
 */
internal class FieldView(
    context: Context,
    private val palette: Palette,
    private val tell: (id: String, value: String) -> Boolean,
) : LinearLayout(context) {
    private val label = palette.label(16, palette.textSoft)
    private val edit = EditText(context)
    private val tellAgain = Runnable(::tellTyped)

    /** Texts told that have not come back yet, oldest first. */
    private val told = ArrayDeque<String>()
    private var id = ""

    /** What Rust showed last. */
    private var agreed = ""
    private var isOurs = false

    init {
        orientation = VERTICAL
        label.setPadding(palette.px(LABEL_SIDE_DP), 0, 0, palette.px(LABEL_BELOW_DP))
        addView(label)
        edit.background = palette.rounded(palette.surface, CORNER_DP, palette.edge, edgeDp = 1)
        edit.setTextColor(palette.text)
        edit.setHintTextColor(palette.textSoft)
        edit.maxLines = 1
        edit.minimumHeight = palette.px(HEIGHT_DP)
        edit.setPadding(palette.px(SIDE_DP), 0, palette.px(SIDE_DP), 0)
        edit.imeOptions = EditorInfo.IME_ACTION_DONE or EditorInfo.IME_FLAG_NO_EXTRACT_UI
        edit.addTextChangedListener(Typed())
        addView(edit, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT))
    }

    /** Whether it has the cursor and something before it: then keys of the device are typed into it by Android. */
    val takesDigits: Boolean get() = isShown && edit.isFocused
    val takesErase: Boolean get() = takesDigits && edit.text.isNotEmpty()

    fun bindSearch(
        newId: String,
        value: String,
        hint: String,
    ) {
        label.visibility = View.GONE
        edit.hint = hint
        edit.contentDescription = hint
        if (id != newId) {
            edit.inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
            edit.textSize = SEARCH_SP
            edit.setCompoundDrawablesRelativeWithIntrinsicBounds(palette.icon(R.drawable.ic_search, palette.textSoft), null, null, null)
            edit.compoundDrawablePadding = palette.px(ICON_GAP_DP)
        }
        put(newId, value)
    }

    fun bindCode(
        newId: String,
        value: String,
        newLabel: String,
    ) {
        label.visibility = View.VISIBLE
        label.text = newLabel
        edit.hint = null
        edit.contentDescription = newLabel
        if (id != newId) {
            edit.inputType =
                InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_CAP_CHARACTERS or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
            edit.textSize = CODE_SP
            edit.letterSpacing = CODE_SPACING
            edit.setCompoundDrawablesRelative(null, null, null, null)
        }
        put(newId, value)
    }

    /** Nothing is typed any more. */
    fun leave() {
        if (!edit.isFocused) return
        edit.clearFocus()
        val keyboard = context.getSystemService(Context.INPUT_METHOD_SERVICE) as InputMethodManager?
        keyboard?.hideSoftInputFromWindow(edit.windowToken, 0)
    }

    private fun put(
        newId: String,
        value: String,
    ) {
        if (id != newId) told.clear()
        id = newId
        // A screen made before Rust read what was typed.
        if (told.isNotEmpty() && value == agreed) return
        agreed = value
        val echo = told.indexOf(value)
        if (echo >= 0) {
            // Rust may have skipped the ones before it.
            repeat(echo + 1) { told.removeFirst() }
            return
        }
        if (value == edit.text.toString()) return
        told.clear()
        isOurs = true
        edit.setText(value)
        edit.setSelection(edit.text.length)
        isOurs = false
    }

    private fun tellTyped() {
        removeCallbacks(tellAgain)
        val value = edit.text.toString()
        if (!tell(id, value)) {
            postDelayed(tellAgain, TELL_AGAIN_MS)
            return
        }
        if (told.size == TOLD_MAX) told.removeFirst()
        told.addLast(value)
    }

    private inner class Typed : TextWatcher {
        override fun beforeTextChanged(
            text: CharSequence,
            start: Int,
            count: Int,
            after: Int,
        ) = Unit

        override fun onTextChanged(
            text: CharSequence,
            start: Int,
            before: Int,
            count: Int,
        ) = Unit

        override fun afterTextChanged(text: Editable) {
            if (!isOurs) tellTyped()
        }
    }

    private companion object {
        const val HEIGHT_DP = 50
        const val SIDE_DP = 12
        const val CORNER_DP = 10
        const val ICON_GAP_DP = 8
        const val LABEL_SIDE_DP = 4
        const val LABEL_BELOW_DP = 4
        const val SEARCH_SP = 17f
        const val CODE_SP = 26f
        const val CODE_SPACING = 0.08f

        /** Far more than a fast typist is ahead of the core. */
        const val TOLD_MAX = 64

        /** Pause before a text is told again that the core had no room for. */
        const val TELL_AGAIN_MS = 200L
    }
}

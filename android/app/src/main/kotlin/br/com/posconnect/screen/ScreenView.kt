package br.com.posconnect.screen

import android.content.Context
import android.text.TextUtils
import android.view.View
import android.widget.FrameLayout
import android.widget.LinearLayout
import android.widget.TextView
import br.com.posconnect.core.Agent
import br.com.posconnect.core.KeypadKind
import br.com.posconnect.core.Message
import br.com.posconnect.core.Screen
import br.com.posconnect.core.Tone
import br.com.posconnect.core.Widget

/**
 * Draws a [Screen]: the status line, the title, the scrolled middle, and at the bottom, always in reach, keypad and
 * buttons. Views stay and get new contents, so nothing flickers and nothing that is touched or typed is lost.
 */
class ScreenView(
    context: Context,
    private val tell: (Message) -> Boolean = Agent::tell,
) : LinearLayout(context) {
    /** The screen that is drawn, and its number; `null`: none yet. */
    var shown: Screen? = null
        private set
    var number = 0L
        private set

    /** Called after a screen was drawn. */
    var onShown: ((number: Long, screen: Screen) -> Unit)? = null

    /** Whether hints for physical keys are shown. */
    var hasKeys = false
        set(value) {
            if (field == value) return
            field = value
            shown?.let(::draw)
        }

    private val palette = Palette(context)
    private val views = ItemViews(context, palette, ::tapped)
    private val status = palette.label(15, palette.text, bold = true)
    private val title = palette.label(21, palette.text, bold = true)
    private val search = FieldView(context, palette, ::typed)
    private val listBody = ListBody(context, palette, views)
    private val columnBody = ColumnBody(context, palette, views)
    private val bodies = FrameLayout(context)
    private val keypad = KeypadView(context, palette, ::tapped)
    private val code = FieldView(context, palette, ::typed)
    private val buttons = ButtonsView(context, palette, ::tapped)
    private var density = Look.Density.ROOMY

    /** What [density] was chosen for. */
    private var chosenFor: Any? = null

    init {
        orientation = VERTICAL
        setBackgroundColor(palette.background)
        // Takes the focus, so that no text field has it, and no keyboard comes, before somebody touches one.
        isFocusableInTouchMode = true
        status.maxLines = STATUS_LINES
        status.ellipsize = TextUtils.TruncateAt.END
        status.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        title.maxLines = TITLE_LINES
        title.ellipsize = TextUtils.TruncateAt.END
        addView(status, wide())
        addView(title, wide())
        addView(search, wide())
        bodies.addView(listBody)
        bodies.addView(columnBody)
        addView(bodies, LayoutParams(LayoutParams.MATCH_PARENT, 0, 1f))
        addView(keypad, wide())
        addView(code, wide())
        val edge = View(context)
        edge.setBackgroundColor(palette.line)
        addView(edge, LayoutParams(LayoutParams.MATCH_PARENT, palette.px(1)))
        addView(buttons, wide())
        val side = palette.px(SIDE_DP)
        search.setPadding(side, 0, side, palette.px(EDGE_DP))
        keypad.setPadding(side, palette.px(EDGE_DP), side, palette.px(EDGE_DP))
        code.setPadding(side, palette.px(EDGE_DP), side, palette.px(EDGE_DP))
        buttons.setBackgroundColor(palette.background)
    }

    /** Draws a screen of Rust's. */
    fun show(
        newNumber: Long,
        screen: Screen,
    ) {
        if (screen.page != shown?.page) {
            search.leave()
            code.leave()
        }
        shown = screen
        number = newNumber
        draw(screen)
        onShown?.invoke(newNumber, screen)
    }

    /** Whether a digit, or the key that takes one away, is for the field with the cursor. */
    fun typesInto(erase: Boolean): Boolean = if (erase) search.takesErase || code.takesErase else search.takesDigits || code.takesDigits

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        shown?.let { chooseDensity(it, widthMeasureSpec, heightMeasureSpec) }
        super.onMeasure(widthMeasureSpec, heightMeasureSpec)
    }

    /** The roomiest look with which everything fits; a list scrolls in any case. */
    private fun chooseDensity(
        screen: Screen,
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val height = MeasureSpec.getSize(heightMeasureSpec)
        // The same things in the same room look the same, whatever they say: nothing jumps while somebody types.
        val task = listOf(screen.page, screen.widgets.map { it.javaClass }, screen.actions.size, widthMeasureSpec, height, hasKeys)
        if (task == chosenFor) return
        chosenFor = task
        val hasList = screen.widgets.any { it is Widget.Rows }
        // More rows are worth more than large buttons.
        val isLittle = height < palette.px(if (hasList) COMPACT_LIST_BELOW_DP else COMPACT_BELOW_DP)
        val looks = Look.Density.values().drop(if (isLittle) 1 else 0)
        for (look in looks) {
            density = look
            draw(screen)
            super.onMeasure(widthMeasureSpec, heightMeasureSpec)
            if (hasList || fits(height)) return
        }
    }

    private fun fits(height: Int): Boolean {
        val fixed =
            (0 until childCount)
                .map(
                    ::getChildAt,
                ).filter { it.visibility != View.GONE && it !== bodies }
                .sumOf { it.measuredHeight }
        return fixed + columnBody.wholeHeight(measuredWidth) <= height
    }

    private fun draw(screen: Screen) {
        val isGood = screen.widgets.any { it is Widget.Message && it.tone == Tone.GOOD }
        val look = Look(density, hasKeys, isGood)
        header(screen, look.compact)
        val lists = screen.widgets.filterIsInstance<Widget.Rows>()
        show(search, lists.firstNotNullOfOrNull { it.search }) { bindSearch(it.id, it.value, it.hint) }
        val hasList = lists.isNotEmpty()
        listBody.visibility = if (hasList) View.VISIBLE else View.GONE
        columnBody.visibility = if (hasList) View.GONE else View.VISIBLE
        if (hasList) {
            listBody.show(screen, look)
        } else {
            listBody.leave()
            columnBody.show(screen, look)
        }
        val entry = screen.widgets.filterIsInstance<Widget.Keypad>().firstOrNull()
        show(keypad, entry.takeIf { it?.kind != KeypadKind.CODE }) { bind(it, look) }
        show(code, entry.takeIf { it?.kind == KeypadKind.CODE }) { bindCode(it.id, it.value, it.label) }
        val side = palette.px(SIDE_DP)
        val above = palette.px(if (look.compact) COMPACT_BUTTONS_DP else BUTTONS_ABOVE_DP)
        val below = palette.px(if (look.compact) COMPACT_BUTTONS_DP else BUTTONS_BELOW_DP)
        buttons.setPadding(side, above, side, below)
        buttons.bind(screen.actions, look)
    }

    private fun header(
        screen: Screen,
        compact: Boolean,
    ) {
        val colors = palette.strong(screen.status.tone)
        status.setBackgroundColor(colors.ground)
        status.setTextColor(colors.text)
        val side = palette.px(HEADER_SIDE_DP)
        val above = palette.px(if (compact) COMPACT_STATUS_ABOVE_DP else STATUS_ABOVE_DP)
        status.setPadding(side, above, side, above)
        val titleAbove = palette.px(if (compact) COMPACT_TITLE_ABOVE_DP else TITLE_ABOVE_DP)
        title.setPadding(side, titleAbove, side, titleAbove)
        status.textSize = if (compact) COMPACT_STATUS_SP else STATUS_SP
        title.textSize = if (compact) COMPACT_TITLE_SP else TITLE_SP
        setIfOther(status, screen.status.text)
        setIfOther(title, screen.title)
    }

    /** A live region speaks whenever its text is set. */
    private fun setIfOther(
        view: TextView,
        text: String,
    ) {
        if (view.text.toString() != text) view.text = text
    }

    private fun <V : View, W> show(
        view: V,
        widget: W?,
        bind: V.(W) -> Unit,
    ) {
        view.visibility = if (widget == null) View.GONE else View.VISIBLE
        if (widget != null) view.bind(widget)
    }

    private fun tapped(id: String) {
        tell(Message.Tap(id))
    }

    private fun typed(
        id: String,
        value: String,
    ): Boolean = tell(Message.Text(id, value))

    private fun wide() = LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.WRAP_CONTENT)

    private companion object {
        const val SIDE_DP = 12
        const val EDGE_DP = 6
        const val HEADER_SIDE_DP = 16
        const val STATUS_ABOVE_DP = 7
        const val COMPACT_STATUS_ABOVE_DP = 3
        const val TITLE_ABOVE_DP = 10
        const val COMPACT_TITLE_ABOVE_DP = 5
        const val STATUS_SP = 15f
        const val COMPACT_STATUS_SP = 14f
        const val TITLE_SP = 22f
        const val COMPACT_TITLE_SP = 17f
        const val STATUS_LINES = 2
        const val TITLE_LINES = 4
        const val BUTTONS_ABOVE_DP = 8
        const val BUTTONS_BELOW_DP = 10
        const val COMPACT_BUTTONS_DP = 6

        /** 320 x 480 at 160 dpi, with and without the system's bar, and whatever a keyboard leaves. */
        const val COMPACT_BELOW_DP = 520
        const val COMPACT_LIST_BELOW_DP = 600
    }
}

package br.com.posconnect.core

/**
 * A screen as Rust describes it (`src/view/screen.rs`). All text is final: nothing here is formatted, and what an id or a
 * page name means is Rust's business.
 */
data class Screen(
    val page: String,
    val title: String,
    val status: Status,
    val widgets: List<Widget>,
    val actions: List<Action>,
)

data class Status(
    val tone: Tone,
    val text: String,
)

enum class Tone { NEUTRAL, GOOD, WARNING, BAD }

sealed class Widget {
    data class Amount(
        val label: String,
        val value: String,
        val main: Boolean,
    ) : Widget()

    data class Message(
        val tone: Tone,
        val title: String,
        val text: String,
    ) : Widget()

    data class Rows(
        val id: String,
        val search: Search?,
        val rows: List<Row>,
        val more: Action?,
        val empty: String,
    ) : Widget()

    data class Options(
        val label: String,
        val options: List<Choice>,
    ) : Widget()

    data class Keypad(
        val id: String,
        val label: String,
        val value: String,
        val kind: KeypadKind,
        val keys: List<Choice>,
    ) : Widget()

    data class Progress(
        val label: String,
        val done: Int,
        val of: Int,
    ) : Widget()
}

enum class KeypadKind { MONEY, NUMBER, CODE }

data class Search(
    val id: String,
    val value: String,
    val hint: String,
)

data class Row(
    val id: String?,
    val title: String,
    val detail: String,
    val value: String,
    val badge: String,
    val tone: Tone,
    val selected: Boolean?,
    val key: Key?,
)

data class Choice(
    val id: String,
    val label: String,
    val detail: String,
    val key: Key?,
)

data class Action(
    val id: String,
    val label: String,
    val style: ActionStyle,
    val key: Key?,
)

enum class ActionStyle { PRIMARY, SECONDARY, DANGER }

/** A physical key. */
sealed class Key {
    data class Digit(
        val digit: Int,
    ) : Key()

    /** Green. */
    object Enter : Key()

    /** Red. */
    object Back : Key()

    /** Yellow. */
    object Clear : Key()
}

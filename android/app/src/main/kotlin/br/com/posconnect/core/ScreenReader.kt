package br.com.posconnect.core

import android.util.Log
import org.json.JSONArray
import org.json.JSONObject

/**
 * Reads a [Screen] from JSON. Both sides come in one APK, so what is not understood is a mistake of ours: it is logged and
 * left out, because an operator with most of a screen is better off than one with none.
 */
object ScreenReader {
    private const val TAG = "posconnect.screen"

    fun read(json: JSONObject): Screen =
        Screen(
            page = json.optString("page"),
            title = json.optString("title"),
            status = status(json.optJSONObject("status")),
            widgets = objects(json.optJSONArray("widgets")).mapNotNull(::widget),
            actions = objects(json.optJSONArray("actions")).map(::action),
        )

    private fun status(json: JSONObject?) = Status(tone(json?.optString("tone")), json?.optString("text").orEmpty())

    private fun widget(json: JSONObject): Widget? =
        when (val type = json.optString("type")) {
            "amount" -> {
                Widget.Amount(json.optString("label"), json.optString("value"), json.optBoolean("main"))
            }

            "message" -> {
                Widget.Message(tone(json.optString("tone")), json.optString("title"), json.optString("text"))
            }

            "list" -> {
                rows(json)
            }

            "choice" -> {
                Widget.Options(json.optString("label"), choices(json.optJSONArray("options")))
            }

            "keypad" -> {
                keypad(json)
            }

            "progress" -> {
                Widget.Progress(json.optString("label"), json.optInt("done"), json.optInt("of"))
            }

            else -> {
                Log.e(TAG, "no such widget: $type")
                null
            }
        }

    private fun rows(json: JSONObject) =
        Widget.Rows(
            id = json.optString("id"),
            search = json.optJSONObject("search")?.let { Search(it.optString("id"), it.optString("value"), it.optString("hint")) },
            rows = objects(json.optJSONArray("rows")).map(::row),
            more = json.optJSONObject("more")?.let(::action),
            empty = json.optString("empty"),
        )

    private fun row(json: JSONObject) =
        Row(
            id = text(json, "id"),
            title = json.optString("title"),
            detail = json.optString("detail"),
            value = json.optString("value"),
            badge = json.optString("badge"),
            tone = tone(json.optString("tone")),
            selected = if (json.isNull("selected")) null else json.optBoolean("selected"),
            key = key(json),
        )

    private fun keypad(json: JSONObject) =
        Widget.Keypad(
            id = json.optString("id"),
            label = json.optString("label"),
            value = json.optString("value"),
            kind = keypadKind(json.optString("kind")),
            keys = choices(json.optJSONArray("keys")),
        )

    private fun choices(json: JSONArray?) =
        objects(json).map { Choice(it.optString("id"), it.optString("label"), it.optString("detail"), key(it)) }

    private fun action(json: JSONObject) = Action(json.optString("id"), json.optString("label"), style(json.optString("style")), key(json))

    private fun tone(name: String?) =
        when (name) {
            "good" -> Tone.GOOD
            "warning" -> Tone.WARNING
            "bad" -> Tone.BAD
            else -> Tone.NEUTRAL
        }

    private fun style(name: String) =
        when (name) {
            "primary" -> ActionStyle.PRIMARY
            "danger" -> ActionStyle.DANGER
            else -> ActionStyle.SECONDARY
        }

    private fun keypadKind(name: String) =
        when (name) {
            "money" -> KeypadKind.MONEY
            "code" -> KeypadKind.CODE
            else -> KeypadKind.NUMBER
        }

    /** `"enter"`, `{"digit":5}` or nothing. */
    private fun key(json: JSONObject): Key? {
        val digit = json.optJSONObject("key")
        if (digit != null) return Key.Digit(digit.optInt("digit"))
        return when (text(json, "key")) {
            "enter" -> Key.Enter
            "back" -> Key.Back
            "clear" -> Key.Clear
            else -> null
        }
    }

    /** `optString` makes the four letters "null" of a null. */
    private fun text(
        json: JSONObject,
        name: String,
    ): String? = if (json.isNull(name)) null else json.optString(name)

    private fun objects(array: JSONArray?): List<JSONObject> {
        if (array == null) return emptyList()
        return (0 until array.length()).mapNotNull { array.optJSONObject(it) }
    }
}

package br.com.posconnect.screen

import android.content.Context
import br.com.posconnect.R
import br.com.posconnect.core.Action
import br.com.posconnect.core.ActionStyle
import br.com.posconnect.core.Agent
import br.com.posconnect.core.Key
import br.com.posconnect.core.Row
import br.com.posconnect.core.Screen
import br.com.posconnect.core.Status
import br.com.posconnect.core.Tone
import br.com.posconnect.core.Widget

/** The only screen that is not Rust's: there is no Rust to ask. */
internal object LastResort {
    /** Id of its one button. */
    const val RETRY = "last-resort:retry"

    private const val DETAIL_CHARS_MAX = 300

    fun screen(
        context: Context,
        problem: Agent.Problem,
    ): Screen {
        val isLibrary = problem.kind == Agent.Problem.Kind.LIBRARY
        val title = if (isLibrary) R.string.problem_library else R.string.problem_core
        val text = if (isLibrary) R.string.problem_library_text else R.string.problem_core_text
        val detail =
            Row(
                id = null,
                title = context.getString(R.string.problem_detail),
                detail = problem.detail.take(DETAIL_CHARS_MAX),
                value = "",
                badge = "",
                tone = Tone.NEUTRAL,
                selected = null,
                key = null,
            )
        return Screen(
            page = "last_resort",
            title = context.getString(R.string.problem_title),
            status = Status(Tone.BAD, context.getString(R.string.problem_status)),
            widgets =
                listOf(
                    Widget.Message(Tone.BAD, context.getString(title), context.getString(text)),
                    Widget.Rows("detail", null, listOf(detail), null, ""),
                ),
            actions = listOf(Action(RETRY, context.getString(R.string.problem_retry), ActionStyle.PRIMARY, Key.Enter)),
        )
    }
}

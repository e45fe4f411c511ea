package br.com.posconnect.screen

import android.view.KeyEvent
import br.com.posconnect.core.Key

/** Which key of a terminal's keypad a key code is. The red key is the system's way back on some models, ESC on others. */
internal fun keyOf(code: Int): Key? =
    when (code) {
        in KeyEvent.KEYCODE_0..KeyEvent.KEYCODE_9 -> Key.Digit(code - KeyEvent.KEYCODE_0)

        in KeyEvent.KEYCODE_NUMPAD_0..KeyEvent.KEYCODE_NUMPAD_9 -> Key.Digit(code - KeyEvent.KEYCODE_NUMPAD_0)

        KeyEvent.KEYCODE_ENTER,
        KeyEvent.KEYCODE_NUMPAD_ENTER,
        KeyEvent.KEYCODE_DPAD_CENTER,
        KeyEvent.KEYCODE_PROG_GREEN,
        -> Key.Enter

        KeyEvent.KEYCODE_ESCAPE, KeyEvent.KEYCODE_PROG_RED -> Key.Back

        KeyEvent.KEYCODE_DEL,
        KeyEvent.KEYCODE_FORWARD_DEL,
        KeyEvent.KEYCODE_CLEAR,
        KeyEvent.KEYCODE_PROG_YELLOW,
        -> Key.Clear

        else -> null
    }

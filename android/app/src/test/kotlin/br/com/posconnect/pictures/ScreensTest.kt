package br.com.posconnect.pictures

import android.os.Looper
import br.com.posconnect.core.Agent
import br.com.posconnect.core.Output
import br.com.posconnect.screen.MainActivity
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/**
 * Goal: every screen that Rust can show is whole, readable and as somebody has seen and liked it. Method: each screen file goes
 * through the real activity, Android's own code lays it out and draws it, and the picture is compared with the kept one.
 */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [26])
class ScreensTest {
    @Test
    fun every_screen_is_readable_and_as_it_was_seen_on_a_small_terminal() = draw(Album.SMALL)

    @Test
    fun every_screen_is_readable_and_as_it_was_seen_on_a_middle_terminal() = draw(Album.MIDDLE)

    @Test
    fun every_screen_is_readable_and_as_it_was_seen_on_a_large_terminal() = draw(Album.LARGE)

    @Test
    fun crowded_screens_are_readable_with_larger_letters() = draw(Album.LARGE_TEXT)

    @Test
    fun the_keys_of_a_terminal_that_has_some_stand_beside_what_they_do() = draw(Album.KEYPAD)

    @Test
    @Config(sdk = [30])
    fun every_screen_is_readable_on_android_11_too() = draw(Album.LARGE)

    private fun draw(album: Album) {
        album.prepare()
        val golden = Golden(album.folder)
        val problems = album.screens().flatMap { problemsOf(it, album, golden) } + golden.unreferenced()
        assertEquals("", problems.joinToString("\n"))
    }

    private fun problemsOf(
        screen: ScreenFile,
        album: Album,
        golden: Golden,
    ): List<String> {
        val activity = Robolectric.buildActivity(MainActivity::class.java).setup()
        Agent.show(Output.read(screen.output) as Output.Show)
        shadowOf(Looper.getMainLooper()).idle()
        val window = activity.get().window.decorView
        val picture = Picture.of(window, album.width, album.height)
        val problems = Readability(window, picture).problems().map { "${screen.name}: $it" }
        activity.close()
        return problems + listOfNotNull(golden.problemWith(screen.name, picture))
    }
}

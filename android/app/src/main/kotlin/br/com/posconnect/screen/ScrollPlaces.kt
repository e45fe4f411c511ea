package br.com.posconnect.screen

/** Where lists were when their pages were left. */
internal class ScrollPlaces {
    /** The first item seen, by its key and its position, and how far its top is from the list's. */
    class Place(
        val key: String,
        val position: Int,
        val offset: Int,
    )

    /** The one kept last stands last. */
    private val places = LinkedHashMap<String, Place>()

    fun keep(
        page: String,
        place: Place?,
    ) {
        places.remove(page)
        if (place == null) return
        places[page] = place
        if (places.size > PAGES_MAX) places.remove(places.keys.first())
    }

    fun of(page: String): Place? = places[page]

    private companion object {
        /** More pages than there are lists. */
        const val PAGES_MAX = 32
    }
}

package br.com.posconnect.screen

/** Where lists were when their pages were left. */
internal class ScrollPlaces {
    /** The first item seen, by its key and its position, and how far its top is from the list's. */
    class Place(
        val key: String,
        val position: Int,
        val offset: Int,
    )

    private val places =
        object : LinkedHashMap<String, Place>() {
            override fun removeEldestEntry(eldest: MutableMap.MutableEntry<String, Place>) = size > PAGES_MAX
        }

    fun keep(
        page: String,
        place: Place?,
    ) {
        places.remove(page)
        if (place != null) places[page] = place
    }

    fun of(page: String): Place? = places[page]

    private companion object {
        /** More pages than there are lists. */
        const val PAGES_MAX = 32
    }
}

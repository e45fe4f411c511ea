package br.com.posconnect.core

/** What a library built with the feature `testing` exports besides. */
object TestingCore {
    /** Panics, as a defect would. */
    @JvmStatic
    external fun panic()
}

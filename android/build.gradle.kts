// For Android Studio. What goes onto terminals is built by scripts/android-build; docs/android.md says how the two differ.
plugins {
    id("com.android.application") version "8.13.0" apply false
    id("org.jetbrains.kotlin.android") version "2.4.20" apply false
}

// android/build holds sources of scripts/android-build, so Gradle makes its things elsewhere.
allprojects { layout.buildDirectory.set(rootDir.resolve("../target/android/gradle/$name")) }

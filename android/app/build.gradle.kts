import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

// One version for the library, the app and the service.
val version =
    requireNotNull(Regex("""(?m)^version = "((\d+)\.(\d+)\.(\d+))"""").find(file("../../Cargo.toml").readText())) {
        "Cargo.toml names no version"
    }.groupValues

android {
    namespace = "br.com.posconnect"
    compileSdk = 28

    defaultConfig {
        applicationId = "br.com.posconnect"
        minSdk = 22
        targetSdk = 28
        versionName = version[1]
        versionCode = version[2].toInt() * 1_000_000 + version[3].toInt() * 1_000 + version[4].toInt()
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }

    sourceSets {
        // Made by scripts/android-build --libs.
        named("main") { jniLibs.setSrcDirs(listOf("../../target/android/lib")) }
        // Run by scripts/android-test, on a plain JVM with the Rust core.
        named("test") {
            java.setSrcDirs(emptyList<String>())
            kotlin.setSrcDirs(emptyList<String>())
        }
    }

    // Compressed in the APK, unpacked when it is installed: less to send over a SIM card.
    packaging { jniLibs.useLegacyPackaging = true }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }

    // Google's store asks for a newer target; these terminals have no such store.
    lint { disable += "ExpiredTargetSdkVersion" }
}

kotlin {
    compilerOptions {
        jvmTarget.set(JvmTarget.JVM_1_8)
        allWarningsAsErrors.set(true)
    }
}

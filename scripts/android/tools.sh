# Sourced by scripts/android-build: installs what is missing. Debian packages when root, else it says which.

# Program that must exist : Debian package that brings it.
library_needs=(clang:clang ld.lld:lld llvm-ar:llvm)
apk_needs=(mvn:maven aapt:aapt zipalign:zipalign apksigner:apksigner dexdump:dexdump zip:zip unzip:unzip)

missing=()

look_for() {
    local need
    for need in "$@"; do
        command -v "${need%%:*}" >/dev/null || missing+=("${need##*:}")
    done
}

install_missing() {
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        fail "missing. Install with: sudo apt-get install --yes ${missing[*]}"
        return
    fi
    DEBIAN_FRONTEND=noninteractive apt-get update --quiet --quiet
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
    missing=()
}

library_tools() {
    if [ -n "${ANDROID_NDK_HOME:-}" ]; then
        ndk_tools >/dev/null
        android_cargo=$(command -v cargo) android_rustc=$(command -v rustc) ||
            fail 'missing: Rust. Install it with rustup (https://rustup.rs) and run this again.'
        rust_source=$("$android_rustc" --print sysroot)/lib/rustlib/src/rust
        [ -d "$rust_source/library" ] || rustup component add rust-src
        return
    fi
    # Debian's Rust with the sources of its standard library: rustup's is left to everything else.
    android_cargo=/usr/bin/cargo android_rustc=/usr/bin/rustc rust_source=/usr/lib/rustlib/src/rust
    look_for "${library_needs[@]}"
    new_enough "$android_cargo" && new_enough "$android_rustc" || missing+=(rustc-web cargo-web)
    [ -d "$rust_source/library" ] || missing+=(rust-web-src)
    install_missing
}

# Whether it is at least the version of Rust that our Cargo.toml asks for.
new_enough() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$("$1" --version 2>/dev/null | cut -d' ' -f2) || return 1
    [ "$(printf '%s\n' "$wanted" "$found" | sort --version-sort | head -n 1)" = "$wanted" ]
}

# Directory of the NDK's clang, whatever system it was made for.
ndk_tools() {
    local tools
    for tools in "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin; do
        if [ -x "$tools/$(clang_target arm64-v8a)-clang" ]; then
            echo "$tools"
            return
        fi
    done
    fail "ANDROID_NDK_HOME is $ANDROID_NDK_HOME: no toolchains/llvm/prebuilt/*/bin/$(clang_target arm64-v8a)-clang in it"
}

# llvm strip, llvm readelf ...: the NDK's where there is one.
llvm() {
    if [ -n "${ANDROID_NDK_HOME:-}" ]; then
        echo "$(ndk_tools)/llvm-$1"
    else
        command -v "llvm-$1"
    fi
}

apk_tools() {
    look_for "${apk_needs[@]}"
    [ -n "${ANDROID_NDK_HOME:-}" ] || look_for llvm-readelf:llvm
    find_jdk || missing+=(openjdk-17-jdk-headless)
    install_missing
    find_jdk
    fetch_jars
}

# A JDK with its modules as files (ProGuard reads them): some builds come without.
find_jdk() {
    local candidate
    for candidate in "${JAVA_HOME:-/nowhere}" /usr/lib/jvm/*; do
        if [ -x "$candidate/bin/javac" ] && [ -e "$candidate/jmods/java.base.jmod" ]; then
            jdk=$candidate
            return
        fi
    done
    return 1
}

# The jars of android/build/pom.xml; fetched once, and again when the list is another.
fetch_jars() {
    jars=$out/maven
    if ! cmp --quiet "$build/pom.xml" "$jars/pom.xml"; then
        rm -rf "$jars"
        mkdir -p "$jars"
        JAVA_HOME=$jdk mvn --quiet --batch-mode -Dstyle.color=never --file "$build/pom.xml" dependency:copy-dependencies \
            "-DoutputDirectory=$jars"
    fi
    pinned "$jars"
    cp "$build/pom.xml" "$jars/pom.xml"
}

# pinned DIRECTORY: its jars are those that were looked at when they were chosen.
pinned() {
    (cd "$1" && sha256sum --check --quiet --strict) <"$build/jars.sha256" ||
        fail "a jar in $1 is not what $build/jars.sha256 says"
}

all_tools() {
    library_tools
    apk_tools
}

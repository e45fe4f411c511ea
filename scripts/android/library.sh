# Sourced by scripts/android-build: libposconnect.so for both processors.

# What each ABI is called elsewhere: Rust's target, clang's target with the API level of the oldest terminal (A8, 5.1).
rust_target() {
    case $1 in
        arm64-v8a) echo aarch64-linux-android ;;
        armeabi-v7a) echo armv7-linux-androideabi ;;
    esac
}
clang_target() {
    case $1 in
        arm64-v8a) echo aarch64-linux-android22 ;;
        armeabi-v7a) echo armv7a-linux-androideabi22 ;;
    esac
}

# Android's own libraries that ours is linked against. Their names are what counts: Android resolves symbols only in the
# libraries that are named in ours.
system_libraries=(c m dl log)

# Without the NDK there is nothing to link against: libraries with the right names and no content stand in, and an
# unwinder that finds nothing. check_library.sh compares what stays unresolved with what Android 5.1 exports.
make_sysroot() {
    local abi=$1 sysroot library clang
    sysroot=$(sysroot "$abi")
    [ ! -e "$sysroot/libunwind.a" ] || return 0
    clang=(clang "--target=$(clang_target "$abi")" -nostdlib -nostdlibinc)
    mkdir -p "$sysroot"
    for library in "${system_libraries[@]}"; do
        "${clang[@]}" -shared -fuse-ld=lld "-Wl,-soname,lib$library.so" -o "$sysroot/lib$library.so" -x c /dev/null
    done
    "${clang[@]}" -Os -fPIC -c "$build/unwind.c" -o "$sysroot/unwind.o"
    llvm-ar crsD "$sysroot/libunwind.a" "$sysroot/unwind.o"
}

# Named after its content, because cargo links again when an argument changes, not when such a file does.
sysroot() { echo "$out/sysroot/$1-$(cksum <"$build/unwind.c" | cut -d' ' -f1)"; }

# Where this cargo keeps the sources of our crates; it fetches what it has not.
registry() {
    RUSTC_BOOTSTRAP=1 "$android_cargo" metadata --locked --format-version 1 |
        grep --only-matching '"manifest_path":"[^"]*/registry/src/[^/"]*' | sed 's/.*:"//' | sort -u | head -n 1
}

# The arguments of rustc for one ABI, one a line.
rust_flags() {
    local abi=$1 library flags=()
    if [ -z "${ANDROID_NDK_HOME:-}" ]; then
        flags+=("--target=$(clang_target "$abi")" -fuse-ld=lld -nostdlib "-L$(sysroot "$abi")")
    fi
    # Pages of 16 KB, for newer devices; the old hash table, because the GNU one needs Android 6; functions that compile to
    # the same instructions once.
    flags+=(-Wl,-z,max-page-size=16384 -Wl,--hash-style=both -Wl,-soname,libposconnect.so -Wl,--icf=all)
    # rustc asks for --as-needed, which drops the stand-ins: they define nothing.
    flags+=(-Wl,--no-as-needed)
    for library in "${system_libraries[@]}"; do
        flags+=("-l$library")
    done
    printf 'link-arg=%s\n' "${flags[@]}" | sed 's/^/-C\n/'
    # A third of the library would be tables for an unwinder that is not there.
    printf '%s\n' -C force-unwind-tables=no
    # Messages of panics name source files: not by where this computer keeps them.
    printf -- '--remap-path-prefix=%s\n' "$PWD/=" "$(registry)/=" "$rust_source/library/=std/"
}

# One list of strings in TOML out of lines.
toml_list() { sed 's/[\\"]/\\&/g; s/.*/"&",/' | tr -d '\n' | sed 's/^/[/; s/,$/]/'; }

build_libraries() {
    local abi target_triple name arguments=() tools=
    if [ -n "${ANDROID_NDK_HOME:-}" ]; then
        tools=$(ndk_tools)
    fi
    for abi in "${abis[@]}"; do
        target_triple=$(rust_target "$abi")
        name=${target_triple//-/_}
        if [ -n "$tools" ]; then
            export "CC_$name=$tools/$(clang_target "$abi")-clang" "AR_$name=$tools/llvm-ar"
            export "CFLAGS_$name=$c_flags"
            arguments+=(--config "target.$target_triple.linker='$tools/$(clang_target "$abi")-clang'")
        else
            make_sysroot "$abi"
            export "CC_$name=clang" "AR_$name=llvm-ar"
            # ring brings the few declarations it needs of a C library.
            export "CFLAGS_$name=--target=$(clang_target "$abi") -nostdlibinc -DRING_CORE_NOSTDLIBINC=1 $c_flags"
            arguments+=(--config "target.$target_triple.linker='clang'")
        fi
        arguments+=(--config "target.$target_triple.rustflags=$(rust_flags "$abi" | toml_list)" --target "$target_triple")
    done
    # Both in one call: neither has work for two cores while it is linked. A directory of its own, because it is another
    # compiler. The standard library is compiled with ours: without the parts that print backtraces, and for size.
    env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS RUSTC_BOOTSTRAP=1 RUSTC="$android_rustc" CARGO_TARGET_DIR="$out/cargo" \
        "$android_cargo" build --locked --package jni-bridge --lib --profile android "${arguments[@]}" \
        -Z build-std=std,panic_abort -Z build-std-features=optimize_for_size
    for abi in "${abis[@]}"; do
        put_library "$abi" "$out/cargo/$(rust_target "$abi")/android/libposconnect.so"
    done
}

c_flags='-fno-unwind-tables -fno-asynchronous-unwind-tables'

# Keeps the library with its names for reading crashes, and a stripped one for the APK.
put_library() {
    local abi=$1 made=$2 kept=$out/symbols/$1/libposconnect.so stripped=$out/lib/$1/libposconnect.so
    mkdir -p "${kept%/*}" "${stripped%/*}"
    cmp --quiet "$made" "$kept" && [ -e "$stripped" ] && return
    "$(llvm strip)" --strip-all -o "$stripped" "$made"
    cp "$made" "$kept"
}

# Sourced by scripts/android-build: a library and an app in small, which every check accepts, and then each of them broken
# in one way, which the check for it has to refuse.

refused=0 wrong=0

accepts() {
    local what=$1 said
    shift
    said=$("$@" 2>&1) && return
    printf 'refused, though good: %s\n%s\n' "$what" "$said" >&2
    wrong=$((wrong + 1))
}

# refuses WHAT WORD COMMAND ...: fails, and says the word.
refuses() {
    local what=$1 word=$2 said
    shift 2
    if said=$("$@" 2>&1); then
        printf 'not refused: %s\n' "$what" >&2
        wrong=$((wrong + 1))
    elif ! grep --quiet --fixed-strings -e "$word" <<<"$said"; then
        printf 'refused, but not for it: %s\n%s\n' "$what" "$said" >&2
        wrong=$((wrong + 1))
    else
        refused=$((refused + 1))
    fi
}

self_test() {
    # A place of its own; the functions of the build work in it.
    local out=$out/self-test app
    app=$out/app
    # Not the user's: no NDK is needed, and no key is touched.
    unset ANDROID_NDK_HOME POS_CONNECT_KEYSTORE
    rm -rf "$out"
    mkdir -p "$out"
    make_sysroot arm64-v8a
    make_sysroot armeabi-v7a
    sample_library arm64-v8a "$out/lib/arm64-v8a/libposconnect.so"
    sample_library armeabi-v7a "$out/lib/armeabi-v7a/libposconnect.so"
    break_libraries
    sample_app
    break_apk
    break_dex
    break_calls
    break_the_rest
    printf '%s broken files refused, %s wrong\n' $refused $wrong
    [ $wrong -eq 0 ]
}

# sample_library ABI FILE [FLAGS ...]
sample_library() {
    local abi=$1 file=$2
    mkdir -p "${file%/*}"
    clang "--target=$(clang_target "$abi")" -nostdlib -nostdlibinc -Os -fPIC -shared -fuse-ld=lld \
        "-L$(sysroot "$abi")" -Wl,-z,max-page-size=16384 -Wl,--hash-style=both "-Wl,--${as_needed:-no-as-needed}" -lc -lm -ldl -llog \
        "${@:3}" -o "$file" -x c - 2>"$out/clang.log" <<'END'
void *malloc(__SIZE_TYPE__ bytes);
__attribute__((weak)) long getrandom(void *bytes, __SIZE_TYPE__ count, unsigned flags);
#define FUNCTION(name) void *Java_br_com_posconnect_core_NativeCore_##name(void) { return malloc(1); }
FUNCTION(open)
FUNCTION(dispatch)
FUNCTION(next)
FUNCTION(close)
#ifndef NO_VERSION
void *Java_br_com_posconnect_core_NativeCore_version(void) { return getrandom ? malloc(2) : 0; }
#endif
#ifdef TESTING
void *Java_br_com_posconnect_core_TestingCore_panic(void) { return 0; }
#endif
#ifdef NEWER
long pthread_getname_np(unsigned long thread, char *name, __SIZE_TYPE__ size);
__attribute__((visibility("hidden"))) long newer(void) { return pthread_getname_np(0, 0, 0); }
#endif
#ifdef PATCHED
__asm__(".text\n .quad Java_br_com_posconnect_core_NativeCore_open");
#endif
END
}

break_libraries() {
    local abi=arm64-v8a file=$out/broken.so
    for abi in "${abis[@]}"; do
        accepts "the sample for $abi" check_library "$abi" "$out/lib/$abi/libposconnect.so"
        cp "$out/lib/$abi/libposconnect.so" "$file"
        truncate --size $(($(library_budget "$abi") + 1)) "$file"
        refuses "a library for $abi over its budget" 'are allowed' check_library "$abi" "$file"
        sample_library "$abi" "$file" -DNEWER
        refuses "a symbol that Android 5.1 for $abi has not" 'pthread_getname_np' check_library "$abi" "$file"
        sample_library "$abi" "$file" -Wl,-z,max-page-size=4096
        refuses "pages of 4 KB for $abi" alignment check_library "$abi" "$file"
    done
    abi=arm64-v8a
    refuses 'a library for the other processor' 'made for ARM' check_library $abi "$out/lib/armeabi-v7a/libposconnect.so"
    sample_library $abi "$file" -Wl,--hash-style=gnu
    refuses 'the GNU hash table alone' 'no HASH table' check_library $abi "$file"
    sample_library $abi "$file" -Wl,--hash-style=sysv
    refuses 'the old hash table alone' 'no GNU_HASH table' check_library $abi "$file"
    sample_library $abi "$file" -Wl,-z,execstack
    refuses 'an executable stack' 'executable stack' check_library $abi "$file"
    sample_library $abi "$file" -Wl,--omagic
    refuses 'a segment to write and to run' 'written and run' check_library $abi "$file"
    sample_library $abi "$file" -Wl,-z,notext -DPATCHED
    refuses 'text relocations' 'text relocations' check_library $abi "$file"
    # What rustc's own --as-needed makes of libraries that define nothing.
    as_needed=as-needed sample_library $abi "$file"
    refuses 'a library that names none of the system' 'needs the libraries: none' check_library $abi "$file"
    clang "--target=$(clang_target $abi)" -nostdlib -shared -fuse-ld=lld -Wl,-soname,libz.so -o "$out/libz.so" -x c /dev/null
    sample_library $abi "$file" "-L$out" -lz
    refuses 'one library of the system more' 'libz.so' check_library $abi "$file"
    sample_library $abi "$file" -DTESTING
    refuses 'a function for tests' 'TestingCore_panic' check_library $abi "$file"
    sample_library $abi "$file" -DNO_VERSION
    refuses 'a function less' 'exports' check_library $abi "$file"
}

# The least that is an app: one activity, one receiver that others may call, the five functions.
sample_app() {
    local work=$out/apk
    mkdir -p "$app/src/main/res/values" "$work"/{gen,classes,dex,files}
    cat >"$app/src/main/AndroidManifest.xml" <<'END'
<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <uses-permission android:name="android.permission.INTERNET" />
    <application android:label="@string/name" android:usesCleartextTraffic="false">
        <activity android:name=".Shown" android:exported="true" />
        <receiver android:name="br.com.posconnect.Told">
            <intent-filter><action android:name="android.intent.action.VIEW" /></intent-filter>
        </receiver>
        <service android:name=".Hidden" android:exported="false" />
    </application>
</manifest>
END
    echo '<resources><string name="name">sample</string></resources>' >"$app/src/main/res/values/strings.xml"
    compile_resources "$work"
    compile_java "$work/classes" NativeCore.java <<'END'
package br.com.posconnect.core;
public final class NativeCore {
    public static native long open(byte[] config);
    public static native void dispatch(long handle, byte[] message);
    public static native byte[] next(long handle, long timeoutMs);
    public static native void close(long handle);
    public static native byte[] version();
}
END
    compile_java "$work/classes" Components.java <<'END'
package br.com.posconnect;
class Shown extends android.app.Activity {}
class Told extends android.content.BroadcastReceiver {
    public void onReceive(android.content.Context context, android.content.Intent intent) {}
}
class Hidden extends android.app.Service {
    public android.os.IBinder onBind(android.content.Intent intent) { return null; }
}
END
    "$jdk/bin/jar" --create --file "$work/shrunk.jar" -C "$work/classes" .
    to_dex "$work/shrunk.jar" "$work/dex"
    pack "$work"
    sign "$work/aligned.apk" "$out/sample.apk"
    accept_manifest "$out/sample.apk" >/dev/null
    accepts 'the sample app' check_apk "$out/sample.apk"
}

# compile_java DIRECTORY NAME: the source is the input.
compile_java() {
    cat >"$out/$2"
    "$jdk/bin/javac" -Xlint:-options --release 8 -classpath "$(android_jar)" -d "$1" "$out/$2"
}

# changed FILE SED: a copy with something else in it.
changed() {
    sed "$2" "$1" >"$out/changed"
    ! cmp --quiet "$1" "$out/changed" || { echo "nothing to change in $1" >&2; return 1; }
}

break_apk() {
    local facts=$out/facts broken=$out/broken.apk apk=$out/sample.apk change
    cp "$apk" "$broken"
    truncate --size $((apk_budget + 1)) "$broken"
    refuses 'an APK over its budget' 'are allowed' size_budget "$broken" $apk_budget

    for change in "s/^sdkVersion:'22'/sdkVersion:'21'/" "s/^targetSdkVersion:'28'/targetSdkVersion:'30'/" \
        "s/ 'armeabi-v7a'//" "s/versionName='/&9/" "s/versionCode='/&9/" "s/name='br/&x/"; do
        changed "$facts/badging" "$change"
        refuses "badging after $change" 'changed' is_what_it_says "$out/changed" debug
    done
    refuses 'a release that can be debugged' 'can be debugged' is_what_it_says "$facts/badging" release

    accepts 'no cleartext' no_cleartext "$facts/manifest" release
    changed "$facts/manifest" '/usesCleartextTraffic/s/0x0$/0xffffffff/'
    refuses 'cleartext in a release' 'cleartext' no_cleartext "$out/changed" release
    accepts 'cleartext in a debug build' no_cleartext "$out/changed" debug
    changed "$facts/manifest" '/usesCleartextTraffic/d'
    refuses 'nothing said of cleartext' 'cleartext' no_cleartext "$out/changed" release
    changed "$facts/manifest" 's/usesCleartextTraffic(/networkSecurityConfig(/'
    refuses 'rules of its own for cleartext' 'networkSecurityConfig' no_cleartext "$out/changed" release

    for change in 's/permission.INTERNET/permission.CAMERA/g' 's/\(:exported.*\)0x0$/\10xffffffff/' \
        's/\(:exported.*\)0xffffffff$/\10x0/' 's/action.VIEW/action.MAIN/g'; do
        changed "$facts/manifest" "$change"
        refuses "the manifest after $change" 'other permissions or entry points' accepted_manifest "$out/changed"
    done

    cp "$apk" "$broken"
    zip -q -d "$broken" 'lib/armeabi-v7a/*'
    refuses 'an APK for one processor' 'native libraries' has_the_libraries "$broken" "$out/lib"
    (cd "$out" && cp "$apk" "$broken" && zip -q "$broken" libz.so)
    refuses 'one library more in the APK' 'native libraries' has_the_libraries "$broken" "$out/lib"
    mkdir -p "$out/other/armeabi-v7a"
    cp -r "$out/lib/arm64-v8a" "$out/other/"
    echo other >"$out/other/armeabi-v7a/libposconnect.so"
    refuses 'a library that was not checked' 'is not the one' has_the_libraries "$apk" "$out/other"

    (cd "$out" && cp "$apk" "$broken" && zip -q "$broken" NativeCore.java)
    refuses 'an APK that was changed after it was signed' refused signed_twice "$broken"
    sign_with "$broken" --v1-signing-enabled true --v2-signing-enabled false
    refuses 'an APK without the newer signature' 'v2' signed_twice "$broken"
    sign_with "$broken" --v1-signing-enabled false --v2-signing-enabled true
    refuses 'an APK without the older signature' refused signed_twice "$broken"
    (cd "$out" && rm -f "$broken" && echo 1 >a && echo 22 >b && zip -q -0 -X "$broken" a b)
    refuses 'an APK that is not aligned' 'not aligned' aligned "$broken"
}

sign_with() {
    apksigner sign --ks "$out/debug.keystore" --ks-key-alias debug --ks-pass "file:$out/debug.password" \
        --min-sdk-version $min_sdk --v3-signing-enabled false --v4-signing-enabled false "${@:2}" --out "$1" "$out/apk/aligned.apk"
}

break_dex() {
    local facts=$out/facts dex=$out/broken.dex name
    for name in "${forbidden_classes[@]}"; do
        cp "$facts/classes.dex" "$dex"
        printf '%s' "$name" >>"$dex"
        refuses "a dex that names $name" "$name" no_forbidden_class "$dex"
    done
    printf TestingCore >>"$dex"
    refuses 'a class for tests' TestingCore nothing_for_tests "$dex"

    # What a build for newer devices makes of a lambda.
    mkdir -p "$out/lambda"
    compile_java "$out/lambda" Lambda.java <<'END'
class Lambda { Runnable run(String text) { return () -> System.out.println(text); } }
END
    "$jdk/bin/jar" --create --file "$out/lambda.jar" -C "$out/lambda" .
    java_run -cp "$(class_path)" com.android.tools.r8.D8 --min-api 28 --no-desugaring --lib "$jdk" --output "$out/lambda" \
        "$out/lambda.jar" 2>/dev/null
    refuses 'a dex of a newer version' 'dex version 03' dex_version_035 "$out/lambda/classes.dex"
    dexdump -d "$out/lambda/classes.dex" >"$out/lambda/classes"
    refuses 'an opcode that Android 5 has not' 'invoke-custom' opcodes_of_android_5 "$out/lambda/classes"

    changed "$facts/classes" "s/descriptor  : 'Lbr.com.posconnect.Told;'/descriptor  : 'Lbr\/com\/posconnect\/Gone;'/"
    refuses 'a component without its class' 'posconnect.Told' has_every_component "$out/changed" "$facts/manifest"
    changed "$facts/classes" "/'version'/s//'versions'/"
    refuses 'a native method of another name' 'versions' declares_the_five_functions "$out/changed"
    changed "$facts/classes" "s/'(JJ)\[B'/'(JI)[B'/"
    refuses 'a native method of other types' '(JI)' declares_the_five_functions "$out/changed"
}

# The gate in front of ProGuard's result.
break_calls() {
    local classes=$out/calls none=$out/none guarded=$out/guarded
    mkdir -p "$classes"
    : >"$none"
    compile_java "$classes" Old.java <<'END'
class Old { int of(int value) { return Integer.hashCode(value); } }
END
    accepts 'a call that D8 replaces' api_gate "$classes" "$none"
    compile_java "$classes" Newer.java <<'END'
class Newer {
    Object framework(android.content.Context context) { return context.getSystemService(android.os.PowerManager.class); }
    Object java(java.util.Map<String, String> map) { return map.getOrDefault("", ""); }
}
END
    refuses 'a call of Android 6' 'getSystemService(Class)' api_gate "$classes" "$none"
    refuses 'a call of Java 8 that Android 5 has not' 'getOrDefault' api_gate "$classes" "$none"
    echo Newer >"$guarded"
    accepts 'a guarded class' api_gate "$classes" "$guarded"
    echo Gone >>"$guarded"
    refuses 'a guarded class that does not exist' 'does not exist' api_gate "$classes" "$guarded"
}

break_the_rest() {
    refuses 'a jar that is another' 'jars.sha256' pinned_with_another_jar
    refuses 'a build that is not the same twice' 'differ' same_bytes "$out/sample.apk" "$out/broken.apk"
    refuses 'a release without its password' 'POS_CONNECT_KEYSTORE_PASSWORD_FILE' release_without_password
}

pinned_with_another_jar() {
    mkdir -p "$out/jars"
    cp --symbolic-link "$jars"/*.jar "$jars"/*.signature "$out/jars/"
    rm "$out/jars/$(basename "$(jar kotlin-stdlib-2.4.20.jar)")"
    echo other >"$out/jars/kotlin-stdlib-2.4.20.jar"
    pinned "$out/jars"
}

release_without_password() {
    POS_CONNECT_KEYSTORE=$out/debug.keystore POS_CONNECT_KEYSTORE_ALIAS=debug sign "$out/apk/aligned.apk" "$out/release.apk"
}

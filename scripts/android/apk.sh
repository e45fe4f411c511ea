# Sourced by scripts/android-build: the app, from its sources to a signed APK.

app=android/app
application_id=br.com.posconnect
min_sdk=22
target_sdk=28

# A key of one's own makes it a release.
kind() { [ -n "${POS_CONNECT_KEYSTORE:-}" ] && echo release || echo debug; }

version_name() { sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml; }
# 1.2.3 is 1002003: grows with every version.
version_code() {
    local major minor patch
    IFS=. read -r major minor patch <<<"$(version_name)"
    echo $((major * 1000000 + minor * 1000 + patch))
}

jar() { echo "$jars/$1"; }
android_jar() { jar android-all-9-robolectric-4913185-2.jar; }
class_path() { printf '%s:' "$jars"/*.jar; }
# Each of these programs runs for seconds: the slower compiler and the simpler collector are the faster ones.
java_run() { "$jdk/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss4m "$@"; }

# build_apk APK: everything in between is in target/android/apk.
build_apk() {
    local made=$1 work=$out/apk
    rm -rf "$work"
    mkdir -p "$work"/{gen,classes,shrunk,dex,files}
    compile_resources "$work"
    compile_kotlin "$work"
    shrink "$work"
    unzip -q -d "$work/shrunk" "$work/shrunk.jar"
    api_gate "$work/shrunk" "$build/guarded-classes.txt"
    to_dex "$work/shrunk.jar" "$work/dex"
    pack "$work"
    sign "$work/aligned.apk" "$made"
}

# The manifest with the package in it, as aapt wants it and Gradle does not; R.java; the rules that keep its classes.
compile_resources() {
    local work=$1 arguments=()
    sed "s/<manifest /<manifest package=\"$application_id\" /" "$app/src/main/AndroidManifest.xml" >"$work/AndroidManifest.xml"
    [ "$(kind)" = release ] || arguments+=(--debug-mode)
    aapt package -f -m "${arguments[@]}" --no-version-vectors -I "$(android_jar)" \
        --min-sdk-version $min_sdk --target-sdk-version $target_sdk \
        --version-code "$(version_code)" --version-name "$(version_name)" \
        -M "$work/AndroidManifest.xml" -S "$app/src/main/res" \
        -J "$work/gen" -G "$work/manifest.pro" -F "$work/resources.apk"
}

# No class file newer than Java 8, nothing that is linked at run time: Android 5 has neither.
compile_kotlin() {
    local work=$1
    java_run -cp "$(class_path)" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler \
        -no-stdlib -no-reflect -jdk-home "$jdk" -Xjdk-release=1.8 -jvm-target 1.8 \
        -Xlambdas=class -Xsam-conversions=class -Xstring-concat=inline -jvm-default=disable -Werror \
        -module-name app -classpath "$(android_jar):$(jar kotlin-stdlib-2.4.20.jar)" \
        -d "$work/classes" "$app/src/main/kotlin" "$work/gen"
}

# api_gate CLASSES GUARDED: no class but the guarded ones calls what Android 5 has not. After shrinking, so that what is
# left of the Kotlin library is judged as well, and what is gone is not.
api_gate() {
    java_run -cp "$(class_path)" "$build/ApiGate.java" "$(jar gummy-bears-api-21-0.12.0.signature)" "$2" "$1" ||
        fail "a class in $1 calls what Android 5 has not. Put the call into a class that asks for Build.VERSION.SDK_INT" \
            "first, and that class into $build/guarded-classes.txt"
}

# Leaves out what is not used, most of all of the Kotlin library. A guarded class stays whole: moved into their caller, its
# calls would be without their guard.
shrink() {
    local work=$1
    sed -n '/^[^#]/s/.*/-keep,allowshrinking class & { *; }/p' "$build/guarded-classes.txt" >"$work/guarded.pro"
    java_run -cp "$(class_path)" proguard.ProGuard -include "$build/proguard.pro" -include "$app/proguard-rules.pro" \
        -include "$work/manifest.pro" -include "$work/guarded.pro" -injars "$work/classes" \
        -injars "$(jar kotlin-stdlib-2.4.20.jar)(!META-INF/**,!**.kotlin_builtins)" \
        -outjars "$work/shrunk.jar" -libraryjars "$(android_jar)" -libraryjars "$(jar annotations-13.0.jar)" \
        -libraryjars "$jdk/jmods/java.base.jmod(!**.jar;!module-info.class)" >"$work/proguard.log" ||
        { cat "$work/proguard.log" >&2; return 1; }
}

# to_dex JAR DIRECTORY: D8 also puts code of its own for what Java 8 brought and Android 5 has not.
to_dex() {
    local said
    said=$(java_run -cp "$(class_path)" com.android.tools.r8.D8 --release --min-api $min_sdk \
        --lib "$jdk" --lib "$(android_jar)" --output "$2" "$1" 2>&1) || fail "$said"
    # A list of newer Android's calls, which this jar of D8 comes without; the gate has looked already.
    said=$(grep -v 'api database at resources/new_api_database.ser' <<<"$said") || return 0
    fail "$said"
}

# The same bytes give the same APK: files in one order, with one time, nothing of this computer.
pack() {
    local work=$1 abi
    unzip -q -d "$work/files" "$work/resources.apk"
    cp "$work/dex/classes.dex" "$work/files/"
    for abi in "${abis[@]}"; do
        [ -e "$out/lib/$abi/libposconnect.so" ] || fail "$out/lib/$abi/libposconnect.so: not built; --libs does it"
        mkdir -p "$work/files/lib/$abi"
        cp "$out/lib/$abi/libposconnect.so" "$work/files/lib/$abi/"
    done
    find "$work/files" -exec touch --date '2000-01-01 00:00:00 UTC' {} +
    (cd "$work/files" && find . -type f | LC_ALL=C sort | sed 's|^\./||' |
        TZ=UTC zip -q -9 -X -D -n .arsc:.png "$work/unaligned.apk" -@)
    zipalign -f -p 4 "$work/unaligned.apk" "$work/aligned.apk"
}

# sign APK SIGNED: passwords are read from files and never in an argument.
sign() {
    local keystore=${POS_CONNECT_KEYSTORE:-} alias=${POS_CONNECT_KEYSTORE_ALIAS:-}
    local password=${POS_CONNECT_KEYSTORE_PASSWORD_FILE:-}
    if [ "$(kind)" = debug ]; then
        keystore=$out/debug.keystore alias=debug password=$out/debug.password
        debug_key "$keystore" "$alias" "$password"
    elif [ ! -r "$keystore" ] || [ -z "$alias" ] || [ ! -r "$password" ]; then
        fail 'a release needs POS_CONNECT_KEYSTORE (a file), POS_CONNECT_KEYSTORE_ALIAS and' \
            'POS_CONNECT_KEYSTORE_PASSWORD_FILE (a file with the password in its first line)'
    fi
    # The first signature is for Android 5 and 6, the second for 7 and newer.
    apksigner sign --ks "$keystore" --ks-key-alias "$alias" --ks-pass "file:$password" --min-sdk-version $min_sdk \
        --v1-signing-enabled true --v2-signing-enabled true --v3-signing-enabled false --v4-signing-enabled false \
        --out "$2" "$1"
}

# A key for trying things out; made once, never committed. An app of another computer has to be uninstalled first.
debug_key() {
    [ ! -e "$1" ] || return 0
    (umask 077 && echo pos-connect-debug >"$3")
    "$jdk/bin/keytool" -genkeypair -keystore "$1" -storetype PKCS12 -alias "$2" -storepass:file "$3" \
        -keyalg RSA -keysize 2048 -sigalg SHA256withRSA -validity 10000 -dname 'CN=POS Connect debug' >/dev/null 2>&1
}

verify_reproducible() {
    local again=$out/again.apk
    build_apk "$again"
    same_bytes "$1" "$again"
    rm -f "$again"
    sha256sum "$1"
}

same_bytes() { cmp "$1" "$2" || fail "two builds of the same sources differ: $1, $2"; }

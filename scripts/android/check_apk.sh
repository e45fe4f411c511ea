# Sourced by scripts/android-build: what the APK must be. Each check reads one file, so that self_test.sh can break each.

apk_budget=5000000

# What the acquirer does not allow on its terminals, as class names in the dex.
forbidden_classes=(
    'Landroid/webkit/' 'Lcom/google/android/gms/' 'Lcom/google/firebase/' 'WebSocket' 'Mqtt' 'MQTT' 'Lorg/eclipse/paho/'
)

no_forbidden_class() {
    local dex=$1 name status=0
    for name in "${forbidden_classes[@]}"; do
        ! grep --quiet --text --fixed-strings "$name" "$dex" || refuse "$dex" "names a class of $name" || status=1
    done
    return $status
}

nothing_for_tests() { ! grep --quiet --text --fixed-strings 'TestingCore' "$1" || refuse "$1" 'contains TestingCore, which is for tests'; }

# 035 is the only version that Android 5 reads.
dex_version_035() {
    local version
    version=$(head --bytes 7 "$1" | tail --bytes 3)
    [ "$version" = 035 ] || refuse "$1" "dex version $version, Android 5 reads 035 only"
}

# opcodes_of_android_5 FILE: of dexdump -d. These came with Android 8 and 9.
opcodes_of_android_5() {
    local newer
    newer=$(grep -oE '\|[0-9a-f]{4}: (invoke-polymorphic|invoke-custom|const-method-handle|const-method-type)' "$1" |
        awk '{ print $2 }' | sort -u | tr '\n' ' ')
    [ -z "$newer" ] || refuse "$1" "opcodes that Android 5 has not: $newer"
}

# has_every_component CLASSES MANIFEST: of dexdump and of aapt dump xmltree. The manifest names classes; each is there.
has_every_component() {
    local classes=$1 manifest=$2 name status=0
    while read -r name; do
        case $name in
            .*) name=$application_id$name ;;
        esac
        grep --quiet --fixed-strings "Class descriptor  : 'L${name//.//};'" "$classes" ||
            refuse "$manifest" "names $name, which is not in the dex" || status=1
    done < <(awk '/E: /{ kind = $2 } kind ~ /^(activity|service|receiver|provider|application)$/ && /android:name\(/' "$manifest" |
        sed 's/.*(Raw: "\(.*\)")/\1/')
    return $status
}

# declares_the_five_functions CLASSES: of dexdump. What the library exports is what the app calls, down to the types.
declares_the_five_functions() {
    local found wanted
    wanted='close (J)V|dispatch (J[B)V|next (JJ)[B|open ([B)J|version ()[B|'
    found=$(awk -F"'" '/^  Class descriptor/ { class = $2 } /^      name / { name = $2 } /^      type / { type = $2 }
        /^      access .*NATIVE/ { print (class == "Lbr/com/posconnect/core/NativeCore;" ? "" : class " ") name " " type }' "$1" |
        LC_ALL=C sort | tr '\n' '|')
    [ "$found" = "$wanted" ] || refuse "$1" "native methods: ${found:-none}"
}

# badging FILE KIND: of aapt dump badging. Levels, versions, processors, and whether it can be debugged.
is_what_it_says() {
    local badging=$1 kind=$2 line status=0
    while read -r line; do
        grep --quiet --line-regexp --fixed-strings -- "$line" "$badging" || refuse "$badging" "does not say $line" || status=1
    done <<END
sdkVersion:'$min_sdk'
targetSdkVersion:'$target_sdk'
native-code: 'arm64-v8a' 'armeabi-v7a'
END
    grep --quiet "^package: name='$application_id' versionCode='$(version_code)' versionName='$(version_name)'" "$badging" ||
        refuse "$badging" "is not $application_id $(version_name) ($(version_code))" || status=1
    if [ "$kind" = release ] && grep --quiet '^application-debuggable' "$badging"; then
        refuse "$badging" 'a release that can be debugged' || status=1
    fi
    return $status
}

# no_cleartext FILE KIND: of aapt dump xmltree. Said outright, because before Android 9 the system's own answer is yes.
no_cleartext() {
    local manifest=$1 kind=$2
    [ "$kind" = debug ] && return
    if grep -q 'android:networkSecurityConfig' "$manifest"; then
        refuse "$manifest" 'a networkSecurityConfig: nobody has looked whether it allows cleartext traffic'
    else
        grep -q 'android:usesCleartextTraffic(0x010104ec)=(type 0x12)0x0$' "$manifest" ||
            refuse "$manifest" 'cleartext traffic is not refused'
    fi
}

# accepted_manifest FILE: of aapt dump xmltree.
accepted_manifest() {
    local manifest=$1
    diff -u --label accepted --label built "$app/manifest-snapshot.txt" <(awk -f scripts/android/manifest.awk "$manifest") >&2 ||
        refuse "$manifest" "other permissions or entry points than $app/manifest-snapshot.txt;" \
            'if that is meant: scripts/android-build --accept-manifest'
}

accept_manifest() {
    aapt dump xmltree "$1" AndroidManifest.xml | awk -f scripts/android/manifest.awk >"$app/manifest-snapshot.txt"
    cat "$app/manifest-snapshot.txt"
}

# has_the_libraries APK DIRECTORY: those that were checked, and no other file of machine code.
has_the_libraries() {
    local apk=$1 directory=$2 abi found wanted status=0
    found=$(unzip -Z1 "$apk" | grep -E '^lib/|\.so$' | LC_ALL=C sort | tr '\n' ' ')
    wanted=$(printf 'lib/%s/libposconnect.so\n' "${abis[@]}" | LC_ALL=C sort | tr '\n' ' ')
    [ "$found" = "$wanted" ] || refuse "$apk" "native libraries: $found" || return
    for abi in "${abis[@]}"; do
        unzip -p "$apk" "lib/$abi/libposconnect.so" | cmp --quiet - "$directory/$abi/libposconnect.so" ||
            refuse "$apk" "its library for $abi is not the one in $directory" || status=1
    done
    return $status
}

signed_twice() {
    local said scheme
    said=$(apksigner verify --verbose --min-sdk-version $min_sdk "$1" 2>&1) || { refuse "$1" "$said"; return; }
    for scheme in v1 v2; do
        grep --quiet "^Verified using $scheme scheme .*: true" <<<"$said" || { refuse "$1" "no signature of scheme $scheme"; return; }
    done
}

aligned() { zipalign -c -p 4 "$1" >/dev/null || refuse "$1" 'not aligned'; }

# check_apk APK: everything, so that one run tells all that is wrong.
check_apk() {
    local apk=$1 facts=$out/facts kind status=0
    kind=$(kind)
    rm -rf "$facts"
    mkdir -p "$facts"
    unzip -q -d "$facts" "$apk" classes.dex
    aapt dump badging "$apk" >"$facts/badging"
    aapt dump xmltree "$apk" AndroidManifest.xml >"$facts/manifest"
    dexdump -d "$facts/classes.dex" >"$facts/classes"

    size_budget "$apk" $apk_budget || status=1
    is_what_it_says "$facts/badging" "$kind" || status=1
    no_cleartext "$facts/manifest" "$kind" || status=1
    accepted_manifest "$facts/manifest" || status=1
    has_the_libraries "$apk" "$out/lib" || status=1
    no_forbidden_class "$facts/classes.dex" || status=1
    nothing_for_tests "$facts/classes.dex" || status=1
    dex_version_035 "$facts/classes.dex" || status=1
    opcodes_of_android_5 "$facts/classes" || status=1
    has_every_component "$facts/classes" "$facts/manifest" || status=1
    declares_the_five_functions "$facts/classes" || status=1
    signed_twice "$apk" || status=1
    aligned "$apk" || status=1
    [ $status -ne 0 ] || printf '%s: %s, %s, %s bytes of %s\n' "$apk" "$kind" "$(version_name)" \
        "$(stat --format %s "$apk")" "$apk_budget"
    return $status
}

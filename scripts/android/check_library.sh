# Sourced by scripts/android-build: what a library must be to be loaded on every terminal. self_test.sh breaks each once.

# refuse FILE WHY ...: a check's last word.
refuse() {
    printf 'refused: %s: %s\n' "$1" "${*:2}" >&2
    return 1
}

# size_budget FILE BYTES
size_budget() {
    local size
    size=$(stat --format %s "$1")
    [ "$size" -le "$2" ] || refuse "$1" "$size bytes, at most $2 are allowed"
}

library_budget() {
    case $1 in
        arm64-v8a) echo 3200000 ;;
        armeabi-v7a) echo 2200000 ;;
    esac
}

made_for() {
    local abi=$1 file=$2 machine
    machine=$("$(llvm readelf)" -h "$file" | sed -n 's/^ *Machine: *//p')
    case $abi:$machine in
        arm64-v8a:AArch64 | armeabi-v7a:ARM) ;;
        *) refuse "$file" "made for $machine, not for $abi" ;;
    esac
}

# Devices with pages of 16 KB load nothing that is aligned to less.
pages_of_16_kb() {
    local small
    small=$("$(llvm readelf)" -lW "$1" | awk '$1 == "LOAD" { n++; if ($NF !~ /^0x[0-9a-f]*[048c]000$/) print $NF } END { if (!n) print "none" }')
    [ -z "$small" ] || refuse "$1" "alignment of loaded segments: $small, at least 0x4000 is needed"
}

# The old table for Android 5, the GNU one because it is faster where it is known.
both_hash_tables() {
    local table
    for table in HASH GNU_HASH; do
        "$(llvm readelf)" -dW "$1" | grep -q "($table)" || { refuse "$1" "no $table table"; return; }
    done
}

# Memory is writable or executable, never both.
nothing_writable_runs() {
    "$(llvm readelf)" -lW "$1" | awk '$1 == "GNU_STACK" { stack = 1 } /^ +(LOAD|GNU_STACK) / { flags = ""; for (i = 7; i < NF; i++) flags = flags $i; if (flags ~ /W/ && flags ~ /E/) bad = 1 }
        END { exit !stack || bad }' || refuse "$1" 'an executable stack, or a segment that can be written and run'
}

# Android 6 and newer refuse code that is patched while it is loaded.
no_text_relocations() {
    ! "$(llvm readelf)" -dW "$1" | grep -q TEXTREL || refuse "$1" 'text relocations'
}

# Android 5 looks for symbols only in the libraries that are named, and has these four.
names_its_libraries() {
    local needed
    needed=$("$(llvm readelf)" -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
    [ "$needed" = 'libc.so libdl.so liblog.so libm.so ' ] || refuse "$1" "needs the libraries: ${needed:-none}"
}

# Every symbol that has to be there is there on Android 5.1. A weak one may be missing: whoever uses it asks first.
symbols_of_android_5() {
    local abi=$1 file=$2 unknown
    unknown=$("$(llvm nm)" -D --undefined-only "$file" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u |
        comm -23 - <(LC_ALL=C sort -u "$build/api22-symbols-$abi.txt") | tr '\n' ' ')
    [ -z "$unknown" ] || refuse "$file" "Android 5.1 does not have: $unknown"
}

# What the app's Kotlin declares, and nothing else: not the functions for tests, no name of a crate.
exports_the_five_functions() {
    local found wanted
    wanted=$(printf 'Java_br_com_posconnect_core_NativeCore_%s\n' close dispatch next open version)
    found=$("$(llvm nm)" -D --defined-only "$1" | awk '{ print $NF }' | LC_ALL=C sort)
    [ "$found" = "$wanted" ] || refuse "$1" "exports: ${found//$'\n'/ }"
}

# check_library ABI FILE: everything, so that one run tells all that is wrong.
check_library() {
    local abi=$1 file=$2 status=0
    size_budget "$file" "$(library_budget "$abi")" || status=1
    made_for "$abi" "$file" || status=1
    pages_of_16_kb "$file" || status=1
    both_hash_tables "$file" || status=1
    nothing_writable_runs "$file" || status=1
    no_text_relocations "$file" || status=1
    names_its_libraries "$file" || status=1
    symbols_of_android_5 "$abi" "$file" || status=1
    exports_the_five_functions "$file" || status=1
    [ $status -ne 0 ] || printf '%s: %s bytes of %s\n' "$file" "$(stat --format %s "$file")" "$(library_budget "$abi")"
    return $status
}

# check_libraries DIRECTORY
check_libraries() {
    local abi status=0
    for abi in "${abis[@]}"; do
        check_library "$abi" "$1/$abi/libposconnect.so" || status=1
    done
    return $status
}

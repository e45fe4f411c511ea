# aapt dump xmltree -> what other apps and the user's consent see of ours: the permissions, and each component that others
# may start, with its filters. One a line, in the order of the manifest.

function value(line) {
    if (match(line, /="[^"]*"/)) return substr(line, RSTART + 2, RLENGTH - 3)
    return line ~ /0xffffffff$/ ? "true" : line ~ /\)0x0$/ ? "false" : substr(line, index(line, "=") + 1)
}

# A component is complete when the next one begins; only then it is known whether others may start it.
function flush() {
    if (component != "" && (exported == "true" || (exported == "" && filters != ""))) {
        printf "exported %s %s%s\n%s", component, name, needs == "" ? "" : " needs " needs, filters
    }
    component = name = exported = needs = filters = ""
}

function element(kind) {
    if (kind ~ /^(activity|activity-alias|service|receiver|provider)$/) {
        flush()
        component = kind
        depth = indent
    } else if (component != "" && indent <= depth) {
        flush()
    } else if (kind == "intent-filter") {
        filters = filters "  filter\n"
    }
}

function attribute(line,    key) {
    key = line
    sub(/^A: (android:)?/, "", key)
    sub(/[(=].*/, "", key)
    if (kind ~ /permission/ && key == "name") print kind, value(line)
    else if (component == "") return
    else if (kind == component && key == "name") name = value(line)
    else if (kind == component && key == "exported") exported = value(line)
    else if (kind == component && key ~ /[pP]ermission$/) needs = needs (needs == "" ? "" : ",") value(line)
    else if (kind ~ /^(action|category|data)$/) filters = filters "    " kind " " key " " value(line) "\n"
}

{
    match($0, /^ */)
    indent = RLENGTH
    line = substr($0, RLENGTH + 1)
}
line ~ /^E: / { kind = line; sub(/^E: /, "", kind); sub(/ .*/, "", kind); element(kind) }
line ~ /^A: / { attribute(line) }
END { flush() }

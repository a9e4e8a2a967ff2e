#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No file over 500 lines, no function over 80 from its return type to its
# closing brace. Functions are found by their form: a brace alone in column 0
# opens one, which a table of constants never does.
set -euo pipefail
cd "$1"
files=$(find include src tools tests fuzz -name node_modules -prune -o \
    -name '*.[ch]' -print | LC_ALL=C sort)
if [ -z "$files" ]; then
    printf 'no C files below %s\n' "$1"
    exit 1
fi
# shellcheck disable=SC2086 # one argument a file
awk '
function end_of_file() {
    if (lines > 500)
        complain(name ": " lines " lines, at most 500")
}
function complain(text) {
    print text
    failed = 1
}
FNR == 1 { end_of_file(); name = FILENAME; start = 0; inside = 0 }
{ lines = FNR }
inside && /^}/ {
    if (FNR - start + 1 > 80)
        complain(name ":" start ": function of " FNR - start + 1 \
            " lines, at most 80")
    inside = 0; start = 0
    next
}
inside { next }
/^{/ { inside = 1; if (!start) start = FNR; next }
/^[A-Za-z_]/ { if (!start) start = FNR; next }
/^$/ || /^[ ]*\/?\*/ || /^[#}]/ { start = 0 }
END { end_of_file(); exit failed }
' $files

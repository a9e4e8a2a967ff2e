#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs every fenced block of README.md, in order, in one shell, against an
# installation of this build. What differs from a reader's machine: build/release
# is this build, the port is a free one, and `cc` is this build's compiler with
# its sanitizers. The two commands are not run from here:
# quickstart.sh tests one, and the other is what runs this.
set -euo pipefail
build=$IVS_BUILD_DIR
tmp=$(mktemp -d)
emulator=
finish()
{
    if [ -n "$emulator" ]; then
        kill "$emulator" 2> /dev/null || true
        wait "$emulator" 2> /dev/null || true
    fi
    rm -rf "$tmp"
}
trap finish EXIT

fail()
{
    printf '%s\n' "$*"
    exit 1
}

cached()
{
    sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}

mkdir "$tmp/home" "$tmp/bin" "$tmp/blocks"
awk -v dir="$tmp/blocks" '
file == "" && match($0, /`[a-z]+\.c`/) {
    source = substr($0, RSTART + 1, RLENGTH - 2) # of the next block in C
}
/^```[a-z]+$/ {
    file = sprintf("%s/%02d.%s", dir, ++n, $0 == "```c" ? source : substr($0, 4))
    next
}
/^```$/ { close(file); file = ""; next }
file { print > file }
' "$IVS_SOURCE_DIR/README.md"

grep -oE '\]\([^)]+\)' "$IVS_SOURCE_DIR/README.md" | tr -d '])(' |
    while read -r link; do
        [ -e "$IVS_SOURCE_DIR/$link" ] || fail "README.md: $link is not there"
    done

sanitize=$(cached IVS_SANITIZE)
cat > "$tmp/bin/cc" << TEXT
#!/bin/sh
exec $(cached CMAKE_C_COMPILER) -Wall -Wextra -Werror \
    ${sanitize:+-fsanitize=$sanitize} "\$@"
TEXT
chmod +x "$tmp/bin/cc"

for name in $(compgen -e AWS_); do
    unset "$name"
done
cd "$tmp/home"
mkdir build
ln -s "$build" build/release
export HOME=$tmp/home PATH=$tmp/bin:$PATH
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

endpoint=
ran=
for block in "$tmp"/blocks/*; do
    case $block in
    *.c)
        cp "$block" "${block##*/[0-9][0-9].}"
        ran+=' c'
        continue
        ;;
    *.sh) ;;
    *) fail "README.md: a block of an unknown language: ${block##*.}" ;;
    esac
    case $(cat "$block") in
    tools/quickstart | tests/run)
        [ -x "$IVS_SOURCE_DIR/$(cat "$block")" ]
        ran+=' command'
        continue
        ;;
    */ivs-emulator)
        # shellcheck disable=SC2088 # as it stands in the block
        [ "$(cat "$block")" = '~/ivs/bin/ivs-emulator' ]
        ivs-emulator --port 0 > ready &
        emulator=$!
        for _ in $(seq 100); do
            [ ! -s ready ] || break
            sleep 0.1
        done
        endpoint=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' ready | head -n 1)
        ran+=' emulator'
        continue
        ;;
    esac
    sed -i "s|http://127.0.0.1:8787|$endpoint|" "$block"
    sed 's/^/$ /' "$block"
    # shellcheck source=/dev/null
    . "$block"
    ran+=' sh'
done

[ "$ran" = ' command command sh emulator sh sh sh c sh c sh' ] ||
    fail "README.md: unexpected blocks:$ran"

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Small rules that a compiler does not know.
set -euo pipefail
cd "$1"
status=0

# none WHAT COMMAND...: the command must print nothing.
none()
{
    local found

    found=$("${@:2}" || [ $? -eq 1 ])
    if [ -n "$found" ]; then
        printf '%s:\n%s\n' "$1" "$found"
        status=1
    fi
}

# shellcheck disable=SC2016 # $0 is awk's
none 'the first line is not the licence' \
    find include src tools tests fuzz -name node_modules -prune -o \
    -name '*.[ch]' -exec awk \
    'FNR == 1 && $0 != "/* SPDX-License-Identifier: MIT */" {
        print FILENAME }' {} +
none 'no file is a collection of leftovers' \
    find include src tools tests fuzz -name node_modules -prune -o \
    \( -name 'util*.[ch]' -o -name 'common*.[ch]' -o -name 'misc*.[ch]' \) \
    -print
none 'open ends' \
    grep -rnwE 'TODO|FIXME|XXX' --include='*.[ch]' include src tools fuzz
none 'CTest counts a cmocka skip as passed: exit 77 from a program of its own' \
    grep -rnE '(^|[^_[:alnum:]])skip\(\)' --include='*.c' tests
none 'the libraries do not print or exit' \
    grep -rnE '(^|[^_[:alnum:]])(v?f?printf|puts|perror|exit|abort)\(' \
    --include='*.[ch]' src
none 'the token half reads no environment and no clock' \
    grep -rnE '(^|[^_[:alnum:]])(getenv|secure_getenv|time|clock_gettime)\(' \
    --include='*.[ch]' src/token
none 'one algorithm in the token half: no MAC, no RSA' \
    grep -rnE 'ivs_hmac|(^|[^_[:alnum:]])HMAC[_(]|EVP_MAC|EVP_RSA|(^|[^_[:alnum:]])RSA_[a-z]|PKEY_RSA' \
    --include='*.[ch]' src/token
none 'a signature is compared in constant time: ivs_equal_ct()' \
    grep -rnEi '(^|[^_[:alnum:]])(mem|str|strn|strcase|strncase)cmp\([^;]*signature' \
    --include='*.c' src/token src/aws tools/ivs-emulator
none 'case by the locale of the host: use base/ascii.h' \
    grep -rnE '(^|[^_[:alnum:]])(strn?casecmp|strcasestr|to(low|upp)er|is(alpha|alnum|digit|space|upper|lower|xdigit))\(' \
    --include='*.[ch]' src
none 'the words of a value stand in the metavar of its row: use value_choice()' \
    grep -rnE 'bad_value\(c, o, value, "[A-Za-z0-9_]+(, [A-Za-z0-9_]+)* or [A-Za-z0-9_]+"' \
    --include='*.c' tools/ivs-token
exit $status

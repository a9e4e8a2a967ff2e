#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The benchmark runs and prints every row, as a table and as JSON. Its times are
# nobody's business here.
set -euo pipefail
bench=${IVS_BUILD_DIR:?must name the build folder}/bin/bench
status=0

# holds TEXT PATTERN COUNT: so many lines match.
holds()
{
    local count

    count=$(grep -cE "$2" <<< "$1" || [ $? -eq 1 ])
    if [ "$count" -ne "$3" ]; then
        printf '%s lines match "%s", expected %s, in:\n%s\n' \
            "$count" "$2" "$3" "$1"
        status=1
    fi
}

table=$("$bench" --quick)
json=$("$bench" --quick --json)
engines=1
if grep -q '^gnutls' <<< "$table"; then
    engines=2
fi
holds "$table" '^own code  *(mint|verify) ' 2
for row in 'library sign' 'library verify' 'engine sign' 'engine verify' \
    'mint' 'verify' 'key from PEM' 'key from numbers'; do
    holds "$table" "^(openssl|gnutls)  *$row  *[0-9]" $engines
done
holds "$table" '^gnutls  *library sign, rnd  *[0-9]' $((engines - 1))
holds "$table" ' (met|missed)$' $((2 + 4 * engines))
holds "$json" '"what": "' $((1 + 9 * engines))
holds "$json" '"met": (true|false)' $((2 + 4 * engines))
exit $status

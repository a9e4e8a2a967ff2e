#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every shell script passes shellcheck, and tests never negate a command: a
# crash would count as the failure that was expected.
set -euo pipefail
cd "$1"
if ! command -v shellcheck > /dev/null; then
    echo 'shellcheck is not installed'
    exit 77
fi
scripts=$(find . \( -name build -o -name node_modules -o -name .git \) -prune \
    -o -type f ! -name '*.md' -exec awk \
    'FNR == 1 { if (/^#!.*[\/ ](ba)?sh( |$)/) print FILENAME; nextfile }' {} + |
    LC_ALL=C sort)
if [ -z "$scripts" ]; then
    printf 'no scripts below %s\n' "$1"
    exit 1
fi
# shellcheck disable=SC2086 # one argument a script
shellcheck -x $scripts
status=0
for script in $scripts; do
    case $script in
    ./tests/*)
        if grep -nE '^[ \t]*! ' "$script" /dev/null; then
            status=1
        fi
        ;;
    esac
done
exit $status

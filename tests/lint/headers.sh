#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every header from outside the project is included only where headers.tsv,
# next to this script, allows it.
set -euo pipefail
rows=()
while IFS= read -r row; do
    case $row in '' | '#'*) ;; *) rows+=("$row") ;; esac
done < "$(dirname "$0")/headers.tsv"
cd "$1"
status=0

# matches TEXT PATTERNS: does one of the patterns fit?
matches()
{
    local pattern

    set -f
    for pattern in $2; do
        # shellcheck disable=SC2053 # the right side is a pattern
        if [[ $1 == $pattern ]]; then
            set +f
            return 0
        fi
    done
    set +f
    return 1
}

allows()
{
    local row

    for row in "${rows[@]}"; do
        if matches "$2" "${row%%$'\t'*}" && matches "$1" "${row#*$'\t'}"; then
            return 0
        fi
    done
    return 1
}

count=0
while IFS=: read -r file include; do
    count=$((count + 1))
    if ! allows "$file" "$include"; then
        printf '%s: <%s> is not allowed here by tests/lint/headers.tsv\n' \
            "$file" "$include"
        status=1
    fi
done < <(grep -rE '^[ \t]*#[ \t]*include[ \t]*<' --include='*.[ch]' \
    include src tools |
    sed -E 's/^([^:]+):[^<]*<([^>]+)>.*/\1:\2/' | grep -v ':ivs/' | LC_ALL=C sort)
if [ $count -eq 0 ]; then
    printf 'no includes found below %s\n' "$1"
    status=1
fi
exit $status

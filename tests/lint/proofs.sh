#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What tests/README.md says the security rules are proved by is there: each
# `file: test` is a test of that file, or words in it, and where a test heads a
# column, the other words of the column are rows of that test's file.
set -euo pipefail
cd "$1/tests"
status=0
checked=0

say()
{
    printf 'README.md:%s: %s\n' "$1" "$2"
    status=1
}

# is_there FILE NAME: a name without a space or a sign is that of a test; other
# words only have to stand in the file.
is_there()
{
    case $2 in
    *[!a-z0-9_]*) grep -qF -e "$2" "$1" ;;
    *)
        case $1 in
        poison/*) grep -qE "^$2\(void\)$" "$1" ;;
        *.c) grep -qzE "cmocka_unit_test\([[:space:]]*$2\)" "$1" ;;
        *.py) grep -qE "^ +def $2\(self\):" "$1" ;;
        *) grep -qF -e "$2" "$1" ;;
        esac
        ;;
    esac
}

# LINE, then what is looked for, in which file, where it stands: test, row, or
# nowhere for a cell that proves nothing; separated by tabs.
quoted=$(awk '
    /^## / { on = /^## What the security rules are proved by$/ }
    !on || !/^\|/ { if (on) split("", column); next }
    /^\|---/ { next }
    {
        n = split($0, cell, "|")
        head = !(3 in column)
        for (i = 2; i < n; i++) {
            rest = cell[i]
            count = 0
            if (head)
                column[i] = ""
            while (match(rest, /`[^`]*`/)) {
                words = substr(rest, RSTART + 1, RLENGTH - 2)
                rest = substr(rest, RSTART + RLENGTH)
                if (match(words, /^[a-z]+\/[^ ]+: /)) {
                    file = substr(words, 1, RLENGTH - 2)
                    print NR "\ttest\t" file "\t" substr(words, RLENGTH + 1)
                    if (head)
                        column[i] = file
                    count++
                } else if (column[i] != "") {
                    print NR "\trow\t" column[i] "\t" words
                    count++
                }
            }
            if (!head && column[i] != "" && count == 0 && cell[i] !~ /[a-z]/)
                print NR "\tnowhere\t-\t-"
            proofs += count
        }
        if (!head && proofs == 0)
            print NR "\tnowhere\t-\t-"
        proofs = 0
    }' README.md)
while IFS=$'\t' read -r line kind file words; do
    [ -n "$line" ] || continue
    checked=$((checked + 1))
    if [ "$kind" = nowhere ]; then
        say "$line" 'nothing is named that proves it'
    elif [ ! -f "$file" ]; then
        say "$line" "there is no file $file"
    elif [ "$kind" = row ]; then
        grep -qF -e "\"$words\"" "$file" ||
            say "$line" "$file has no row \"$words\""
    else
        is_there "$file" "$words" || say "$line" "$file has no test $words"
    fi
done <<< "$quoted"
if [ "$checked" -eq 0 ]; then
    echo 'README.md names no proof'
    status=1
fi
exit $status

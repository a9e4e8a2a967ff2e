#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/install-packages against a pretended system: which packages it asks
# for, in which way, and what it says when it cannot.
set -euo pipefail
tool=$IVS_SOURCE_DIR/tools/install-packages
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

# system USER-ID [MISSING-LISTS]: a PATH of its own; apt-get notes its calls.
# The package "present" and the command "here" are installed.
system()
{
    rm -rf "${tmp:?}/bin"
    mkdir "$tmp/bin"
    : > "$tmp/calls"
    for command in bash cat env mktemp rm tail; do
        ln -s "$(command -v $command)" "$tmp/bin/$command"
    done
    fake here 'exit 0'
    fake id "echo $1"
    fake dpkg-query "case \$4 in present) printf 'ii ' ;; *) exit 1 ;; esac"
    fake apt-cache "[ -e '$tmp/lists' ]"
    fake apt-get "shift 6; echo \"apt-get \$*\" >> '$tmp/calls'
        case \$1 in
        update) : > '$tmp/lists' ;;
        install)
            if [ -e '$tmp/broken' ]; then
                rm '$tmp/broken'
                echo 'a package was not found' >&2
                exit 100
            fi ;;
        esac"
    rm -f "$tmp/lists" "$tmp/broken"
    [ $# -gt 1 ] || : > "$tmp/lists"
}

fake()
{
    printf '#!/bin/bash\n%s\n' "$2" > "$tmp/bin/$1"
    chmod +x "$tmp/bin/$1"
}

# expect WHAT CODE CALLS ARGUMENTS...
expect()
{
    local code=0 calls

    PATH=$tmp/bin "$tool" "${@:4}" > "$tmp/out" 2>&1 || code=$?
    calls=$(cat "$tmp/calls")
    if [ $code -ne "$2" ] || [ "$calls" != "$3" ]; then
        printf '%s: exit %d, expected %d; calls "%s", expected "%s"\n' \
            "$1" $code "$2" "$calls" "$3"
        cat "$tmp/out"
        status=1
    fi
}

says()
{
    if ! grep -qF -- "$1" "$tmp/out"; then
        printf 'expected "%s" in: %s\n' "$1" "$(cat "$tmp/out")"
        status=1
    fi
}

install='apt-get install --no-install-recommends'

system 0
expect 'nothing is missing' 0 '' present here:absent
[ ! -s "$tmp/out" ] || status=1

system 0
expect 'only what is missing is installed' 0 "$install one two" \
    present one here:three gone:two
says 'Installing 2 missing packages: one two'

system 0 lists-missing
expect 'lists are fetched where they are missing' 0 \
    "apt-get update"$'\n'"$install one" one

system 0
: > "$tmp/broken"
expect 'stale lists are fetched anew' 0 \
    "$install one"$'\n'"apt-get update"$'\n'"$install one" one

system 0
fake apt-get 'echo "no space left" >&2; exit 100'
expect 'an installation that fails is a failure' 1 '' one
says 'no space left'

system 1000
expect 'without root and sudo it says what to do' 1 '' one present
says 'apt-get install one'

system 1000
# shellcheck disable=SC2016 # "$@" is the fake command's
fake sudo 'exec "$@"'
expect 'sudo is used by others than root' 0 "$install one" one
says '$ sudo apt-get install'

system 0
expect 'no installation when asked so' 0 '' --no-install one
says 'Not installed, as asked: one'

system 0
rm "$tmp/bin/dpkg-query"
expect 'another system is told what is needed' 0 '' present gone:two
says 'present two'

exit $status

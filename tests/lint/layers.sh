#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An include points downwards or sideways, never up:
#
#     service            tools/ivs-token: public headers and its own
#     token   aws        tools/ivs-emulator: everything
#     base
#
# Of the token half, service sees the public headers only.
set -euo pipefail
cd "$1"
status=0

fail()
{
    printf '%s\n' "$*"
    status=1
}

# What a directory may include, as globs over the include's text.
allowed()
{
    case $1 in
    include/ivs) echo 'ivs/*' ;;
    src/base) echo 'base/* ivs/export.h ivs/error.h' ;;
    src/token) echo 'base/* token/* ivs/export.h ivs/error.h ivs/arn.h
        ivs/key.h ivs/token.h' ;;
    src/aws) echo 'base/* aws/* ivs/export.h ivs/error.h ivs/credentials.h
        ivs/transport.h' ;;
    src/service) echo 'base/* aws/* service/* ivs/*' ;;
    tools/ivs-token) echo 'ivs/*' ;;
    tools/ivs-emulator) echo 'base/* token/* aws/* service/* ivs/*' ;;
    esac
}

# Includes of our own: those in quotes, and <ivs/...>.
ours()
{
    sed -nE 's/^[ \t]*#[ \t]*include[ \t]*("([^"]+)"|<(ivs\/[^>]+)>).*/\2\3/p' \
        "$1"
}

files=$(find include src tools -name '*.[ch]' | LC_ALL=C sort)
[ -n "$files" ] || fail "no C files below $1"
for file in $files; do
    dir=${file%/*}
    globs=$(allowed "$dir")
    if [ -z "$globs" ]; then
        fail "$file: directory $dir is in no layer of tests/lint/layers.sh"
        continue
    fi
    for include in $(ours "$file"); do
        case $dir,$include in
        tools/*,*/*) ;;
        tools/*) # a header of the program itself
            [ -f "$dir/$include" ] || fail "$file: \"$include\" is not in $dir"
            continue
            ;;
        esac
        found=no
        set -f
        for glob in $globs; do
            # shellcheck disable=SC2053 # the right side is a pattern
            if [[ $include == $glob ]]; then
                found=yes
            fi
        done
        set +f
        [ $found = yes ] || fail "$file: $dir may not include $include"
    done
done
exit $status

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

# allowed DIRECTORY: what it may include, as globs over the include's text, in
# globs.
allowed()
{
    case $1 in
    include/ivs) globs='ivs/*' ;;
    src/base) globs='base/* ivs/export.h ivs/error.h' ;;
    src/token) globs='base/* token/* ivs/export.h ivs/error.h ivs/arn.h
        ivs/key.h ivs/token.h' ;;
    src/aws) globs='base/* aws/* ivs/export.h ivs/error.h ivs/credentials.h
        ivs/transport.h' ;;
    src/service) globs='base/* aws/* service/* ivs/*' ;;
    tools/ivs-token) globs='ivs/*' ;;
    tools/ivs-emulator) globs='base/* token/* aws/* service/* ivs/*' ;;
    *) globs='' ;;
    esac
}

files=$(find include src tools -name '*.[ch]' | LC_ALL=C sort)
[ -n "$files" ] || fail "no C files below $1"
for file in $files; do
    allowed "${file%/*}"
    [ -n "$globs" ] || fail \
        "$file: directory ${file%/*} is in no layer of tests/lint/layers.sh"
done

# Includes of our own: those in quotes, and <ivs/...>.
while IFS=: read -r file include; do
    dir=${file%/*}
    allowed "$dir"
    [ -n "$globs" ] || continue
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
done < <(grep -rE '^[ \t]*#[ \t]*include[ \t]*("|<ivs/)' --include='*.[ch]' \
    include src tools |
    sed -nE 's/^([^:]+):[^"<]*("([^"]+)"|<([^>]+)>).*/\1:\3\4/p' | LC_ALL=C sort)
exit $status

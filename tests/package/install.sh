#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs this build into an empty prefix and builds programs against it, by
# CMake and by pkg-config, from nothing but the prefix.
set -euo pipefail
build=$IVS_BUILD_DIR
consumer=$(cd "$(dirname "$0")" && pwd)/consumer
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
prefix=$tmp/prefix

cached()
{
    sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}

fail()
{
    printf '%s\n' "$*"
    exit 1
}

# The libraries a program ends up with, theirs included.
loads()
{
    LD_LIBRARY_PATH=$libdir ldd "$1" | awk '{ print $1 }'
}

lacks() # PROGRAM LIBRARY
{
    if loads "$1" | grep -q "^$2\\."; then
        fail "$1 loads $2"
    fi
}

has()
{
    loads "$1" | grep -q "^$2\\." || fail "$1 does not load $2"
}

cc=$(cached CMAKE_C_COMPILER)
libdir=$prefix/$(cached CMAKE_INSTALL_LIBDIR)
flags=()
sanitize=$(cached IVS_SANITIZE)
[ -z "$sanitize" ] || flags+=("-fsanitize=$sanitize")
[ "$(cached IVS_COVERAGE)" != ON ] || flags+=(--coverage)

cmake --install "$build" --prefix "$prefix" > /dev/null
# Programs must find their libraries wherever the prefix was moved to.
mv "$prefix" "$tmp/moved"
prefix=$tmp/moved
libdir=$prefix/$(cached CMAKE_INSTALL_LIBDIR)

for file in bin/ivs-token bin/ivs-emulator libexec/ivs-token/ivs-token-service \
    include/ivs/ivs.h share/doc/ivs-token/LICENSE \
    share/man/man1/ivs-token.1 share/man/man1/ivs-emulator.1 \
    share/bash-completion/completions/ivs-token \
    share/zsh/site-functions/_ivs-token \
    share/fish/vendor_completions.d/ivs-token.fish; do
    [ -f "$prefix/$file" ] || fail "$file was not installed"
done
for installed in "$build"/tools/ivs-emulator/hls-*/installed; do
    [ ! -f "$installed" ] || [ -f "$prefix/share/doc/ivs-token/hls.LICENSE" ] ||
        fail 'hls.js is built in, and its licence was not installed'
done
for header in "$IVS_SOURCE_DIR"/include/ivs/*.h; do
    cmp "$header" "$prefix/include/ivs/${header##*/}"
done

echo '== the installed commands start'
"$prefix/bin/ivs-token" --version
"$prefix/bin/ivs-token" api describe GetChannel > /dev/null
lacks "$prefix/bin/ivs-token" libivs-service
lacks "$prefix/bin/ivs-token" libcurl
"$prefix/bin/ivs-emulator" --version

echo '== CMake'
cmake -S "$consumer" -B "$tmp/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="${flags[*]}"
cmake --build "$tmp/cmake"

echo '== pkg-config'
export PKG_CONFIG_PATH=$libdir/pkgconfig
mkdir "$tmp/pc"
for name in token service; do
    read -ra pc <<< "$(pkg-config --cflags --libs "ivs-$name")"
    "$cc" -Wall -Wextra -Werror "${flags[@]}" "$consumer/$name.c" \
        -o "$tmp/pc/$name" "${pc[@]}"
done

for dir in cmake pc; do
    for name in token service; do
        LD_LIBRARY_PATH=$libdir "$tmp/$dir/$name"
    done
    has "$tmp/$dir/token" libivs-token.so
    lacks "$tmp/$dir/token" libivs-service
    lacks "$tmp/$dir/token" libcurl
    has "$tmp/$dir/service" libivs-service.so
    has "$tmp/$dir/service" libcurl
done
echo 'a program that links libivs-token alone loads no libcurl'

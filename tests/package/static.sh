#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same consumers on archives (BUILD_SHARED_LIBS=OFF), with each engine,
# optimised, where compilers find other things to warn of.
set -euo pipefail
consumer=$(cd "$(dirname "$0")" && pwd)/consumer
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$IVS_BUILD_DIR/CMakeCache.txt")
options=(-G Ninja -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Release)
for gnutls in ON OFF; do
    echo "== IVS_GNUTLS=$gnutls"
    dir=$tmp/$gnutls
    cmake -S "$IVS_SOURCE_DIR" -B "$dir/build" "${options[@]}" \
        -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF \
        -DBUILD_TESTING=OFF -DIVS_WERROR=ON -DIVS_GNUTLS=$gnutls \
        -DIVS_EMULATOR_HLSJS=OFF
    cmake --build "$dir/build" -j2
    cmake --install "$dir/build" --prefix "$dir/prefix" > /dev/null
    "$dir/prefix/bin/ivs-token" --version
    "$dir/prefix/bin/ivs-emulator" --version

    cmake -S "$consumer" -B "$dir/cmake" "${options[@]}" \
        -DCMAKE_PREFIX_PATH="$dir/prefix"
    cmake --build "$dir/cmake"
    "$dir/cmake/token"
    "$dir/cmake/service"
done

# gnutls.pc and libcurl.pc name archives that Debian's packages do not bring
# with them, so pkg-config --static is tried with what needs neither.
export PKG_CONFIG_PATH=$tmp/OFF/prefix/lib/pkgconfig
read -ra pc <<< "$(pkg-config --static --cflags --libs ivs-token)"
"$cc" -Wall -Wextra -Werror "$consumer/token.c" -o "$tmp/token" "${pc[@]}"
"$tmp/token"

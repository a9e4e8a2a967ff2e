#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same consumers on archives: BUILD_SHARED_LIBS=OFF.
set -euo pipefail
consumer=$(cd "$(dirname "$0")" && pwd)/consumer
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$IVS_BUILD_DIR/CMakeCache.txt")
options=(-G Ninja -DCMAKE_C_COMPILER="$cc")
cmake -S "$IVS_SOURCE_DIR" -B "$tmp/build" "${options[@]}" \
    -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF -DBUILD_TESTING=OFF \
    -DIVS_EMULATOR=OFF
cmake --build "$tmp/build" -j2
cmake --install "$tmp/build" --prefix "$tmp/prefix" > /dev/null

"$tmp/prefix/bin/ivs-token" --version

cmake -S "$consumer" -B "$tmp/cmake" "${options[@]}" \
    -DCMAKE_PREFIX_PATH="$tmp/prefix"
cmake --build "$tmp/cmake"
"$tmp/cmake/token"
"$tmp/cmake/service"

# libcurl.pc asks for archives that Debian's libcurl does not depend on, so
# pkg-config is tried with the token library only.
export PKG_CONFIG_PATH=$tmp/prefix/lib/pkgconfig
read -ra pc <<< "$(pkg-config --static --cflags --libs ivs-token)"
"$cc" -Wall -Wextra -Werror "$consumer/token.c" -o "$tmp/token" "${pc[@]}"
"$tmp/token"

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every public header compiles alone, twice over, as C11 and as C++17; the bridge
# to libjwt where that is installed.
set -euo pipefail
cd "$1"
cc=${CC:-cc}
cxx=${CXX:-g++}
if ! command -v "$cxx" > /dev/null; then
    echo "no C++ compiler ($cxx)"
    exit 77
fi
status=0
libjwt=yes
"$cc" -E -x c - <<< '#include <jwt.h>' > /dev/null 2>&1 || libjwt=no
flags=(-Wall -Wextra -Wpedantic -Wundef -Wconversion -Wshadow -Wcast-qual
    -Werror -fsyntax-only -Iinclude)
for header in include/ivs/*.h; do
    if [ "${header##*/},$libjwt" = libjwt.h,no ]; then
        echo "no libjwt: $header is not checked"
        continue
    fi
    source=$(printf '#include <ivs/%s>\n' "${header##*/}" "${header##*/}")
    source+=$'\nextern int translation_unit;'
    "$cc" -std=c11 "${flags[@]}" -x c - <<< "$source" || status=1
    "$cxx" -std=c++17 "${flags[@]}" -x c++ - <<< "$source" || status=1
done
exit $status

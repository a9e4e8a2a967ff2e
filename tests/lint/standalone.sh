#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every public header compiles alone, twice over, as C11 and as C++17.
set -euo pipefail
cd "$1"
cc=${CC:-cc}
cxx=${CXX:-g++}
if ! command -v "$cxx" > /dev/null; then
    echo "no C++ compiler ($cxx)"
    exit 77
fi
status=0
flags=(-Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only -Iinclude)
for header in include/ivs/*.h; do
    source=$(printf '#include <ivs/%s>\n' "${header##*/}" "${header##*/}")
    source+=$'\nextern int translation_unit;'
    "$cc" -std=c11 "${flags[@]}" -x c - <<< "$source" || status=1
    "$cxx" -std=c++17 "${flags[@]}" -x c++ - <<< "$source" || status=1
done
exit $status

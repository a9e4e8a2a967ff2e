#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Completion, asked of each shell: all that the tables have, and files.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

expect 0 "$cli" completion json
silent "$err"
cp "$out" tables.json
json '.commands | map(.words | join(" ")) | contains(["key generate", "api call"])' true
json '.options | map(.name) | contains(["region", "help"])' true
json '[.commands[] | select(.words == ["key", "export"]) | .options[1]] | tostring' \
    '[{"name":"format","letter":"f","value":"pkcs8|sec1|spki|jwk","value_optional":false,"required":true,"repeatable":false,"help":"form of the key"}]'
json '.exit_codes | map(.code) | tostring' '[0,1,2,3,4,5,6,7,129,130,143]'
for shell in bash zsh fish; do
    expect 0 "$cli" completion $shell
    silent "$err"
    cp "$out" script.$shell
    expect 0 "$cli" completion $shell --json
    json .shell $shell
    jq -j .script "$out" | cmp - script.$shell
done
fails 2 'one argument too many' "$cli" completion bash zsh
fails 2 'did you mean completion zsh?' "$cli" completion zhs
fails 2 'unknown command completion ksh, expected completion bash, zsh, fish or json' \
    "$cli" completion ksh
if [ -w /dev/full ]; then
    # shellcheck disable=SC2016
    expect 1 bash -c '"$@" > /dev/full' full "$cli" completion bash
fi

# The parser takes the same words as completion offers: it names them all.
words=$(jq -r '.commands[] | (.words | join(" ")) as $command | .options[] |
    select(.value // "" | contains("|")) |
    "\($command) --\(.name)=bogus\t\(.value)"' tables.json)
[ -n "$words" ] || die 'no option has words for a value'
while IFS=$'\t' read -r line values; do
    sentence=$(sed -E 's/\|([^|]*)$/ or \1/; s/\|/, /g' <<< "$values")
    # shellcheck disable=SC2086 # several words
    fails 2 "found \"bogus\", expected $sentence" "$cli" $line
done <<< "$words"

# Each case is a line, a tab, and the words that may stand at its end.
expect 0 "$cli" api list --json
jq -r 'map(.name) | join(" ")' "$out" > operations
jq -r --rawfile operations operations '
    def long: map("--" + .name);
    def values: if . == "OPERATION" then $operations | rtrimstr("\n")
        elif contains("|") then gsub("\\|"; " ") else empty end;
    def row(at): "ivs-token \(at)\t\(.)";
    (.options | long) as $globals |
    ([.commands[].words[0]] | unique + ["help"] | join(" ") | row("")),
    ($globals | join(" ") | row("--")),
    (.commands | group_by(.words[0])[] | select(.[0].words[1]) |
        .[0].words[0] as $noun | map(.words[1]) | join(" ") |
        row("\($noun) ")),
    (.commands[] | (.words | join(" ")) as $command |
        (.options | long + $globals | join(" ") | row("\($command) --")),
        (.options[] | . as $o | .value // empty | values |
            row("\($command) --\($o.name) "),
            (select($o.letter) | row("--json \($command) -\($o.letter) "))),
        (.arguments[0].value // empty | values | row("\($command) ")))
    ' tables.json > cases

mkdir "folder"
touch key.pem kernel list
cat >> cases << 'EOT'
ivs-token token mi	mint
ivs-token tokens 	
ivs-token help key ge	generate get
ivs-token key generate --pub	--public-out
ivs-token key generate --out k	kernel key.pem
ivs-token key generate -o k	kernel key.pem
ivs-token --ca-bundle key.pem key export --ke	--key
ivs-token token verify k	kernel key.pem
ivs-token token verify --key key.pem k	kernel key.pem
ivs-token token verify -- k	kernel key.pem
ivs-token token verify key.pem 	
ivs-token token mint --single-use --max-r	--max-resolution
ivs-token token mint --channel arn:aws:ivs:us-west-2:1:channel/a --max-resolution F	FULL_HD
ivs-token token mint --viewer-id 	
ivs-token key get 	
ivs-token key list 	
ivs-token api call --paginate GetStreamS	GetStreamSession
ivs-token api call GetChannel 	
EOT
grep -q $'^ivs-token key \t' cases || die 'no case for the verbs of key'
grep -q $'^ivs-token api call \t.*GetChannel' cases || die 'no operations'

sorted()
{
    while IFS= read -r line; do
        # shellcheck disable=SC2086 # one word a line
        printf '%s\n' $line | LC_ALL=C sort | paste -sd ' '
    done
}

# asked SHELL: every line of cases, against what stands after its tab
asked()
{
    cut -f 1 cases > lines
    cut -f 2 cases | sorted > wanted
    python3 "$here/complete.py" "$1" script."$1" < lines > "$out" 2> "$err" ||
        die "$1 gave no answer"
    silent "$err"
    sorted < "$out" > found
    paste lines wanted > cases.wanted
    paste lines found > cases.found
    diff cases.wanted cases.found > "$out" ||
        die "$1: expected (<) and found (>) at the end of a line"
}

missing=no
for shell in bash zsh fish; do
    if ! command -v $shell > /dev/null; then
        missing=yes
        continue
    fi
    asked $shell
done

# A value after '=': bash takes '=' for the end of a word, the others do not.
printf 'ivs-token key export --format=s\nivs-token key show --key=ker\n' > lines
for shell in bash zsh fish; do
    command -v $shell > /dev/null || continue
    case $shell in
    bash) want='--format=sec1 spki' ;;
    *) want='--format=sec1 --format=spki' ;;
    esac
    expect 0 python3 "$here/complete.py" $shell script.$shell < lines
    is "$out" "$want"$'\n--key=kernel'
done
if command -v zsh > /dev/null; then
    # As it is installed: found by compinit and loaded at the first use.
    mkdir functions
    cp script.zsh functions/_ivs-token
    echo "fpath=('$PWD/functions' \$fpath); compinit -D -u" > load.zsh
    echo 'ivs-token api de' > lines
    expect 0 python3 "$here/complete.py" zsh load.zsh < lines
    is "$out" describe
fi
[ $missing = no ] || exit 77

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The manual pages are well-formed, and have the commands, options, exit codes,
# variables and members that the programs have: each of them, and no other. The
# tables come from the built programs, the rest from the sources.
set -euo pipefail
cd "$1"
cli=$IVS_BUILD_DIR/bin/ivs-token
emulator=$IVS_BUILD_DIR/bin/ivs-emulator
page=tools/ivs-token/ivs-token.1
emulator_page=tools/ivs-emulator/ivs-emulator.1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

for need in mandoc jq "$cli" "$emulator"; do
    if ! command -v "$need" > /dev/null; then
        echo "no $need here"
        exit 77
    fi
done

for file in "$page" "$emulator_page"; do
    mandoc -Tlint -Wwarning "$file" || status=1
done

# What a page has, a fact a line, with tabs between its parts:
#   command WORDS, usage WORDS NAME VALUE FLAGS, option WORDS LETTER NAME VALUE,
#   output WORDS, exit CODE, variable NAME, member NAME, request METHOD-AND-PATH
facts()
{
    awk -v OFS='\t' '
    # The fields of a line from `at` on, as an option or an argument.
    function parse(at,    i) {
        name = letter = value = ""
        required = "required"
        flags = ""
        if ($at == "Op") {
            required = "optional"
            at++
        }
        if ($at == "Fl") {
            at++
            if ($(at + 1) == ",") {
                letter = $at
                at += 2
            }
            name = $at
            sub(/^-/, "", name)
            at++
        }
        for (i = at; i <= NF; i++)
            if ($i == "...")
                flags = flags " repeatable"
            else if ($i == "=")
                flags = flags " value_optional"
            else if ($i !~ /^(Ar|Cm|Ns|Op)$/)
                value = value tolower($i)
    }
    function rest(at,    i, text) {
        for (i = at; i <= NF; i++)
            text = text (i > at ? " " : "") $i
        return text
    }
    $1 == ".Sh" { section = rest(2); sub_section = words = "" }
    $1 == ".Ss" { sub_section = rest(2); words = "" }
    section == "COMMANDS" && $0 == ".It Xo" { head = 1; next }
    head && $1 == ".Xc" { head = 0; next }
    head && $1 == ".Ic" {
        words = rest(2)
        print "command", words
        next
    }
    head || (section == "SYNOPSIS" && /[. ]Fl /) {
        $1 = substr($1, 2)
        parse(1)
        print "usage", words, name, value, required flags
        next
    }
    $1 != ".It" { next }
    (section == "COMMANDS" || section == "DESCRIPTION") &&
        sub_section != "Values" && ($2 == "Fl" || $2 == "Ar") {
        parse(2)
        print "option", words, letter, name, value
    }
    section == "OUTPUT FORMAT" && $2 == "Ic" { print "output", rest(3) }
    section == "DESCRIPTION" && $2 == "Li" { print "request", rest(3) }
    section == "EXIT STATUS" {
        for (i = 2; i <= NF; i += 2)
            print "exit", $i
    }
    section == "ENVIRONMENT" {
        for (i = 3; i <= NF; i += 2)
            print "variable", $i
    }
    sub_section == "Rows of token mint --batch" {
        for (i = 3; i <= NF; i += 2)
            print "member", $i
    }
    ' "$1"
}

# The same of the programs.
cli_facts()
{
    "$cli" completion json | jq -r '
        def flags: [if .required then "required" else "optional" end,
            if .repeatable then "repeatable" else empty end,
            if .value_optional then "value_optional" else empty end] |
            join(" ");
        def value: .value // "" | ascii_downcase;
        def option(words):
            ["option", words, .letter // "", .name // "", value];
        (.options[] | option("")),
        (.commands[] | (.words | join(" ")) as $words |
            ["command", $words], ["output", $words],
            ((.options + .arguments)[] |
                ["usage", $words, .name // "", value, flags],
                option($words))),
        (.exit_codes[] | ["exit", .code]) | @tsv'
    grep -rhoE '"(AWS|IVS_TOKEN)_[A-Z0-9_]+"|(getenv|environment_get)\([^)]*"[A-Z_]+"' \
        src/aws src/service tools/ivs-token |
        sed -E 's/.*"(.*)"$/variable\t\1/'
    printf 'variable\t%s\n' HTTPS_PROXY NO_PROXY # libcurl's
    sed -nE 's/^ *\{"([^"]+)", BATCH_.*/member\t\1/p' \
        tools/ivs-token/batch_members.c
}

emulator_facts()
{
    # NAME and VALUE are within the first 33 columns.
    { "$emulator" --help; "$emulator" stream --help; } |
        sed -nE 's/^  --(.{29}).*/\1/p' |
        awk -v OFS='\t' '{
            print "option", "", "", $1, tolower($2)
            print "usage", "", $1, tolower($2),
                $1 == "channel" ? "required" : "optional"
        }'
    {
        exits 'enum \{ EXIT_DONE' tools/ivs-emulator/serve.h
        exits 'enum \{ EMU_COMMAND' tools/ivs-emulator/command.h
    } | sed 's/^/exit\t/'
    sed -nE 's/^ *\{"([A-Z]+)", "(\/_\/[^"]*)".*/request\t\1 \2/p' \
        tools/ivs-emulator/*.c
}

# The numbers of an enumeration, but for the base of the signals' numbers.
exits() # FIRST-LINE FILE
{
    sed -nE "/^$1/,/\}/p" "$2" | grep -v CLI_SIGNAL | grep -oE '= [0-9]+' |
        tr -d '= '
}

compare() # WHAT ONE OTHER
{
    LC_ALL=C sort -u "$2" > "$tmp/one"
    LC_ALL=C sort -u "$3" > "$tmp/other"
    if [ ! -s "$tmp/one" ] || ! diff "$tmp/one" "$tmp/other" > "$tmp/diff"; then
        printf '%s (<, >):\n' "$1"
        cat "$tmp/diff"
        status=1
    fi
}

facts "$page" > "$tmp/page"
cli_facts > "$tmp/program"
compare 'ivs-token: in the page, in the program' "$tmp/page" "$tmp/program"
facts "$emulator_page" > "$tmp/page"
emulator_facts > "$tmp/program"
compare 'ivs-emulator: in the page, in the program' "$tmp/page" "$tmp/program"

exits 'enum cli_exit' tools/ivs-token/cli.h > "$tmp/enum"
"$cli" completion json | jq '.exit_codes[].code | select(. < 128)' > "$tmp/table"
compare 'exit codes: in cli.h, in the table' "$tmp/enum" "$tmp/table"
exit $status

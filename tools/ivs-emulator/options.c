/* SPDX-License-Identifier: MIT */
/* Options, from one table: parser and help read the same rows. */

#include "options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_DEFAULT 8787
#define PORT_MAX     65535
#define NUMBER_MAX   2147483647
/* As IAM has them; ours may be shorter. */
#define KEY_ID_MAX 128

enum kind { FLAG, TEXT, COUNTRY, KEY_ID, PORT, COUNT, NUMBER };

static const struct option {
    const char *name;
    const char *value; /* what it takes, or NULL */
    enum kind kind;
    size_t offset;
    const char *help;
} options[] = {
    {"--port", "N", PORT, offsetof(emu_options, port),
     "port, 0 for a free one (8787; with COMMAND 0)"},
    {"--host", "H", TEXT, offsetof(emu_options, host),
     "address to listen on (127.0.0.1)"},
    {"--unix", "PATH", TEXT, offsetof(emu_options, unix_path),
     "listen on a Unix socket instead"},
    {"--tls", NULL, FLAG, offsetof(emu_options, tls),
     "TLS with a certificate made at start"},
    {"--tls-cert", "FILE", TEXT, offsetof(emu_options, tls_cert),
     "write the certificate that clients are to trust"},
    {"--db", "FILE", TEXT, offsetof(emu_options, db),
     "keep the state in FILE (in memory)"},
    {"--seed-file", "FILE", TEXT, offsetof(emu_options, seed_file),
     "begin with the state in FILE, JSON as of GET /_/seed"},
    {"--seed", "N", NUMBER, offsetof(emu_options, seed),
     "the same ids in each run, for tests only"},
    {"--no-quotas", NULL, FLAG, offsetof(emu_options, no_quotas),
     "no limit of calls per second and of resources"},
    {"--access-key-id", "ID", KEY_ID, offsetof(emu_options, access_key_id),
     "access key id of account 000000000000 (test)"},
    {"--secret-access-key-file", "FILE", TEXT,
     offsetof(emu_options, secret_access_key_file),
     "file with the secret access key (the key is test)"},
    {"--session-seconds", "N", COUNT, offsetof(emu_options, session_s),
     "how long a playback session lives (3600)"},
    {"--viewer-limit", "N", NUMBER, offsetof(emu_options, viewer_limit),
     "concurrent viewers of an account in a region (any number)"},
    {"--viewer-country", "CC", COUNTRY, offsetof(emu_options, viewer_country),
     "country of viewers that name none (unknown)"},
    {"--explain", NULL, FLAG, offsetof(emu_options, explain),
     "say in a header why playback is refused"},
    {"--mint-key", "FILE", TEXT, offsetof(emu_options, mint_key),
     "private key that the page mints tokens with"},
    {"--quiet", NULL, FLAG, offsetof(emu_options, quiet),
     "no request log on stderr"},
    {"--version", NULL, FLAG, offsetof(emu_options, version),
     "print the version"},
    {"--help", NULL, FLAG, offsetof(emu_options, help), "print this"},
};

static bool
complain(const char *what, const char *about)
{
    (void)fprintf(stderr, "ivs-emulator: %s %s; see ivs-emulator --help\n",
                  what, about);
    return false;
}

static bool
misfit(const struct option *o, const char *value, const char *expected)
{
    (void)fprintf(stderr,
                  "ivs-emulator: %s is \"%s\", expected %s; see "
                  "ivs-emulator --help\n",
                  o->name, value, expected);
    return false;
}

static bool
set_value(const struct option *o, const char *value, emu_options *ret)
{
    static const char word[] = "0123456789_"
                               "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *letters = word + 11;
    char *at = (char *)ret + o->offset, *end;
    long number;

    if (*value == '\0')
        return complain("empty value for", o->name);
    if (o->kind == COUNTRY &&
        (strlen(value) != 2 || strspn(value, letters) != 2))
        return misfit(o, value, "two letters");
    if (o->kind == KEY_ID &&
        (strlen(value) > KEY_ID_MAX || value[strspn(value, word)] != '\0'))
        return misfit(o, value, "at most 128 letters, digits and _");
    if (o->kind == TEXT || o->kind == COUNTRY || o->kind == KEY_ID) {
        memcpy(at, &value, sizeof value);
        return true;
    }
    number = strtol(value, &end, 10);
    if (strspn(value, "0123456789") != strlen(value) ||
        number < (o->kind == COUNT ? 1 : 0) ||
        number > (o->kind == PORT ? PORT_MAX : NUMBER_MAX))
        return misfit(o, value,
                      o->kind == PORT    ? "a number from 0 to 65535"
                      : o->kind == COUNT ? "a number from 1 to 2147483647"
                                         : "a number from 0 to 2147483647");
    memcpy(at, &(int){(int)number}, sizeof(int));
    return true;
}

/* NAME, NAME VALUE or NAME=VALUE. */
static const struct option *
find(const char *argument)
{
    size_t len = strcspn(argument, "=");

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strlen(options[i].name) == len &&
            memcmp(options[i].name, argument, len) == 0)
            return &options[i];
    return NULL;
}

/* What goes with what, and what is taken where nothing was said. */
static bool
check_together(emu_options *ret)
{
    if (ret->command != NULL && *ret->command == NULL)
        return complain("a command is missing after", "--");
    if (ret->unix_path != NULL && (ret->port >= 0 || ret->host != NULL))
        return complain("neither --port nor --host goes with", "--unix");
    if (ret->unix_path != NULL && ret->command != NULL)
        return complain("AWS clients cannot be pointed at a Unix socket: no "
                        "command goes with",
                        "--unix");
    if (ret->tls_cert != NULL && !ret->tls)
        return complain("--tls is missing for", "--tls-cert");
    if (ret->tls && ret->command != NULL && ret->tls_cert == NULL)
        return complain("for a command to trust it, --tls-cert goes with",
                        "--tls");
    if (ret->port < 0)
        ret->port = ret->command == NULL ? PORT_DEFAULT : 0;
    if (ret->host == NULL)
        ret->host = "127.0.0.1";
    return true;
}

bool
emu_options_read(int argc, char **argv, emu_options *ret)
{
    *ret = (emu_options){
        .port = -1, .access_key_id = "test", .seed = -1, .session_s = 3600};
    for (int i = 1; i < argc; i++) {
        const struct option *o = find(argv[i]);
        const char *value = strchr(argv[i], '=');

        if (strcmp(argv[i], "--") == 0) {
            ret->command = argv + i + 1;
            break;
        }
        if (o == NULL)
            return complain("unknown argument", argv[i]);
        if (o->kind == FLAG) {
            if (value != NULL)
                return complain("no value is taken by", o->name);
            memcpy((char *)ret + o->offset, &(bool){true}, sizeof(bool));
            continue;
        }
        if (value == NULL && i + 1 == argc)
            return complain("a value is missing for", o->name);
        value = value != NULL ? value + 1 : argv[++i];
        if (!set_value(o, value, ret))
            return false;
    }
    return check_together(ret);
}

void
emu_options_help(void)
{
    (void)printf("usage: ivs-emulator [OPTIONS] [-- COMMAND "
                 "[ARGUMENT...]]\n"
                 "       ivs-emulator stream start|stop ...; see "
                 "ivs-emulator stream --help\n\n"
                 "A local Amazon IVS: the API and the playback edge on one "
                 "port.\nSign with access key id test (or any account number "
                 "of 12 digits) and\nsecret access key test. One line of JSON "
                 "on stdout says when it is ready;\nwith COMMAND, that is run "
                 "against it instead, and the emulator ends with it.\n\n");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const struct option *o = &options[i];

        (void)printf("  %s %-*s %s\n", o->name, (int)(30 - strlen(o->name)),
                     o->value == NULL ? "" : o->value, o->help);
    }
}

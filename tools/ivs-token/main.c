/* SPDX-License-Identifier: MIT */
/* The frame around each run. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli.h"

#define GLOBAL(member) offsetof(struct globals, member)

const struct opt cli_globals[] = {
    {"region", 'r', "REGION", "AWS region, such as us-west-2", set_text,
     GLOBAL(region), 0},
    {"profile", 0, "NAME", "profile of the AWS configuration", set_text,
     GLOBAL(profile), 0},
    {"endpoint-url", 0, "URL", "another endpoint than the region's", set_text,
     GLOBAL(endpoint_url), 0},
    {"allow-http", 0, NULL, "plain http to an endpoint that is not loopback",
     set_flag, GLOBAL(allow_http), 0},
    {"ca-bundle", 0, "FILE", "trusted certificates, PEM", set_file,
     GLOBAL(ca_bundle), 0},
    {"passphrase-file", 0, "FILE", "passphrase of the key; - is stdin",
     set_file, GLOBAL(passphrase_file), 0},
    {"json", 'j', NULL, "print the result as one JSON document", set_flag,
     GLOBAL(json), 0},
    {"no-color", 0, NULL, "no colour on a terminal (as NO_COLOR)", set_flag,
     GLOBAL(no_color), 0},
    {"no-input", 0, NULL, "never ask", set_flag, GLOBAL(no_input), 0},
    {"yes", 'y', NULL, "answer yes to every question", set_flag, GLOBAL(yes),
     0},
    {"debug", 0, NULL, "describe requests on stderr", set_flag, GLOBAL(debug),
     0},
    {"version", 'V', NULL, "print the version", set_flag, GLOBAL(version), 0},
    {"help", 'h', NULL, "print help", set_flag, GLOBAL(help), 0},
    {0},
};

/* A descriptor that was closed must not become a file we open. Opened the
 * wrong way round, it still fails on use. */
static bool
open_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

static void
setup(struct cli *c)
{
    static char stderr_lines[4096];
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    struct rlimit no_core = {0, 0};
    bool color = (no_color == NULL || no_color[0] == '\0') &&
                 (term == NULL || strcmp(term, "dumb") != 0);

    /* A core file would hold the key. The limit does not count where the system
     * pipes cores to a program; not being dumpable does, and keeps other
     * processes of the user out of the memory too. */
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setvbuf(stderr, stderr_lines, _IOLBF, sizeof stderr_lines);
    c->color_out = color && isatty(STDOUT_FILENO);
    c->color_err = color && isatty(STDERR_FILENO);
    signals_install();
    json_memory_watch();
}

static int
run(struct cli *c, const void *values, int argc)
{
    char verbs[128];

    if (c->g.no_color)
        c->color_out = c->color_err = false;
    if (c->g.version) {
        (void)printf("ivs-token %s\n", IVS_VERSION);
        return CLI_OK;
    }
    if (c->g.help) {
        help_show(c, stdout);
        return CLI_OK;
    }
    if (c->cmd != NULL)
        return c->cmd->run(c, values);
    if (c->noun != NULL) {
        opt_verbs(c->noun, verbs, sizeof verbs);
        return usage(c, "the word after %s is missing, expected %s", c->noun,
                     verbs);
    }
    if (argc > 1)
        return usage(c, "the command is missing");
    help_short(stderr);
    return CLI_USAGE;
}

int
main(int argc, char **argv)
{
    struct cli c = {.argv = argv};
    void *values = NULL;
    int code;

    if (!open_standard_streams())
        return CLI_FAILED;
    setup(&c);
    code = opt_parse(&c, argc, argv, &values);
    if (code == CLI_OK)
        code = run(&c, values, argc);
    opt_free(c.cmd, values);
    secret_free(&c.passphrase);
    code = out_finish(&c, code);
    return signals_got() != 0 ? CLI_SIGNAL + signals_got() : code;
}

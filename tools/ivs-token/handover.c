/* SPDX-License-Identifier: MIT */
/* ivs-token to ivs-token-service. What the service needs (libcurl and its two
 * dozen libraries) takes longer to load than a token takes to mint. */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define PROGRAM "ivs-token-service"

/* Replace this process. `dir` ends with a slash and has room for a name. */
static void
start(struct cli *c, char *dir)
{
    /* As installed, then as built. */
    static const char *const places[] = {CLI_LIBEXEC_FROM_BIN "/" PROGRAM,
                                         PROGRAM};
    char *end = dir + strlen(dir);

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        strcpy(end, places[i]);
        (void)execv(dir, c->argv);
        if (errno != ENOENT && errno != ENOTDIR)
            break;
    }
    (void)fail(c, CLI_FAILED, "cannot start %s, which %s%s%s needs: %s", dir,
               c->cmd->noun, gap(c->cmd), c->cmd->verb, strerror(errno));
    *end = '\0';
    hint("it belongs into %s%s", dir, CLI_LIBEXEC_FROM_BIN);
}

int
handover(struct cli *c, const void *values)
{
    size_t room = sizeof CLI_LIBEXEC_FROM_BIN + sizeof PROGRAM;
    char *path = malloc(PATH_MAX + room);
    ssize_t n;

    (void)values;
    if (path == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    n = readlink("/proc/self/exe", path, PATH_MAX);
    if (n > 0) {
        path[n] = '\0';
        strrchr(path, '/')[1] = '\0';
        start(c, path);
    } else {
        (void)fail(c, CLI_FAILED,
                   "cannot find %s, which %s%s%s needs: /proc/self/exe: %s",
                   PROGRAM, c->cmd->noun, gap(c->cmd), c->cmd->verb,
                   strerror(errno));
    }
    free(path);
    return CLI_FAILED;
}

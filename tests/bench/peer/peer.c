/* SPDX-License-Identifier: MIT */
/*
 * usage: PROGRAM PRIVATE.pem PUBLIC.pem PRIVATE.jwk [ENGINE]
 *
 * Commands on stdin, one answer a line:
 *   token         a new token
 *   check TOKEN   good or bad; a good one is what verify works on from now on
 *   mint MS       so many tokens, so many nanoseconds of processor time
 *   verify MS     the same
 */

#include "peer.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char token[8192];

static char *
read_file(const char *path)
{
    static const size_t cap = 16384;
    char *text = calloc(1, cap);
    FILE *file = fopen(path, "re");
    size_t n = 0;

    if (file != NULL && text != NULL)
        n = fread(text, 1, cap - 1, file);
    if (file != NULL)
        (void)fclose(file);
    if (n > 0)
        return text;
    (void)fprintf(stderr, "cannot read %s\n", path);
    exit(1);
}

static int64_t
clock_ns(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool
once(bool minting)
{
    char *text;

    if (!minting)
        return peer_self.verify(token);
    text = peer_self.mint();
    free(text);
    return text != NULL;
}

static void
measure(bool minting, int64_t ms)
{
    int64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID), end, n = 0;

    end = cpu + ms * 1000000;
    do {
        for (int i = 0; i < 8; i++, n++) {
            if (!once(minting)) {
                puts("failed");
                return;
            }
        }
    } while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end);
    printf("%" PRId64 " %" PRId64 "\n", n,
           clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

static void
serve(char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, "token") == 0) {
        char *text = peer_self.mint();

        puts(text != NULL ? text : "failed");
        free(text);
    } else if (strncmp(line, "check ", 6) == 0) {
        bool good = peer_self.verify(line + 6);

        if (good)
            (void)snprintf(token, sizeof token, "%s", line + 6);
        puts(good ? "good" : "bad");
    } else if (strncmp(line, "mint ", 5) == 0) {
        measure(true, strtol(line + 5, NULL, 10));
    } else if (strncmp(line, "verify ", 7) == 0) {
        measure(false, strtol(line + 7, NULL, 10));
    } else {
        puts("unknown");
    }
    (void)fflush(stdout);
}

int
main(int argc, char **argv)
{
    static char line[sizeof token + 16];
    peer_key key;

    if (argc < 4 || argc > 5)
        return 2;
    key.private_pem = read_file(argv[1]);
    key.public_pem = read_file(argv[2]);
    key.private_jwk = read_file(argv[3]);
    key.engine = argc > 4 ? argv[4] : "";
    if (!peer_self.open(&key)) {
        (void)fprintf(stderr, "cannot take the key\n");
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL)
        serve(line);
    return 0;
}

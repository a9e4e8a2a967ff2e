/* SPDX-License-Identifier: MIT */
/* Replays files and directories of inputs through a fuzz target with any
 * compiler, and serves AFL++ where its compiler built it. Each input sits in a
 * block of its exact size, so that a sanitizer sees a read past its end. An
 * empty corpus is a failure. */

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

#ifdef __AFL_FUZZ_TESTCASE_LEN

#define RUNS_PER_PROCESS 10000

__AFL_FUZZ_INIT();

/* Persistent mode with the input in shared memory. What a target makes once, it
 * makes before AFL++ looks. */
static int
serve_afl(void)
{
    const uint8_t *shared;

    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    __AFL_INIT();
    shared = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(RUNS_PER_PROCESS)) {
        size_t size = (size_t)__AFL_FUZZ_TESTCASE_LEN;
        uint8_t *data = malloc(size > 0 ? size : 1);

        if (data == NULL)
            return EXIT_FAILURE;
        memcpy(data, shared, size);
        (void)LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    return EXIT_SUCCESS;
}

#endif

static bool
replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    bool ok = false;
    long size;

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0)
        goto out;
    rewind(f);
    data = malloc(size > 0 ? (size_t)size : 1);
    if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size)
        goto out;
    (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    ok = true;
out:
    if (!ok)
        perror(path);
    free(data);
    if (f != NULL)
        (void)fclose(f);
    return ok;
}

static size_t
replay_dir(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;
    struct dirent *e;

    if (dir == NULL)
        return 0;
    while ((e = readdir(dir)) != NULL) {
        char file[1024];

        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        count += replay_file(file);
    }
    (void)closedir(dir);
    return count;
}

int
main(int argc, char **argv)
{
    size_t count = 0;

#ifdef __AFL_FUZZ_TESTCASE_LEN
    if (argc == 1)
        return serve_afl();
#endif
    for (int i = 1; i < argc; i++) {
        struct stat st;

        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            count += replay_dir(argv[i]);
        else
            count += replay_file(argv[i]);
    }
    (void)printf("%zu inputs replayed\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

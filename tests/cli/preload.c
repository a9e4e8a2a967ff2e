/* SPDX-License-Identifier: MIT */
/* Preloaded into a command, by what the environment asks for:
 *
 *   PRELOAD_NEEDLE=TEXT   say on stderr when a block is given back with TEXT in
 *                         it
 *   PRELOAD_ALLOC=N       the N-th allocation in jansson, our libraries or the
 *                         command fails; say so where it came to that
 *   PRELOAD_LIBRARY=NAME  it is one in this library instead
 *   PRELOAD_THREAD=N      the N-th thread cannot be started, which takes a
 *                         while; whoever waits for a condition takes longer
 *                         from the decision to the wait
 *   PRELOAD_RENAME=N      the process is killed before the N-th rename, and
 *                         after it with N+
 */

#include "preload_disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* What is wrapped, by the names under which glibc has it, too. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

EXPORT void *malloc(size_t n);
EXPORT void *calloc(size_t n, size_t size);
EXPORT void *realloc(void *p, size_t n);
EXPORT void free(void *p);
EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);
EXPORT int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock);
EXPORT int rename(const char *from, const char *to);

static const char *needle;
static atomic_long allocs_left, threads_left, renames_left;
static bool kill_after;

/* Where the callers are whose allocations fail. */
static struct {
    uintptr_t from, to;
} code[8];
static size_t ncode;

/* The command comes first, without a name. */
static int
note_code(struct dl_phdr_info *info, size_t size, void *first)
{
    const char *slash = strrchr(info->dlpi_name, '/');
    const char *name = slash != NULL ? slash + 1 : info->dlpi_name;
    const char *other = getenv("PRELOAD_LIBRARY");
    bool wanted = *(bool *)first || strncmp(name, "libjansson", 10) == 0 ||
                  strncmp(name, "libivs-", 7) == 0;

    (void)size;
    if (other != NULL)
        wanted = strncmp(name, other, strlen(other)) == 0;
    *(bool *)first = false;
    for (size_t i = 0; wanted && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];

        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0 ||
            ncode == sizeof code / sizeof code[0])
            continue;
        code[ncode].from = info->dlpi_addr + part->p_vaddr;
        code[ncode].to = code[ncode].from + part->p_memsz;
        ncode++;
    }
    return 0;
}

__attribute__((constructor)) static void
read_wishes(void)
{
    const char *n = getenv("PRELOAD_ALLOC"), *t = getenv("PRELOAD_THREAD");
    const char *r = getenv("PRELOAD_RENAME");
    bool first = true;

    (void)dl_iterate_phdr(note_code, &first);
    needle = getenv("PRELOAD_NEEDLE");
    threads_left = t != NULL ? atol(t) : 0;
    renames_left = r != NULL ? atol(r) : 0;
    kill_after = r != NULL && strchr(r, '+') != NULL;
    allocs_left = n != NULL ? atol(n) : 0;
}

static void
say(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

/* ---- blocks that are given back ---- */

static void
look(const void *p)
{
    if (p != NULL && needle != NULL &&
        memmem(p, malloc_usable_size((void *)(size_t)p), needle,
               strlen(needle)) != NULL)
        say("preload: the needle was given back\n");
}

void
free(void *p)
{
    look(p);
    __libc_free(p);
}

/* ---- allocations ---- */

static bool
fails(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    bool ours = false;

    for (size_t i = 0; i < ncode; i++)
        ours |= at >= code[i].from && at < code[i].to;
    if (!ours || allocs_left <= 0 || atomic_fetch_sub(&allocs_left, 1) != 1)
        return false;
    say("preload: an allocation failed\n");
    errno = ENOMEM;
    return true;
}

void *
malloc(size_t n)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

/* Moves always, so that the block given back can be looked at. */
void *
realloc(void *p, size_t n)
{
    size_t had = p != NULL ? malloc_usable_size(p) : 0;
    void *moved;

    if (fails(__builtin_return_address(0)))
        return NULL;
    if (p == NULL || needle == NULL)
        return __libc_realloc(p, n);
    moved = __libc_malloc(n);
    if (moved == NULL)
        return NULL;
    memcpy(moved, p, had < n ? had : n);
    free(p);
    return moved;
}

/* ---- threads ---- */

static void *
next(const char *name)
{
    void *f = dlsym(RTLD_NEXT, name);

    if (f == NULL)
        abort();
    return f;
}

static void
pause_for(long ms)
{
    const struct timespec t = {.tv_nsec = ms * 1000000};

    (void)nanosleep(&t, NULL);
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
               void *(*run)(void *), void *arg)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    void *f = next("pthread_create");

    memcpy(&real, &f, sizeof real);
    if (threads_left > 0 && atomic_fetch_sub(&threads_left, 1) == 1) {
        pause_for(100);
        return EAGAIN;
    }
    return real(thread, attr, run, arg);
}

int
pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock)
{
    int (*real)(pthread_cond_t *, pthread_mutex_t *);
    void *f = next("pthread_cond_wait");

    memcpy(&real, &f, sizeof real);
    if (getenv("PRELOAD_THREAD") != NULL)
        pause_for(200);
    return real(cond, lock);
}

/* ---- files that get their name ---- */

int
rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    void *f = next("rename");
    bool last = renames_left > 0 && atomic_fetch_sub(&renames_left, 1) == 1;
    int done;

    memcpy(&real, &f, sizeof real);
    if (disk_fails("rename"))
        return -1;
    if (last && !kill_after)
        (void)raise(SIGKILL);
    done = real(from, to);
    if (last)
        (void)raise(SIGKILL);
    return done;
}

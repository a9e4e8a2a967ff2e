/* SPDX-License-Identifier: MIT */
/* SIGINT, SIGTERM and SIGHUP: cancel what is under way, or end at once. */

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "cli.h"

static _Atomic(const struct canceller *) active;
static volatile sig_atomic_t got;

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

static void
on_signal(int number)
{
    const struct canceller *canceller = atomic_load(&active);

    /* The second one waits for nothing. */
    if (canceller == NULL || got != 0)
        _exit(CLI_SIGNAL + number);
    got = number;
    canceller->cancel(canceller->arg);
}

void
signals_install(void)
{
    struct sigaction action = {.sa_handler = on_signal}, old;

    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        /* Whoever started us with a signal ignored meant it. */
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(numbers[i], &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
    (void)sigaction(SIGXFSZ, &action, NULL);
}

void
signals_cancel(const struct canceller *canceller)
{
    atomic_store(&active, canceller);
}

void
signals_hold(bool hold)
{
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        (void)sigaddset(&set, numbers[i]);
    (void)sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

int
signals_got(void)
{
    return got;
}

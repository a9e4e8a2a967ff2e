/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_SCENARIO_H
#define IVS_TEST_SCENARIO_H

/* The calls of the public API that are tortured. */

#include <stdbool.h>
#include <stddef.h>

#include <ivs/error.h>
#include <ivs/key.h>

#include "torture/inject.h"

/* A status in a set of them. */
#define BIT(status) (1u << (status))

/* One call, made again and again. */
struct scenario {
    const char *name;
    /* Arms around the one call, judges what it did and releases that. */
    ivs_status (*run)(const struct scenario *sc, ivs_error *err);
    const char *text;
    ivs_engine engine;
    ivs_status end;      /* when nothing fails */
    unsigned unexpected; /* statuses, as bits, that INJECT_OTHER may give */
    ivs_key_format format;
    bool with_passphrase;
    size_t own; /* allocations in OpenSSL after which it is as in another row,
                   for they take long; 0: all are its own */
};

/* What is to fail in the next run; INJECT_MODES for nothing. */
extern struct scenario_turn {
    enum inject_mode mode;
    size_t n;
} scenario_turn;

extern const struct scenario scenarios[];
extern const size_t nscenarios;

/* Fixtures of cmocka: keys, and a folder. */
int scenario_set_up(void **state);
int scenario_tear_down(void **state);
/* Whether the scenario reads or writes a file. */
bool scenario_has_file(const struct scenario *sc);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_LEDGER_H
#define IVS_TEST_LEDGER_H

/* The caller's side of a revocation run, kept in memory: rows to pull, what
 * became of each, and callbacks that can be made to fail. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/sim.h"

#define LEDGER_MAX 4000

typedef struct ledger {
    size_t rows; /* ids are 0 .. rows - 1 */
    size_t next;
    bool skip_acknowledged; /* a rerun */
    ivs_revoke_state state[LEDGER_MAX];
    unsigned char settled[LEDGER_MAX]; /* how often, in this run */
    char code[LEDGER_MAX][64];
    char message[LEDGER_MAX][192];
    size_t settles;
    size_t fail_settle, fail_pull; /* the n-th one fails; 0: none */
    size_t pulls;
    int64_t cancel_ms; /* cancelled from then on; 0: never */
    bool cancelled;
    sim *clock;
    size_t told;
    ivs_revoke_progress last;
    /* How rows are made of ids; NULL: channel, "v<id>". */
    void (*row)(size_t id, ivs_revocation *ret);
    char names[IVS_REVOKE_PULL_MAX][24];
} ledger;

#define LEDGER_CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"

/* Options for a run over the ledger; the client is the test's. */
void ledger_options(ledger *l, ivs_revoke_options *ret);
/* Forget which ids were settled, and start over with those that have to be. */
void ledger_rerun(ledger *l);
size_t ledger_count(const ledger *l, ivs_revoke_state state);
/* "v17" is 17. */
size_t ledger_id(const char *viewer_id);

#endif

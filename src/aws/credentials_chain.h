/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_CREDENTIALS_CHAIN_H
#define IVS_AWS_CREDENTIALS_CHAIN_H

/* What became of each source, for ivs_credentials_explain(). */

#include "base/buf.h"

typedef enum ivs_chain_state {
    IVS_CHAIN_NOT_REACHED,
    IVS_CHAIN_USED,
    IVS_CHAIN_NOT_CONFIGURED,
    IVS_CHAIN_SKIPPED,
    IVS_CHAIN_FAILED
} ivs_chain_state;

#define IVS_CHAIN_SOURCES 11

typedef struct ivs_chain_trace {
    struct {
        const char *source;
        ivs_chain_state state;
        ivs_buf reason; /* no secret; empty where there is nothing to say */
    } steps[IVS_CHAIN_SOURCES]; /* in the order of the chain */
} ivs_chain_trace;

/* A zeroed trace, all not reached. */
void ivs_chain_trace_init(ivs_chain_trace *trace);
void ivs_chain_trace_free(ivs_chain_trace *trace);

#endif

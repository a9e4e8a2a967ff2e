/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_REVOKE_CORE_H
#define IVS_SERVICE_REVOKE_CORE_H

/*
 * The heart of the revocation engine: which pairs go out when, and what their
 * answers mean. No network, no thread and no clock: revoke_run.c gives it
 * pairs, time and answers, and does what it says. The files: revoke_core.c
 * (pairs, steps), revoke_answer.c (what an answer does to its pairs),
 * revoke_judge.c (what an error means), revoke_lane.c (pace).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/arn.h>
#include <ivs/revoke.h>

#include "service/revoke_lane.h"

/* Bounds of the memory: regions, and of each the pairs held and the calls in
 * flight. */
#define IVS_REVOKE_REGIONS  16
#define IVS_REVOKE_SLOTS    640
#define IVS_REVOKE_FLIGHT   (IVS_REVOKE_BATCH_FLIGHT + IVS_REVOKE_SINGLE_FLIGHT)
#define IVS_REVOKE_REQUESTS (IVS_REVOKE_REGIONS * IVS_REVOKE_FLIGHT)
/* Pairs of a region that wait to be sent, beyond which none is pulled; and at
 * once. */
#define IVS_REVOKE_QUEUE_MAX 320
#define IVS_REVOKE_PULL_MAX  100
/* Calls of a lane in flight: the rate holds with answers that take up to 4 s in
 * a batch lane and 1.6 s in a single one. */
#define IVS_REVOKE_BATCH_FLIGHT  8
#define IVS_REVOKE_SINGLE_FLIGHT 16
/* A pair is given up after so many failures while other calls succeed. */
#define IVS_REVOKE_TRIES_MAX 10
/* The run is given up after so many calls in a row that failed before any
 * succeeded, and after so many that failed for so long. Time in which nothing
 * was tried, because the process was stopped or had no pairs of a region, is no
 * sign of a fault. */
#define IVS_REVOKE_FIRST_FAILURES 5
#define IVS_REVOKE_PATIENCE_MS    (INT64_C(5) * 60 * 1000)

#define IVS_REVOKE_VIEWER_BYTES (40 * 4)

/* ---- what an error means ---- */

typedef enum ivs_revoke_verdict {
    IVS_REVOKE_IS_THROTTLED, /* not begun: slower, again */
    IVS_REVOKE_IS_UNKNOWN,   /* carried out or not: again */
    IVS_REVOKE_IS_REJECTED,  /* some pair of it is malformed */
    IVS_REVOKE_IS_STALE,     /* keys or time are old: once more */
    IVS_REVOKE_IS_FATAL      /* the next call would fare no better */
} ivs_revoke_verdict;

ivs_revoke_verdict ivs_revoke_judge(const ivs_error *err);
/* Codes of single pairs in `errors`. */
bool ivs_revoke_code_throttled(const char *code);
bool ivs_revoke_code_transient(const char *code);
bool ivs_revoke_code_denied(const char *code);

/* ---- pairs and calls ---- */

typedef struct ivs_revoke_slot {
    int64_t id;
    ivs_revocation pair; /* borrows the texts below */
    char channel[IVS_ARN_MAX + 1];
    char viewer[IVS_REVOKE_VIEWER_BYTES + 1];
    size_t region;
    int64_t due_ms;
    uint32_t group; /* travels only with its like; 0: anybody */
    unsigned sends;
    unsigned tries;     /* failures that were not the region's */
    uint64_t successes; /* of the region at the last failure */
    char code[64];      /* the last failure */
    char message[192];
    struct ivs_revoke_slot *next;
} ivs_revoke_slot;

/* A call in flight. The one that carries it out reads region to npairs and
 * fills the answer. */
typedef struct ivs_revoke_request {
    bool used;
    bool single;
    size_t region;
    int64_t begun_ms;
    ivs_client *client;
    ivs_revocation pairs[IVS_REVOKE_BATCH_MAX];
    ivs_revoke_slot *slots[IVS_REVOKE_BATCH_MAX];
    size_t npairs;
    /* the answer */
    bool unsent; /* never begun: the run was stopped before */
    ivs_status status;
    ivs_revoke_outcome outcomes[IVS_REVOKE_BATCH_MAX];
    ivs_error err;
} ivs_revoke_request;

typedef struct ivs_revoke_region {
    char name[IVS_ARN_MAX];
    ivs_client *client;
    ivs_revoke_pace lanes[2]; /* batch, single */
    ivs_revoke_slot *slots;
    ivs_revoke_slot *free;
    ivs_revoke_slot *first, *last; /* the queue */
    size_t queued;
    ivs_revoke_request *requests;
    uint64_t successes;
    int64_t bad_ms;   /* with `bad`: the first failure since the last success */
    int64_t stale_ms; /* with `stale`: calls begun before have old keys */
    bool stale;       /* keys or time were refused, and nothing worked since */
    bool bad;
    bool given_up; /* nothing more is sent there */
} ivs_revoke_region;

typedef struct ivs_revoke_core {
    ivs_revoke_region regions[IVS_REVOKE_REGIONS];
    size_t nregions;
    size_t turn;      /* the region that is asked first */
    size_t in_flight; /* calls */
    uint32_t groups;
    int64_t batch_milli; /* quota of each lane, 0: not used */
    int64_t single_milli;
    bool one_region; /* there will be no second one */
    bool ended;      /* no more pairs will come */
    bool drained;    /* with `but`: none but of these regions */
    uint32_t but;    /* a bit each */
    bool stopped;
    bool failed_early; /* stopped, or a region was given up */
    ivs_error why;     /* with failed_early: the first reason */
    uint64_t pulled, acknowledged, failed, not_done;
    uint64_t calls, throttled;
} ivs_revoke_core;

typedef enum ivs_revoke_step {
    IVS_REVOKE_STEP_PULL, /* add up to IVS_REVOKE_PULL_MAX pairs, none of a
                             region that is busy, or say that none come */
    IVS_REVOKE_STEP_SEND, /* carry `request` out */
    IVS_REVOKE_STEP_WAIT, /* until until_ms or an answer */
    IVS_REVOKE_STEP_END   /* take what is left and be done */
} ivs_revoke_step;

typedef struct ivs_revoke_todo {
    ivs_revoke_step step;
    uint32_t busy; /* regions, a bit each */
    ivs_revoke_request *request;
    int64_t until_ms;
} ivs_revoke_todo;

/* pairs_per_s 0: the quota. */
ivs_status ivs_revoke_core_new(ivs_revoke_lane lane, int64_t pairs_per_s,
                               ivs_revoke_core **ret, ivs_error *err);
void ivs_revoke_core_free(ivs_revoke_core *core);

/* The index of a region, or SIZE_MAX while it is unknown. */
size_t ivs_revoke_core_region(const ivs_revoke_core *core, const char *name);
/* Make one known. */
ivs_status ivs_revoke_core_add_region(ivs_revoke_core *core, const char *name,
                                      ivs_client *client, int64_t now_ms,
                                      ivs_error *err);
/* Add a checked pair; false: its region has no room, as it was busy. */
bool ivs_revoke_core_add(ivs_revoke_core *core, int64_t id,
                         const ivs_revocation *pair, size_t region,
                         int64_t now_ms);

ivs_revoke_todo ivs_revoke_core_next(ivs_revoke_core *core, int64_t now_ms);

/* Take an answer in. Up to IVS_REVOKE_BATCH_MAX pairs are at their end with it:
 * returns how many are in ret. */
size_t ivs_revoke_core_answer(ivs_revoke_core *core,
                              ivs_revoke_request *request, int64_t now_ms,
                              uint32_t random, ivs_revoke_settled *ret);

/* No pair came, none was to come of the busy regions. */
void ivs_revoke_core_drained(ivs_revoke_core *core, uint32_t busy);
/* Begin nothing more in a region; in none where there is but one. */
void ivs_revoke_core_give_up(ivs_revoke_core *core, ivs_revoke_region *region,
                             const ivs_error *why);
/* Begin nothing more; the first reason counts. */
void ivs_revoke_core_stop(ivs_revoke_core *core, const ivs_error *why);
/* Pairs that were never at their end, not done; up to cap of them. */
size_t ivs_revoke_core_rest(ivs_revoke_core *core, ivs_revoke_settled *ret,
                            size_t cap);

/* ---- between the files ---- */

void ivs_revoke_put_back(ivs_revoke_core *core, ivs_revoke_slot *slot,
                         bool first);
void ivs_revoke_release(ivs_revoke_region *region, ivs_revoke_slot *slot);
/* A string that is cut at a character. */
void ivs_revoke_copy(char *dst, size_t cap, const char *text);

#endif

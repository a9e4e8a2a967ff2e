/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_REVOKE_H
#define IVS_CLI_REVOKE_H

/* What the files of revoke batch and revoke status share. */

#include "job.h"
#include "opts_service.h"

/* ---- revoke_progress.c: how far a run is, on stderr ---- */

struct progress {
    struct cli *c;
    bool json;     /* events */
    bool terminal; /* a live line */
    bool shown;    /* the line stands there */
    int64_t pairs; /* of the job */
    int64_t acknowledged;
    int64_t failed;
};

void progress_begin(struct progress *p);
void progress_show(struct progress *p, const ivs_revoke_progress *now);
/* Make room for another line. */
void progress_clear(struct progress *p);
/* The last event: what a job came to. */
void progress_end(const struct job_totals *totals, int code);
/* "1:02:03", or "unknown" for a negative number. */
#define PROGRESS_TIME_SIZE 32
void progress_time(int64_t s, char ret[PROGRESS_TIME_SIZE]);

/* ---- revoke_send.c: a job through the engine ---- */

/* Send what is left, if anything, where the job belongs; *totals is brought up
 * to date. The exit code of the reason for an early end, which was said.
 * *ret_begun: whether a call may have been made. */
int revoke_send(struct cli *c, const struct batch_opts *opts, struct job *job,
                struct job_totals *totals, bool *ret_begun);
/* Pairs a second that the options allow. */
int64_t revoke_rate(const struct batch_opts *opts);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_JOB_H
#define IVS_CLI_JOB_H

/*
 * The job file of revoke batch: a SQLite database with every pair and what
 * became of it. job_file.c opens and locks it, job.c writes it, job_pull.c
 * hands its pairs out, job_read.c checks and reads it. Each pair and the job's
 * own row carry a checksum, so that a damaged file is never taken for a good
 * one.
 */

#include "cli.h"
#include "rows.h"

#define JOB_REGION_ANY "*"

struct job;

/* What a job belongs to. */
struct job_id {
    char input[ROWS_HASH_SIZE];
    char account[IVS_ARN_MAX];
    char region[IVS_ARN_MAX]; /* or JOB_REGION_ANY */
    char endpoint[256];       /* "" before the first run */
    struct number version;    /* of rows that had none */
    int64_t rows;             /* of the input, duplicates included */
    int64_t pairs;
};

struct job_totals {
    int64_t pairs;
    int64_t acknowledged;
    int64_t failed;
    int64_t left;
    int64_t unversioned;
    int64_t first_left; /* line of the first that is left */
};

enum job_how {
    JOB_RUN, /* made where there is none, and locked */
    JOB_LOOK /* must exist, and may be in use */
};

/* ---- job_file.c ---- */

/* path NULL: a temporary one, which goes with the process. */
int job_open(struct cli *c, const char *path, enum job_how how,
             struct job **ret);
void job_close(struct job *job);
/* Whether rows were loaded; then it belongs to *job_id(). */
bool job_loaded(const struct job *job);
const struct job_id *job_id(const struct job *job);
/* Whether a run has it open now, seen when it was opened. */
bool job_in_use(const struct job *job);

/* ---- job.c ---- */

/* All rows in one transaction: begin, add each, end. Closing a job in between
 * leaves it without rows. */
int job_load_begin(struct cli *c, struct job *job);
int job_load_row(struct cli *c, struct job *job, const struct row *row);
int job_load_end(struct cli *c, struct job *job, const struct job_id *id);
/* Note the endpoint, or refuse another one than it has. */
int job_bind(struct cli *c, struct job *job, const char *endpoint);

/* The callbacks of the engine, with a job for user. One transaction for each
 * call of job_settle, which is durable when it returns. */
ivs_status job_pull(const char *const *busy, size_t nbusy, ivs_revoke_row *ret,
                    size_t cap, size_t *ret_n, struct job *job, ivs_error *err);
ivs_status job_settle(const ivs_revoke_settled *settled, size_t n,
                      struct job *job, ivs_error *err);
/* How fast it goes, for those who look; kept with the next settling. */
void job_note_rate(struct job *job, double pairs_per_s);

/* ---- job_read.c ---- */

/* Read every pair, compare its checksum, and count. */
int job_check(struct cli *c, struct job *job, struct job_totals *ret);
/* When a run last noted its rate; false: never. */
bool job_rate(struct job *job, int64_t *ret_when_s, double *ret_pairs_per_s);

struct job_pair {
    struct row row; /* borrowed until the next one */
    const char *code;
    const char *message;
};

/* Failed pairs in the order of the input; a non-zero return ends it. */
int job_each_failed(struct cli *c, struct job *job,
                    int (*pair)(void *user, const struct job_pair *pair),
                    void *user);
/* {code: how many} of the failed pairs. NULL: it was said why. */
json_t *job_failure_codes(struct cli *c, struct job *job);
/* Whether some failed viewer id would be a formula in a spreadsheet. */
int job_has_formulas(struct cli *c, struct job *job, bool *ret);
/* One pair by its id. */
int job_get(struct cli *c, struct job *job, int64_t id,
            int (*pair)(void *user, const struct job_pair *pair), void *user);
/* The channel of the first pair. */
int job_channel(struct cli *c, struct job *job, ivs_arn *ret);

#endif

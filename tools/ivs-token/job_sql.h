/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_JOB_SQL_H
#define IVS_CLI_JOB_SQL_H

/* What job_file.c, job.c and job_read.c share. */

#include <sqlite3.h>

#include "job.h"

enum job_sql {
    JOB_SQL_BEGIN,
    JOB_SQL_COMMIT,
    JOB_SQL_ROLLBACK,
    JOB_SQL_CHANNEL,
    JOB_SQL_ADD_CHANNEL,
    JOB_SQL_ADD,
    JOB_SQL_FIND,
    JOB_SQL_RAISE,
    JOB_SQL_PULL,
    JOB_SQL_GET,
    JOB_SQL_SETTLE,
    JOB_SQL_RATE,
    JOB_SQL_COUNT
};

struct job {
    sqlite3 *db;
    char *path; /* NULL: temporary */
    int fd;     /* holds the lock; closed after the database, for closing
                   any descriptor of a file drops SQLite's own locks */
    bool made;  /* by us, just now */
    bool in_use;
    bool loaded;
    bool loading;
    bool durable; /* the journal is set up for a run */
    struct job_id id;
    sqlite3_stmt *statements[JOB_SQL_COUNT];
    /* loading */
    int64_t pairs;
    int64_t channel; /* of the last row */
    char channel_arn[IVS_ARN_MAX + 1];
    /* running */
    int64_t pulled; /* up to here, but for the rows of these regions: */
    struct {
        char name[IVS_ARN_MAX];
        int64_t pulled;
    } behind[16];
    size_t nbehind;
    double rate;
    struct {
        char channel[IVS_ARN_MAX + 1];
        char viewer[IVS_VIEWER_ID_MAX * 4 + 1];
    } text[100];
};

extern const char job_schema[];

/* "the job file F", or "the temporary job". */
const char *job_name(const struct job *job);
/* Say what SQLite answered. CLI_FAILED. */
int job_failed(struct cli *c, struct job *job, const char *what);
/* The same as a sentence. */
void job_reason(struct job *job, const char *what, char *ret, size_t cap);
/* The same for the engine. IVS_E_IO. */
ivs_status job_fail_callback(struct job *job, const char *what, ivs_error *err);
/* A statement that is ready to be bound; NULL on failure. */
sqlite3_stmt *job_statement(struct job *job, enum job_sql which);
/* Run it to its end; SQLITE_DONE or what went wrong. */
int job_run(struct job *job, enum job_sql which);

/* What a pair's checksum covers. */
struct job_sum {
    int64_t id;
    const char *channel_arn;
    const char *viewer_id;
    bool has_version;
    int64_t version;
    int64_t line;
    int state;
    const char *code;
    const char *message;
};
int64_t job_sum_pair(const struct job_sum *sum);
int64_t job_sum_id(const struct job_id *id);

/* Read the job's own row; false: damaged, and it was said. */
int job_read_id(struct cli *c, struct job *job);
/* Refuse: the file is damaged. */
int job_damaged(struct cli *c, struct job *job, const char *what);

#endif

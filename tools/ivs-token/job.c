/* SPDX-License-Identifier: MIT */
/* Writing a job: rows once, then what became of them.
 *
 * Rows go in with a rollback journal: the file is new, so hardly anything has
 * to be kept for a rollback. A run uses the write-ahead log: whoever looks at
 * the job does not hold it up, and a transaction costs one fsync. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "job_sql.h"

static const char *const texts[JOB_SQL_COUNT] = {
    [JOB_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [JOB_SQL_COMMIT] = "COMMIT",
    [JOB_SQL_ROLLBACK] = "ROLLBACK",
    [JOB_SQL_CHANNEL] = "SELECT id FROM channel WHERE arn = ?1",
    [JOB_SQL_ADD_CHANNEL] = "INSERT INTO channel(arn) VALUES(?1)",
    [JOB_SQL_ADD] =
        "INSERT OR IGNORE INTO pair(id, channel, viewer, version, line, state,"
        " code, message, sum) VALUES(?1, ?2, ?3, ?4, ?5, 0, '', '', ?6)",
    [JOB_SQL_FIND] = "SELECT id, version, line FROM pair"
                     " WHERE channel = ?1 AND viewer = ?2",
    [JOB_SQL_RAISE] = "UPDATE pair SET version = ?2, sum = ?3 WHERE id = ?1",
    [JOB_SQL_PULL] = "SELECT p.id, c.arn, p.viewer, p.version FROM pair AS p"
                     " JOIN channel AS c ON c.id = p.channel"
                     " WHERE p.id > ?1 AND p.state = 0 ORDER BY p.id",
    [JOB_SQL_GET] = "SELECT p.id, c.arn, p.viewer, p.version, p.line, p.state,"
                    " p.code, p.message, p.sum FROM pair AS p"
                    " JOIN channel AS c ON c.id = p.channel WHERE p.id = ?1",
    [JOB_SQL_SETTLE] = "UPDATE pair SET state = ?2, code = ?3, message = ?4,"
                       " sum = ?5 WHERE id = ?1",
    [JOB_SQL_RATE] = "INSERT OR REPLACE INTO run(id, noted_s, pairs_per_s)"
                     " VALUES(1, ?1, ?2)",
};

void
job_reason(struct job *job, const char *what, char *ret, size_t cap)
{
    const char *why =
        job->db != NULL ? sqlite3_errmsg(job->db) : "out of memory";

    (void)snprintf(ret, cap, "%s %s: %s", what, job_name(job), why);
}

int
job_failed(struct cli *c, struct job *job, const char *what)
{
    char text[512];

    job_reason(job, what, text, sizeof text);
    return fail(c, CLI_FAILED, "%s", text);
}

sqlite3_stmt *
job_statement(struct job *job, enum job_sql which)
{
    sqlite3_stmt **st = &job->statements[which];

    if (*st == NULL &&
        sqlite3_prepare_v3(job->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                           st, NULL) != SQLITE_OK)
        return NULL;
    (void)sqlite3_reset(*st);
    return *st;
}

int
job_run(struct job *job, enum job_sql which)
{
    sqlite3_stmt *st = job->statements[which];
    int rc = sqlite3_step(st);

    (void)sqlite3_reset(st);
    return rc;
}

static bool
simple(struct job *job, enum job_sql which)
{
    return job_statement(job, which) != NULL &&
           job_run(job, which) == SQLITE_DONE;
}

static void
bind_text(sqlite3_stmt *st, int at, const char *text)
{
    (void)sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}

static void
bind_version(sqlite3_stmt *st, int at, bool given, int64_t version)
{
    if (given)
        (void)sqlite3_bind_int64(st, at, version);
    else
        (void)sqlite3_bind_null(st, at);
}

/* ---- checksums ---- */

static uLong
sum_text(uLong sum, const char *text)
{
    return crc32(sum, (const unsigned char *)text, (unsigned)strlen(text) + 1);
}

int64_t
job_sum_pair(const struct job_sum *s)
{
    char numbers[128];
    uLong sum = crc32(0, NULL, 0);

    (void)snprintf(numbers, sizeof numbers,
                   "%" PRId64 " %d %" PRId64 " %" PRId64 " %d", s->id,
                   s->has_version, s->version, s->line, s->state);
    sum = sum_text(sum, numbers);
    sum = sum_text(sum, s->channel_arn);
    sum = sum_text(sum, s->viewer_id);
    sum = sum_text(sum, s->code);
    return (int64_t)sum_text(sum, s->message);
}

int64_t
job_sum_id(const struct job_id *id)
{
    char numbers[128];
    uLong sum = crc32(0, NULL, 0);

    (void)snprintf(numbers, sizeof numbers,
                   "%d %" PRId64 " %" PRId64 " %" PRId64, id->version.given,
                   id->version.value, id->rows, id->pairs);
    sum = sum_text(sum, numbers);
    sum = sum_text(sum, id->input);
    sum = sum_text(sum, id->account);
    sum = sum_text(sum, id->region);
    return (int64_t)sum_text(sum, id->endpoint);
}

/* ---- loading ---- */

int
job_load_begin(struct cli *c, struct job *job)
{
    if (!simple(job, JOB_SQL_BEGIN) ||
        sqlite3_exec(job->db, job_schema, NULL, NULL, NULL) != SQLITE_OK)
        return job_failed(c, job, "cannot write");
    job->loading = true;
    return CLI_OK;
}

/* Rows of one channel mostly follow each other. */
static bool
find_channel(struct job *job, const char *arn)
{
    sqlite3_stmt *st;
    int rc;

    if (strcmp(job->channel_arn, arn) == 0)
        return true;
    if ((st = job_statement(job, JOB_SQL_CHANNEL)) == NULL)
        return false;
    bind_text(st, 1, arn);
    rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        job->channel = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    if (rc == SQLITE_DONE) {
        if ((st = job_statement(job, JOB_SQL_ADD_CHANNEL)) == NULL)
            return false;
        bind_text(st, 1, arn);
        rc = job_run(job, JOB_SQL_ADD_CHANNEL);
        job->channel = sqlite3_last_insert_rowid(job->db);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return false;
    (void)snprintf(job->channel_arn, sizeof job->channel_arn, "%s", arn);
    return true;
}

/* The pair is there already. It keeps its place, with the highest version: what
 * the lower ones reach, that one reaches too. */
static bool
raise_version(struct job *job, const struct row *row)
{
    sqlite3_stmt *st = job_statement(job, JOB_SQL_FIND);
    struct job_sum sum = {.channel_arn = row->channel_arn,
                          .viewer_id = row->viewer_id,
                          .has_version = true,
                          .version = row->version,
                          .code = "",
                          .message = ""};
    bool higher;

    if (st == NULL)
        return false;
    (void)sqlite3_bind_int64(st, 1, job->channel);
    bind_text(st, 2, row->viewer_id);
    if (sqlite3_step(st) != SQLITE_ROW)
        return false;
    sum.id = sqlite3_column_int64(st, 0);
    higher = row->has_version && (sqlite3_column_type(st, 1) == SQLITE_NULL ||
                                  sqlite3_column_int64(st, 1) < row->version);
    sum.line = sqlite3_column_int64(st, 2);
    (void)sqlite3_reset(st);
    if (!higher)
        return true;
    if ((st = job_statement(job, JOB_SQL_RAISE)) == NULL)
        return false;
    (void)sqlite3_bind_int64(st, 1, sum.id);
    (void)sqlite3_bind_int64(st, 2, row->version);
    (void)sqlite3_bind_int64(st, 3, job_sum_pair(&sum));
    return job_run(job, JOB_SQL_RAISE) == SQLITE_DONE;
}

static bool
add_row(struct job *job, const struct row *row)
{
    const struct job_sum sum = {.id = job->pairs + 1,
                                .channel_arn = row->channel_arn,
                                .viewer_id = row->viewer_id,
                                .has_version = row->has_version,
                                .version = row->has_version ? row->version : 0,
                                .line = (int64_t)row->line,
                                .code = "",
                                .message = ""};
    sqlite3_stmt *st;

    if (!find_channel(job, row->channel_arn) ||
        (st = job_statement(job, JOB_SQL_ADD)) == NULL)
        return false;
    (void)sqlite3_bind_int64(st, 1, sum.id);
    (void)sqlite3_bind_int64(st, 2, job->channel);
    bind_text(st, 3, row->viewer_id);
    bind_version(st, 4, row->has_version, row->version);
    (void)sqlite3_bind_int64(st, 5, sum.line);
    (void)sqlite3_bind_int64(st, 6, job_sum_pair(&sum));
    if (job_run(job, JOB_SQL_ADD) != SQLITE_DONE)
        return false;
    if (sqlite3_changes(job->db) == 0)
        return raise_version(job, row);
    job->pairs++;
    return true;
}

int
job_load_row(struct cli *c, struct job *job, const struct row *row)
{
    return add_row(job, row) ? CLI_OK : job_failed(c, job, "cannot write");
}

/* Write the job's own row. */
static bool
write_id(struct job *job, const struct job_id *id)
{
    sqlite3_stmt *st = NULL;
    bool good = sqlite3_prepare_v2(
                    job->db,
                    "INSERT OR REPLACE INTO job(id, input, account, region,"
                    " endpoint, version, rows, pairs, sum)"
                    " VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    -1, &st, NULL) == SQLITE_OK;

    if (good) {
        bind_text(st, 1, id->input);
        bind_text(st, 2, id->account);
        bind_text(st, 3, id->region);
        bind_text(st, 4, id->endpoint);
        bind_version(st, 5, id->version.given, id->version.value);
        (void)sqlite3_bind_int64(st, 6, id->rows);
        (void)sqlite3_bind_int64(st, 7, id->pairs);
        (void)sqlite3_bind_int64(st, 8, job_sum_id(id));
        good = sqlite3_step(st) == SQLITE_DONE;
    }
    (void)sqlite3_finalize(st);
    return good;
}

int
job_load_end(struct cli *c, struct job *job, const struct job_id *id)
{
    struct job_id whole = *id;

    whole.pairs = job->pairs;
    if (!write_id(job, &whole) || !simple(job, JOB_SQL_COMMIT))
        return job_failed(c, job, "cannot write");
    job->id = whole;
    job->loading = false;
    job->loaded = true;
    return CLI_OK;
}

/* ---- running ---- */

static bool
make_durable(struct job *job)
{
    if (!job->durable)
        job->durable = job->path == NULL ||
                       sqlite3_exec(job->db, "PRAGMA journal_mode = WAL", NULL,
                                    NULL, NULL) == SQLITE_OK;
    return job->durable;
}

int
job_bind(struct cli *c, struct job *job, const char *endpoint)
{
    struct job_id id = job->id;

    if (!make_durable(job))
        return job_failed(c, job, "cannot write");
    if (strncmp(id.endpoint, endpoint, sizeof id.endpoint - 1) == 0)
        return CLI_OK;
    if (id.endpoint[0] != '\0')
        return fail(c, CLI_FAILED,
                    "the job file %s belongs to %s, but calls would go to %s; "
                    "give that endpoint, or another --job FILE",
                    job_name(job), id.endpoint, endpoint);
    (void)snprintf(id.endpoint, sizeof id.endpoint, "%s", endpoint);
    if (!write_id(job, &id))
        return job_failed(c, job, "cannot write");
    job->id = id;
    return CLI_OK;
}

ivs_status
job_fail_callback(struct job *job, const char *what, ivs_error *err)
{
    err->code = IVS_E_IO;
    job_reason(job, what, err->message, sizeof err->message);
    return err->code;
}

static bool
settle_one(struct job *job, const ivs_revoke_settled *settled)
{
    const ivs_revoke_outcome *o = &settled->outcome;
    sqlite3_stmt *get, *set;
    struct job_sum sum = {.id = settled->id,
                          .state = (int)o->state,
                          .code = o->code,
                          .message = o->message};
    bool good;

    if ((get = job_statement(job, JOB_SQL_GET)) == NULL ||
        (set = job_statement(job, JOB_SQL_SETTLE)) == NULL)
        return false;
    (void)sqlite3_bind_int64(get, 1, settled->id);
    good = sqlite3_step(get) == SQLITE_ROW;
    if (good) {
        sum.channel_arn = (const char *)sqlite3_column_text(get, 1);
        sum.viewer_id = (const char *)sqlite3_column_text(get, 2);
        sum.has_version = sqlite3_column_type(get, 3) != SQLITE_NULL;
        sum.version = sqlite3_column_int64(get, 3);
        sum.line = sqlite3_column_int64(get, 4);
        good = sum.channel_arn != NULL && sum.viewer_id != NULL;
    }
    if (good) {
        (void)sqlite3_bind_int64(set, 1, settled->id);
        (void)sqlite3_bind_int64(set, 2, (int64_t)o->state);
        bind_text(set, 3, o->code);
        bind_text(set, 4, o->message);
        (void)sqlite3_bind_int64(set, 5, job_sum_pair(&sum));
    }
    (void)sqlite3_reset(get);
    return good && job_run(job, JOB_SQL_SETTLE) == SQLITE_DONE;
}

static bool
settle_all(struct job *job, const ivs_revoke_settled *settled, size_t n)
{
    sqlite3_stmt *rate;

    for (size_t i = 0; i < n; i++)
        if (settled[i].outcome.state != IVS_REVOKE_NOT_DONE &&
            !settle_one(job, &settled[i]))
            return false;
    if ((rate = job_statement(job, JOB_SQL_RATE)) == NULL)
        return false;
    (void)sqlite3_bind_int64(rate, 1, (int64_t)time(NULL));
    (void)sqlite3_bind_double(rate, 2, job->rate);
    return job_run(job, JOB_SQL_RATE) == SQLITE_DONE;
}

ivs_status
job_settle(const ivs_revoke_settled *settled, size_t n, struct job *job,
           ivs_error *err)
{
    ivs_status s;

    if (simple(job, JOB_SQL_BEGIN) && settle_all(job, settled, n) &&
        simple(job, JOB_SQL_COMMIT))
        return IVS_OK;
    s = job_fail_callback(job, "cannot write", err);
    (void)simple(job, JOB_SQL_ROLLBACK);
    return s;
}

void
job_note_rate(struct job *job, double pairs_per_s)
{
    job->rate = pairs_per_s;
}

/* SPDX-License-Identifier: MIT */
/* The job file as a file: made, opened, locked, told from other files. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job_sql.h"

/* "IVSJ" */
#define APPLICATION_ID 1230394186
#define VERSION        1
#define BUSY_MS        5000
/* Of a row and of a text in it; ours have 2 KiB at most. */
#define LENGTH_MAX (64 * 1024)

/* A byte far beyond the file's end: SQLite locks others. */
#define LOCK_AT INT64_C(0x4000000000000000)

const char job_schema[] =
    "CREATE TABLE channel(id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE) "
    "STRICT;"
    "CREATE TABLE pair(id INTEGER PRIMARY KEY, channel INTEGER NOT NULL,"
    " viewer TEXT NOT NULL, version INTEGER, line INTEGER NOT NULL,"
    " state INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,"
    " sum INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX pair_once ON pair(channel, viewer);"
    "CREATE TABLE job(id INTEGER PRIMARY KEY, input TEXT NOT NULL,"
    " account TEXT NOT NULL, region TEXT NOT NULL, endpoint TEXT NOT NULL,"
    " version INTEGER, rows INTEGER NOT NULL, pairs INTEGER NOT NULL,"
    " sum INTEGER NOT NULL) STRICT;"
    "CREATE TABLE run(id INTEGER PRIMARY KEY, noted_s INTEGER NOT NULL,"
    " pairs_per_s REAL NOT NULL) STRICT;"
    "PRAGMA application_id = 1230394186;"
    "PRAGMA user_version = 1;";

const char *
job_name(const struct job *job)
{
    return job->path != NULL ? job->path : "the temporary job";
}

bool
job_loaded(const struct job *job)
{
    return job->loaded;
}

const struct job_id *
job_id(const struct job *job)
{
    return &job->id;
}

bool
job_in_use(const struct job *job)
{
    return job->in_use;
}

int
job_damaged(struct cli *c, struct job *job, const char *what)
{
    (void)fail(c, CLI_FAILED, "the job file %s is damaged: %s", job_name(job),
               what);
    hint("revoke the rows again with another --job FILE; revoking a viewer "
         "twice does no harm");
    return CLI_FAILED;
}

/* ---- the file ---- */

static int
open_file(struct cli *c, const char *path, enum job_how how, struct job *job)
{
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
    struct stat st;

    job->fd = open(path, flags);
    if (job->fd < 0 && errno == ENOENT && how == JOB_RUN) {
        job->fd = open(path, flags | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
        job->made = job->fd >= 0;
    }
    if (job->fd < 0 && errno == ELOOP)
        return fail(c, CLI_FAILED,
                    "the job file %s is a symbolic link, expected a file",
                    path);
    if (job->fd < 0)
        return fail(c, CLI_FAILED, "cannot open the job file %s: %s", path,
                    strerror(errno));
    if (fstat(job->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fail(c, CLI_FAILED, "%s is not a file, as a job file has to be",
                    path);
    /* What is empty becomes a job file, with viewer ids in it. */
    if (how == JOB_RUN && st.st_size == 0 &&
        fchmod(job->fd, S_IRUSR | S_IWUSR) != 0)
        return fail(c, CLI_FAILED, "cannot set the mode of %s: %s", path,
                    strerror(errno));
    return CLI_OK;
}

/* Locks of an open file description: they end with the process, and can be
 * asked for without being taken. */
static int
lock_file(struct cli *c, const char *path, enum job_how how, struct job *job)
{
    struct flock lock = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = LOCK_AT,
                         .l_len = 1};

    if (how == JOB_LOOK) {
        job->in_use =
            fcntl(job->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
        return CLI_OK;
    }
    if (fcntl(job->fd, F_OFD_SETLK, &lock) == 0)
        return CLI_OK;
    if (errno != EAGAIN && errno != EACCES)
        return fail(c, CLI_FAILED, "cannot lock the job file %s: %s", path,
                    strerror(errno));
    (void)fail(c, CLI_FAILED, "the job file %s is in use by another run", path);
    hint("ivs-token revoke status --job FILE shows how far that is");
    return CLI_FAILED;
}

/* SQLite believes a journal that it finds beside the file, and a journal can
 * name another one, which SQLite removes then: any file. Ours name none. */
static bool
names_another(int fd)
{
    static const unsigned char magic[] = {0xd9, 0xd5, 0x05, 0xf9,
                                          0x20, 0xa1, 0x63, 0xd7};
    unsigned char end[sizeof magic];
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof end &&
           pread(fd, end, sizeof end, st.st_size - (off_t)sizeof end) ==
               (ssize_t)sizeof end &&
           memcmp(end, magic, sizeof end) == 0;
}

/* The files that go with the job's. */
static int
check_beside(struct cli *c, struct job *job)
{
    static const char *const ends[] = {"-journal", "-wal", "-shm"};
    char path[1024]; /* SQLite opens no longer ones */
    int code = CLI_OK;

    for (size_t i = 0; code == CLI_OK && i < 3; i++) {
        const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
        struct stat st;
        int fd;

        (void)snprintf(path, sizeof path, "%s%s", job->path, ends[i]);
        fd = open(path, flags);
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
            (i == 0 && names_another(fd)))
            code = fail(c, CLI_FAILED,
                        "%s is no file that ivs-token has written, and goes "
                        "with the job file %s; give another --job FILE",
                        path, job->path);
        if (fd >= 0)
            (void)close(fd);
    }
    return code;
}

/* SQLite opens by name; it must be the file that is locked. */
static bool
is_same_file(const struct job *job)
{
    struct stat by_name, by_fd;

    return stat(job->path, &by_name) == 0 && fstat(job->fd, &by_fd) == 0 &&
           by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

/* ---- the database ---- */

static bool
set_up(struct job *job)
{
    /* A file is input like any other: its schema runs nothing. */
    return sqlite3_db_config(job->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) ==
               SQLITE_OK &&
           sqlite3_db_config(job->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
                             NULL) == SQLITE_OK &&
           sqlite3_db_config(job->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL) ==
               SQLITE_OK &&
           sqlite3_db_config(job->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
                             NULL) == SQLITE_OK &&
           sqlite3_limit(job->db, SQLITE_LIMIT_LENGTH, LENGTH_MAX) > 0 &&
           sqlite3_busy_timeout(job->db, BUSY_MS) == SQLITE_OK &&
           sqlite3_exec(job->db,
                        "PRAGMA cell_size_check = ON;"
                        "PRAGMA synchronous = FULL;"
                        "PRAGMA cache_size = -65536;",
                        NULL, NULL, NULL) == SQLITE_OK;
}

static bool
number_of(struct job *job, const char *sql, int64_t *ret)
{
    sqlite3_stmt *st = NULL;
    bool good = sqlite3_prepare_v2(job->db, sql, -1, &st, NULL) == SQLITE_OK &&
                sqlite3_step(st) == SQLITE_ROW;

    if (good)
        *ret = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    return good;
}

static int
unreadable(struct cli *c, struct job *job)
{
    if (sqlite3_errcode(job->db) == SQLITE_CORRUPT)
        return job_damaged(c, job, sqlite3_errmsg(job->db));
    if (sqlite3_errcode(job->db) != SQLITE_NOTADB)
        return job_failed(c, job, "cannot read");
    return fail(c, CLI_FAILED,
                "%s is no job file of ivs-token; give another --job FILE, one "
                "that does not exist for a new job",
                job_name(job));
}

/* Compare the schema with ours, text by text. */
static int
check_schema(struct cli *c, struct job *job)
{
    sqlite3_stmt *st = NULL;
    size_t length = 0;
    bool ours = true;
    int rc = sqlite3_prepare_v2(
        job->db, "SELECT sql FROM sqlite_schema WHERE sql NOT NULL", -1, &st,
        NULL);

    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        const char *sql;

        if ((rc = sqlite3_step(st)) != SQLITE_ROW)
            break;
        sql = (const char *)sqlite3_column_text(st, 0);
        if (sql == NULL)
            rc = SQLITE_NOMEM;
        ours = ours && sql != NULL && strstr(job_schema, sql) != NULL;
        length += ours ? strlen(sql) + 1 : 0;
        ours = ours && length < sizeof job_schema;
    }
    (void)sqlite3_finalize(st);
    if (rc != SQLITE_DONE)
        return unreadable(c, job);
    if (!ours || strncmp(job_schema + length, "PRAGMA", 6) != 0)
        return job_damaged(c, job, "its tables are not those of a job");
    return CLI_OK;
}

/* Tell an empty file from a job of ours, and both from all others. */
static int
read_kind(struct cli *c, struct job *job)
{
    int64_t pages = 0, application = 0, version = 0;
    int code;

    if (!number_of(job, "PRAGMA page_count", &pages) ||
        !number_of(job, "PRAGMA application_id", &application) ||
        !number_of(job, "PRAGMA user_version", &version))
        return unreadable(c, job);
    if (pages == 0)
        return CLI_OK;
    if (application != APPLICATION_ID)
        return fail(c, CLI_FAILED,
                    "%s is a database, but no job file of ivs-token; give "
                    "another --job FILE",
                    job_name(job));
    if (version != VERSION)
        return fail(c, CLI_FAILED,
                    "the job file %s has format %lld, expected %d; use the "
                    "ivs-token that made it",
                    job_name(job), (long long)version, VERSION);
    if ((code = check_schema(c, job)) != CLI_OK)
        return code;
    return job_read_id(c, job);
}

static int
open_database(struct cli *c, struct job *job)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (sqlite3_open_v2(job->path != NULL ? job->path : "", &job->db,
                        job->path != NULL ? flags : flags | SQLITE_OPEN_CREATE,
                        NULL) != SQLITE_OK)
        return job_failed(c, job, "cannot open");
    if (!set_up(job))
        return unreadable(c, job);
    if (job->path != NULL && !is_same_file(job))
        return fail(c, CLI_FAILED,
                    "the job file %s was replaced while it was opened",
                    job->path);
    return read_kind(c, job);
}

int
job_open(struct cli *c, const char *path, enum job_how how, struct job **ret)
{
    struct job *job = calloc(1, sizeof *job);
    int code = CLI_OK;

    if (job == NULL)
        return fail(c, CLI_FAILED, "out of memory for a job");
    job->fd = -1;
    if (path != NULL && (job->path = strdup(path)) == NULL)
        code = fail(c, CLI_FAILED, "out of memory for a job");
    if (code == CLI_OK && path != NULL)
        code = open_file(c, path, how, job);
    if (code == CLI_OK && path != NULL)
        code = lock_file(c, path, how, job);
    if (code == CLI_OK && path != NULL)
        code = check_beside(c, job);
    if (code == CLI_OK)
        code = open_database(c, job);
    if (code == CLI_OK)
        *ret = job;
    else
        job_close(job);
    return code;
}

void
job_close(struct job *job)
{
    if (job == NULL)
        return;
    for (size_t i = 0; i < JOB_SQL_COUNT; i++)
        (void)sqlite3_finalize(job->statements[i]);
    /* An open transaction is rolled back. */
    (void)sqlite3_close(job->db);
    /* A file that we made and that has no rows is of no use to anybody. */
    if (job->made && !job->loaded && is_same_file(job))
        (void)unlink(job->path);
    if (job->fd >= 0)
        (void)close(job->fd);
    free(job->path);
    free(job);
}

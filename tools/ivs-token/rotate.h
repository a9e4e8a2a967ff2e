/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_ROTATE_H
#define IVS_CLI_ROTATE_H

/*
 * key rotate: a few steps, each of which is recorded when it is done, so that a
 * run that ended anywhere is gone on with. No secret is recorded.
 */

#include "opts_service.h"
#include "pairs.h"

/* ---- rotate_record.c: what is recorded, as text ---- */

/* In their order; the last one that is done. */
enum rotate_step {
    ROTATE_NONE,
    ROTATE_BEGUN,    /* the new key is chosen; its file may be there */
    ROTATE_SAVED,    /* its file is there; it may be imported */
    ROTATE_IMPORTED, /* new_arn is known */
    ROTATE_WAITED,
    ROTATE_VERIFIED, /* the old pair may be deleted */
    ROTATE_DELETED
};

struct rotation {
    enum rotate_step step;
    char account[IVS_ARN_MAX];
    char region[IVS_ARN_MAX];
    char endpoint[256];
    char name[IVS_ARN_MAX + 1];
    char old_arn[IVS_ARN_MAX + 1];
    char old_fingerprint[IVS_FINGERPRINT_SIZE];
    char new_arn[IVS_ARN_MAX + 1]; /* "" before ROTATE_IMPORTED */
    char new_fingerprint[IVS_FINGERPRINT_SIZE];
    int64_t begun_s;
    int64_t imported_s; /* 0 before ROTATE_IMPORTED */
    int64_t wait_s;     /* from imported_s on */
};

#define ROTATE_TEXT_MAX 3072

const char *rotate_step_name(enum rotate_step step);
/* With a checksum. Release with free(); NULL: out of memory. */
char *rotate_encode(const struct rotation *r);
/* NULL, or what is wrong with it; then *ret is untouched. */
const char *rotate_decode(const char *text, size_t len, struct rotation *ret);

/* ---- rotate_file.c: the file beside the new key ---- */

struct rotate_file {
    char *path;
    int fd; /* locked; -1: there is none */
    bool made;
};

/* Open, lock and read the file of `out`; make it where there is neither.
 * `look`: make and lock nothing. Closed by rotate_file_close(), on failure too.
 */
int rotate_file_open(struct cli *c, const char *out, bool look,
                     struct rotate_file *ret, struct rotation *ret_rotation);
/* Replace it as a whole, durably. */
int rotate_file_write(struct cli *c, struct rotate_file *file,
                      const struct rotation *r);
void rotate_file_close(struct rotate_file *file);

/* ---- a run ---- */

struct rotate {
    struct cli *c;
    const struct rotate_opts *opts;
    ivs_client *client;
    struct rotate_file file;
    struct rotation r;
    enum rotate_step resumed; /* where the run began */
    bool old_gone;            /* the service does not have it any more */
    size_t npairs;
    ivs_key *old_key; /* of --old-key, or NULL */
    ivs_key *new_key;
    ivs_playback_keys *pairs; /* as they were at the beginning */
};

/* ---- rotate_steps.c ---- */

/* Every step that is not done. */
int rotate_run(struct rotate *ro);
/* The time, moved by --now. */
int64_t rotate_now(const struct rotate *ro);
/* What is to be asked before the old pair is deleted. */
void rotate_question(const struct rotate *ro, char *ret, size_t size);

/* ---- rotate_plan.c ---- */

/* Refuse to go on without room; says how to make some. */
int rotate_no_room(struct rotate *ro);
int rotate_print_plan(struct rotate *ro);
int rotate_print_done(struct rotate *ro);

#endif

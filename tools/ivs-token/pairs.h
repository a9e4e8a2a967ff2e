/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_PAIRS_H
#define IVS_CLI_PAIRS_H

/* What the commands about the service's key pairs share. */

#include "cli.h"

/* ---- pairs.c ---- */

/* All pairs with their fingerprints, as far as the service shows them. */
int pairs_list(struct cli *c, ivs_client *client, ivs_playback_keys **ret);
/* A client for the region of a key pair's ARN, which a setter has checked. */
int pairs_open(struct cli *c, const char *arn, ivs_client **ret);

/* ---- key_files.c: the keys in a directory ---- */

struct key_file {
    char fingerprint[IVS_FINGERPRINT_SIZE];
    char *private_file; /* NULL: there is none */
    char *public_file;
};

struct key_files {
    struct key_file *v;
    size_t n;
};

/* Every file in it that holds a key; what is none is passed over. Of several
 * files with one key the first counts, in the order of their names. */
int key_files_read(struct cli *c, const char *dir, struct key_files *ret);
void key_files_free(struct key_files *files);
/* NULL: no file has such a key. */
const struct key_file *key_files_find(const struct key_files *files,
                                      const char *fingerprint);
/* The private one, or else the public one; "-" for none. */
const char *key_files_name(const struct key_files *files,
                           const char *fingerprint);

#endif

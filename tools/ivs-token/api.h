/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_API_H
#define IVS_CLI_API_H

/* What the files of the api commands share. */

#include "opts_service.h"

/* api_show.c: an operation's row, as the library describes it. */
int api_row(struct cli *c, const char *name, json_t **ret);
/* Text of a member, "" where it has none. */
const char *api_text(const json_t *object, const char *name);

/* api_pages.c: every page as one document, printed while it comes in. */
int api_pages(struct cli *c, ivs_client *client, const json_t *row,
              const struct secret *input);
/* Refuse an operation without pages, naming those that have some. */
int api_refuse_pages(struct cli *c, const char *name);

#endif

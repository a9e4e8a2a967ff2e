/* SPDX-License-Identifier: MIT */
#ifndef EMU_REQUESTS_H
#define EMU_REQUESTS_H

/* The latest requests and why they were refused, for who wonders what became of
 * them. Requests below /_/ are not among them. */

#include <stdint.h>

#include "http.h"

#define EMU_REQUESTS_KEPT 1000

typedef struct emu_requests emu_requests;

/* NULL: out of memory. */
emu_requests *emu_requests_new(void);
void emu_requests_free(emu_requests *requests);
/* Safe from several threads, as everything below. */
void emu_requests_add(emu_requests *requests, int64_t now_s,
                      const emu_request *req, const emu_response *res);
void emu_requests_clear(emu_requests *requests);

typedef struct emu_requests_filter {
    int64_t after;       /* only those with a greater number */
    int status;          /* 0: any */
    const char *channel; /* its ARN; NULL: any */
} emu_requests_filter;

/* An array of objects, oldest first; NULL: out of memory. *ret_latest is the
 * number of the latest request, whether it passed the filter or not. */
json_t *emu_requests_list(emu_requests *requests,
                          const emu_requests_filter *filter,
                          int64_t *ret_latest);

#endif

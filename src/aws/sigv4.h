/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_SIGV4_H
#define IVS_AWS_SIGV4_H

/*
 * AWS Signature Version 4 with an Authorization header, in its three stages,
 * so that a mismatch can be traced to one of them. No clock: the time is part
 * of the scope. Source: AWS General Reference, "Create a signed AWS API
 * request".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/error.h>

#include "base/buf.h"

typedef struct ivs_sigv4_header {
    const char *name;
    const char *value;
} ivs_sigv4_header;

typedef struct ivs_sigv4_request {
    const char *method;
    const char *path;  /* as on the request line, percent-encoded once */
    const char *query; /* what follows '?', or "" */
    const ivs_sigv4_header *headers; /* those to be signed, any order or case */
    size_t nheaders;
    const void *body;
    size_t body_len;
    /* Remove dot segments and repeated slashes, as every service but S3. */
    bool normalize;
} ivs_sigv4_request;

typedef struct ivs_sigv4_scope {
    int64_t time_s;
    const char *region;
    const char *service;
} ivs_sigv4_scope;

typedef struct ivs_sigv4_credentials {
    const char *access_key_id;
    const char *secret_access_key;
} ivs_sigv4_credentials;

/* Every segment of the path is encoded once more, as for every service but S3.
 * An empty body's hash is that of no bytes; x-amz-content-sha256 is a header
 * like any other. IVS_E_FORMAT: a method or header name that is no token, a
 * header value with a control byte (a folded one included); IVS_E_NOMEM. */
ivs_status ivs_sigv4_canonical_request(const ivs_sigv4_request *request,
                                       ivs_buf *ret, ivs_error *err);
/* "host;x-amz-date", as it stands in the canonical request too. */
ivs_status ivs_sigv4_signed_headers(const ivs_sigv4_request *request,
                                    ivs_buf *ret, ivs_error *err);
ivs_status ivs_sigv4_string_to_sign(const ivs_sigv4_scope *scope,
                                    const char *canonical, size_t len,
                                    ivs_buf *ret, ivs_error *err);
/* 64 hex characters and a NUL. */
ivs_status ivs_sigv4_signature(const ivs_sigv4_scope *scope,
                               const char *secret_access_key,
                               const char *string_to_sign, size_t len,
                               char ret[65], ivs_error *err);
/* All stages: the value of the Authorization header. */
ivs_status ivs_sigv4_authorization(const ivs_sigv4_request *request,
                                   const ivs_sigv4_scope *scope,
                                   const ivs_sigv4_credentials *credentials,
                                   ivs_buf *ret, ivs_error *err);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef EMU_HTTP_H
#define EMU_HTTP_H

/* A request that has arrived whole and the answer to it, free of any server
 * library. Everything in a request was written by a stranger. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#include "random.h"

typedef struct emu_header {
    const char *name;
    const char *value;
} emu_header;

typedef struct emu_request {
    const char *method;
    const char *version;       /* "HTTP/1.1" */
    const char *target;        /* as on the request line */
    const char *path;          /* the target up to '?' */
    const char *query;         /* what follows '?', or "" */
    const emu_header *headers; /* in the order they came in */
    size_t nheaders;
    const char *body;
    size_t body_len;
} emu_request;

#define EMU_RESPONSE_HEADERS 12

/* Where an answer ends too early, with a reset of the connection. */
typedef enum emu_cut {
    EMU_CUT_NONE,
    EMU_CUT_BEFORE, /* nothing of it is sent */
    EMU_CUT_BODY    /* the head and half of the body */
} emu_cut;

/* What becomes of an answer on purpose; nothing where all is 0. */
typedef struct emu_fault {
    int delay_ms;
    emu_cut cut;
    int batch_every; /* every nth of a batch is refused; 0: none */
    char batch_code[33];
    char note[32]; /* for the request log */
} emu_fault;

typedef struct emu_response {
    int status;
    bool close; /* end the connection after this answer */
    struct {
        const char *name;
        ivs_buf value;
    } headers[EMU_RESPONSE_HEADERS];
    size_t nheaders;
    ivs_buf body;
    bool has_file; /* the body instead; owned */
    int file;
    size_t file_len;
    emu_fault fault;
    char request_id[37];
    /* For the request log: who called what, which channel it is about, the ids
     * of a viewer; each may be empty. What the answer does not tell, by a name
     * and in a sentence; reason NULL: nothing. */
    char caller[64];
    const char *operation;
    char channel[129];
    char viewer[161];
    const char *reason;
    char note[320];
} emu_response;

/* Every error the emulator answers with: name on the wire, HTTP status. */
#define EMU_ERROR_MAP(X)                                                       \
    X(EMU_VALIDATION, "ValidationException", 400)                              \
    X(EMU_MALFORMED, "BadRequestException", 400)                               \
    X(EMU_UNSUPPORTED, "UnsupportedOperationException", 400)                   \
    X(EMU_RESOURCE_QUOTA, "ServiceQuotaExceededException", 402)                \
    X(EMU_ACCESS_DENIED, "AccessDeniedException", 403)                         \
    X(EMU_NO_SIGNATURE, "MissingAuthenticationTokenException", 403)            \
    X(EMU_HALF_SIGNATURE, "IncompleteSignatureException", 403)                 \
    X(EMU_UNKNOWN_KEY, "UnrecognizedClientException", 403)                     \
    X(EMU_BAD_SIGNATURE, "InvalidSignatureException", 403)                     \
    X(EMU_NOT_FOUND, "ResourceNotFoundException", 404)                         \
    X(EMU_NOT_BROADCASTING, "ChannelNotBroadcasting", 404)                     \
    X(EMU_UNKNOWN_OPERATION, "UnknownOperationException", 404)                 \
    X(EMU_METHOD, "MethodNotAllowedException", 405)                            \
    X(EMU_CONFLICT, "ConflictException", 409)                                  \
    X(EMU_BODY_TOO_LARGE, "RequestEntityTooLargeException", 413)               \
    X(EMU_TARGET_TOO_LONG, "RequestUriTooLongException", 414)                  \
    X(EMU_THROTTLED, "ThrottlingException", 429)                               \
    X(EMU_MANY_HEADERS, "RequestHeaderFieldsTooLargeException", 431)           \
    X(EMU_INTERNAL, "InternalServerException", 500)                            \
    X(EMU_VERSION, "HttpVersionNotSupportedException", 505)

#define EMU_X(name, text, status) name,
typedef enum emu_error { EMU_ERROR_MAP(EMU_X) EMU_NERRORS } emu_error;
#undef EMU_X

/* The value of a header, NULL where it is absent; *ret_count, which may be
 * NULL, tells how often it occurs. Names compare without case. */
const char *emu_request_header(const emu_request *req, const char *name,
                               size_t *ret_count);
/* Append the decoded value of the first query parameter of that name. */
bool emu_request_query(const emu_request *req, const char *name, ivs_buf *ret);
/* The same from *at on, a place in the query that moves behind it. */
bool emu_request_query_next(const char **at, const char *name, ivs_buf *ret);
/* Append the decoded last segment of the path. */
void emu_request_segment(const emu_request *req, ivs_buf *ret);

/* An empty answer with a new request id. */
bool emu_response_init(emu_response *res, emu_random *random);
/* Forget the answer, keep the request id and who called. */
void emu_response_clear(emu_response *res);
void emu_response_header(emu_response *res, const char *name,
                         const char *value);
/* Takes the reference to body. NULL stands for out of memory: the answer is
 * an error then, and false is returned. */
bool emu_response_json(emu_response *res, int status, json_t *body);
void emu_response_text(emu_response *res, int status, const char *type,
                       const char *body);
/* Answer with a file, which is taken over. */
void emu_response_file(emu_response *res, int status, const char *type,
                       int file, size_t len);
/* Answer with an error in the service's shape. Returns false always, so that
 * the place that detects a fault can return it. */
bool emu_refuse(emu_response *res, emu_error error, const char *fmt, ...)
    IVS_PRINTF(3, 4);
/* The same with any status and name, NULL for no name. */
void emu_response_error(emu_response *res, int status, const char *name,
                        const char *text);
/* Is this one of a batch refused on purpose, counted from 0? */
bool emu_fault_hits(const emu_fault *fault, size_t i);
/* Leave a reason for the request log. Its name is a constant; the sentence may
 * quote what a stranger wrote. */
void emu_response_reason(emu_response *res, const char *name, const char *fmt,
                         ...) IVS_PRINTF(3, 4);
void emu_response_free(emu_response *res);

#endif

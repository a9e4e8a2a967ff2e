/* SPDX-License-Identifier: MIT */
#ifndef EMU_API_H
#define EMU_API_H

/* The operations of the API. An operation runs in one transaction, which is
 * committed when it returns true; on false it has refused, and nothing of it
 * stays. */

#include "emulator.h"
#include "service/operations.h"

typedef struct emu_call {
    emu_emulator *emu;
    const emu_scope *scope;
    const ivs_operation *operation;
    ivs_arn_type about;  /* type of resource the operation is about */
    const char *host;    /* under which the client reaches us */
    const json_t *input; /* checked against the service model */
    const json_t *fixed; /* ids and secrets that are not made; NULL: all are */
} emu_call;

/* Answer a request to an API path. */
void emu_api(emu_emulator *emu, const emu_request *req,
             const ivs_operation *operation, emu_response *res);
/* Carry out an operation for who needs no signature, and counts for no quota.
 */
void emu_api_local(emu_emulator *emu, const emu_scope *scope,
                   const char *operation, const emu_request *req, json_t *input,
                   emu_response *res);

bool emu_create_channel(const emu_call *call, emu_response *res);
bool emu_get_channel(const emu_call *call, emu_response *res);
bool emu_batch_get_channel(const emu_call *call, emu_response *res);
bool emu_list_channels(const emu_call *call, emu_response *res);
bool emu_update_channel(const emu_call *call, emu_response *res);
bool emu_delete_channel(const emu_call *call, emu_response *res);

bool emu_create_stream_key(const emu_call *call, emu_response *res);
bool emu_get_stream_key(const emu_call *call, emu_response *res);
bool emu_batch_get_stream_key(const emu_call *call, emu_response *res);
bool emu_list_stream_keys(const emu_call *call, emu_response *res);
bool emu_delete_stream_key(const emu_call *call, emu_response *res);

/* Of recordings, playback restriction policies and ad configurations. */
bool emu_create_configuration(const emu_call *call, emu_response *res);
bool emu_get_configuration(const emu_call *call, emu_response *res);
bool emu_list_configurations(const emu_call *call, emu_response *res);
bool emu_update_configuration(const emu_call *call, emu_response *res);
bool emu_delete_configuration(const emu_call *call, emu_response *res);

bool emu_import_playback_key_pair(const emu_call *call, emu_response *res);
bool emu_get_playback_key_pair(const emu_call *call, emu_response *res);
bool emu_list_playback_key_pairs(const emu_call *call, emu_response *res);
bool emu_delete_playback_key_pair(const emu_call *call, emu_response *res);
bool emu_start_viewer_session_revocation(const emu_call *call,
                                         emu_response *res);
bool emu_batch_start_viewer_session_revocation(const emu_call *call,
                                               emu_response *res);

bool emu_get_stream(const emu_call *call, emu_response *res);
bool emu_list_streams(const emu_call *call, emu_response *res);
bool emu_get_stream_session(const emu_call *call, emu_response *res);
bool emu_list_stream_sessions(const emu_call *call, emu_response *res);
bool emu_stop_stream(const emu_call *call, emu_response *res);
bool emu_put_metadata(const emu_call *call, emu_response *res);
bool emu_insert_ad_break(const emu_call *call, emu_response *res);

bool emu_list_tags(const emu_call *call, emu_response *res);
bool emu_tag(const emu_call *call, emu_response *res);
bool emu_untag(const emu_call *call, emu_response *res);

/* Gather the input of an operation from body, path and query, and check it
 * against the service model; false: refused. */
bool emu_read_input(const emu_request *req, const ivs_operation *operation,
                    json_t **ret, emu_response *res);
bool emu_check_input(const ivs_operation *operation, json_t *input,
                     emu_response *res);
/* A string or integer of the input, or what stands for an absent one. */
const char *emu_input_text(const emu_call *call, const char *member,
                           const char *absent);
int64_t emu_input_number(const emu_call *call, const char *member,
                         int64_t absent);
/* Tags of the input, an empty object for none; NULL: refused. */
json_t *emu_input_tags(const emu_call *call, emu_response *res);

/* Why a resource cannot be had: its code in batch answers. */
typedef enum emu_lookup {
    EMU_LOOKUP_FOUND = 0,
    EMU_LOOKUP_FAULT = 1, /* on purpose */
    EMU_LOOKUP_MALFORMED = 400,
    EMU_LOOKUP_FOREIGN = 403, /* of another account */
    EMU_LOOKUP_UNKNOWN = 404,
    EMU_LOOKUP_FAILED = 500
} emu_lookup;

/* Find a resource by ARN. ret_document and ret_seq may be NULL. */
emu_lookup emu_find(const emu_call *call, ivs_arn_type type, const char *arn,
                    json_t **ret_document, int64_t *ret_seq);
const char *emu_lookup_message(emu_lookup lookup);
/* Its code in batch answers, a string; NULL: out of memory. */
json_t *emu_lookup_code(emu_lookup lookup, const emu_response *res);
/* The same for the ARN in a member of the input; false: refused. */
bool emu_find_member(const emu_call *call, ivs_arn_type type,
                     const char *member, json_t **ret_document,
                     int64_t *ret_seq, emu_response *res);

/* Is there a resource like that? */
emu_found emu_any(const emu_call *call, const emu_filter *filter);

typedef struct emu_new {
    ivs_arn_type type;
    int64_t parent;
    json_t *document; /* gets its "arn" */
} emu_new;

/* Give a document an id and its ARN and store it. */
bool emu_create(const emu_call *call, const emu_new *resource, int64_t *ret_seq,
                emu_response *res);
/* Store a changed document. */
bool emu_save(const emu_call *call, int64_t seq, const json_t *document,
              emu_response *res);
/* Letters and digits of the caller's sequence, and a NUL. */
bool emu_make_id(const emu_call *call, char *ret, size_t len);
/* What stands in call->fixed under a name, for a resource of a type; NULL: it
 * is made. */
const char *emu_fixed(const emu_call *call, ivs_arn_type type,
                      const char *name);

/* What an answer shows of a document, in its place; takes the reference. NULL:
 * out of memory. */
typedef json_t *(*emu_show_fn)(const emu_call *call, json_t *document);

/* Answer with resources by ARN, and errors for those that cannot be had. */
bool emu_batch_get(const emu_call *call, const char *result, emu_show_fn show,
                   emu_response *res);

typedef struct emu_listing {
    const char *result;         /* member of the answer */
    const char *const *members; /* of a summary, NULL-terminated */
    emu_filter filter;          /* its place in the list is the page's */
} emu_listing;

/* Answer one page of resources. */
bool emu_list(const emu_call *call, const emu_listing *listing,
              emu_response *res);

/* A page of anything that is numbered. */
typedef struct emu_page {
    json_t *items;
    size_t max;
    int64_t place; /* number of the last item, of this page or the one before */
    bool more;
    bool failed;
} emu_page;

/* False: refused, for the token was not handed out by this operation. */
bool emu_page_begin(const emu_call *call, emu_page *page, emu_response *res);
/* Is there room for another item? Notes that there is more, if not. */
bool emu_page_has_room(emu_page *page);
/* Takes the reference to item, NULL for out of memory; false: failed. */
bool emu_page_add(emu_page *page, json_t *item, int64_t seq);
/* Answer with the page, if it and what was listed are whole. */
bool emu_page_end(const emu_call *call, emu_page *page, bool listed,
                  const char *result, emu_response *res);
/* Those members of a document in JSON text; NULL on failure. */
json_t *emu_summary(const char *document, const char *const *members);

#endif

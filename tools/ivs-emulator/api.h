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
    const char *host;    /* under which the client reaches us */
    const json_t *input; /* checked against the service model */
} emu_call;

/* Answer a request to an API path. */
void emu_api(emu_emulator *emu, const emu_request *req,
             const ivs_operation *operation, emu_response *res);

bool emu_create_channel(const emu_call *call, emu_response *res);
bool emu_get_channel(const emu_call *call, emu_response *res);
bool emu_batch_get_channel(const emu_call *call, emu_response *res);
bool emu_list_channels(const emu_call *call, emu_response *res);
bool emu_update_channel(const emu_call *call, emu_response *res);
bool emu_delete_channel(const emu_call *call, emu_response *res);
bool emu_import_playback_key_pair(const emu_call *call, emu_response *res);
bool emu_get_playback_key_pair(const emu_call *call, emu_response *res);
bool emu_list_playback_key_pairs(const emu_call *call, emu_response *res);
bool emu_delete_playback_key_pair(const emu_call *call, emu_response *res);
bool emu_start_viewer_session_revocation(const emu_call *call,
                                         emu_response *res);
bool emu_batch_start_viewer_session_revocation(const emu_call *call,
                                               emu_response *res);

/* A string or integer of the input, or what stands for an absent one. */
const char *emu_input_text(const emu_call *call, const char *member,
                           const char *absent);
int64_t emu_input_number(const emu_call *call, const char *member,
                         int64_t absent);

/* Why a resource cannot be had: its code in batch answers. */
typedef enum emu_lookup {
    EMU_LOOKUP_FOUND = 0,
    EMU_LOOKUP_MALFORMED = 400,
    EMU_LOOKUP_FOREIGN = 403, /* of another account */
    EMU_LOOKUP_UNKNOWN = 404,
    EMU_LOOKUP_FAILED = 500
} emu_lookup;

/* Find a resource by ARN. ret_document and ret_seq may be NULL. */
emu_lookup emu_find(const emu_call *call, ivs_arn_type type, const char *arn,
                    json_t **ret_document, int64_t *ret_seq);
const char *emu_lookup_message(emu_lookup lookup);
/* The same for the ARN in a member of the input; false: refused. */
bool emu_find_member(const emu_call *call, ivs_arn_type type,
                     const char *member, json_t **ret_document,
                     int64_t *ret_seq, emu_response *res);

typedef struct emu_new {
    ivs_arn_type type;
    int64_t parent;
    json_t *document; /* gets its "arn" */
} emu_new;

/* Give a document an id and its ARN and store it. */
bool emu_create(const emu_call *call, const emu_new *resource, int64_t *ret_seq,
                emu_response *res);
/* Tags of the input, an empty object for none; NULL: refused. */
json_t *emu_input_tags(const emu_call *call, emu_response *res);
/* Random letters and digits, and a NUL. */
bool emu_random_id(char *ret, size_t len);

typedef struct emu_listing {
    ivs_arn_type type;
    const char *result;         /* member of the answer */
    const char *name;           /* only resources of that name; NULL: all */
    const char *const *members; /* of a summary, NULL-terminated */
} emu_listing;

/* Answer one page. */
bool emu_list(const emu_call *call, const emu_listing *listing,
              emu_response *res);

#endif

/* SPDX-License-Identifier: MIT */
/* GET /_/state: what an account has in a region, in pages, for somebody who
 * looks every second. */

#include <string.h>

#include <ivs/ivs.h>

#include "base/json.h"

#include "api.h"
#include "control.h"
#include "stream.h"
#include "web.h"

#define SCOPES_MAX 100
#define PAGE_MAX   100
#define PLACE_MAX  INT64_C(999999999999999999)

enum chosen { CHOSEN_NONE, CHOSEN_ONE, CHOSEN_REFUSED };

/* One part of the answer while its rows come in. */
struct part {
    emu_emulator *emu;
    const emu_scope *scope;
    int64_t now_s;
    json_t *items;
    int64_t last; /* number of the last row */
    bool more;
    bool failed;
};

/* Takes the reference to item; false ends the listing. */
static bool
add(struct part *part, json_t *item, int64_t seq)
{
    part->last = seq;
    part->failed = json_array_append_new(part->items, item) != 0;
    return !part->failed;
}

static bool
has_room(struct part *part)
{
    part->more = json_array_size(part->items) == PAGE_MAX;
    return !part->more;
}

/* Those beyond SCOPES_MAX are not listed. */
static bool
add_scope(const emu_scope *scope, void *user)
{
    if (json_array_size(user) == SCOPES_MAX)
        return true;
    return json_array_append_new(user, json_pack("{s:s, s:s}", "account",
                                                 scope->account, "region",
                                                 scope->region)) == 0;
}

/* The stream of a channel that is live, null of one that is not; NULL:
 * failed. */
static json_t *
describe_stream(const struct part *part, int64_t channel)
{
    static const char *const members[] = {"startTime", NULL};
    emu_store *store = part->emu->store;
    ivs_buf text = IVS_BUF_SECRET; /* the channel has a passphrase */
    emu_stream stream = {0};
    emu_found found =
        emu_store_stream_get(store, channel, NULL, &stream, &text);
    int64_t viewers = emu_store_viewers(store, channel, part->now_s);
    json_t *shown = NULL;

    if (found == EMU_FAILED || viewers < 0) {
        ivs_buf_free(&text);
        return NULL;
    }
    if (!stream.live) {
        ivs_buf_free(&text);
        return json_null();
    }
    shown = emu_summary(stream.document, members);
    if (json_object_set_new(shown, "streamId", json_string(stream.id)) != 0 ||
        json_object_set_new(shown, "health", json_string(stream.health)) != 0 ||
        json_object_set_new(shown, "viewerCount",
                            json_integer((json_int_t)viewers)) != 0) {
        json_decref(shown);
        shown = NULL;
    }
    ivs_buf_free(&text);
    return shown;
}

static bool
add_channel(const emu_resource *row, void *user)
{
    static const char *const members[] = {"arn",  "name",        "authorized",
                                          "type", "latencyMode", NULL};
    struct part *part = user;
    json_t *shown, *stream;

    if (!has_room(part))
        return false;
    shown = emu_summary(row->document, members);
    stream = describe_stream(part, row->seq);
    if (json_object_set_new(shown, "stream", stream) != 0) {
        json_decref(shown);
        shown = NULL;
    }
    return add(part, shown, row->seq);
}

static bool
add_key_pair(const emu_resource *row, void *user)
{
    static const char *const members[] = {"arn", "name", "fingerprint", NULL};

    return add(user, emu_summary(row->document, members), row->seq);
}

/* Only the beginning of a session's id: the whole would let play it. */
static bool
add_session(const emu_session_row *row, void *user)
{
    static const char *const resolutions[] = {NULL, "SD", "HD", "FULL_HD"};
    struct part *part = user;
    const emu_session *session = &row->session;

    return has_room(part) &&
           add(part,
               json_pack("{s:s%, s:o, s:s?, s:I, s:s?, s:I, s:I, s:b}",
                         "session", session->id, (size_t)8, "channelArn",
                         json_sprintf("arn:aws:ivs:%s:%s:channel/%s",
                                      part->scope->region, part->scope->account,
                                      row->channel),
                         "viewerId", session->viewer, "viewerSessionVersion",
                         (json_int_t)session->version, "maximumResolution",
                         resolutions[session->maximum_resolution], "started_s",
                         (json_int_t)row->start_s, "expires_s",
                         (json_int_t)session->expires_s, "revoked",
                         (int)session->revoked),
               row->seq);
}

/* The scopes that have something of the account and the region that the query
 * names; either may be absent. */
static size_t
count_scopes(const json_t *scopes, const char *account, const char *region,
             const json_t **ret_first)
{
    const json_t *scope;
    size_t i, n = 0;

    json_array_foreach(scopes, i, scope)
    {
        const char *a = json_string_value(json_object_get(scope, "account"));
        const char *r = json_string_value(json_object_get(scope, "region"));

        if ((account != NULL && strcmp(account, a) != 0) ||
            (region != NULL && strcmp(region, r) != 0))
            continue;
        if (n++ == 0)
            *ret_first = scope;
    }
    return n;
}

static bool
make_scope(const char *account, const char *region, emu_scope *ret)
{
    ivs_buf arn = IVS_BUF_INIT;
    bool made;

    ivs_buf_printf(&arn, "arn:aws:ivs:%s:%s:channel/a", region, account);
    made = !arn.failed && emu_stream_scope(arn.data, ret);
    ivs_buf_free(&arn);
    return made;
}

/* *ret is the parameter's value, NULL where it is absent. False: no memory, or
 * a NUL in it. */
static bool
read_part(const emu_request *req, const char *name, ivs_buf *text,
          const char **ret)
{
    ivs_buf_puts(text, "");
    *ret = emu_request_query(req, name, text) ? text->data : NULL;
    return !text->failed && strlen(text->data) == text->len;
}

/* What the query names: an account and a region, or one of them where that is
 * enough, or neither for the first that has something. */
static enum chosen
choose_scope(const emu_request *req, const json_t *scopes, emu_scope *ret,
             emu_response *res)
{
    ivs_buf texts[2] = {IVS_BUF_INIT, IVS_BUF_INIT};
    const char *account = NULL, *region = NULL;
    const json_t *first = NULL;
    enum chosen chosen = CHOSEN_NONE;
    size_t n;

    if (!read_part(req, "account", &texts[0], &account) ||
        !read_part(req, "region", &texts[1], &region))
        goto out;
    n = count_scopes(scopes, account, region, &first);
    if ((account == NULL) != (region == NULL) && n != 1) {
        (void)emu_refuse(res, EMU_VALIDATION,
                         account == NULL
                             ? "account is missing: in region '%.40s', %zu "
                               "accounts have something"
                             : "region is missing: account '%.40s' has "
                               "something in %zu regions",
                         account == NULL ? region : account, n);
        chosen = CHOSEN_REFUSED;
        goto out;
    }
    if ((account == NULL || region == NULL) && first != NULL) {
        account = json_string_value(json_object_get(first, "account"));
        region = json_string_value(json_object_get(first, "region"));
    }
    if (account != NULL && region != NULL && make_scope(account, region, ret))
        chosen = CHOSEN_ONE;
out:
    ivs_buf_free(&texts[0]);
    ivs_buf_free(&texts[1]);
    return chosen;
}

static void
begin_part(struct part *part)
{
    part->items = json_array();
    part->more = false;
}

/* Put the rows into the answer, and the place where the next page begins. */
static bool
end_part(struct part *part, bool listed, const char *name, const char *next,
         json_t *answer)
{
    bool done = listed && !part->failed &&
                json_object_set(answer, name, part->items) == 0 &&
                (!part->more ||
                 json_object_set_new(
                     answer, next, json_integer((json_int_t)part->last)) == 0);

    json_decref(part->items);
    part->items = NULL;
    return done;
}

/* What is in the scope; false: failed, or refused. */
static bool
add_parts(struct part *part, const emu_request *req, json_t *answer,
          emu_response *res)
{
    emu_filter channels = {.type = IVS_ARN_CHANNEL};
    emu_filter key_pairs = {.type = IVS_ARN_PLAYBACK_KEY};
    emu_store *store = part->emu->store;
    int64_t before = 0;
    bool listed;

    if (!emu_control_number(req, "channelsAfter", 0, PLACE_MAX, &channels.after,
                            res) ||
        !emu_control_number(req, "sessionsBefore", 0, PLACE_MAX, &before, res))
        return false;
    begin_part(part);
    listed = emu_store_list(store, part->scope, &key_pairs, add_key_pair, part);
    if (!end_part(part, listed, "keyPairs", "keyPairsNext", answer))
        return false;
    begin_part(part);
    listed = emu_store_list(store, part->scope, &channels, add_channel, part);
    if (!end_part(part, listed, "channels", "channelsNext", answer))
        return false;
    begin_part(part);
    listed = emu_store_session_list(store, part->scope, part->now_s, before,
                                    add_session, part);
    return end_part(part, listed, "sessions", "sessionsNext", answer);
}

/* What does not hang on the scope; NULL: failed. */
static json_t *
describe_emulator(const emu_emulator *emu, int64_t now_s)
{
    char fingerprint[IVS_FINGERPRINT_SIZE];
    json_t *key = json_null();

    if (emu->mint_key != NULL) {
        if (ivs_key_fingerprint(emu->mint_key, fingerprint, NULL) != IVS_OK)
            return NULL;
        key = json_pack("{s:s}", "fingerprint", fingerprint);
    }
    return json_pack("{s:s, s:I, s:b, s:o}", "version", IVS_VERSION, "now_s",
                     (json_int_t)now_s, "hlsjs", (int)emu_web_has_hlsjs(),
                     "mintKey", key);
}

/* In one transaction; false: failed, or refused. */
static bool
describe(emu_emulator *emu, const emu_request *req, json_t *answer,
         emu_response *res)
{
    json_t *scopes = json_array();
    enum chosen chosen;
    emu_scope scope;
    struct part part = {.emu = emu, .scope = &scope, .now_s = emu_now_s(emu)};

    if (!emu_store_scopes(emu->store, add_scope, scopes) ||
        json_object_set(answer, "scopes", scopes) != 0) {
        json_decref(scopes);
        return false;
    }
    chosen = choose_scope(req, scopes, &scope, res);
    json_decref(scopes);
    if (chosen == CHOSEN_REFUSED)
        return false;
    if (chosen == CHOSEN_NONE)
        return json_object_set_new(answer, "scope", json_null()) == 0;
    return json_object_set_new(answer, "scope",
                               json_pack("{s:s, s:s}", "account", scope.account,
                                         "region", scope.region)) == 0 &&
           add_parts(&part, req, answer, res);
}

void
emu_control_state(emu_emulator *emu, const emu_request *req,
                  const json_t *input, emu_response *res)
{
    json_t *answer = describe_emulator(emu, emu_now_s(emu));
    bool done = false;

    (void)input;
    if (emu_store_begin(emu->store)) {
        done = describe(emu, req, answer, res);
        (void)emu_store_end(emu->store, false);
    }
    if (done) {
        (void)emu_response_json(res, 200, answer);
    } else {
        json_decref(answer);
        if (res->status == 0)
            (void)emu_refuse(res, EMU_INTERNAL, "cannot read the state");
    }
}

/* SPDX-License-Identifier: MIT */
/* Target: emu_admit() and emu_handle(), an emulator without its server. Input:
 * "METHOD TARGET", lines "Name: value", an empty line, a body; where a header
 * is named Sign, its value is an access key id that signs the request, and
 * where it is named Mint, the payload of a token that goes into the query.
 * There are a public channel, an idle one, one with a restriction policy and a
 * private one, a stream key, a playback key pair and a session that is strict.
 * Property: there is one answer, never an internal error, in JSON where it says
 * so; an operation is answered with success only where it was signed, the
 * private channel plays only with a token, the others as their policy and
 * session want it; each refusal of playback has a reason, the record of
 * requests has no token, and what is refused leaves as many resources as there
 * were. */

#include <string.h>
#include <strings.h>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/time.h"
#include "edge.h"
#include "emulator.h"
#include "fuzz.h"
#include "support/forge.h"

#define MAX_HEADERS   64
#define STORED        7 /* resources before a request */
#define ARN(type, id) "arn:aws:ivs:us-west-2:000000000000:" type "/" id
#define PRIVATE       ARN("channel", "privprivPRIV")
#define POLICY        ARN("playback-restriction-policy", "policypolicy")
#define SESSION       "0123456789abcdef0123456789abcdef"
#define SRT           "\"srt\":{\"passphrase\":\"p\"}"
#define PUBLIC        SRT ",\"authorized\":false"

struct parsed {
    emu_request req;
    emu_header headers[MAX_HEADERS + 2];
    const char *signer;
    const char *payload; /* of a token; NULL: none */
    char *target;        /* with the token */
    char date[17];
    ivs_buf authorization;
};

/* Cut text at the first byte c; what follows, or "". */
static char *
cut(char *text, char c)
{
    char *at = strchr(text, c);

    if (at == NULL)
        return text + strlen(text);
    *at = '\0';
    return at + 1;
}

static void
parse(char *text, struct parsed *p)
{
    char *at = cut(text, '\n');

    p->req = (emu_request){.method = text,
                           .version = "HTTP/1.1",
                           .target = cut(text, ' '),
                           .headers = p->headers};
    while (*at != '\0' && *at != '\n' && p->req.nheaders < MAX_HEADERS) {
        char *line = at, *value;

        at = cut(line, '\n');
        value = cut(line, ':');
        value += *value == ' ';
        if (strcmp(line, "Sign") == 0)
            p->signer = value;
        else if (strcmp(line, "Mint") == 0)
            p->payload = value;
        else
            p->headers[p->req.nheaders++] = (emu_header){line, value};
    }
    p->req.body = *at == '\n' ? at + 1 : at;
    p->req.body_len = strlen(p->req.body);
}

/* A token with that payload behind what else is in the query. */
static void
add_token(struct parsed *p, const ivs_key *key)
{
    char *token = forge_token(key, FORGE_HEADER, p->payload);
    bool query = strchr(p->req.target, '?') != NULL;
    ivs_buf target = IVS_BUF_INIT;

    ivs_buf_printf(&target, "%s%ctoken=%s", p->req.target, query ? '&' : '?',
                   token);
    REQUIRE((p->target = strdup(target.data)) != NULL);
    p->req.target = p->target;
    ivs_buf_free(&target);
    free(token);
}

static void
sign(struct parsed *p)
{
    ivs_sigv4_header headers[MAX_HEADERS + 1];
    ivs_sigv4_request request = {.method = p->req.method,
                                 .path = p->req.path,
                                 .query = p->req.query,
                                 .headers = headers,
                                 .body = p->req.body,
                                 .body_len = p->req.body_len,
                                 .normalize = true};
    ivs_sigv4_scope scope = {ivs_clock_now_s(), "us-west-2", "ivs"};
    ivs_sigv4_credentials credentials = {p->signer, "test"};

    REQUIRE(ivs_time_format_amz(scope.time_s, p->date));
    p->headers[p->req.nheaders++] = (emu_header){"x-amz-date", p->date};
    for (size_t i = 0; i < p->req.nheaders; i++)
        headers[i] =
            (ivs_sigv4_header){p->headers[i].name, p->headers[i].value};
    request.nheaders = p->req.nheaders;
    if (ivs_sigv4_authorization(&request, &scope, &credentials,
                                &p->authorization, NULL) == IVS_OK)
        p->headers[p->req.nheaders++] =
            (emu_header){"Authorization", p->authorization.data};
}

static bool
begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void
check(const struct parsed *p, const emu_response *res, bool admitted)
{
    const char *path = p->req.path;
    json_t *value = NULL;

    REQUIRE(res->status >= 200 && res->status < 600 && res->status != 500);
    REQUIRE(!res->body.failed);
    REQUIRE(admitted || (res->close && res->status >= 400));
    if (res->status < 300 && p->signer == NULL)
        REQUIRE(begins(path, "/_/") || begins(path, EMU_EDGE_PREFIX) ||
                begins(path, EMU_VARIANT_PREFIX));
    for (size_t i = 0; i < res->nheaders; i++) {
        const char *text = res->headers[i].value.data;

        REQUIRE(text != NULL && strpbrk(text, "\r\n") == NULL);
        if (strcmp(text, "application/json") == 0)
            REQUIRE(ivs_json_parse(res->body.data, res->body.len, 0,
                                   "the answer", &value, NULL, NULL) == IVS_OK);
        json_decref(value);
        value = NULL;
    }
}

static const char *
header_of(const emu_response *res, const char *name)
{
    for (size_t i = 0; i < res->nheaders; i++)
        if (strcmp(res->headers[i].name, name) == 0)
            return res->headers[i].value.data;
    return NULL;
}

/* Who plays what, and what is said to the others. */
static void
check_playback(const struct parsed *p, const emu_response *res)
{
    const char *path = p->req.path;
    const char *reason = header_of(res, "X-Ivs-Emulator-Reason");
    const char *origin = emu_request_header(&p->req, "Origin", NULL);
    const char *country =
        emu_request_header(&p->req, "CloudFront-Viewer-Country", NULL);

    if (!begins(path, EMU_EDGE_PREFIX) && !begins(path, EMU_VARIANT_PREFIX))
        return;
    if (strcmp(p->req.method, "GET") == 0)
        REQUIRE(res->status < 400 || reason != NULL);
    for (const char *at = reason; at != NULL && *at != '\0'; at++)
        REQUIRE(*at >= ' ' && *at <= '~');
    if (res->status != 200)
        return;
    if (strstr(path, "privprivPRIV") != NULL)
        REQUIRE(p->payload != NULL && strstr(p->payload, PRIVATE) != NULL);
    if (strstr(path, "restrestREST") != NULL)
        REQUIRE(country != NULL && strcasecmp(country, "DE") == 0 &&
                (origin == NULL || *origin == '\0' ||
                 strcasecmp(origin, "https://example.com") == 0 ||
                 strcasecmp(origin, "https://example.com:443") == 0));
    if (begins(path, EMU_VARIANT_PREFIX))
        REQUIRE(strncmp(path + strlen(EMU_VARIANT_PREFIX), SESSION, 32) == 0 &&
                origin != NULL && *origin != '\0' &&
                header_of(res, "Access-Control-Allow-Origin") != NULL);
}

/* One record more, which says what the answer says. */
static void
check_record(emu_requests *requests, const struct parsed *p,
             const emu_response *res, int64_t before)
{
    emu_requests_filter filter = {.after = before, .status = res->status};
    int64_t latest = 0;
    json_t *list = emu_requests_list(requests, &filter, &latest);
    size_t expected = begins(p->req.path, "/_/") ? 0 : 1;
    char *text;

    REQUIRE(list != NULL && latest == before + (int64_t)expected);
    REQUIRE(json_array_size(list) == expected);
    REQUIRE((text = json_dumps(list, 0)) != NULL);
    if (p->payload != NULL) /* its signature, or what a full stop begins */
        REQUIRE(strstr(text, strrchr(p->target, '.')) == NULL);
    free(text);
    json_decref(list);
}

static void
add(emu_store *store, ivs_arn_type type, const char *id, const char *document,
    int64_t *ret)
{
    static const emu_scope scope = {"000000000000", "us-west-2"};
    emu_resource row = {.type = type, .name = id, .document = document};

    REQUIRE(strlen(id) < sizeof row.id);
    memcpy(row.id, id, strlen(id) + 1);
    REQUIRE(emu_store_insert(store, &scope, &row, ret));
}

/* The channel's number. */
static int64_t
add_live(emu_store *store, const char *id, char letter, const char *document)
{
    emu_stream stream = {.id = "st-abcdefghijklmnopqrstuvw",
                         .ladder = EMU_LADDER_ALL,
                         .health = "HEALTHY",
                         .document =
                             "{\"streamId\":\"st-abcdefghijklmnopqrstuvw\","
                             "\"startTime\":\"2026-11-23T05:30:00Z\","
                             "\"truncatedEvents\":[],\"channel\":{\"arn\":"
                             "\"" ARN("channel", "liveliveLIVE") "\"}}"};

    stream.id[3] = letter;
    add(store, IVS_ARN_CHANNEL, id, document, &stream.channel);
    REQUIRE(emu_store_stream_start(store, &stream) == EMU_FOUND);
    return stream.channel;
}

/* The key pair that signs what Mint asks for. */
static void
add_key(emu_store *store, const ivs_key *key)
{
    char *pem = NULL, *document;
    size_t len = 0;
    json_t *pair;

    REQUIRE(ivs_key_export(key, IVS_KEY_SPKI, NULL, &pem, &len, NULL) ==
            IVS_OK);
    pair = json_pack("{s:s, s:s, s:{}, s:s}", "arn",
                     ARN("playback-key", "pairpairPAIR"), "publicKeyMaterial",
                     pem, "tags", "fingerprint", "");
    REQUIRE((document = json_dumps(pair, 0)) != NULL);
    add(store, IVS_ARN_PLAYBACK_KEY, "pairpairPAIR", document, NULL);
    free(document);
    json_decref(pair);
    ivs_free(pem);
}

/* Leave the state that is described above, under names that are known. */
static void
renew(emu_store *store, const ivs_key *key)
{
    emu_session session = {.id = SESSION,
                           .viewer = "v",
                           .version = 3,
                           .origins = "https://example.com,https://*.b.test",
                           .expires_s = INT64_MAX};

    REQUIRE(emu_store_begin(store));
    REQUIRE(emu_store_clear(store));
    session.channel = add_live(
        store, "liveliveLIVE", 'a',
        "{\"arn\":\"" ARN("channel", "liveliveLIVE") "\",\"tags\":{}," PUBLIC
                                                     "}");
    add(store, IVS_ARN_CHANNEL, "idleidleIDLE",
        "{\"arn\":\"" ARN(
            "channel", "idleidleIDLE") "\",\"tags\":{\"a\":\"b\"}," PUBLIC "}",
        NULL);
    add(store, IVS_ARN_STREAM_KEY, "keykeykeyKEY",
        "{\"arn\":\"" ARN("stream-key",
                          "keykeykeyKEY") "\",\"tags\":{},\"value\":\"v\"}",
        NULL);
    add(store, IVS_ARN_PLAYBACK_RESTRICTION_POLICY, "policypolicy",
        "{\"arn\":\"" POLICY "\",\"tags\":{},\"allowedCountries\":[\"DE\"],"
        "\"allowedOrigins\":[\"https://example.com\"]}",
        NULL);
    (void)add_live(
        store, "restrestREST", 'b',
        "{\"arn\":\"" ARN(
            "channel",
            "restrestREST") "\",\"tags\":{}," PUBLIC ","
                            "\"playbackRestrictionPolicyArn\":\"" POLICY "\"}");
    (void)add_live(store, "privprivPRIV", 'c',
                   "{\"arn\":\"" PRIVATE "\",\"tags\":{}," SRT
                   ",\"authorized\":true}");
    add_key(store, key);
    REQUIRE(emu_store_session_add(store, &session, 0) == EMU_FOUND);
    REQUIRE(emu_store_end(store, true));
}

static int64_t
count(emu_store *store)
{
    int64_t n;

    REQUIRE(emu_store_begin(store));
    n = emu_store_count(store);
    REQUIRE(!emu_store_end(store, false));
    return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static emu_emulator emu = {.access_key_id = "test",
                               .secret_access_key = "test",
                               .scheme = "http",
                               .session_s = 3600,
                               .explain = true,
                               .loopback = true,
                               .quiet = true};
    static bool changed = true; /* since the state was renewed */
    static ivs_key *key;
    struct parsed p = {.authorization = IVS_BUF_INIT};
    char *text = calloc(size + 1, 1), *path;
    emu_response res;
    int64_t before = 0;
    bool admitted;

    REQUIRE(text != NULL && emu_response_init(&res, NULL));
    if (emu.store == NULL)
        REQUIRE(emu_store_open(NULL, &emu.store, NULL) == IVS_OK &&
                (emu.faults = emu_faults_new(NULL)) != NULL &&
                (emu.requests = emu_requests_new()) != NULL &&
                (emu.keys = emu_keys_new()) != NULL &&
                (emu.mint_key = key = forge_key(IVS_ENGINE_DEFAULT)) != NULL);
    if (changed) {
        renew(emu.store, key);
        emu_faults_drop(emu.faults);
    }
    if (size > 0)
        memcpy(text, data, size);
    parse(text, &p);
    if (p.payload != NULL)
        add_token(&p, key);
    REQUIRE((path = strdup(p.req.target)) != NULL);
    p.req.query = cut(path, '?');
    p.req.path = path;
    if (p.signer != NULL)
        sign(&p);
    if ((admitted = emu_admit(&emu, &p.req, &res)))
        emu_handle(&emu, &p.req, &res);
    json_decref(emu_requests_list(
        emu.requests, &(emu_requests_filter){.after = INT64_MAX}, &before));
    emu_log(&emu, &p.req, &res);
    check(&p, &res, admitted);
    if (admitted)
        check_playback(&p, &res);
    check_record(emu.requests, &p, &res, before);
    changed = res.status < 300;
    REQUIRE(changed || count(emu.store) == STORED);
    emu_response_free(&res);
    ivs_buf_free(&p.authorization);
    free(path);
    free(p.target);
    free(text);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Target: emu_admit() and emu_handle(), an emulator without its server. Input:
 * "METHOD TARGET", lines "Name: value", an empty line, a body; where a header
 * is named Sign, its value is an access key id that signs the request. Two
 * channels and a stream key are there.
 * Property: there is one answer, never an internal error, in JSON where it says
 * so; an operation is answered with success only where it was signed. */

#include <string.h>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/time.h"
#include "emulator.h"
#include "fuzz.h"

#define MAX_HEADERS   64
#define ARN(type, id) "arn:aws:ivs:us-west-2:000000000000:" type "/" id

#define SRT "\"srt\":{\"passphrase\":\"p\"}"

struct parsed {
    emu_request req;
    emu_header headers[MAX_HEADERS + 2];
    const char *signer;
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
        else
            p->headers[p->req.nheaders++] = (emu_header){line, value};
    }
    p->req.body = *at == '\n' ? at + 1 : at;
    p->req.body_len = strlen(p->req.body);
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

static void
check(const struct parsed *p, const emu_response *res, bool admitted)
{
    const char *path = p->req.path;
    json_t *value = NULL;

    REQUIRE(res->status >= 200 && res->status < 600 && res->status != 500);
    REQUIRE(!res->body.failed);
    REQUIRE(admitted || (res->close && res->status >= 400));
    if (res->status < 300 && p->signer == NULL)
        REQUIRE(strncmp(path, "/_/", 3) == 0 ||
                strncmp(path, "/api/video/v1/", 14) == 0);
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

/* Leave two channels and a stream key of known names; the first channel is
 * live. */
static void
renew(emu_store *store)
{
    static const emu_scope scope = {"000000000000", "us-west-2"};
    static const char live[] =
        "{\"arn\":\"" ARN("channel", "liveliveLIVE") "\",\"tags\":{}," SRT "}";
    static const char idle[] = "{\"arn\":\"" ARN(
        "channel", "idleidleIDLE") "\",\"tags\":{\"a\":\"b\"}," SRT "}";
    static const char key[] = "{\"arn\":\"" ARN(
        "stream-key", "keykeykeyKEY") "\",\"tags\":{},\"value\":\"v\"}";
    static const emu_resource rows[] = {{.type = IVS_ARN_CHANNEL,
                                         .id = "liveliveLIVE",
                                         .name = "live",
                                         .document = live},
                                        {.type = IVS_ARN_CHANNEL,
                                         .id = "idleidleIDLE",
                                         .name = "idle",
                                         .document = idle},
                                        {.type = IVS_ARN_STREAM_KEY,
                                         .id = "keykeykeyKEY",
                                         .name = "",
                                         .document = key}};
    emu_stream stream = {.id = "st-abcdefghijklmnopqrstuvw",
                         .health = "HEALTHY",
                         .document =
                             "{\"streamId\":\"st-abcdefghijklmnopqrstuvw\","
                             "\"startTime\":\"2026-11-23T05:30:00Z\","
                             "\"truncatedEvents\":[],\"channel\":{\"arn\":"
                             "\"" ARN("channel", "liveliveLIVE") "\"}}"};

    REQUIRE(emu_store_begin(store));
    REQUIRE(emu_store_clear(store));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        REQUIRE(emu_store_insert(store, &scope, &rows[i],
                                 i == 0 ? &stream.channel : NULL));
    REQUIRE(emu_store_stream_start(store, &stream) == EMU_FOUND);
    REQUIRE(emu_store_end(store, true));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static emu_emulator emu = {.access_key_id = "test",
                               .secret_access_key = "test",
                               .scheme = "http",
                               .session_s = 3600,
                               .loopback = true,
                               .quiet = true};
    static bool changed = true; /* since the state was renewed */
    struct parsed p = {.authorization = IVS_BUF_INIT};
    char *text = calloc(size + 1, 1), *path;
    emu_response res;
    bool admitted;

    REQUIRE(text != NULL && emu_response_init(&res, NULL));
    if (emu.store == NULL)
        REQUIRE(emu_store_open(NULL, &emu.store, NULL) == IVS_OK &&
                (emu.faults = emu_faults_new(NULL)) != NULL &&
                (emu.requests = emu_requests_new()) != NULL);
    if (changed) {
        renew(emu.store);
        emu_faults_drop(emu.faults);
    }
    if (size > 0)
        memcpy(text, data, size);
    parse(text, &p);
    REQUIRE((path = strdup(p.req.target)) != NULL);
    p.req.query = cut(path, '?');
    p.req.path = path;
    if (p.signer != NULL)
        sign(&p);
    if ((admitted = emu_admit(&emu, &p.req, &res)))
        emu_handle(&emu, &p.req, &res);
    emu_log(&emu, &p.req, &res);
    check(&p, &res, admitted);
    changed = res.status < 300;
    emu_response_free(&res);
    ivs_buf_free(&p.authorization);
    free(path);
    free(text);
    return 0;
}

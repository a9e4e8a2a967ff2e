/* SPDX-License-Identifier: MIT */
/* Target: what the client, the revocation calls and the GET of a playback URL
 * make of an answer. Input: a line with the status, header lines, an empty
 * line, the body. Property: a revocation counts only after a 200 whose body is
 * one JSON object (or, for the single call, empty), a playback URL plays only
 * after a 200 with a playlist; messages are clean UTF-8, and none has the
 * token. */

#include <jansson.h>
#include <string.h>

#include <ivs/playback.h>
#include <ivs/revoke.h>

#include "base/utf8.h"
#include "fuzz.h"

static const char *answer, *answer_body;
static size_t answer_len, body_len;
static int status;

static const char *
next_line(const char *at)
{
    const char *end = memchr(at, '\n', (size_t)(answer + answer_len - at));

    return end != NULL ? end : answer + answer_len;
}

static ivs_status
play(const ivs_http_request *request, const ivs_http_sink *sink,
     int *ret_status, void *user, ivs_error *err)
{
    const char *end = answer + answer_len, *at = next_line(answer);

    (void)request, (void)user, (void)err;
    status = answer_len > 0 ? atoi(answer) : 0;
    while (at < end && at + 1 < end && at[1] != '\n') {
        const char *stop = next_line(at + 1);
        const char *colon = memchr(at + 1, ':', (size_t)(stop - at - 1));

        if (colon != NULL &&
            !sink->header(at + 1, (size_t)(colon - at - 1), colon + 1,
                          (size_t)(stop - colon - 1), sink->user))
            return IVS_E_NETWORK;
        at = stop;
    }
    answer_body = at + 2 < end ? at + 2 : end;
    body_len = (size_t)(end - answer_body);
    if (body_len > 0 && !sink->body(answer_body, body_len, sink->user))
        return IVS_E_NETWORK;
    *ret_status = status;
    return IVS_OK;
}

static ivs_client *
make_client(void)
{
    static ivs_credentials *credentials;
    ivs_client *client = NULL;
    ivs_client_options opt;

    REQUIRE(setenv("AWS_CONFIG_FILE", "/dev/null", 1) == 0 &&
            setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1) == 0);
    REQUIRE(unsetenv("AWS_PROFILE") == 0);
    REQUIRE(ivs_credentials_static("AKID", "0123456789abcdef", NULL,
                                   &credentials, NULL) == IVS_OK);
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.endpoint_url = "https://ivs.us-west-2.amazonaws.com";
    opt.credentials = credentials;
    opt.transport.send = play;
    opt.max_attempts = 1;
    REQUIRE(ivs_client_new(&opt, &client, NULL) == IVS_OK);
    return client;
}

static bool
is_object(void)
{
    json_t *body =
        json_loadb(answer_body, body_len, JSON_DECODE_INT_AS_REAL, NULL);
    bool object = json_is_object(body);

    json_decref(body);
    return object;
}

#define TOKEN "eyJhbGciOiJFUzM4NCJ9.eyJleHAiOjF9MARK.SIGNATUREmark"

static void
play_url(ivs_client *client)
{
    static const char url[] =
        "https://h/api/video/v1/us-west-2.1.channel.a.m3u8?token=" TOKEN;
    ivs_result *result = NULL;
    ivs_error err = {.code = IVS_OK};

    if (ivs_playback_get(client, url, "https://a", &result, &err) == IVS_OK) {
        REQUIRE(status == 200 && body_len >= 7);
        REQUIRE(memcmp(ivs_result_body(result, NULL), "#EXTM3U", 7) == 0);
    } else {
        REQUIRE(result == NULL && err.message[0] != '\0');
    }
    REQUIRE(ivs_utf8_valid(err.message, strlen(err.message), NULL));
    REQUIRE(strspn(err.aws_code, "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-._~+/=") == strlen(err.aws_code));
    REQUIRE(strstr(err.message, "SIGNATUREmark") == NULL &&
            strstr(err.aws_code, "SIGNATUREmark") == NULL &&
            strstr(err.request_id, "SIGNATUREmark") == NULL);
    ivs_result_free(result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ivs_revocation pairs[2] = {
        {.channel_arn = "arn:aws:ivs:us-west-2:1:channel/a", .viewer_id = "a"},
        {.channel_arn = "arn:aws:ivs:us-west-2:1:channel/a", .viewer_id = "b"},
    };
    static ivs_client *client;
    ivs_revoke_outcome out[2];
    ivs_error err = {.code = IVS_OK};
    char *text = malloc(size + 1); /* atoi() wants an end */

    REQUIRE(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    answer = text;
    answer_len = size;
    if (client == NULL)
        client = make_client();
    if (ivs_revoke_viewer(client, &pairs[0], &err) == IVS_OK)
        REQUIRE(status == 200 && (body_len == 0 || is_object()));
    REQUIRE(ivs_utf8_valid(err.message, strlen(err.message), NULL));
    if (ivs_revoke_batch(client, pairs, 2, out, &err) == IVS_OK) {
        REQUIRE(status == 200 && is_object());
        for (size_t i = 0; i < 2; i++) {
            REQUIRE(out[i].state == IVS_REVOKE_ACKNOWLEDGED ||
                    out[i].state == IVS_REVOKE_FAILED);
            REQUIRE((out[i].state == IVS_REVOKE_FAILED) ==
                    (out[i].code[0] != '\0'));
        }
    }
    REQUIRE(ivs_utf8_valid(err.message, strlen(err.message), NULL));
    play_url(client);
    free(text);
    return 0;
}

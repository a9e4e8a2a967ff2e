/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_REAL_H
#define IVS_TEST_REAL_H

/* A client with libcurl and the server that misbehaves. */

#include "support/script.h"

#include "support/badserver.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define ARN     "{\"arn\":\"" CHANNEL "\"}"
#define CRLF    "\r\n"
#define GOOD                                                                   \
    "HTTP/1.1 200 OK" CRLF "Content-Length: 24" CRLF CRLF                      \
    "{\"channel\":{},\"tags\":{}}"

struct real {
    bad_server *server;
    ivs_credentials *credentials;
    ivs_client *client;
    ivs_result *result;
    ivs_error err;
    char log[32768];
};

static struct real r;

static inline void
keep_line(const char *line, void *user)
{
    size_t n = strlen(r.log);

    (void)user;
    (void)snprintf(r.log + n, sizeof r.log - n, "%s\n", line);
}

static inline void
open_client(const char *scheme, int port, ivs_client_options *opt)
{
    char url[64];

    (void)snprintf(url, sizeof url, "%s://127.0.0.1:%d", scheme, port);
    opt->region = "us-west-2";
    opt->endpoint_url = url;
    opt->debug = keep_line;
    assert_int_equal(ivs_credentials_static(SCRIPT_KEY_ID, SCRIPT_SECRET,
                                            SCRIPT_TOKEN, &r.credentials, NULL),
                     IVS_OK);
    opt->credentials = r.credentials;
    assert_int_equal(ivs_client_new(opt, &r.client, &r.err), IVS_OK);
}

/* A server with these steps and a client that waits long enough on a busy
 * machine. */
static inline void
open_real(const bad_step *steps, size_t nsteps, int max_attempts)
{
    ivs_client_options opt;

    memset(&r, 0, sizeof r);
    r.server = bad_server_start(steps, nsteps);
    ivs_client_options_init(&opt, sizeof opt);
    opt.max_attempts = max_attempts;
    open_client("http", bad_server_port(r.server), &opt);
}

static inline ivs_status
call_real(const char *operation, const char *json)
{
    ivs_result_free(r.result);
    r.result = NULL;
    memset(&r.err, 0, sizeof r.err);
    return ivs_client_call(r.client, operation, json, strlen(json), &r.result,
                           &r.err);
}

static inline void
close_real(void)
{
    assert_null(strstr(r.log, SCRIPT_SECRET));
    assert_null(strstr(r.log, SCRIPT_TOKEN));
    assert_null(strstr(r.err.message, SCRIPT_TOKEN));
    ivs_result_free(r.result);
    ivs_client_free(r.client);
    ivs_credentials_free(r.credentials);
    if (r.server != NULL)
        bad_server_stop(r.server);
    r.server = NULL;
}

#endif

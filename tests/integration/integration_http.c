/* SPDX-License-Identifier: MIT */
/* The client with libcurl against a server on loopback that misbehaves. */

#include "support/real.h"

/* ---- one answer, one attempt ---- */

struct bad_case {
    const char *name;
    bad_step step;
    ivs_status status;
    const char *message;
};

static const struct bad_case cases[] = {
    {"good", {.bytes = GOOD}, IVS_OK, ""},
    {"chunked",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Transfer-Encoding: chunked" CRLF CRLF
               "c" CRLF "{\"channel\":{" CRLF "2" CRLF "}}" CRLF "0" CRLF CRLF},
     IVS_OK,
     ""},
    {"interim answer first",
     {.bytes =
          "HTTP/1.1 103 Early Hints" CRLF "Content-Length: 9" CRLF CRLF GOOD},
     IVS_OK,
     ""},
    {"empty 204",
     {.bytes = "HTTP/1.1 204 No Content" CRLF CRLF},
     IVS_E_SERVICE,
     "GetChannel is empty"},
    {"reset before an answer", {.end = BAD_RESET}, IVS_E_NETWORK, "127.0.0.1:"},
    {"closed before an answer",
     {.end = BAD_CLOSE},
     IVS_E_NETWORK,
     "closed the connection without an answer"},
    {"closed in the headers",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Le"},
     IVS_E_NETWORK,
     "127.0.0.1:"},
    {"closed behind the headers, no length",
     {.bytes = "HTTP/1.1 200 OK" CRLF "X: y" CRLF CRLF},
     IVS_E_NETWORK,
     "before its answer was complete"},
    {"closed behind a header line",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 0" CRLF},
     IVS_E_NETWORK,
     "before its answer was complete"},
    {"announced empty body",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 0" CRLF CRLF},
     IVS_E_SERVICE,
     "GetChannel is empty"},
    {"object that ends with the connection",
     {.bytes = "HTTP/1.1 200 OK" CRLF CRLF "{\"channel\":{}}"},
     IVS_OK,
     ""},
    {"closed in the body",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 10" CRLF CRLF "{}"},
     IVS_E_NETWORK,
     "before its answer was complete"},
    {"reset in the body",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 10" CRLF CRLF "{}",
      .end = BAD_RESET},
     IVS_E_NETWORK,
     "before its answer was complete"},
    {"closed in a chunk",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Transfer-Encoding: chunked" CRLF CRLF
               "2" CRLF "{}" CRLF},
     IVS_E_NETWORK,
     "127.0.0.1:"},
    {"malformed chunk",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Transfer-Encoding: chunked" CRLF CRLF
               "zz" CRLF "{}" CRLF},
     IVS_E_NETWORK,
     "127.0.0.1:"},
    {"length too short",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 1" CRLF CRLF "{}"},
     IVS_E_SERVICE,
     "not one JSON object"},
    {"two lengths",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 2" CRLF
               "Content-Length: 2" CRLF CRLF "{}"},
     IVS_E_NETWORK,
     "states its length twice"},
    {"two lengths around a header that looks like a status line",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 2" CRLF
               "HTTP/1.1: 200" CRLF "Content-Length: 2" CRLF CRLF "{}"},
     IVS_E_NETWORK,
     "states its length twice"},
    {"length and chunks",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 2" CRLF
               "Transfer-Encoding: chunked" CRLF CRLF "0" CRLF CRLF},
     IVS_E_NETWORK,
     "states its length twice"},
    {"negative length",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: -2" CRLF CRLF "{}"},
     IVS_E_NETWORK,
     "127.0.0.1:"},
    {"HTML",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Type: text/html" CRLF CRLF
               "<html></html>"},
     IVS_E_SERVICE,
     "answered 200 with text/html, not JSON: is that the endpoint?"},
    {"not JSON",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Length: 3" CRLF CRLF "{}}"},
     IVS_E_SERVICE,
     "not one JSON object"},
    {"compressed without being asked",
     {.bytes = "HTTP/1.1 200 OK" CRLF "Content-Encoding: gzip" CRLF
               "Content-Length: 4" CRLF CRLF "\x1f\x8b\x08\x01"},
     IVS_E_SERVICE,
     "not one JSON object"},
    {"not HTTP", {.bytes = "SSH-2.0-OpenSSH" CRLF}, IVS_E_NETWORK, "127.0.0.1"},
    {"no status", {.bytes = "HTTP/1.1 OK" CRLF CRLF}, IVS_E_NETWORK, "127"},
    {"HTTP/0.9", {.bytes = "{}"}, IVS_E_NETWORK, "127.0.0.1:"},
    {"huge body",
     {.bytes = "HTTP/1.1 200 OK" CRLF CRLF
               "                                                             "
               "                                                             ",
      .times = 20000},
     IVS_E_SERVICE,
     "more than 1024 KiB"},
    {"endless interim answers",
     {.bytes =
          "HTTP/1.1 103 Early Hints" CRLF
          "X: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" CRLF
              CRLF,
      .times = 4000},
     IVS_E_NETWORK,
     "more than 80 KiB of headers"},
};

static void
bad_answer_is_told_from_a_good_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct bad_case *c = &cases[i];

        print_message("  %s\n", c->name);
        open_real(&c->step, 1, 1);
        assert_int_equal(call_real("GetChannel", ARN), c->status);
        if (c->status != IVS_OK) {
            assert_int_equal(r.err.code, c->status);
            assert_null(r.result);
            if (strstr(r.err.message, c->message) == NULL)
                fail_msg("'%s' does not say '%s'", r.err.message, c->message);
        }
        assert_int_equal(bad_server_requests(r.server), 1);
        close_real();
    }
}

static void
endless_headers_are_cut_off(void **state)
{
    static const struct {
        const char *name, *bytes;
        ivs_status status;
        const char *message;
    } fillers[] = {
        {"many", "X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" CRLF,
         IVS_E_SERVICE, "64 KiB of headers"},
        {"one", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         IVS_E_NETWORK, "a header line without end"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
        const bad_step steps[] = {
            {.bytes = "HTTP/1.1 200 OK" CRLF "X: ", .end = BAD_KEEP},
            {.bytes = fillers[i].bytes, .times = 4000, .unread = true},
        };

        print_message("  %s\n", fillers[i].name);
        open_real(steps, 2, 1);
        assert_int_equal(call_real("GetChannel", ARN), fillers[i].status);
        assert_non_null(strstr(r.err.message, fillers[i].message));
        close_real();
    }
}

/* ---- what goes out ---- */

static void
request_on_the_wire_is_plain(void **state)
{
    static const bad_step steps[] = {{.bytes = GOOD}};
    const char *text;
    char host[64];

    (void)state;
    open_real(steps, 1, 1);
    (void)snprintf(host, sizeof host, CRLF "Host: 127.0.0.1:%d" CRLF,
                   bad_server_port(r.server));
    assert_int_equal(call_real("GetChannel", ARN), IVS_OK);
    text = bad_server_last(r.server);
    assert_memory_equal(text, "POST /GetChannel HTTP/1.1\r\n", 27);
    assert_non_null(strstr(text, host));
    assert_null(strstr(text, "host: "));
    assert_null(strstr(text, "Expect"));
    assert_null(strstr(text, "Cookie"));
    assert_null(strstr(text, "Accept:"));
    assert_null(strstr(text, "User-Agent:"));
    assert_non_null(strstr(text, "user-agent: ivs-token/"));
    assert_non_null(strstr(text, CRLF CRLF ARN));
    close_real();
}

static void
delete_and_get_have_no_body(void **state)
{
    static const bad_step steps[] = {{.bytes = GOOD, .end = BAD_KEEP},
                                     {.bytes = GOOD}};

    (void)state;
    open_real(steps, 2, 1);
    assert_int_equal(call_real("UntagResource", "{\"resourceArn\":\"" CHANNEL
                                                "\",\"tagKeys\":[\"a b\"]}"),
                     IVS_OK);
    assert_memory_equal(bad_server_last(r.server),
                        "DELETE /tags/arn%3Aaws%3Aivs%3Aus-west-2%3A", 43);
    assert_non_null(strstr(bad_server_last(r.server), "?tagKeys=a%20b HTTP"));
    assert_null(strstr(bad_server_last(r.server), "ontent-"));
    assert_int_equal(
        call_real("ListTagsForResource", "{\"resourceArn\":\"" CHANNEL "\"}"),
        IVS_OK);
    assert_memory_equal(bad_server_last(r.server), "GET /tags/arn%3A", 16);
    assert_null(strstr(bad_server_last(r.server), "ontent-"));
    close_real();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_answer_is_told_from_a_good_one),
        cmocka_unit_test(endless_headers_are_cut_off),
        cmocka_unit_test(request_on_the_wire_is_plain),
        cmocka_unit_test(delete_and_get_have_no_body),
    };

    script_pin_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

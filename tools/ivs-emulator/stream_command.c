/* SPDX-License-Identifier: MIT */
/* Ask for a stream and wait until it can be played. */

#include "stream_command.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/http.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#include "http.h"

#define URL_DEFAULT "http://127.0.0.1:8787"
#define ANSWER_MAX  ((size_t)4 * 1024 * 1024)
#define TIMEOUT_MS  20000
/* For the first segment of each rendition, and how often it is asked. */
#define WAIT_MS  30000
#define EVERY_MS 250

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct order {
    bool start;
    const char *channel;
    const char *from;
    const char *ladder;
    bool once;
    const char *url;
};

/* clang-format off */
static const char usage[] =
    "usage: ivs-emulator stream start --channel ARN [OPTIONS]\n"
    "       ivs-emulator stream stop --channel ARN [--url URL]\n\n"
    "Begin or end a stream on a channel of a running emulator, and print what\n"
    "is known of it as one line of JSON; start waits until it can be played.\n\n"
    "  --channel ARN                   the channel\n"
    "  --from WHAT                     FILE, again and again; testsrc, a test\n"
    "                                  picture (without it); none, no pictures\n"
    "  --ladder NAMES                  of 1080p 720p 480p 360p 160p audio_only,\n"
    "                                  with commas (all)\n"
    "  --once                          end the stream where FILE ends\n"
    "  --url URL                       the emulator (AWS_ENDPOINT_URL_IVS, or\n"
    "                                  " URL_DEFAULT ")\n"
    "  --help                          print this\n";
/* clang-format on */

static int
complain(const char *what, const char *about)
{
    (void)fprintf(stderr,
                  "ivs-emulator: %s %s; see ivs-emulator stream --help\n", what,
                  about);
    return EXIT_USAGE;
}

static int
fail(const char *message)
{
    (void)fprintf(stderr, "ivs-emulator: %s\n", message);
    return EXIT_FAILED;
}

/* ---- the command line ---- */

/* --NAME VALUE or --NAME=VALUE; *i moves over what was taken. */
static bool
take_value(int argc, char **argv, int *i, const char *name, const char **ret)
{
    size_t len = strlen(name);

    if (strncmp(argv[*i], name, len) != 0)
        return false;
    if (argv[*i][len] == '=')
        *ret = argv[*i] + len + 1;
    else if (argv[*i][len] != '\0')
        return false;
    else
        *ret = *i + 1 < argc ? argv[++*i] : "";
    return true;
}

static bool
has_values(const struct order *order)
{
    const struct {
        const char *name, *value;
    } given[] = {{"--channel", order->channel},
                 {"--from", order->from},
                 {"--ladder", order->ladder},
                 {"--url", order->url}};

    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].value != NULL && *given[i].value == '\0') {
            (void)complain("a value is missing for", given[i].name);
            return false;
        }
    return true;
}

static int
read_order(int argc, char **argv, struct order *ret)
{
    struct order order = {.start = argc > 1 && strcmp(argv[1], "start") == 0};

    if (argc < 2)
        return complain("expected start or stop after", "stream");
    if (!order.start && strcmp(argv[1], "stop") != 0)
        return complain("expected start or stop after stream, not", argv[1]);
    for (int i = 2; i < argc; i++) {
        if (take_value(argc, argv, &i, "--channel", &order.channel) ||
            take_value(argc, argv, &i, "--url", &order.url) ||
            (order.start &&
             (take_value(argc, argv, &i, "--from", &order.from) ||
              take_value(argc, argv, &i, "--ladder", &order.ladder))))
            continue;
        if (!order.start || strcmp(argv[i], "--once") != 0)
            return complain("unknown argument", argv[i]);
        order.once = true;
    }
    if (!has_values(&order))
        return EXIT_USAGE;
    if (order.channel == NULL)
        return complain("a channel is missing, expected", "--channel ARN");
    if (order.once && (order.from == NULL || strcmp(order.from, "none") == 0 ||
                       strcmp(order.from, "testsrc") == 0))
        return complain("found no file that could end, expected --from FILE "
                        "with",
                        "--once");
    if (order.url == NULL)
        order.url = getenv("AWS_ENDPOINT_URL_IVS");
    if (order.url == NULL || *order.url == '\0')
        order.url = URL_DEFAULT;
    *ret = order;
    return EXIT_DONE;
}

/* ---- requests ---- */

static bool
take_body(const char *data, size_t len, void *user)
{
    ivs_buf *body = user;

    ivs_buf_append(body, data, len);
    return !body->failed && body->len <= ANSWER_MAX;
}

static bool
take_header(const char *name, size_t name_len, const char *value,
            size_t value_len, void *user)
{
    (void)name;
    (void)name_len;
    (void)value;
    (void)value_len;
    (void)user;
    return true;
}

static void
nothing(void *user)
{
    (void)user;
}

static bool
never(void *user)
{
    (void)user;
    return false;
}

/* Body NULL: GET. What a refusal says becomes the message. */
static ivs_status
ask(ivs_http *http, const char *url, const ivs_buf *body, json_t **ret,
    ivs_error *err)
{
    static const char *const headers[] = {"Content-Type: application/json"};
    ivs_buf text = IVS_BUF_INIT;
    ivs_http_request request = {.method = body == NULL ? "GET" : "POST",
                                .url = url,
                                .headers = headers,
                                .nheaders = 1,
                                .body = body == NULL ? NULL : body->data,
                                .body_len = body == NULL ? 0 : body->len,
                                .connect_timeout_ms = TIMEOUT_MS,
                                .first_byte_timeout_ms = TIMEOUT_MS,
                                .idle_timeout_ms = TIMEOUT_MS,
                                .total_timeout_ms = TIMEOUT_MS,
                                .once = body != NULL};
    ivs_http_sink sink = {.header = take_header,
                          .body = take_body,
                          .unsent = nothing,
                          .cancelled = never,
                          .user = &text};
    json_t *answer = NULL;
    const char *message;
    int status = 0;
    ivs_status s = ivs_http_send(&request, &sink, &status, http, err);

    if (s == IVS_OK)
        s = ivs_json_parse(text.len > 0 ? text.data : "", text.len,
                           IVS_JSON_OBJECT, "the emulator's answer", &answer,
                           NULL, err);
    if (s == IVS_OK && status != 200) {
        message = json_string_value(json_object_get(answer, "message"));
        s = ivs_fail(err, IVS_E_NETWORK, "%s",
                     message == NULL ? "the emulator has refused it" : message);
    }
    if (s == IVS_OK)
        *ret = json_incref(answer);
    json_decref(answer);
    ivs_buf_free(&text);
    return s;
}

/* The emulator wants whole paths. */
static json_t *
source(const char *from, ivs_error *err)
{
    char *path;
    json_t *ret;

    if (from == NULL || strcmp(from, "testsrc") == 0)
        return json_string("testsrc");
    path = realpath(from, NULL);
    if (path == NULL) {
        (void)ivs_fail(err, IVS_E_IO, "cannot open %s: %s", from,
                       strerror(errno));
        return NULL;
    }
    ret = json_string(path);
    free(path);
    return ret;
}

static json_t *
split(const char *names)
{
    json_t *ret = json_array();

    for (size_t len; names != NULL;
         names = names[len] == ',' ? names + len + 1 : NULL) {
        len = strcspn(names, ",");
        (void)json_array_append_new(ret, json_stringn(names, len));
    }
    return ret;
}

/* NULL: err says why. */
static json_t *
write_order(const struct order *order, ivs_error *err)
{
    bool media = order->start &&
                 (order->from == NULL || strcmp(order->from, "none") != 0);
    json_t *body = json_pack("{s:s, s:s}", "channelArn", order->channel,
                             "action", order->start ? "start" : "stop");
    json_t *from = media ? source(order->from, err) : NULL;

    if (media && from == NULL) {
        json_decref(body);
        return NULL;
    }
    if (media)
        (void)json_object_set_new(body, "from", from);
    if (media && order->once)
        (void)json_object_set_new(body, "loop", json_false());
    if (media && order->ladder != NULL)
        (void)json_object_set_new(body, "ladder", split(order->ladder));
    return body;
}

/* ---- signals ---- */

static volatile sig_atomic_t interrupted; /* by which, or 0 */

static void
interrupt(int number)
{
    interrupted = number;
}

/* Who gives up before the stream is there shall not find it running. What was
 * ignored stays so, and a second signal ends us at once. */
static void
watch_signals(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
    struct sigaction ours = {.sa_handler = interrupt,
                             .sa_flags = (int)SA_RESETHAND};
    struct sigaction before;

    (void)sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &before) == 0 &&
            before.sa_handler != SIG_IGN)
            (void)sigaction(numbers[i], &ours, NULL);
}

/* ---- the wait ---- */

/* Is a segment of each rendition there? A stream without media has none to wait
 * for. */
static bool
is_playable(const json_t *stream)
{
    const json_t *rendition,
        *list = json_object_get(json_object_get(stream, "media"), "renditions");
    size_t i;

    json_array_foreach(
        list, i,
        rendition) if (json_integer_value(json_object_get(rendition,
                                                          "segments")) ==
                       0) return false;
    return true;
}

static bool
is_live(const json_t *stream)
{
    const char *state = json_string_value(json_object_get(stream, "state"));

    return state != NULL && strcmp(state, "LIVE") == 0;
}

static ivs_status
await(ivs_http *http, const char *url, json_t **stream, ivs_error *err)
{
    int64_t end = ivs_clock_monotonic_ms() + WAIT_MS;
    ivs_status s = IVS_OK;

    while (s == IVS_OK && !is_playable(*stream)) {
        const char *why =
            json_string_value(json_object_get(*stream, "endReason"));

        if (!is_live(*stream))
            return ivs_fail(err, IVS_E_NETWORK, "the stream has ended: %s",
                            why == NULL ? "it was stopped" : why);
        if (ivs_clock_monotonic_ms() > end)
            return ivs_fail(err, IVS_E_NETWORK,
                            "after %d seconds there is no segment of some "
                            "renditions: a shorter --ladder may fit this "
                            "machine",
                            WAIT_MS / 1000);
        if (interrupted != 0)
            return ivs_fail(err, IVS_E_CANCELLED,
                            "interrupted before the stream could be played");
        ivs_clock_sleep_ms(EVERY_MS);
        json_decref(*stream);
        *stream = NULL;
        s = ask(http, url, NULL, stream, err);
    }
    return s;
}

/* A stream that was begun, and that nobody could wait for. */
static void
take_back(ivs_http *http, const char *url, const struct order *order)
{
    struct order stop = {.channel = order->channel};
    ivs_buf body = IVS_BUF_INIT;
    json_t *request = write_order(&stop, NULL), *answer = NULL;
    ivs_error err = {0};

    ivs_json_append(&body, request, false);
    if (body.failed)
        (void)fail("out of memory: the stream goes on");
    else if (ask(http, url, &body, &answer, &err) != IVS_OK)
        (void)fail(err.message);
    json_decref(answer);
    json_decref(request);
    ivs_buf_free(&body);
}

/* What is known of the stream once it can be played; it is ended where that
 * cannot be waited for. */
static ivs_status
begin(ivs_http *http, const char *url, const struct order *order,
      json_t **stream, ivs_error *err)
{
    ivs_buf watched = IVS_BUF_INIT;
    ivs_status s;

    ivs_buf_printf(&watched, "%s?channelArn=%s", url, order->channel);
    s = watched.failed ? ivs_fail(err, IVS_E_NOMEM, "out of memory")
                       : await(http, watched.data, stream, err);
    if (s != IVS_OK && (*stream == NULL || is_live(*stream)))
        take_back(http, url, order);
    ivs_buf_free(&watched);
    return s;
}

static ivs_status
carry_out(ivs_http *http, const struct order *order, json_t **ret,
          ivs_error *err)
{
    ivs_buf url = IVS_BUF_INIT, body = IVS_BUF_INIT;
    json_t *request = write_order(order, err), *stream = NULL;
    size_t len = strlen(order->url);
    ivs_status s = IVS_E_IO;

    if (request == NULL)
        return s;
    while (len > 0 && order->url[len - 1] == '/')
        len--;
    ivs_buf_append(&url, order->url, len);
    ivs_buf_puts(&url, "/_/streams");
    ivs_json_append(&body, request, false);
    json_decref(request);
    if (body.failed || url.failed) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory");
        goto out;
    }
    if ((s = ask(http, url.data, &body, &stream, err)) == IVS_OK &&
        order->start)
        s = begin(http, url.data, order, &stream, err);
    if (s == IVS_OK)
        *ret = json_incref(stream);
out:
    json_decref(stream);
    ivs_buf_free(&url);
    ivs_buf_free(&body);
    return s;
}

int
emu_stream_command(int argc, char **argv)
{
    const char *ca_bundle = getenv("AWS_CA_BUNDLE");
    ivs_buf line = IVS_BUF_INIT;
    ivs_http *http = NULL;
    json_t *stream = NULL;
    struct order order;
    ivs_error err = {0};
    int code;

    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout) >= 0 && fflush(stdout) == 0
                       ? EXIT_DONE
                       : fail("cannot write to stdout");
    if ((code = read_order(argc, argv, &order)) != EXIT_DONE)
        return code;
    if (ca_bundle != NULL && *ca_bundle == '\0')
        ca_bundle = NULL;
    if (order.start)
        watch_signals();
    if (ivs_http_new(ca_bundle, &http, &err) != IVS_OK ||
        carry_out(http, &order, &stream, &err) != IVS_OK) {
        code = fail(err.message);
    } else {
        ivs_json_append(&line, stream, false);
        if (line.failed || puts(line.data) < 0 || fflush(stdout) != 0)
            code = fail("cannot write to stdout");
    }
    json_decref(stream);
    ivs_http_free(http);
    ivs_buf_free(&line);
    if (code != EXIT_DONE && interrupted != 0)
        (void)raise(interrupted); /* it is the default's again */
    return code;
}

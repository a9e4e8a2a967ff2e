/* SPDX-License-Identifier: MIT */
/* Listening, the ready line, the command, the end. */

#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#include "certificate.h"
#include "command.h"
#include "listen.h"
#include "server.h"

/* Requests that are under way have so long to end. */
#define DRAIN_MS 10000
#define LOOK_MS  20

int
emu_fail(const char *message)
{
    (void)fprintf(stderr, "ivs-emulator: %s\n", message);
    return EXIT_FAILED;
}

/* {"ready":true, …} on a line */
static bool
say_ready(const emu_emulator *emu, const emu_listener *listener,
          const emu_certificate *certificate)
{
    json_t *line =
        json_pack("{s:b, s:s, s:s, s:s*}", "ready", 1, "url", listener->url,
                  "accessKeyId", emu->access_key_id, "caCertificate",
                  certificate == NULL ? NULL : certificate->authority.data);
    ivs_buf text = IVS_BUF_INIT;
    bool said = false;
    int rc;

    if (listener->path != NULL)
        rc = json_object_set_new(line, "socket", json_string(listener->path));
    else
        rc = json_object_set_new(line, "host", json_string(listener->host)) |
             json_object_set_new(line, "port", json_integer(listener->port));
    if (rc == 0) {
        ivs_json_append(&text, line, false);
        said = !text.failed && puts(text.data) >= 0 && fflush(stdout) == 0;
    }
    json_decref(line);
    ivs_buf_free(&text);
    return said;
}

static int
run_command(const emu_options *opt, const emu_emulator *emu,
            const emu_listener *listener, const emu_signals *signals)
{
    emu_command command = {.words = opt->command,
                           .url = listener->url,
                           .host = listener->url_host,
                           .access_key_id = emu->access_key_id,
                           .secret_access_key = emu->secret_access_key};
    char *ca_file = NULL;
    int code;

    /* Wherever the command goes. */
    if (opt->tls_cert != NULL &&
        (ca_file = realpath(opt->tls_cert, NULL)) == NULL)
        return emu_fail("cannot find the certificate that was written");
    command.ca_file = ca_file;
    code = emu_command_run(&command, &signals->inherited);
    free(ca_file);
    return code;
}

/* Until SIGINT or SIGTERM, which all threads leave to this one; then until what
 * is under way has its answer, or another signal comes. */
static void
wait_for_end(emu_server *server, const emu_signals *signals)
{
    static const struct timespec look = {0, LOOK_MS * 1000000L};
    int64_t until_ms;
    int got;

    (void)sigwait(&signals->blocked, &got);
    until_ms = ivs_clock_monotonic_ms() + DRAIN_MS;
    emu_server_drain(server);
    while (emu_server_busy(server) && ivs_clock_monotonic_ms() < until_ms &&
           sigtimedwait(&signals->blocked, NULL, &look) < 0)
        ;
}

/* With a certificate, which is NULL without TLS. */
static int
serve(const emu_options *opt, emu_emulator *emu, const emu_listener *listener,
      const emu_certificate *certificate, const emu_signals *signals)
{
    emu_server *server = NULL;
    ivs_error err = {0};
    int code = EXIT_DONE;

    if (emu_server_start(emu, listener->fd, certificate, &server, &err) !=
        IVS_OK)
        return emu_fail(err.message);
    if (opt->command != NULL)
        code = run_command(opt, emu, listener, signals);
    else if (!say_ready(emu, listener, certificate))
        code = emu_fail("cannot write the ready line to stdout");
    else
        wait_for_end(server, signals);
    emu_server_stop(server);
    return code;
}

static int
serve_tls(const emu_options *opt, emu_emulator *emu,
          const emu_listener *listener, const emu_signals *signals)
{
    emu_certificate certificate;
    ivs_error err = {0};
    ivs_status s = emu_certificate_make(opt->host, &certificate, &err);
    int code = EXIT_FAILED;

    if (s == IVS_OK && opt->tls_cert != NULL)
        s = ivs_file_replace(opt->tls_cert, certificate.authority.data,
                             certificate.authority.len, 0644, &err);
    if (s == IVS_OK)
        code = serve(opt, emu, listener, &certificate, signals);
    else
        (void)emu_fail(err.message);
    emu_certificate_free(&certificate);
    return code;
}

int
emu_serve(const emu_options *opt, emu_emulator *emu, const emu_signals *signals)
{
    emu_listener listener;
    ivs_error err = {0};
    ivs_status s;
    int code;

    s = opt->unix_path != NULL
            ? emu_listen_unix(opt->unix_path, emu->scheme, &listener, &err)
            : emu_listen(opt->host, opt->port, emu->scheme, &listener, &err);
    if (s != IVS_OK)
        return emu_fail(err.message);
    emu->loopback = listener.loopback;
    code = opt->tls ? serve_tls(opt, emu, &listener, signals)
                    : serve(opt, emu, &listener, NULL, signals);
    emu_listener_end(&listener);
    return code;
}

/* SPDX-License-Identifier: MIT */
/* What stands under /_/, and what of it takes no file of its own: health,
 * reset, the clock. */

#include "control.h"

#include <inttypes.h>
#include <string.h>

#include <ivs/ivs.h>

#include "base/clock.h"
#include "base/json.h"

/* The end of the year 9999. */
#define NOW_MAX_S INT64_C(253402300799)

static void
health(emu_emulator *emu, const emu_request *req, const json_t *input,
       emu_response *res)
{
    (void)req;
    (void)input;
    (void)emu_response_json(res, 200,
                            json_pack("{s:s, s:s, s:s, s:I}", "status", "ok",
                                      "name", "ivs-emulator", "version",
                                      IVS_VERSION, "now_s",
                                      (json_int_t)emu_now_s(emu)));
}

static void
reset(emu_emulator *emu, const emu_request *req, const json_t *input,
      emu_response *res)
{
    bool cleared = false;

    (void)req;
    (void)input;
    if (emu_store_begin(emu->store)) {
        cleared = emu_store_clear(emu->store) && emu_store_commit(emu->store);
        if (cleared) /* none that begins after this */
            emu_media_stop(emu->media, NULL);
        cleared = emu_store_end(emu->store, cleared);
    }
    if (!cleared) {
        (void)emu_refuse(res, EMU_INTERNAL, "cannot drop the state");
        return;
    }
    if (emu->quota != NULL)
        emu_quota_reset(emu->quota);
    emu_faults_drop(emu->faults);
    emu_random_restart(emu->random);
    emu_requests_clear(emu->requests);
    atomic_store(&emu->clock_offset_s, 0);
    (void)emu_response_json(res, 200, json_object());
}

static void
show_clock(emu_emulator *emu, const emu_request *req, const json_t *input,
           emu_response *res)
{
    (void)req;
    (void)input;
    (void)emu_response_json(
        res, 200,
        json_pack("{s:I, s:I}", "now_s", (json_int_t)emu_now_s(emu), "offset_s",
                  (json_int_t)atomic_load(&emu->clock_offset_s)));
}

/* Move the clock from where another request may just be moving it, too. */
static bool
move_clock(emu_emulator *emu, const json_t *now, const json_t *advance)
{
    int64_t old_s = atomic_load(&emu->clock_offset_s), wanted_s, by_s;
    int64_t real_s = ivs_clock_now_s();

    do {
        wanted_s = now != NULL ? json_integer_value(now) : real_s;
        if (advance != NULL) {
            by_s = json_integer_value(advance);
            wanted_s = real_s + old_s + by_s;
        }
        if (wanted_s < 0 || wanted_s > NOW_MAX_S)
            return false;
    } while (!atomic_compare_exchange_weak(&emu->clock_offset_s, &old_s,
                                           wanted_s - real_s));
    return true;
}

bool
emu_clock_move(emu_emulator *emu, const json_t *to, const emu_place *at,
               ivs_error *err)
{
    static const char *const members[] = {"now_s", "advance_s", NULL};
    const json_t *now = json_object_get(to, "now_s");
    const json_t *advance = json_object_get(to, "advance_s");
    int64_t s = 0;

    if (!emu_read_object(to, at, members, err) ||
        !emu_read_integer(to, "now_s", at, 0, NOW_MAX_S, &s, err) ||
        !emu_read_integer(to, "advance_s", at, -NOW_MAX_S, NOW_MAX_S, &s, err))
        return false;
    if (now != NULL && advance != NULL)
        return emu_wrong(at, err, "has now_s and advance_s, expected one");
    if (!move_clock(emu, now, advance))
        return emu_wrong(EMU_MEMBER(at, "advance_s"), err,
                         "is %" PRId64 ", which leads to a time outside the "
                         "years 1970 to 9999",
                         s);
    return true;
}

/* {"now_s":N}, {"advance_s":N}, or {} for the system's time again. */
static void
set_clock(emu_emulator *emu, const emu_request *req, const json_t *input,
          emu_response *res)
{
    ivs_error err = {0};

    if (emu_clock_move(emu, input, NULL, &err))
        show_clock(emu, req, input, res);
    else
        (void)emu_control_refuse(res, &err);
}

typedef void (*control_fn)(emu_emulator *emu, const emu_request *req,
                           const json_t *input, emu_response *res);

static const struct control {
    const char *method;
    const char *path;
    control_fn run;
    const char *query; /* names of its parameters */
} controls[] = {
    {"GET", "/_/health", health, ""},
    {"POST", "/_/reset", reset, ""},
    {"GET", "/_/clock", show_clock, ""},
    {"POST", "/_/clock", set_clock, ""},
    {"GET", "/_/streams", emu_control_show_stream, "channelArn"},
    {"POST", "/_/streams", emu_control_change_stream, ""},
    {"GET", "/_/faults", emu_control_show_faults, ""},
    {"POST", "/_/faults", emu_control_add_faults, ""},
    {"DELETE", "/_/faults", emu_control_drop_faults, ""},
    {"GET", "/_/requests", emu_control_requests, "status channelArn after"},
    {"GET", "/_/seed", emu_control_show_seed, ""},
    {"POST", "/_/seed", emu_control_add_seed, ""},
    {"GET", "/_/", emu_control_page, ""},
    {"GET", "/_/page.css", emu_control_page, ""},
    {"GET", "/_/page.js", emu_control_page, ""},
    {"GET", "/_/hls.js", emu_control_page, ""},
    {"GET", "/_/hls.LICENSE", emu_control_page, ""},
    {"GET", "/_/state", emu_control_state,
     "account region channelsAfter sessionsBefore"},
    {"POST", "/_/mint", emu_control_mint, ""},
    {"POST", "/_/mint-key", emu_control_mint_key, ""},
    {"POST", "/_/inspect", emu_control_inspect, ""},
    {"POST", "/_/revoke", emu_control_revoke, ""},
    {"POST", "/_/channels", emu_control_channel, ""},
};

#define NCONTROLS (sizeof controls / sizeof *controls)

/* Tell what there is: the methods of the path, or all paths. */
static void
refuse_path(const char *path, emu_response *res)
{
    ivs_buf methods = IVS_BUF_INIT, all = IVS_BUF_INIT;

    for (size_t i = 0; i < NCONTROLS; i++) {
        const struct control *c = &controls[i];

        ivs_buf_printf(&all, "%s%s %s", i == 0 ? "" : ", ", c->method, c->path);
        if (strcmp(c->path, path) == 0)
            ivs_buf_printf(&methods, "%s%s", methods.len == 0 ? "" : ", ",
                           c->method);
    }
    (void)emu_refuse(res, methods.len > 0 ? EMU_METHOD : EMU_UNKNOWN_OPERATION,
                     "expected one of %s", all.failed ? "" : all.data);
    if (methods.len > 0 && !methods.failed)
        emu_response_header(res, "Allow", methods.data);
    ivs_buf_free(&methods);
    ivs_buf_free(&all);
}

void
emu_control(emu_emulator *emu, const emu_request *req, emu_response *res)
{
    const struct control *found = NULL;
    json_t *input = NULL;
    ivs_error err = {0};

    for (size_t i = 0; i < NCONTROLS; i++)
        if (strcmp(controls[i].path, req->path) == 0 &&
            strcmp(controls[i].method, req->method) == 0)
            found = &controls[i];
    if (found == NULL) {
        refuse_path(req->path, res);
        return;
    }
    if (!emu_control_query(req, found->query, res))
        return;
    if (ivs_json_parse(req->body_len > 0 ? req->body : "{}",
                       req->body_len > 0 ? req->body_len : 2, IVS_JSON_OBJECT,
                       "the request body", &input, NULL, &err) != IVS_OK) {
        (void)emu_control_refuse(res, &err);
        return;
    }
    found->run(emu, req, input, res);
    emu_response_header(res, "Cache-Control", "no-store");
    emu_response_header(res, "X-Content-Type-Options", "nosniff");
    json_decref(input);
}

/* SPDX-License-Identifier: MIT */
/* doctor: a line a check, and the conclusion. */

#include <string.h>

#include "doctor.h"

static const char *const result_names[] = {
    [DOCTOR_NOT_CHECKED] = "not_checked",
    [DOCTOR_OK] = "ok",
    [DOCTOR_NOTE] = "note",
    [DOCTOR_PROBLEM] = "problem",
};

/* Words of a name, padded. */
static void
print_name(const char *name, size_t width)
{
    for (; *name != '\0'; name++, width--)
        (void)putchar(*name == '_' ? ' ' : *name);
    (void)printf("%*s", (int)width, "");
}

static void
print_text(const char *text)
{
    text_print(stdout, text, strlen(text));
}

static void
print_line(const struct doctor *d, enum doctor_check check)
{
    const struct doctor_line *line = &d->lines[check];
    const char *paint[] = {"", "\x1b[32m", "\x1b[33m", "\x1b[31m"};
    const char *joint = "";

    print_name(doctor_check_names[check], 17);
    (void)fputs(out_paint(d->c, paint[line->result]), stdout);
    print_name(result_names[line->result], 13);
    (void)fputs(out_paint(d->c, "\x1b[0m"), stdout);
    if (line->result < DOCTOR_NOTE)
        print_text(line->detail);
    for (size_t i = 0; i < d->nfindings; i++)
        if (d->findings[i].cause->check == check) {
            (void)printf("%s%s: ", joint, d->findings[i].cause->code);
            print_text(d->findings[i].message);
            joint = "; ";
        }
    (void)putchar('\n');
}

static void
print_report(const struct doctor *d, const char *repair, const char *nothing)
{
    const struct doctor_finding *why = &d->why;

    for (size_t i = 0; i < DOCTOR_CHECKS; i++)
        print_line(d, (enum doctor_check)i);
    (void)fputs("\nconclusion  ", stdout);
    if (why->cause == NULL) {
        (void)printf("%s\n", nothing);
        return;
    }
    (void)printf("%s: ", why->cause->code);
    print_text(why->message);
    (void)fputs("\nrepair      ", stdout);
    print_text(repair);
    (void)putchar('\n');
}

static json_t *
check_json(const struct doctor *d, enum doctor_check check)
{
    const struct doctor_line *line = &d->lines[check];
    json_t *list = json_array();

    for (size_t i = 0; i < d->nfindings; i++) {
        const struct doctor_finding *f = &d->findings[i];

        if (f->cause->check == check)
            (void)json_array_append_new(
                list, json_pack("{s:s, s:s, s:o}", "code", f->cause->code,
                                "result", result_names[f->result], "message",
                                text_json(f->message)));
    }
    return json_pack("{s:s, s:s, s:o, s:o}", "check", doctor_check_names[check],
                     "result", result_names[line->result], "detail",
                     line->result < DOCTOR_NOTE ? text_json(line->detail)
                                                : json_null(),
                     "findings", list);
}

static json_t *
probe_json(const struct doctor *d)
{
    const ivs_error *err = &d->probe_error;

    if (!d->probed)
        return json_null();
    return json_pack(
        "{s:o, s:o, s:o}", "status",
        err->code == IVS_OK     ? json_integer(200)
        : err->http_status != 0 ? json_integer(err->http_status)
                                : json_null(),
        "error_code",
        err->aws_code[0] != '\0' ? text_json(err->aws_code) : json_null(),
        "message", err->code != IVS_OK ? text_json(err->message) : json_null());
}

static int
report_json(const struct doctor *d, const char *repair, const char *nothing)
{
    const struct doctor_finding *why = &d->why;
    bool good = why->cause == NULL;
    json_t *list = json_array();

    for (size_t i = 0; i < DOCTOR_CHECKS; i++)
        (void)json_array_append_new(list, check_json(d, (enum doctor_check)i));
    return out_json(
        d->c, json_pack("{s:b, s:s?, s:o, s:o, s:o, s:o}", "good", good,
                        "cause", good ? NULL : why->cause->code, "message",
                        text_json(good ? nothing : why->message), "repair",
                        good ? json_null() : text_json(repair), "probe",
                        probe_json(d), "checks", list));
}

/* Where nothing wrong was found: what was not looked at, and the options that
 * would have it looked at. */
static void
say_nothing(const struct doctor *d, char ret[DOCTOR_TEXT_MAX])
{
    const struct {
        enum doctor_check check;
        bool wanting;
        const char *what;
    } rows[] = {
        {CHECK_KEY, true, "a key (--key)"},
        {CHECK_TOKEN_FORMAT, true, "a token (--token)"},
        {CHECK_TOKEN_ORIGIN, d->token.data != NULL, "its origins (--origin)"},
        {CHECK_CHANNEL, d->channel_from == NULL, "a channel (--channel)"},
        {CHECK_PROBE, d->opts->probe == NULL, "playback itself (--probe)"},
    };
    const char *joint = "; not checked: ";
    int n = snprintf(ret, DOCTOR_TEXT_MAX,
                     "nothing wrong was found that can be seen from here");

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].wanting &&
            d->lines[rows[i].check].result == DOCTOR_NOT_CHECKED) {
            n += snprintf(ret + n, DOCTOR_TEXT_MAX - (size_t)n, "%s%s", joint,
                          rows[i].what);
            joint = ", ";
        }
}

int
doctor_report(struct doctor *d)
{
    const struct doctor_cause *cause = d->why.cause;
    char nothing[DOCTOR_TEXT_MAX];
    struct text_buf repair = {0};
    int code = CLI_OK;

    say_nothing(d, nothing);
    if (cause != NULL)
        doctor_repair(d, &d->why, &repair);
    if (repair.failed)
        code = fail(d->c, CLI_FAILED, "out of memory making the report");
    else if (d->c->g.json)
        code = report_json(d, repair.data, nothing);
    else
        print_report(d, repair.data, nothing);
    text_buf_free(&repair);
    return code != CLI_OK || cause == NULL ? code : cause->exit;
}

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

#define NOTHING "nothing wrong was found that can be seen from here"

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
print_report(const struct doctor *d, const struct doctor_finding *why,
             const char *repair)
{
    for (size_t i = 0; i < DOCTOR_CHECKS; i++)
        print_line(d, (enum doctor_check)i);
    (void)fputs("\nconclusion  ", stdout);
    if (why == NULL) {
        (void)fputs(NOTHING "\n", stdout);
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
                                "result", result_names[f->cause->result],
                                "message", text_json(f->message)));
    }
    return json_pack("{s:s, s:s, s:o, s:o}", "check", doctor_check_names[check],
                     "result", result_names[line->result], "detail",
                     line->result < DOCTOR_NOTE ? text_json(line->detail)
                                                : json_null(),
                     "findings", list);
}

static int
report_json(const struct doctor *d, const struct doctor_finding *why,
            const char *repair)
{
    json_t *list = json_array();

    for (size_t i = 0; i < DOCTOR_CHECKS; i++)
        (void)json_array_append_new(list, check_json(d, (enum doctor_check)i));
    return out_json(
        d->c,
        json_pack("{s:b, s:s?, s:o, s:o, s:o}", "good", why == NULL, "cause",
                  why != NULL ? why->cause->code : NULL, "message",
                  text_json(why != NULL ? why->message : NOTHING), "repair",
                  why != NULL ? text_json(repair) : json_null(), "checks",
                  list));
}

int
doctor_report(struct doctor *d)
{
    const struct doctor_finding *why = doctor_conclusion(d);
    struct text_buf repair = {0};
    int code = CLI_OK;

    if (why != NULL)
        doctor_repair(d, why->cause, &repair);
    if (repair.failed)
        code = fail(d->c, CLI_FAILED, "out of memory making the report");
    else if (d->c->g.json)
        code = report_json(d, why, repair.data);
    else
        print_report(d, why, repair.data);
    text_buf_free(&repair);
    return code != CLI_OK || why == NULL ? code : why->cause->exit;
}

/* SPDX-License-Identifier: MIT */
/* What a rotation records: a JSON object of texts and numbers, with a checksum
 * over them, so that a damaged one deletes nothing. */

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "rotate.h"

#define FORMAT 1
/* The last second of the year 9999: times and their sums can be written. */
#define NUMBER_MAX INT64_C(253402300799)

static const char *const steps[] = {
    [ROTATE_NONE] = "none",       [ROTATE_BEGUN] = "begun",
    [ROTATE_SAVED] = "saved",     [ROTATE_IMPORTED] = "imported",
    [ROTATE_WAITED] = "waited",   [ROTATE_VERIFIED] = "verified",
    [ROTATE_DELETED] = "deleted",
};

#define NSTEPS (sizeof steps / sizeof steps[0])

#define TEXT(member)                                                           \
    {                                                                          \
#member, offsetof(struct rotation, member),                            \
            sizeof((struct rotation *)0)->member                               \
    }

static const struct text {
    const char *name;
    size_t offset;
    size_t size;
} texts[] = {
    TEXT(account), TEXT(region),          TEXT(endpoint), TEXT(name),
    TEXT(old_arn), TEXT(old_fingerprint), TEXT(new_arn),  TEXT(new_fingerprint),
};

#define NTEXTS (sizeof texts / sizeof texts[0])

static const struct number_row {
    const char *name;
    size_t offset;
} numbers[] = {
    {"begun_s", offsetof(struct rotation, begun_s)},
    {"imported_s", offsetof(struct rotation, imported_s)},
    {"wait_s", offsetof(struct rotation, wait_s)},
};

#define NNUMBERS (sizeof numbers / sizeof numbers[0])

const char *
rotate_step_name(enum rotate_step step)
{
    return steps[step];
}

/* ---- the checksum ---- */

static uLong
sum_text(uLong sum, const char *text)
{
    return crc32(sum, (const unsigned char *)text, (unsigned)strlen(text) + 1);
}

static json_int_t
sum_of(const struct rotation *r)
{
    uLong sum = sum_text(crc32(0, NULL, 0), steps[r->step]);
    char number[24];

    for (size_t i = 0; i < NTEXTS; i++)
        sum = sum_text(sum, (const char *)r + texts[i].offset);
    for (size_t i = 0; i < NNUMBERS; i++) {
        (void)snprintf(
            number, sizeof number, "%lld",
            (long long)*(const int64_t *)(const void *)((const char *)r +
                                                        numbers[i].offset));
        sum = sum_text(sum, number);
    }
    return (json_int_t)sum;
}

/* ---- text ---- */

char *
rotate_encode(const struct rotation *r)
{
    json_t *doc =
        json_pack("{s:i, s:s}", "format", FORMAT, "step", steps[r->step]);
    char *text = NULL;

    for (size_t i = 0; i < NTEXTS; i++)
        (void)json_object_set_new(
            doc, texts[i].name, json_string((const char *)r + texts[i].offset));
    for (size_t i = 0; i < NNUMBERS; i++)
        (void)json_object_set_new(
            doc, numbers[i].name,
            json_integer(*(const int64_t *)(const void *)((const char *)r +
                                                          numbers[i].offset)));
    (void)json_object_set_new(doc, "checksum", json_integer(sum_of(r)));
    text = json_dumps(doc, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    json_decref(doc);
    if (!json_memory_failed())
        return text;
    free(text);
    return NULL;
}

static bool
take_texts(const json_t *doc, struct rotation *r)
{
    for (size_t i = 0; i < NTEXTS; i++) {
        const char *text =
            json_string_value(json_object_get(doc, texts[i].name));

        if (text == NULL || strlen(text) >= texts[i].size)
            return false;
        strcpy((char *)r + texts[i].offset, text);
    }
    return true;
}

static bool
take_numbers(const json_t *doc, struct rotation *r)
{
    for (size_t i = 0; i < NNUMBERS; i++) {
        const json_t *value = json_object_get(doc, numbers[i].name);

        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > NUMBER_MAX)
            return false;
        *(int64_t *)(void *)((char *)r + numbers[i].offset) =
            json_integer_value(value);
    }
    return true;
}

static bool
take_step(const json_t *doc, struct rotation *r)
{
    const char *step = json_string_value(json_object_get(doc, "step"));

    for (size_t i = ROTATE_BEGUN; step != NULL && i < NSTEPS; i++)
        if (strcmp(step, steps[i]) == 0) {
            r->step = (enum rotate_step)i;
            return true;
        }
    return false;
}

/* NULL, or what is wrong. */
static const char *
take(const json_t *doc, struct rotation *r)
{
    const json_t *format = json_object_get(doc, "format");
    const json_t *sum = json_object_get(doc, "checksum");

    if (!json_is_object(doc))
        return "it is not a JSON object";
    if (json_is_integer(format) && json_integer_value(format) != FORMAT)
        return "it has another format; use the ivs-token that made it";
    if (!json_is_integer(format) || !json_is_integer(sum) ||
        json_object_size(doc) != NTEXTS + NNUMBERS + 3 || !take_step(doc, r) ||
        !take_texts(doc, r) || !take_numbers(doc, r))
        return "its members are not those of a rotation";
    if (json_integer_value(sum) != sum_of(r))
        return "its checksum is another than that of its members";
    if ((r->step >= ROTATE_IMPORTED) != (r->new_arn[0] != '\0'))
        return "its step and its ARN of the new key pair do not agree";
    return NULL;
}

const char *
rotate_decode(const char *text, size_t len, struct rotation *ret)
{
    json_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    struct rotation r = {0};
    const char *wrong =
        doc == NULL ? "it is not well-formed JSON" : take(doc, &r);

    json_decref(doc);
    if (wrong == NULL)
        *ret = r;
    return wrong;
}

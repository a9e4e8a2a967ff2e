/* SPDX-License-Identifier: MIT */
/* Target: the file that key rotate records its steps in. Input: its text, which
 * is tried as it stands and with the checksum that it should have. Property: it
 * is refused with a reason, and nothing is taken from it; or what was taken,
 * written and read again, gives the same text, and its times can be added. */

#include <string.h>

#include <zlib.h>

#include "fuzz.h"
#include "rotate.h"

static void
check(const char *text, size_t len)
{
    struct rotation r, again, untouched;
    const char *wrong;
    char *written, *twice;

    memset(&untouched, 0x5a, sizeof untouched);
    r = untouched;
    wrong = rotate_decode(text, len, &r);
    if (wrong != NULL) {
        REQUIRE(wrong[0] != '\0');
        REQUIRE(memcmp(&r, &untouched, sizeof r) == 0);
        return;
    }
    REQUIRE(r.step > ROTATE_NONE && r.step <= ROTATE_DELETED);
    REQUIRE(r.begun_s >= 0 && r.imported_s + r.wait_s >= r.imported_s);
    written = rotate_encode(&r);
    REQUIRE(written != NULL);
    REQUIRE(rotate_decode(written, strlen(written), &again) == NULL);
    twice = rotate_encode(&again);
    REQUIRE(twice != NULL && strcmp(written, twice) == 0);
    free(written);
    free(twice);
}

/* The checksum as it is documented: a CRC-32 of the step, the texts and the
 * numbers, in this order, each with a NUL. */
static void
set_checksum(json_t *doc)
{
    static const char *const names[] = {"step",
                                        "account",
                                        "region",
                                        "endpoint",
                                        "name",
                                        "old_arn",
                                        "old_fingerprint",
                                        "new_arn",
                                        "new_fingerprint",
                                        "begun_s",
                                        "imported_s",
                                        "wait_s"};
    uLong sum = crc32(0, NULL, 0);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *value = json_object_get(doc, names[i]);
        const char *text = json_string_value(value);
        char number[24];

        (void)snprintf(number, sizeof number, "%lld",
                       (long long)json_integer_value(value));
        text = text != NULL ? text : number;
        sum =
            crc32(sum, (const unsigned char *)text, (unsigned)strlen(text) + 1);
    }
    (void)json_object_set_new(doc, "checksum", json_integer((json_int_t)sum));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *doc = json_loadb((const char *)data, size, 0, NULL);
    char *text;

    check((const char *)data, size);
    set_checksum(doc);
    text = json_dumps(doc, JSON_COMPACT);
    if (text != NULL)
        check(text, strlen(text));
    free(text);
    json_decref(doc);
    return 0;
}

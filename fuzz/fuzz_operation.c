/* SPDX-License-Identifier: MIT */
/* Target: ivs_operation_check() and its kin. Input: one byte that picks the
 * operation, then JSON text. Property: input that passes has all required
 * members and no unknown one; a refusal names a member; the verdict is the same
 * twice; what a client of one region may send the service takes too. */

#include <string.h>

#include "base/json.h"
#include "fuzz.h"
#include "service/operations.h"

static bool
is_member(const ivs_operation *op, const char *key)
{
    for (const ivs_member *m = op->input; m->name != NULL; m++)
        if (strcmp(m->name, key) == 0)
            return true;
    return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ivs_operation *op;
    json_t *input = NULL, *value;
    ivs_error err = {.code = IVS_OK}, again = {.code = IVS_OK};
    const char *key;
    ivs_status s, line;

    if (size < 1)
        return 0;
    op = ivs_operation_find(ivs_operation_name(data[0] % 41));
    REQUIRE(op != NULL);
    if (ivs_json_parse((const char *)data + 1, size - 1, IVS_JSON_OBJECT,
                       "input", &input, NULL, NULL) != IVS_OK)
        return 0;
    s = ivs_operation_check(op, input, &err);
    REQUIRE(ivs_operation_check(op, input, &again) == s);
    REQUIRE(memcmp(&err, &again, sizeof err) == 0);
    if (s == IVS_OK) {
        json_object_foreach(input, key, value) REQUIRE(is_member(op, key));
        for (const ivs_member *m = op->input; m->name != NULL; m++)
            REQUIRE(!m->required || json_object_get(input, m->name) != NULL);
    } else {
        REQUIRE(s == IVS_E_ARG && err.code == IVS_E_ARG);
        REQUIRE(err.member[0] != '\0' || json_object_get(input, "") != NULL);
    }
    line = ivs_operation_check_line(op, input, &again);
    REQUIRE(line == IVS_OK || (line == IVS_E_ARG && s == IVS_E_ARG));
    if (ivs_operation_check_in(op, "us-west-2", input, NULL) == IVS_OK)
        REQUIRE(s == IVS_OK);
    json_decref(input);
    return 0;
}

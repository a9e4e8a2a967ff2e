/* SPDX-License-Identifier: MIT */
/* Checking a success answer against its row. */

#include "base/error.h"
#include "service/operations.h"

ivs_status
ivs_operation_check_answer(const ivs_operation *op, const json_t *body,
                           ivs_error *err)
{
    const json_t *result =
        op->result != NULL ? json_object_get(body, op->result) : NULL;

    if (op->answer == IVS_ANSWER_EMPTY)
        return IVS_OK;
    if (body == NULL)
        return ivs_fail(err, IVS_E_SERVICE,
                        "the answer to %s is empty, expected a JSON object",
                        op->name);
    if (op->answer == IVS_ANSWER_MEMBER && !json_is_object(result))
        return ivs_fail_member(err, IVS_E_SERVICE, op->result,
                               "the answer to %s has no %s, expected an object",
                               op->name, op->result);
    if (op->answer == IVS_ANSWER_PAGE && !json_is_array(result))
        return ivs_fail_member(err, IVS_E_SERVICE, op->result,
                               "the answer to %s has no array %s", op->name,
                               op->result);
    return IVS_OK;
}

/* SPDX-License-Identifier: MIT */
/* Finding an operation by its name. */

#include "service/operations.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "service/operations_table.h"

size_t
ivs_operation_count(void)
{
    return ivs_noperations;
}

const char *
ivs_operation_name(size_t index)
{
    return index < ivs_noperations ? ivs_operations[index].name : NULL;
}

static int
compare_name(const void *name, const void *row)
{
    return strcmp(name, ((const ivs_operation *)row)->name);
}

const ivs_operation *
ivs_operation_find(const char *name)
{
    return bsearch(name, ivs_operations, ivs_noperations,
                   sizeof *ivs_operations, compare_name);
}

static size_t
least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein's distance, one row of the matrix at a time. */
size_t
ivs_edit_distance(const char *a, const char *b)
{
    size_t row[IVS_EDIT_FAR];
    size_t na = strlen(a), nb = strlen(b);

    if (na >= IVS_EDIT_FAR || nb >= IVS_EDIT_FAR)
        return IVS_EDIT_FAR;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t above = row[j];

            row[j] = least(above + 1, row[j - 1] + 1,
                           diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[nb];
}

ivs_status
ivs_operation_get(const char *name, const ivs_operation **ret, ivs_error *err)
{
    const ivs_operation *op = ivs_operation_find(name);
    size_t best = IVS_EDIT_FAR, nearest = 0;

    if (op != NULL) {
        *ret = op;
        return IVS_OK;
    }
    for (size_t i = 0; i < ivs_noperations; i++) {
        size_t d = ivs_edit_distance(name, ivs_operations[i].name);

        if (d < best) {
            best = d;
            nearest = i;
        }
    }
    if (best <= strlen(name) / 2)
        return ivs_fail(err, IVS_E_ARG,
                        "unknown operation '%.64s'; did you mean %s?", name,
                        ivs_operations[nearest].name);
    return ivs_fail(err, IVS_E_ARG,
                    "unknown operation '%.64s', expected one of the %zu "
                    "operations of Amazon IVS, such as GetChannel",
                    name, ivs_noperations);
}

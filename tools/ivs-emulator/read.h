/* SPDX-License-Identifier: MIT */
#ifndef EMU_READ_H
#define EMU_READ_H

/* Reading JSON that somebody wrote by hand: a mistake is told with its place in
 * the document, "faults[0].status". Functions return false with err filled, and
 * leave *ret as it is where a member is absent. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/error.h>

/* A member, or an element of one. */
typedef struct emu_place {
    const struct emu_place *above; /* NULL: the document */
    const char *member;
    size_t index;
    bool element;
} emu_place;

#define EMU_MEMBER(above, name) (&(const emu_place){(above), (name), 0, false})
#define EMU_ELEMENT(above, name, i)                                            \
    (&(const emu_place){(above), (name), (i), true})

/* "PLACE TEXT"; the document itself is `the document`. Returns false. */
bool emu_wrong(const emu_place *at, ivs_error *err, const char *fmt, ...)
    IVS_PRINTF(3, 4);

/* An object whose members are all in a list that ends with NULL. */
bool emu_read_object(const json_t *value, const emu_place *at,
                     const char *const *members, ivs_error *err);
/* A member that is a list; NULL where it is absent. */
bool emu_read_list(const json_t *object, const char *member,
                   const emu_place *at, const json_t **ret, ivs_error *err);
/* Text of 1 to max bytes. */
bool emu_read_text(const json_t *object, const char *member,
                   const emu_place *at, size_t max, const char **ret,
                   ivs_error *err);
bool emu_read_integer(const json_t *object, const char *member,
                      const emu_place *at, int64_t min, int64_t max,
                      int64_t *ret, ivs_error *err);
bool emu_read_bool(const json_t *object, const char *member,
                   const emu_place *at, bool *ret, ivs_error *err);

#endif

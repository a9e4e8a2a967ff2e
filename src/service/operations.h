/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_OPERATIONS_H
#define IVS_SERVICE_OPERATIONS_H

/* The 41 operations of Amazon IVS, API 2020-07-14, as const tables, and the
 * check of an input against its row. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/client.h>

typedef enum ivs_shape_kind {
    IVS_SHAPE_STRING,
    IVS_SHAPE_INTEGER, /* 32 bits */
    IVS_SHAPE_LONG,    /* 64 bits */
    IVS_SHAPE_BOOLEAN,
    IVS_SHAPE_LIST,
    IVS_SHAPE_MAP,
    IVS_SHAPE_STRUCTURE
} ivs_shape_kind;

typedef enum ivs_location {
    IVS_IN_BODY,
    IVS_IN_URI,
    IVS_IN_QUERY
} ivs_location;

/* What the text of a string must be like. */
typedef enum ivs_text_rule {
    IVS_RULE_PATTERN,      /* the shape's pattern, if it has one */
    IVS_RULE_RESOURCE_ARN, /* an ARN of any IVS resource */
    IVS_RULE_TAG           /* printable text */
} ivs_text_rule;

typedef struct ivs_member ivs_member;

typedef struct ivs_shape {
    ivs_shape_kind kind;
    bool has_min, has_max;
    int64_t min, max;    /* characters, elements or value */
    const char *pattern; /* as the model has it; NULL: none */
    ivs_text_rule rule;
    const char *const *values;    /* enum, NULL-terminated; NULL: none */
    const struct ivs_shape *item; /* of a list, value of a map */
    const struct ivs_shape *key;  /* of a map */
    const ivs_member *members;    /* of a structure, ends with name NULL */
} ivs_shape;

struct ivs_member {
    const char *name;
    const ivs_shape *shape;
    bool required;
    ivs_location location;
};

/* What a success answers. Wherever an object may come it may hold more. */
typedef enum ivs_answer_form {
    IVS_ANSWER_EMPTY,  /* nothing, or an object: the documents disagree */
    IVS_ANSWER_OBJECT, /* an object; each of its members may be absent */
    IVS_ANSWER_MEMBER, /* an object with an object in its member `result` */
    IVS_ANSWER_PAGE    /* an object with an array in `result`, and nextToken
                          where another page follows */
} ivs_answer_form;

/* What all paginators of the model have in common. */
#define IVS_PAGE_TOKEN     "nextToken"
#define IVS_PAGE_TOKEN_MAX 1024
#define IVS_PAGE_LIMIT     "maxResults"

typedef struct ivs_operation {
    const char *name;
    const char *method;
    const char *path; /* "/GetChannel", "/tags/{resourceArn}" */
    int status;       /* of success */
    bool repeatable;  /* a second identical request does no harm */
    ivs_answer_form answer;
    const char *result;      /* with IVS_ANSWER_MEMBER and _PAGE, else NULL */
    const ivs_member *input; /* ends with name NULL */
} ivs_operation;

/* NULL for an unknown name; exact case. */
const ivs_operation *ivs_operation_find(const char *name);

/* The same with IVS_E_ARG, which suggests the nearest name. */
ivs_status ivs_operation_get(const char *name, const ivs_operation **ret,
                             ivs_error *err);

/* How many single-character edits turn a into b; at most IVS_EDIT_FAR. */
#define IVS_EDIT_FAR 64
size_t ivs_edit_distance(const char *a, const char *b);

/*
 * Check an input object against the row: unknown, missing and ill-typed
 * members, lengths (in characters), ranges, enums, patterns. IVS_E_ARG with the
 * path of the member in err->member ("viewerSessions[3].viewerId") and a
 * sentence naming what was found and what was expected.
 */
ivs_status ivs_operation_check(const ivs_operation *op, json_t *input,
                               ivs_error *err);

/* The same for the service of one region, where nothing exists that an ARN of
 * another region names. */
ivs_status ivs_operation_check_in(const ivs_operation *op, const char *region,
                                  json_t *input, ivs_error *err);

/* Only what the request line is made of: text in the path, lists of text in the
 * query. */
ivs_status ivs_operation_check_line(const ivs_operation *op, json_t *input,
                                    ivs_error *err);

/* Check a success answer; body is NULL where it is empty. IVS_E_SERVICE with
 * what it lacks. */
ivs_status ivs_operation_check_answer(const ivs_operation *op,
                                      const json_t *body, ivs_error *err);

#endif

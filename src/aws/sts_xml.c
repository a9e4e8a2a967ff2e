/* SPDX-License-Identifier: MIT */
/* Answers of AWS STS, read with expat, which no other file knows. */

#include "aws/sts_xml.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define DEPTH_MAX    8
#define PATH_MAX_LEN 256
#define VALUE_MAX    (32 * 1024)

/* A document being read. */
struct reader {
    XML_Parser parser;
    const char *action;
    ivs_sts_answer answer;
    char path[PATH_MAX_LEN]; /* "A/B": the elements that are open */
    size_t depth;
    ivs_buf *into;       /* where text goes, or NULL */
    const char *refused; /* why we ended it ourselves */
};

/* ---- memory that is wiped ---- */

/* In front of each block, as big as any alignment. */
union header {
    size_t len;
    max_align_t align;
};

static void *
get_memory(size_t len)
{
    union header *h = malloc(sizeof *h + len);

    if (h == NULL)
        return NULL;
    h->len = len;
    return h + 1;
}

static void
free_memory(void *ptr)
{
    union header *h = ptr;

    if (h == NULL)
        return;
    h--;
    ivs_wipe(h, sizeof *h + h->len);
    free(h);
}

static void *
move_memory(void *ptr, size_t len)
{
    size_t old = ptr == NULL ? 0 : ((union header *)ptr - 1)->len;
    void *made = get_memory(len);

    if (made == NULL)
        return NULL;
    if (old > 0)
        memcpy(made, ptr, old < len ? old : len);
    free_memory(ptr);
    return made;
}

/* ---- elements ---- */

static void
refuse(struct reader *r, const char *why)
{
    if (r->refused == NULL)
        r->refused = why;
    r->into = NULL;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

/* Where the text of the element that path ends in belongs. */
static ivs_buf *
target(struct reader *r)
{
    const struct {
        const char *path;
        ivs_buf *value;
    } rows[] = {
        {"Credentials/AccessKeyId", &r->answer.access_key_id},
        {"Credentials/SecretAccessKey", &r->answer.secret_access_key},
        {"Credentials/SessionToken", &r->answer.session_token},
        {"Credentials/Expiration", &r->answer.expiration},
    };
    char prefix[128];
    size_t n;

    if (strcmp(r->path, "ErrorResponse/Error/Code") == 0)
        return &r->answer.code;
    if (strcmp(r->path, "ErrorResponse/Error/Message") == 0)
        return &r->answer.message;
    (void)snprintf(prefix, sizeof prefix, "%.40sResponse/%.40sResult/",
                   r->action, r->action);
    n = strlen(prefix);
    if (strncmp(r->path, prefix, n) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(r->path + n, rows[i].path) == 0)
            return rows[i].value;
    return NULL;
}

static bool
is_root(const struct reader *r, const char *name)
{
    char response[64];

    (void)snprintf(response, sizeof response, "%.40sResponse", r->action);
    return strcmp(name, response) == 0 || strcmp(name, "ErrorResponse") == 0;
}

static void XMLCALL
on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = user;
    size_t len = strlen(r->path);

    (void)attributes;
    if (r->into != NULL) {
        refuse(r, "an element within a value");
        return;
    }
    if (r->depth == 0 && !is_root(r, name)) {
        refuse(r, "another document element");
        return;
    }
    if (++r->depth > DEPTH_MAX || len + 1 + strlen(name) >= sizeof r->path) {
        refuse(r, "too many nested elements");
        return;
    }
    (void)snprintf(r->path + len, sizeof r->path - len, "%s%s",
                   len > 0 ? "/" : "", name);
    r->into = target(r);
    if (r->into != NULL && r->into->data != NULL)
        refuse(r, "the same element twice");
    else if (r->into != NULL)
        ivs_buf_puts(r->into, "");
}

static void XMLCALL
on_end(void *user, const XML_Char *name)
{
    struct reader *r = user;
    char *slash = strrchr(r->path, '/');

    (void)name;
    *(slash != NULL ? slash : r->path) = '\0';
    r->depth--;
    r->into = NULL;
}

static void XMLCALL
on_text(void *user, const XML_Char *text, int len)
{
    struct reader *r = user;

    if (r->into == NULL)
        return;
    if (r->into->len + (size_t)len > VALUE_MAX)
        refuse(r, "a value without end");
    else
        ivs_buf_append(r->into, text, (size_t)len);
}

/* Entities can be declared in a document type only. */
static void XMLCALL
on_doctype(void *user, const XML_Char *name, const XML_Char *system_id,
           const XML_Char *public_id, int has_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    refuse(user, "a document type");
}

/* ---- the whole ---- */

static bool
out_of_memory(const ivs_sts_answer *a)
{
    return a->access_key_id.failed || a->secret_access_key.failed ||
           a->session_token.failed || a->expiration.failed || a->code.failed ||
           a->message.failed;
}

static ivs_status
run(struct reader *r, const char *text, size_t len, ivs_error *err)
{
    enum XML_Status status;

    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (len > INT32_MAX)
        return ivs_fail(err, IVS_E_FORMAT, "the answer is too large");
    status = XML_Parse(r->parser, text, (int)len, XML_TRUE);
    if (out_of_memory(&r->answer) ||
        (status != XML_STATUS_OK &&
         XML_GetErrorCode(r->parser) == XML_ERROR_NO_MEMORY))
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for an answer");
    if (r->refused != NULL)
        return ivs_fail(err, IVS_E_FORMAT, "the answer has %s", r->refused);
    if (status != XML_STATUS_OK)
        return ivs_fail(err, IVS_E_FORMAT,
                        "the answer is not well-formed XML: %s",
                        XML_ErrorString(XML_GetErrorCode(r->parser)));
    return IVS_OK;
}

ivs_status
ivs_sts_answer_parse(const char *action, const char *text, size_t len,
                     ivs_sts_answer *ret, ivs_error *err)
{
    static const XML_Memory_Handling_Suite memory = {get_memory, move_memory,
                                                     free_memory};
    struct reader r = {.action = action,
                       .answer = {IVS_BUF_SECRET, IVS_BUF_SECRET,
                                  IVS_BUF_SECRET, IVS_BUF_SECRET,
                                  IVS_BUF_SECRET, IVS_BUF_SECRET}};
    ivs_status s;

    r.parser = XML_ParserCreate_MM("UTF-8", &memory, NULL);
    if (r.parser == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for an answer");
    s = run(&r, text, len, err);
    XML_ParserFree(r.parser);
    if (s == IVS_OK)
        *ret = r.answer;
    else
        ivs_sts_answer_free(&r.answer);
    return s;
}

void
ivs_sts_answer_free(ivs_sts_answer *answer)
{
    ivs_buf_free(&answer->access_key_id);
    ivs_buf_free(&answer->secret_access_key);
    ivs_buf_free(&answer->session_token);
    ivs_buf_free(&answer->expiration);
    ivs_buf_free(&answer->code);
    ivs_buf_free(&answer->message);
}

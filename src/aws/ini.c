/* SPDX-License-Identifier: MIT */
/* The grammar of the shared AWS files, as the SDKs agree on it. */

#include "aws/ini.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/error.h"

struct slice {
    const char *at;
    size_t len;
};

struct reader {
    ivs_ini *ini;
    ivs_ini_file file;
    const char *name;
    size_t line;
    enum { AT_START, IN_SECTION, IN_PROPERTY } state;
    ivs_ini_section *section; /* NULL: one that is skipped */
    ivs_buf *value;           /* NULL: of a property that is skipped */
    bool block;               /* its lines are names and values */
    ivs_error *err;
};

static bool
blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice
trim(struct slice s)
{
    while (s.len > 0 && blank(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

/* A value may hold # and ;: there a comment needs white space before it. */
static struct slice
cut_comment(struct slice s, bool in_value)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.at[i] == '#' || s.at[i] == ';') &&
            (!in_value || i == 0 || blank(s.at[i - 1]))) {
            s.len = i;
            break;
        }
    return trim(s);
}

/* Cut the next line off; its end, CR LF or LF, is dropped. */
static struct slice
next_line(struct slice *text)
{
    const char *end = memchr(text->at, '\n', text->len);
    struct slice line = {text->at, text->len};

    if (end != NULL)
        line.len = (size_t)(end - text->at);
    text->at += line.len + (end != NULL);
    text->len -= line.len + (end != NULL);
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Split at the first '='; both halves trimmed. */
static bool
split(struct slice line, struct slice *name, struct slice *value)
{
    const char *sign = memchr(line.at, '=', line.len);
    size_t n;

    if (sign == NULL)
        return false;
    n = (size_t)(sign - line.at);
    *name = trim((struct slice){line.at, n});
    *value = trim((struct slice){sign + 1, line.len - n - 1});
    return true;
}

static bool
is_name(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = ivs_ascii_lower(s.at[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || strchr("_-/.%@:+", c) == NULL))
            return false;
    }
    return s.len > 0;
}

static bool
equals(struct slice s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

static char *
copy(struct slice s)
{
    char *text = malloc(s.len + 1);

    if (text == NULL)
        return NULL;
    memcpy(text, s.at, s.len);
    text[s.len] = '\0';
    return text;
}

static ivs_status
syntax(const struct reader *r, const char *what)
{
    return ivs_fail(r->err, IVS_E_CREDENTIALS, "%s:%zu: %s", r->name, r->line,
                    what);
}

static ivs_status
no_memory(const struct reader *r)
{
    return ivs_fail(r->err, IVS_E_NOMEM, "out of memory reading %s", r->name);
}

/* Room for one more element; a new block twice as large where there is none. */
static void *
grow(void *array, size_t n, size_t *cap, size_t size)
{
    size_t larger = *cap == 0 ? 8 : *cap * 2;
    void *moved;

    if (n < *cap)
        return array;
    moved = reallocarray(array, larger, size);
    if (moved != NULL)
        *cap = larger;
    return moved;
}

/* Read what follows "profile ", maybe in quotes. Quoted names may have blanks,
 * as the AWS CLI writes them. */
static bool
read_name(struct slice s, struct slice *ret)
{
    if (s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') &&
        s.at[s.len - 1] == s.at[0]) {
        *ret = (struct slice){s.at + 1, s.len - 2};
        return ret->len > 0 && memchr(ret->at, s.at[0], ret->len) == NULL;
    }
    *ret = s;
    return is_name(s);
}

/* False for a section that is none of ours. */
static bool
read_header(const struct reader *r, struct slice inner, ivs_ini_section *ret,
            struct slice *name)
{
    static const char *const words[] = {[IVS_INI_PROFILE] = "profile",
                                        [IVS_INI_SSO_SESSION] = "sso-session",
                                        [IVS_INI_SERVICES] = "services"};
    struct slice word = inner;

    *ret = (ivs_ini_section){.type = IVS_INI_PROFILE, .file = r->file};
    *name = inner;
    if (r->file == IVS_INI_CREDENTIALS)
        return is_name(inner);
    if (equals(inner, "default")) {
        ret->bare_default = true;
        return true;
    }
    word.len = 0;
    while (word.len < inner.len && !blank(inner.at[word.len]))
        word.len++;
    if (word.len == inner.len)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (equals(word, words[i])) {
            ret->type = (ivs_ini_type)i;
            return read_name(
                trim((struct slice){inner.at + word.len, inner.len - word.len}),
                name);
        }
    return false;
}

static ivs_status
read_section(struct reader *r, struct slice line)
{
    ivs_ini_section section, *grown;
    struct slice inner = cut_comment(line, false), name;

    if (inner.at[inner.len - 1] != ']')
        return syntax(r, "profile definition must end with ']'");
    r->state = IN_SECTION;
    r->section = NULL;
    r->value = NULL;
    inner = trim((struct slice){inner.at + 1, inner.len - 2});
    if (!read_header(r, inner, &section, &name))
        return IVS_OK;
    grown =
        grow(r->ini->sections, r->ini->nsections, &r->ini->cap, sizeof *grown);
    if (grown == NULL)
        return no_memory(r);
    r->ini->sections = grown;
    section.name = copy(name);
    if (section.name == NULL)
        return no_memory(r);
    r->section = &grown[r->ini->nsections++];
    *r->section = section;
    return IVS_OK;
}

static ivs_status
add_property(struct reader *r, struct slice key, struct slice value)
{
    ivs_ini_section *section = r->section;
    ivs_ini_property *p;

    p = grow(section->properties, section->nproperties, &section->cap,
             sizeof *p);
    if (p == NULL)
        return no_memory(r);
    section->properties = p;
    p += section->nproperties;
    *p = (ivs_ini_property){.file = r->file, .value = IVS_BUF_SECRET};
    p->key = copy(key);
    if (p->key == NULL)
        return no_memory(r);
    section->nproperties++;
    for (char *at = p->key; *at != '\0'; at++)
        *at = ivs_ascii_lower(*at);
    r->value = &p->value;
    ivs_buf_append(r->value, value.at, value.len);
    return r->value->failed ? no_memory(r) : IVS_OK;
}

static ivs_status
read_property(struct reader *r, struct slice line)
{
    struct slice key, value;

    if (r->state == AT_START)
        return syntax(r, "expected a profile definition, such as [default]");
    if (!split(cut_comment(line, true), &key, &value))
        return syntax(r, "expected an '=' sign defining a property");
    if (key.len == 0)
        return syntax(r, "property did not have a name, expected name = value");
    r->state = IN_PROPERTY;
    r->block = value.len == 0;
    r->value = NULL;
    if (r->section == NULL || !is_name(key))
        return IVS_OK;
    return add_property(r, key, value);
}

static ivs_status
read_continuation(struct reader *r, struct slice line)
{
    struct slice name, value;

    if (r->state == AT_START)
        return syntax(r, "expected a profile definition, such as [default]");
    if (r->state == IN_SECTION)
        return syntax(r, "expected a property definition, found continuation");
    if (r->block && !split(cut_comment(line, true), &name, &value))
        return syntax(r, "expected an '=' sign defining a sub-property");
    if (r->block && name.len == 0)
        return syntax(r, "sub-property did not have a name, expected name = "
                         "value");
    if (r->value == NULL)
        return IVS_OK;
    ivs_buf_putc(r->value, '\n');
    ivs_buf_append(r->value, line.at, line.len);
    return r->value->failed ? no_memory(r) : IVS_OK;
}

static ivs_status
read_line(struct reader *r, struct slice line)
{
    struct slice text = trim(line);

    if (text.len == 0 || text.at[0] == '#' || text.at[0] == ';')
        return IVS_OK;
    if (memchr(line.at, '\0', line.len) != NULL)
        return syntax(r, "NUL byte, expected text");
    if (blank(line.at[0]))
        return read_continuation(r, text);
    if (line.at[0] == '[')
        return read_section(r, text);
    return read_property(r, text);
}

static void
free_section(ivs_ini_section *section)
{
    for (size_t i = 0; i < section->nproperties; i++) {
        ivs_buf_free(&section->properties[i].value);
        ivs_free_secret(section->properties[i].key,
                        strlen(section->properties[i].key));
    }
    free(section->properties);
    ivs_free_secret(section->name, strlen(section->name));
}

/* [profile default] and [default] in one file: the first counts alone. */
static void
drop_bare_default(ivs_ini *ini)
{
    size_t kept = 0;
    bool full = false;

    for (size_t i = 0; i < ini->nsections && !full; i++) {
        const ivs_ini_section *s = &ini->sections[i];

        full = s->type == IVS_INI_PROFILE && s->file == IVS_INI_CONFIG &&
               !s->bare_default && strcmp(s->name, "default") == 0;
    }
    if (!full)
        return;
    for (size_t i = 0; i < ini->nsections; i++) {
        if (ini->sections[i].bare_default)
            free_section(&ini->sections[i]);
        else
            ini->sections[kept++] = ini->sections[i];
    }
    ini->nsections = kept;
}

ivs_status
ivs_ini_parse(ivs_ini *ini, const char *text, size_t len, ivs_ini_file file,
              const char *name, ivs_error *err)
{
    struct reader r = {.ini = ini, .file = file, .name = name, .err = err};
    struct slice rest = {text, len};
    ivs_status s;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        rest = (struct slice){text + 3, len - 3};
    while (rest.len > 0) {
        r.line++;
        if ((s = read_line(&r, next_line(&rest))) != IVS_OK)
            return s;
    }
    drop_bare_default(ini);
    return IVS_OK;
}

static bool
matches(const ivs_ini_section *s, ivs_ini_type type, const char *name)
{
    return s->type == type && strcmp(s->name, name) == 0;
}

const ivs_ini_property *
ivs_ini_get(const ivs_ini *ini, ivs_ini_type type, const char *section,
            const char *key)
{
    for (size_t i = ini->nsections; i-- > 0;) {
        const ivs_ini_section *s = &ini->sections[i];

        if (!matches(s, type, section))
            continue;
        for (size_t k = s->nproperties; k-- > 0;)
            if (strcmp(s->properties[k].key, key) == 0)
                return &s->properties[k];
    }
    return NULL;
}

bool
ivs_ini_has(const ivs_ini *ini, ivs_ini_type type, const char *section)
{
    for (size_t i = 0; i < ini->nsections; i++)
        if (matches(&ini->sections[i], type, section))
            return true;
    return false;
}

bool
ivs_ini_block_get(const ivs_ini_property *block, const char *name, ivs_buf *ret)
{
    struct slice rest = {block->value.data, block->value.len};
    struct slice key, value, found = {NULL, 0};

    if (rest.len == 0 || rest.at[0] != '\n')
        return false;
    while (rest.len > 0)
        if (split(cut_comment(next_line(&rest), true), &key, &value) &&
            equals(key, name))
            found = value;
    if (found.at == NULL)
        return false;
    ivs_buf_append(ret, found.at, found.len);
    return true;
}

void
ivs_ini_free(ivs_ini *ini)
{
    for (size_t i = 0; i < ini->nsections; i++)
        free_section(&ini->sections[i]);
    free(ini->sections);
    *ini = (ivs_ini){0};
}

/* SPDX-License-Identifier: MIT */
/* Target: ivs_ini_parse(). Input: the text of a config file and of a
 * credentials file. Property: what was read, printed and read again, gives the
 * same sections, keys and values, and the same for a name in a block. */

#include <string.h>

#include "aws/ini.h"
#include "fuzz.h"

/* Lines end in CR LF, so that a value may end in CR. */
static void
print(const ivs_ini *ini, ivs_buf *ret)
{
    static const char *const words[] = {"profile", "sso-session", "services"};

    for (size_t i = 0; i < ini->nsections; i++) {
        const ivs_ini_section *s = &ini->sections[i];
        char quote = strchr(s->name, '"') == NULL ? '"' : '\'';

        if (s->file == IVS_INI_CREDENTIALS || s->bare_default)
            ivs_buf_printf(ret, "[%s]\r\n", s->name);
        else
            ivs_buf_printf(ret, "[%s %c%s%c]\r\n", words[s->type], quote,
                           s->name, quote);
        for (size_t k = 0; k < s->nproperties; k++) {
            ivs_buf_printf(ret, "%s=", s->properties[k].key);
            for (const char *at = s->properties[k].value.data; *at != '\0';
                 at++)
                ivs_buf_puts(ret, *at == '\n' ? "\r\n " : (char[]){*at, 0});
            ivs_buf_puts(ret, "\r\n");
        }
    }
}

/* A value whose lines hold names of their own, such as that of "ivs". */
static void
same_block(const ivs_ini_property *a, const ivs_ini_property *b)
{
    static const char name[] = "endpoint_url";
    ivs_buf one = IVS_BUF_INIT, two = IVS_BUF_INIT;
    bool found = ivs_ini_block_get(a, name, &one);

    REQUIRE(ivs_ini_block_get(b, name, &two) == found);
    REQUIRE(one.len == two.len);
    if (one.len > 0) {
        REQUIRE(memcmp(one.data, two.data, one.len) == 0);
        REQUIRE(strstr(a->value.data, one.data) != NULL);
    }
    ivs_buf_free(&one);
    ivs_buf_free(&two);
}

static void
same(const ivs_ini *a, const ivs_ini *b)
{
    REQUIRE(a->nsections == b->nsections);
    for (size_t i = 0; i < a->nsections; i++) {
        const ivs_ini_section *s = &a->sections[i], *t = &b->sections[i];

        REQUIRE(s->type == t->type && strcmp(s->name, t->name) == 0);
        REQUIRE(s->nproperties == t->nproperties);
        for (size_t k = 0; k < s->nproperties; k++) {
            const ivs_ini_property *p = &s->properties[k];

            REQUIRE(strcmp(p->key, t->properties[k].key) == 0);
            REQUIRE(strcmp(p->value.data, t->properties[k].value.data) == 0);
            REQUIRE(ivs_ini_has(a, s->type, s->name));
            REQUIRE(ivs_ini_get(a, s->type, s->name, p->key) != NULL);
            same_block(p, &t->properties[k]);
        }
    }
}

static void
round_trip(const char *text, size_t len, ivs_ini_file file)
{
    ivs_buf printed = IVS_BUF_INIT;
    ivs_ini one = {0}, two = {0};

    if (ivs_ini_parse(&one, text, len, file, "one", NULL) == IVS_OK) {
        ivs_buf_puts(&printed, "");
        print(&one, &printed);
        REQUIRE(ivs_ini_parse(&two, printed.data, printed.len, file, "two",
                              NULL) == IVS_OK);
        same(&one, &two);
    }
    ivs_buf_free(&printed);
    ivs_ini_free(&one);
    ivs_ini_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* ivs_ini_get() of every key is quadratic. */
    if (size > 4096)
        return 0;
    round_trip((const char *)data, size, IVS_INI_CONFIG);
    round_trip((const char *)data, size, IVS_INI_CREDENTIALS);
    return 0;
}

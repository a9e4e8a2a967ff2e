/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_SOURCE_CASE_H
#define IVS_TEST_SOURCE_CASE_H

/* A source of credentials as a case of a table: what is configured, which
 * requests must come, what comes of it. */

#include "support/test.h"

#include <string.h>

#include "aws/credentials_provider.h"
#include "support/exchange.h"

#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

#define MAX_EXCHANGES 8

struct source_case {
    const char *name;
    const char *const *env;
    const char *config;
    struct exchange exchanges[MAX_EXCHANGES];
    /* success: */
    const char *id, *secret, *token, *source;
    int64_t expires_s;
    /* failure: what the message has */
    const char *messages[3];
};

#define NO_IMDS "AWS_EC2_METADATA_DISABLED=true"
#define LATER   "2015-08-30T13:36:00Z"
#define LATER_S (NOW + 3600)

/* Of a container and of an instance. */
#define DOCUMENT(members)                                                      \
    "{\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s/" MARK                  \
    "\",\"Token\":\"" MARK "=\"" members "}"
#define GOOD_DOCUMENT DOCUMENT(",\"Expiration\":\"" LATER "\"")

#define ECS  "http://169.254.170.2"
#define IMDS "http://169.254.169.254"

static inline void
check_failure(const struct source_case *c, ivs_status s, const ivs_error *err)
{
    assert_int_equal(s, IVS_E_CREDENTIALS);
    assert_int_equal(err->code, IVS_E_CREDENTIALS);
    assert_int_equal(err->unanswered, 0);
    for (size_t k = 0; k < 3 && c->messages[k] != NULL; k++)
        if (strstr(err->message, c->messages[k]) == NULL)
            fail_msg("%s\nhas no %s", err->message, c->messages[k]);
    assert_null(strstr(err->message, MARK));
}

static inline void
check_keys(const struct source_case *c, ivs_credentials *found,
           const ivs_credentials_keys *keys)
{
    assert_string_equal(keys->access_key_id.data, c->id);
    assert_string_equal(keys->secret_access_key.data, c->secret);
    assert_string_equal(keys->session_token.data, c->token);
    assert_true(ivs_credentials_expiry(found) == c->expires_s);
    if (c->source != NULL)
        assert_string_equal(ivs_credentials_source(found), c->source);
    assert_true(ivs_credentials_are_in(found, "a " MARK "= b"));
    assert_false(ivs_credentials_are_in(found, "nothing"));
}

static inline void
run_source_cases(const struct source_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct source_case *c = &cases[i];
        ivs_credentials *found = NULL;
        ivs_credentials_keys keys = {0};
        ivs_credentials_setup setup;
        static struct world w;
        ivs_error err = {0};
        ivs_status s;

        print_message("%s\n", c->name);
        setup = world_make(&w, c->env, c->config, NULL, c->exchanges);
        s = ivs_credentials_find(&setup, &found, &err);
        if (s == IVS_OK)
            s = ivs_credentials_get(found, NULL, &keys, &err);
        if (c->id == NULL) {
            check_failure(c, s, &err);
        } else {
            if (s != IVS_OK)
                fail_msg("%s", err.message);
            check_keys(c, found, &keys);
        }
        ivs_credentials_keys_free(&keys);
        ivs_credentials_free(found);
        world_end(&w);
    }
}

#endif

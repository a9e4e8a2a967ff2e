/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_JUDGE_H
#define IVS_TEST_JUDGE_H

/* What tests of verification share: a key, bound to each engine in turn, and
 * the expectation of a reason. Include after support/test.h. */

#include <stddef.h>

#include <ivs/token.h>

#include "support/forge.h"

/* The key of forge_key() for the engine whose turn it is. */
extern ivs_key *judge_key;

int judge_with_openssl(void **state);
int judge_with_default_engine(void **state);
int judge_drop_key(void **state);

/* Run a table of cmocka tests with both engines. */
#define judge_run(tests)                                                       \
    (cmocka_run_group_tests_name("openssl", tests, judge_with_openssl,         \
                                 judge_drop_key) +                             \
     cmocka_run_group_tests_name("default engine", tests,                      \
                                 judge_with_default_engine, judge_drop_key))

/* Verify at FORGE_NOW; checks that outputs keep their promises. */
ivs_status judge(const char *token, size_t len, const ivs_verify_options *opt,
                 ivs_error *err);
/* Fail the test unless verify gives this reason; NONE for a good token. */
void judge_expect(const char *name, const char *token, size_t len,
                  const ivs_verify_options *opt, ivs_reject_reason reason);
/* The same for a payload that is signed first. */
void judge_expect_payload(const char *name, const char *payload,
                          const ivs_verify_options *opt,
                          ivs_reject_reason reason);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_PAIRS_H
#define IVS_TEST_PAIRS_H

/* The service's key pairs, as a script answers with them. */

#include "support/keys.h"
#include "support/script.h"

#define ARN(id) "arn:aws:ivs:us-west-2:123456789012:playback-key/" id
#define PRINT   "\"fingerprint\":\"" KEY_A_FINGERPRINT "\""

/* A list with one pair, and what a get then says of it. */
static const struct reply listed = {
    .status = 200, .body = "{\"keyPairs\":[{\"arn\":\"" ARN("one") "\"}]}"};
static const struct reply ours = {.status = 200,
                                  .body = "{\"keyPair\":{\"arn\":\"" ARN(
                                      "one") "\",\"name\":\"n\"," PRINT "}}"};
static const struct reply other = {.status = 200,
                                   .body = "{\"keyPair\":{\"arn\":\"" ARN(
                                       "one") "\",\"fingerprint\":\"00:11\"}}"};
static const struct reply lost = {.fails = IVS_E_NETWORK};
static const struct reply forbidden = {
    .status = 403, .body = "{\"code\":\"AccessDeniedException\"}"};

#endif

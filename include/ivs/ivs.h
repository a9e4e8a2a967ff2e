/* SPDX-License-Identifier: MIT */
#ifndef IVS_IVS_H
#define IVS_IVS_H

/**
 * @file
 * Umbrella header of ivs-token: viewer tokens for Amazon IVS private channels.
 *
 * Two libraries stand behind these headers:
 *   - libivs-token (error.h arn.h key.h token.h): keys and tokens. It opens no
 *     socket, reads no environment variable and knows no clock: the current
 *     time is always a parameter, int64_t seconds since 1970-01-01 UTC.
 *   - libivs-service (transport.h credentials.h client.h playback_key.h
 *     channel.h tags.h revoke.h playback.h): the Amazon IVS API, and what it
 *     answers to a player. It needs libivs-token and libcurl.
 * Not included here is libjwt.h, the bridge for programs that use libjwt.
 *
 * Conventions, which hold for every function unless its comment says more:
 *   - Inputs come first, outputs (`ret_*`) next, `ivs_error *err` last. `err`
 *     may be NULL. Outputs are untouched on failure.
 *   - An object is used by one thread at a time; different objects are
 *     independent. The exceptions may be shared by any number of threads: an
 *     ivs_key, which is immutable, and an ivs_client with the ivs_credentials
 *     it borrows, which lock what they change. Making and releasing an object
 *     is for one thread. There is no global state but what libcurl's one-time
 *     initialisation makes.
 *   - `ivs_x_free(NULL)` does nothing. Memory handed out goes back through
 *     ivs_free(), secrets through ivs_free_secret().
 *   - Structs that callers fill start with `size_t size` and are set up by
 *     `ivs_x_init(x, sizeof *x)`; a zero member means the default.
 *   - The libraries never print, never exit and never call back after they
 *     have returned.
 *
 * SOVERSION is 0 while the version is 0.x: the ABI may change with any minor
 * version until 1.0.
 */

#define IVS_VERSION_MAJOR 0
#define IVS_VERSION_MINOR 1
#define IVS_VERSION_PATCH 0
#define IVS_VERSION       "0.1.0"

#include <ivs/arn.h>
#include <ivs/channel.h>
#include <ivs/client.h>
#include <ivs/credentials.h>
#include <ivs/error.h>
#include <ivs/export.h>
#include <ivs/key.h>
#include <ivs/playback.h>
#include <ivs/playback_key.h>
#include <ivs/revoke.h>
#include <ivs/tags.h>
#include <ivs/token.h>
#include <ivs/transport.h>

#endif

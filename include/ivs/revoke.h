/* SPDX-License-Identifier: MIT */
#ifndef IVS_REVOKE_H
#define IVS_REVOKE_H

/**
 * @file
 * Revocation of viewer sessions. A revocation reaches sessions whose token
 * carries the viewer id and a version at or below the one given; without one
 * it reaches only tokens minted without a version (or with 0).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ivs/client.h>
#include <ivs/error.h>
#include <ivs/export.h>

IVS_BEGIN_DECLS

/** Most pairs of one batch call. @since 0.1 */
#define IVS_REVOKE_BATCH_MAX 20

/** Calls a second of BatchStartViewerSessionRevocation: the quota of an account
 * in a region. @since 0.1 */
#define IVS_REVOKE_BATCH_PER_S 2

/** The same of StartViewerSessionRevocation. @since 0.1 */
#define IVS_REVOKE_SINGLE_PER_S 10

/** Code of a pair that ivs_revoke() did not send, because it is malformed or of
 * another region. @since 0.1 */
#define IVS_REVOKE_CODE_INVALID "InvalidPair"

/** Highest version the revocation API can name (32 bits). @since 0.1 */
#define IVS_REVOKE_VERSION_MAX 2147483647

/** One viewer of one channel. Owns nothing. @since 0.1 */
typedef struct ivs_revocation {
    const char *channel_arn; /**< NUL-terminated */
    const char *viewer_id;   /**< NUL-terminated, 1..40 characters */
    bool has_version;
    int64_t up_to_version; /**< 0..IVS_REVOKE_VERSION_MAX */
} ivs_revocation;

/** How one pair ended. @since 0.1 */
typedef enum ivs_revoke_state {
    IVS_REVOKE_NOT_DONE = 0,     /**< unknown: send it again */
    IVS_REVOKE_ACKNOWLEDGED = 1, /**< the service took it */
    IVS_REVOKE_FAILED = 2        /**< the service named it in `errors` */
} ivs_revoke_state;

/** Outcome of one pair. Owns nothing. @since 0.1 */
typedef struct ivs_revoke_outcome {
    ivs_revoke_state state;
    char code[64];     /**< the service's code, "unknown" where it gave none */
    char message[192]; /**< the service's sentence, may be empty */
} ivs_revoke_outcome;

/**
 * Revoke one viewer's sessions: StartViewerSessionRevocation.
 *
 * @param[in]  client  The client.
 * @param[in]  pair    Whom; borrowed.
 * @param[out] err     Optional.
 * @retval IVS_OK     acknowledged: a complete 200 with an empty body or a JSON
 *                    object.
 * @retval IVS_E_ARG  a NULL argument, a malformed channel ARN or viewer id, a
 *                    version outside 0..IVS_REVOKE_VERSION_MAX, or a channel of
 *                    another region than the client's.
 * @retval others     as ivs_client_call().
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_revoke_viewer(ivs_client *client,
                                                   const ivs_revocation *pair,
                                                   ivs_error *err);

/**
 * Revoke up to 20 viewers: BatchStartViewerSessionRevocation. The service may
 * refuse single pairs of a call it answers with 200.
 *
 * @param[in]  client  The client.
 * @param[in]  pairs   Whom; borrowed. Each (channel, viewer) at most once.
 * @param[in]  npairs  1..IVS_REVOKE_BATCH_MAX.
 * @param[out] ret     npairs outcomes, in the order of pairs. Untouched on
 *                     failure.
 * @param[out] err     Optional; `member` and message name the pair at fault.
 * @retval IVS_OK     a complete 200 with one JSON object whose `errors` is
 *                    absent, null or an array of objects with channelArn and
 *                    viewerId; look at every outcome. A pair named by `errors`
 *                    is IVS_REVOKE_FAILED.
 * @retval IVS_E_ARG  as ivs_revoke_viewer(), a wrong number of pairs, or the
 *                    same pair twice.
 * @retval others     as ivs_client_call(); no pair is known to be acknowledged.
 *
 * Safe from any thread, also on one client. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_revoke_batch(ivs_client *client,
                                                  const ivs_revocation *pairs,
                                                  size_t npairs,
                                                  ivs_revoke_outcome *ret,
                                                  ivs_error *err);

/** Which calls ivs_revoke() makes. @since 0.1 */
typedef enum ivs_revoke_lane {
    IVS_REVOKE_LANE_BATCH = 0,  /**< batch calls: 40 pairs a second */
    IVS_REVOKE_LANE_SINGLE = 1, /**< single calls: 10 pairs a second */
    IVS_REVOKE_LANE_BOTH = 2    /**< both: 50 pairs a second; leaves nothing of
                                     the quotas for anybody else */
} ivs_revoke_lane;

/** A pair as ivs_revoke() pulls it. Owns nothing. @since 0.1 */
typedef struct ivs_revoke_row {
    int64_t id; /**< the caller's; comes back with the outcome */
    ivs_revocation pair;
} ivs_revoke_row;

/** The end of a pair. Owns nothing. @since 0.1 */
typedef struct ivs_revoke_settled {
    int64_t id;
    ivs_revoke_outcome outcome; /**< with IVS_REVOKE_NOT_DONE, code and message
                                     tell the last failure, if there was one */
} ivs_revoke_settled;

/** How far ivs_revoke() is. @since 0.1 */
typedef struct ivs_revoke_progress {
    size_t size;     /**< of the struct, set by the library */
    uint64_t pulled; /**< pairs, of which so many are at their end: */
    uint64_t acknowledged;
    uint64_t failed;
    uint64_t not_done;
    uint64_t calls;     /**< sent, repeats included */
    uint64_t throttled; /**< calls that were answered so */
    double pairs_per_s; /**< at their end, over the last ten seconds */
    int64_t eta_s;      /**< until `total` are, at the rate of the last minute;
                             -1: unknown */
    bool ended;         /**< the last one */
} ivs_revoke_progress;

/** Options of ivs_revoke(). Callbacks run on the thread that called it, one at
 * a time. @since 0.1 */
typedef struct ivs_revoke_options {
    size_t size; /**< set by ivs_revoke_options_init() */
    /**
     * The next pairs, in the order in which they shall go out.
     * @param[in]  busy   Regions that have enough pairs, or were given up: none
     *                    of theirs now, so that others do not wait for them.
     *                    They stay for a later call. With one client: none.
     * @param[in]  nbusy  How many there are.
     * @param[out] ret    Room for cap rows. Their texts are read before the
     *                    next call of a callback.
     * @param[out] ret_n  How many rows there are; 0: no more will come, but for
     *                    those of the busy regions.
     * @return IVS_OK; anything else ends the run with that status.
     */
    ivs_status (*pull)(const char *const *busy, size_t nbusy,
                       ivs_revoke_row *ret, size_t cap, size_t *ret_n,
                       void *user, ivs_error *err);
    /**
     * n pairs are at their end: all that one call has settled. What is to
     * outlive a crash must be durable on return.
     * @return IVS_OK; anything else ends the run with that status, and nothing
     *         more is sent.
     */
    ivs_status (*settle)(const ivs_revoke_settled *settled, size_t n,
                         void *user, ivs_error *err);
    /** Whether to end early; asked ten times a second; or NULL. Calls in flight
     * are waited for. */
    bool (*cancelled)(void *user);
    /** About once a second and at the end; or NULL. */
    void (*progress)(const ivs_revoke_progress *progress, void *user);
    /** The client of a region, asked for once each, for at most 16; or NULL.
     * Each region has quotas of its own. */
    ivs_status (*client_of)(const char *region, ivs_client **ret, void *user,
                            ivs_error *err);
    void *user; /**< handed to the callbacks */
    /** The client of all pairs, where client_of is NULL. Pairs of another
     * region end as IVS_REVOKE_CODE_INVALID. Clients are borrowed, and must
     * have been made with max_attempts 1: the engine repeats calls itself. */
    ivs_client *client;
    ivs_revoke_lane lane;
    int pairs_per_s; /**< at most, for each region; 0: what the quotas allow */
    uint64_t total;  /**< pairs that will be pulled, for the ETA; 0: unknown */
} ivs_revoke_options;

/**
 * Set every member to its default.
 * @param[out] opt   The struct.
 * @param[in]  size  sizeof *opt.
 * Safe from any thread. @since 0.1
 */
IVS_API void ivs_revoke_options_init(ivs_revoke_options *opt, size_t size);

/**
 * Revoke any number of viewers at the quota of the service.
 *
 * Pairs are pulled as they are needed (at most 640 of a region are held), sent,
 * and handed to `settle`, each exactly once: acknowledged, failed, or not done.
 * A call whose answer is lost is sent again, so a pair may be revoked twice,
 * which does no harm. Throttling slows the lane down and success speeds it up
 * again. A batch that is refused as malformed is cut in halves until the pair
 * at fault is alone. A pair is given up (not done) after 10 failures while
 * other calls succeed.
 *
 * With client_of, each region has its own pace and its own end: one that is
 * throttled or broken holds no other up, and is given up alone for the reasons
 * that end a run below. Its pairs that were pulled end as not done, the rest of
 * them are not pulled, and the first such reason is returned when the others
 * are through.
 *
 * The run ends early when the service denies access, asks for other
 * credentials or names an exhausted quota; when the first 5 calls fail; when 5
 * and more have failed for 5 minutes without a success; when `cancelled` says
 * so; and when a callback fails. Then calls in flight are waited for, pairs
 * that were pulled but not settled end as not done (unless a callback failed),
 * and those never pulled stay where they are. A later run may pull everything
 * that is not acknowledged or failed.
 *
 * @param[in]  opt  Borrowed for the call.
 * @param[out] err  Optional; why the run ended early.
 * @retval IVS_OK             every pair was pulled and is at its end; which, is
 *                            told by `settle` and the last `progress`.
 * @retval IVS_E_ARG          opt or a callback is NULL, a value is outside its
 *                            range, a client with other max_attempts, too many
 *                            regions.
 * @retval IVS_E_SERVICE      the service refuses all calls, or answers nothing
 *                            that it could have sent.
 * @retval IVS_E_THROTTLED    throttled for 5 minutes without a success.
 * @retval IVS_E_NETWORK      no answers.
 * @retval IVS_E_CREDENTIALS  there are none (any more).
 * @retval IVS_E_CANCELLED    `cancelled` said so, or ivs_client_cancel().
 * @retval IVS_E_NOMEM        out of memory, or no thread could be started.
 * @retval others             as ivs_client_call(), or what a callback returned.
 *
 * Starts up to 24 threads a region, which end before it returns; they receive
 * no signals. Not while another thread uses its clients. @since 0.1
 */
IVS_API IVS_NODISCARD ivs_status ivs_revoke(const ivs_revoke_options *opt,
                                            ivs_error *err);

IVS_END_DECLS

#endif

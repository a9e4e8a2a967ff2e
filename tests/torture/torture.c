/* SPDX-License-Identifier: MIT */
/* Every call of ours that can fail, and every allocation in OpenSSL and
 * jansson, fails in turn, one a run: the status says so, outputs stay as they
 * were, nothing is left alive or in OpenSSL's error queue, and no token is ever
 * good that is not. */

#include "support/test.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "torture/scenario.h"

static bool
is_expected(const struct scenario *sc, ivs_status s, const ivs_error *err)
{
    unsigned allowed = BIT(IVS_E_NOMEM);

    if (s == IVS_OK)
        return sc->end == IVS_OK;
    if (s == IVS_E_TOKEN && err->reason != IVS_REJECT_SIGNATURE)
        return false;
    if (scenario_turn.mode == INJECT_INTERRUPTED)
        return s == sc->end;
    if (scenario_turn.mode != INJECT_JANSSON)
        allowed |= BIT(IVS_E_CRYPTO);
    if (scenario_has_file(sc))
        allowed |= BIT(IVS_E_IO);
    /* Below its decoders and checks OpenSSL does not always say that it was
     * memory. */
    if (scenario_turn.mode == INJECT_OTHER ||
        scenario_turn.mode == INJECT_OPENSSL || s == sc->end)
        allowed |= sc->unexpected;
    return (allowed & BIT(s)) != 0;
}

/* Errors that OpenSSL keeps for a thread hold memory. */
static struct inject_live
what_lives(void)
{
    OPENSSL_thread_stop();
    return inject_live();
}

/* Whether something was made to fail. */
static bool
run_once(const struct scenario *sc, size_t *ret_faults)
{
    struct inject_live before = what_lives(), now;
    ivs_error err = {0};
    unsigned long queued;
    const char *failed;
    ivs_status s;

    s = sc->run(sc, &err);
    failed = inject_failed();
    queued = ERR_peek_error();
    now = what_lives();
    if (is_expected(sc, s, &err) && (failed != NULL || s == sc->end) &&
        err.code == s && queued == 0 && memcmp(&before, &now, sizeof now) == 0)
        return failed != NULL;
    ++*ret_faults;
    print_error("%s: %s %zu (%s): %s, %s; errors %lx, left: %ld of ours, %ld "
                "of OpenSSL, %ld of jansson, %ld files\n",
                sc->name, inject_mode_names[scenario_turn.mode],
                scenario_turn.n, failed == NULL ? "nothing" : failed,
                ivs_status_name(s), err.message, queued, now.own - before.own,
                now.openssl - before.openssl, now.jansson - before.jansson,
                now.files - before.files);
    return failed != NULL;
}

static void
all_in_mode(void **state)
{
    enum inject_mode mode = *(const enum inject_mode *)*state;
    size_t total = 0, faults = 0;

    scenario_turn.mode = mode;
    for (size_t i = 0; i < nscenarios; i++) {
        const struct scenario *sc = &scenarios[i];
        size_t last =
            mode == INJECT_OPENSSL && sc->own > 0 ? sc->own : SIZE_MAX;

        for (size_t n = 1; n <= last; n++) {
            scenario_turn.n = n;
            if (!run_once(sc, &faults))
                break;
            total++;
        }
    }
    print_message("%s: %zu failures\n", inject_mode_names[mode], total);
    assert_int_equal(faults, 0);
    assert_true(total > (mode == INJECT_INTERRUPTED ? 4 : 100));
}

int
main(void)
{
    static enum inject_mode modes[INJECT_MODES] = {0, 1, 2, 3, 4};
    const struct CMUnitTest tests[] = {
        {"our calls without memory", all_in_mode, NULL, NULL, &modes[0]},
        {"our calls failing otherwise", all_in_mode, NULL, NULL, &modes[1]},
        {"interrupted reads and writes", all_in_mode, NULL, NULL, &modes[2]},
        {"OpenSSL without memory", all_in_mode, NULL, NULL, &modes[3]},
        {"jansson without memory", all_in_mode, NULL, NULL, &modes[4]},
    };

    if (!inject_start())
        return 1;
    return cmocka_run_group_tests_name("torture", tests, scenario_set_up,
                                       scenario_tear_down);
}

/* SPDX-License-Identifier: MIT */
/* credential_process: real children, and what may go wrong with them. */

#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/credentials_provider.h"
#include "aws/words.h"
#include "base/clock.h"
#include "support/exchange.h"

#define GOOD                                                                   \
    "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s/" MARK    \
    "\"}"

struct process_case {
    const char *name;
    const char *line; /* of the config file */
    const char *id, *token;
    int64_t expires_s;
    const char *messages[2];
};

/* clang-format off */
static const struct process_case cases[] = {
    {"keys for ever", "echo '" GOOD "'", "AKID", "", IVS_NEVER, {0}},
    {"keys with everything",
     "echo '{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s\","
     "\"SessionToken\":\"t=\",\"AccountId\":\"1\","
     "\"Expiration\":\"2015-08-30T13:36:00Z\"}'",
     "AKID", "t=", NOW + 3600, {0}},
    {"null for what is not there",
     "echo '{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s\","
     "\"SessionToken\":null,\"Expiration\":null}'", "AKID", "", IVS_NEVER, {0}},
    {"words as of a shell", "sh -c 'echo \"$0\"' \"{\\\"Version\\\":1,"
     "\\\"AccessKeyId\\\":\\\"a  b\\\"}\"", NULL, NULL, 0,
     {"no SecretAccessKey"}},
    {"no shell", "echo $HOME; true | cat", NULL, NULL, 0,
     {"credential_process of profile default: ", "not well-formed JSON"}},
    {"no standard input", "sh -c 'read x || echo '\\''" GOOD "'\\'", "AKID", "",
     IVS_NEVER, {0}},
    {"exit code", "sh -c 'echo '\\''" GOOD "'\\''; exit 3'", NULL, NULL, 0,
     {"exit code 3, expected 0"}},
    {"a signal", "sh -c 'kill -TERM $$'", NULL, NULL, 0, {"signal 15"}},
    {"no such program", "/nonexistent/program --secret " MARK, NULL, NULL, 0,
     {"cannot start /nonexistent/program: No such file"}},
    {"garbage", "echo " MARK, NULL, NULL, 0, {"not well-formed JSON"}},
    {"nothing", "true", NULL, NULL, 0, {"not well-formed JSON"}},
    {"no version", "echo '{\"AccessKeyId\":\"a\"}'", NULL, NULL, 0,
     {"no Version, expected Version 1"}},
    {"version 2", "echo '{\"Version\":2}'", NULL, NULL, 0,
     {"it gave Version 2, expected Version 1"}},
    {"version that is text", "echo '{\"Version\":\"1\"}'", NULL, NULL, 0,
     {"a Version that is no integer"}},
    {"a member twice",
     "echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"AccessKeyId\":\"b\"}'",
     NULL, NULL, 0, {"the member \"AccessKeyId\" twice"}},
    {"empty secret",
     "echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"\"}'",
     NULL, NULL, 0, {"a malformed SecretAccessKey"}},
    {"malformed expiration",
     "echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"" MARK
     "\",\"Expiration\":\"soon\"}'", NULL, NULL, 0, {"a malformed Expiration"}},
    {"expired",
     "echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"" MARK
     "\",\"Expiration\":\"2015-08-30T12:00:00Z\"}'", NULL, NULL, 0,
     {"expired at 2015-08-30T12:00:00Z"}},
    {"output without end", "yes " MARK, NULL, NULL, 0,
     {"more than 64 KiB", "JSON"}},
};
/* clang-format on */

static void
processes_are_run_and_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct process_case *c = &cases[i];
        static struct world w;
        char config[1024];
        ivs_credentials *found = NULL;
        ivs_credentials_keys keys = {0};
        ivs_credentials_setup setup;
        ivs_error err = {0};
        ivs_status s;

        print_message("%s\n", c->name);
        (void)snprintf(config, sizeof config,
                       "[default]\ncredential_process = %s\n", c->line);
        setup = world_make(&w, NULL, config, NULL, NULL);
        assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
        s = ivs_credentials_get(found, NULL, &keys, &err);
        if (c->id == NULL) {
            assert_int_equal(s, IVS_E_CREDENTIALS);
            for (size_t k = 0; k < 2 && c->messages[k] != NULL; k++)
                if (strstr(err.message, c->messages[k]) == NULL)
                    fail_msg("%s\nhas no %s", err.message, c->messages[k]);
            assert_null(strstr(err.message, MARK));
        } else {
            if (s != IVS_OK)
                fail_msg("%s", err.message);
            assert_string_equal(keys.access_key_id.data, c->id);
            assert_string_equal(keys.session_token.data, c->token);
            assert_true(ivs_credentials_expiry(found) == c->expires_s);
        }
        ivs_credentials_keys_free(&keys);
        ivs_credentials_free(found);
        world_end(&w);
        /* No child is left, whatever it was. */
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
}

/* A call that is cancelled on the third look. */
static bool
third_look(void *user)
{
    return ++*(int *)user >= 3;
}

static void
a_cancelled_call_ends_the_process(void **state)
{
    static const char *const lines[] = {"sleep 60",
                                        "sh -c 'exec >&-; exec sleep 60'"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        static struct world w;
        int looks = 0;
        const ivs_cancel cancel = {.cancelled = third_look, .user = &looks};
        char config[128];
        ivs_credentials *found = NULL;
        ivs_credentials_keys keys = {0};
        ivs_credentials_setup setup;
        ivs_error err = {0};

        (void)snprintf(config, sizeof config,
                       "[default]\ncredential_process = %s\n", lines[i]);
        setup = world_make(&w, NULL, config, NULL, NULL);
        assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
        assert_int_equal(ivs_credentials_get(found, &cancel, &keys, &err),
                         IVS_E_CANCELLED);
        assert_string_equal(err.message, "the call was cancelled");
        ivs_credentials_free(found);
        world_end(&w);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
}

static void
expect_time_out(const char *line)
{
    static struct world w;
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    int64_t began = ivs_clock_monotonic_ms();
    ivs_error err = {0};

    setup = world_make(&w, NULL, line, NULL, NULL);
    setup.process_timeout_ms = 200;
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, &err),
                     IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message, "did not end within 200 ms"));
    assert_in_range(ivs_clock_monotonic_ms() - began, 200, 20000);
    ivs_credentials_free(found);
    world_end(&w);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void
a_process_that_hangs_is_ended(void **state)
{
    (void)state;
    expect_time_out("[default]\ncredential_process = sleep 60\n");
    /* with its output closed */
    expect_time_out("[default]\ncredential_process = sh -c "
                    "'exec >&-; exec sleep 60'\n");
    /* deaf to a kind word */
    expect_time_out("[default]\ncredential_process = sh -c "
                    "'trap \"\" TERM; while :; do sleep 1 >&-; done'\n");
}

/* A world whose credential_process is a shell script. */
static ivs_credentials_setup
make_script(struct world *w, const char *script)
{
    char config[256];
    ivs_credentials_setup setup = world_make(w, NULL, "", NULL, NULL);

    (void)snprintf(config, sizeof config,
                   "[default]\ncredential_process = sh %s/.aws/script\n",
                   w->files.home);
    aws_files_write(&w->files, "config", config);
    aws_files_write(&w->files, "script", script);
    return setup;
}

static void
end_script(struct world *w)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/.aws/script", w->files.home);
    assert_int_equal(unlink(path), 0);
    world_end(w);
}

/* What this program has open stays its own, close-on-exec or not. */
static void
no_descriptor_leaks_into_a_process(void **state)
{
    static struct world w;
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    ivs_error err = {0};
    int fd = fcntl(STDERR_FILENO, F_DUPFD, 50);

    (void)state;
    assert_true(fd >= 50);
    assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
    setup = make_script(&w, "[ ! -e /proc/self/fd/50 ] || exit 9\n"
                            "[ -e /proc/self/fd/2 ] || exit 8\n"
                            "echo '" GOOD "'\n");
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    if (ivs_credentials_get(found, NULL, &keys, &err) != IVS_OK)
        fail_msg("%s", err.message);
    ivs_credentials_keys_free(&keys);
    ivs_credentials_free(found);
    end_script(&w);
    assert_int_equal(close(fd), 0);
}

/* A program may ignore and block signals; its children start afresh. */
static void
signals_of_the_program_are_not_those_of_the_process(void **state)
{
    static struct world w;
    ivs_credentials *found = NULL;
    ivs_credentials_keys keys = {0};
    ivs_credentials_setup setup;
    sigset_t all, before;
    ivs_error err = {0};

    (void)state;
    (void)sigfillset(&all);
    assert_int_equal(sigprocmask(SIG_SETMASK, &all, &before), 0);
    (void)signal(SIGPIPE, SIG_IGN);
    setup = make_script(&w, "kill -PIPE $$\n");
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, &err),
                     IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message, "ended by signal 13"));
    (void)signal(SIGPIPE, SIG_DFL);
    /* Children that nobody waits for have no exit code. */
    aws_files_write(&w.files, "script", "echo '" GOOD "'\n");
    (void)signal(SIGCHLD, SIG_IGN);
    assert_int_equal(ivs_credentials_get(found, NULL, &keys, &err),
                     IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message, "its exit code is not known"));
    (void)signal(SIGCHLD, SIG_DFL);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    ivs_credentials_free(found);
    end_script(&w);
}

/* ---- words ---- */

struct words_case {
    const char *text;
    const char *words; /* joined by '|'; NULL: refused */
};

/* As Python 3.11's shlex.split() has them. */
static const struct words_case words_cases[] = {
    {"", ""},
    {" \t\r\n", ""},
    {"a", "a"},
    {"  a   b\tc ", "a|b|c"},
    {"'a b' \"c d\"", "a b|c d"},
    {"a'b c'd\"e f\"", "ab cde f"},
    {"''", ""},
    {"a '' \"\" b", "a|||b"},
    {"a\\ b", "a b"},
    {"'a\\b'", "a\\b"},
    {"\"a\\b\\\"\\\\c\"", "a\\b\"\\c"},
    {"\"\\$x\"", "\\$x"},
    {"\\'a\\'", "'a'"},
    {"a#b #c", "a#b|#c"},
    {"$HOME `x` $(y) *;|&", "$HOME|`x`|$(y)|*;|&"},
    {"'it'\\''s'", "it's"},
    {"\xc3\xa9 \xff", "\xc3\xa9|\xff"},
    {"'a", NULL},
    {"\"a", NULL},
    {"a\\", NULL},
    {"\"a\\", NULL},
};

static void
command_lines_are_split_as_by_a_shell(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof words_cases / sizeof *words_cases; i++) {
        const struct words_case *c = &words_cases[i];
        char joined[128] = "";
        ivs_words words = {0};
        ivs_status s = ivs_words_split(c->text, strlen(c->text), &words, NULL);

        print_message("%s\n", c->text);
        assert_int_equal(s, c->words != NULL ? IVS_OK : IVS_E_CREDENTIALS);
        if (s != IVS_OK)
            continue;
        for (size_t k = 0; k < words.n; k++) {
            (void)strcat(joined, k > 0 ? "|" : "");
            (void)strcat(joined, words.v[k]);
        }
        assert_string_equal(joined, c->words);
        assert_null(words.v[words.n]);
        ivs_words_free(&words);
    }
    assert_int_equal(ivs_words_split("a\0b", 3, &(ivs_words){0}, NULL),
                     IVS_E_CREDENTIALS);
}

static void
a_process_without_a_command_is_refused(void **state)
{
    static struct world w;
    ivs_credentials *found = NULL;
    ivs_credentials_setup setup;
    ivs_error err = {0};

    (void)state;
    setup = world_make(&w, NULL, "[default]\ncredential_process = ''\n", NULL,
                       NULL);
    assert_int_equal(ivs_credentials_find(&setup, &found, NULL), IVS_OK);
    assert_int_equal(
        ivs_credentials_get(found, NULL, &(ivs_credentials_keys){0}, &err),
        IVS_E_CREDENTIALS);
    assert_non_null(strstr(err.message, "cannot start : No such file"));
    ivs_credentials_free(found);
    world_end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_are_run_and_judged),
        cmocka_unit_test(a_cancelled_call_ends_the_process),
        cmocka_unit_test(a_process_that_hangs_is_ended),
        cmocka_unit_test(no_descriptor_leaks_into_a_process),
        cmocka_unit_test(signals_of_the_program_are_not_those_of_the_process),
        cmocka_unit_test(command_lines_are_split_as_by_a_shell),
        cmocka_unit_test(a_process_without_a_command_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

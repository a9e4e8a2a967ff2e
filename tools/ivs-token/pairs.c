/* SPDX-License-Identifier: MIT */
/* The service's playback key pairs, as the key commands ask for them. */

#include <string.h>

#include "cli.h"

/* Three pairs fit into one page. */
#define PAGES_MAX 100

static const char *
member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static bool
is_key_arn(const char *text)
{
    ivs_arn arn;

    return ivs_arn_parse(text, strlen(text), &arn, NULL) == IVS_OK &&
           arn.type == IVS_ARN_PLAYBACK_KEY;
}

int
pairs_wrong_answer(struct cli *c, const char *operation, const char *expected)
{
    return fail(c, CLI_REFUSED, "the answer to %s has no %s", operation,
                expected);
}

ivs_status
pairs_get(ivs_client *client, const char *arn, json_t **ret, ivs_error *err)
{
    json_t *input = json_pack("{s:s}", "arn", arn), *answer = NULL;
    ivs_status s =
        service_call(client, "GetPlaybackKeyPair", input, &answer, err);

    if (s == IVS_OK) {
        json_t *pair = json_object_get(answer, "keyPair");

        *ret = json_is_object(pair) ? json_incref(pair) : NULL;
    }
    json_decref(answer);
    json_decref(input);
    return s;
}

/* One page into the array; each pair has an ARN. */
static int
list_page(struct cli *c, ivs_client *client, json_t *pairs, json_t *input,
          bool *ret_more)
{
    json_t *answer = NULL, *page;
    ivs_error err = {0};
    int code = CLI_OK;
    size_t i;
    json_t *pair;

    if (service_call(client, "ListPlaybackKeyPairs", input, &answer, &err) !=
        IVS_OK)
        return fail_error(c, &err);
    page = json_object_get(answer, "keyPairs");
    if (!json_is_array(page) || json_array_extend(pairs, page) != 0)
        code = pairs_wrong_answer(c, "ListPlaybackKeyPairs", "array keyPairs");
    json_array_foreach(page, i, pair) if (code == CLI_OK &&
                                          !is_key_arn(member(pair, "arn")))
        code =
            pairs_wrong_answer(c, "ListPlaybackKeyPairs", "keyPairs with ARNs");
    if (code == CLI_OK)
        code = service_next_page(c, answer, input, ret_more);
    json_decref(answer);
    return code;
}

int
pairs_list(struct cli *c, ivs_client *client, json_t **ret)
{
    json_t *pairs = json_array(), *input = json_object();
    int code = CLI_OK, pages = 0;
    bool more = true;

    while (code == CLI_OK && more)
        code = pages++ < PAGES_MAX
                   ? list_page(c, client, pairs, input, &more)
                   : fail(c, CLI_REFUSED,
                          "ListPlaybackKeyPairs has more than %d pages",
                          PAGES_MAX);
    json_decref(input);
    if (code == CLI_OK)
        *ret = pairs;
    else
        json_decref(pairs);
    return code;
}

/* Put the fingerprint, which a list does not have, into a summary. A pair that
 * is gone or may not be read keeps none. */
static int
add_fingerprint(struct cli *c, ivs_client *client, json_t *summary)
{
    const char *arn = member(summary, "arn");
    json_t *pair = NULL;
    ivs_error err = {0};
    ivs_status s = pairs_get(client, arn, &pair, &err);

    if (s != IVS_OK && s != IVS_E_SERVICE)
        return fail_error(c, &err);
    if (s == IVS_E_SERVICE)
        notice(c, "no fingerprint of %s: %s", arn, err.message);
    (void)json_object_set_new(summary, "fingerprint",
                              json_string(member(pair, "fingerprint")));
    json_decref(pair);
    return CLI_OK;
}

int
pairs_list_full(struct cli *c, ivs_client *client, json_t **ret)
{
    json_t *pairs = NULL;
    int code = pairs_list(c, client, &pairs);

    for (size_t i = 0; code == CLI_OK && i < json_array_size(pairs); i++)
        code = add_fingerprint(c, client, json_array_get(pairs, i));
    if (code == CLI_OK)
        *ret = pairs;
    else
        json_decref(pairs);
    return code;
}

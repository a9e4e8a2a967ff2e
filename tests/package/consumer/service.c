/* SPDX-License-Identifier: MIT */
/* Links libivs-service: calls a port where nobody listens, and reads the error
 * with functions of libivs-token. */

#include <stdio.h>

#include <ivs/ivs.h>

int
main(void)
{
    ivs_credentials *credentials = NULL;
    ivs_client *client = NULL;
    ivs_client_options opt;
    int failed = 1;
    ivs_error err;
    ivs_status s;

    s = ivs_credentials_static("test", "test", NULL, &credentials, &err);
    if (s != IVS_OK)
        goto out;
    ivs_client_options_init(&opt, sizeof opt);
    opt.region = "us-west-2";
    opt.endpoint_url = "http://127.0.0.1:1";
    opt.credentials = credentials;
    opt.max_attempts = 1;
    s = ivs_client_new(&opt, &client, &err);
    if (s != IVS_OK)
        goto out;
    s = ivs_client_call(client, "ListChannels", NULL, 0, NULL, &err);
    failed = s != IVS_E_NETWORK || ivs_operation_count() == 0;
    (void)printf("%zu operations, %s\n", ivs_operation_count(),
                 ivs_status_name(s));
out:
    if (failed)
        (void)fprintf(stderr, "%s\n", err.message);
    ivs_client_free(client);
    ivs_credentials_free(credentials);
    return failed;
}

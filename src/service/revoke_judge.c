/* SPDX-License-Identifier: MIT */
/* What the error of a revocation call means for its pairs. */

#include <string.h>

#include "service/client_impl.h"
#include "service/revoke_core.h"

static bool
is_one_of(const char *code, const char *const *codes)
{
    for (; *codes != NULL; codes++)
        if (strcmp(code, *codes) == 0)
            return true;
    return false;
}

bool
ivs_revoke_code_throttled(const char *code)
{
    return ivs_code_is_throttling(code) || strcmp(code, "429") == 0;
}

bool
ivs_revoke_code_transient(const char *code)
{
    /* The service gives numbers; names are those of its exceptions. */
    static const char *const codes[] = {"500",
                                        "502",
                                        "503",
                                        "504",
                                        "InternalFailure",
                                        "InternalServerError",
                                        "InternalServerException",
                                        "ServiceUnavailable",
                                        "ServiceUnavailableException",
                                        NULL};

    return ivs_code_is_transient(code) || is_one_of(code, codes);
}

bool
ivs_revoke_code_denied(const char *code)
{
    static const char *const codes[] = {"401",
                                        "403",
                                        "AccessDenied",
                                        "AccessDeniedException",
                                        "PendingVerification",
                                        "UnauthorizedOperation",
                                        NULL};

    return is_one_of(code, codes);
}

/* Signed with keys or at a time that the client has other ones for by now: it
 * looks for them when it gets such an answer. */
static bool
is_stale(const char *code)
{
    static const char *const codes[] = {"ExpiredToken",
                                        "ExpiredTokenException",
                                        "InvalidClientTokenId",
                                        "InvalidSignatureException",
                                        "RequestExpired",
                                        "RequestInTheFuture",
                                        "RequestTimeTooSkewed",
                                        "SignatureDoesNotMatch",
                                        "TokenRefreshRequired",
                                        "UnrecognizedClientException",
                                        NULL};

    return is_one_of(code, codes);
}

/* Whoever asks again with these gets the same answer. */
static bool
is_about_the_caller(int status, const char *code)
{
    static const char *const codes[] = {"AccessDeniedException",
                                        "IncompleteSignature",
                                        "IncompleteSignatureException",
                                        "MissingAuthenticationToken",
                                        "OptInRequired",
                                        "PendingVerification",
                                        "ServiceQuotaExceededException",
                                        NULL};

    return status == 401 || status == 402 || status == 403 || status == 407 ||
           is_one_of(code, codes);
}

static ivs_revoke_verdict
judge_refusal(const ivs_error *err)
{
    int status = err->http_status;

    if (is_stale(err->aws_code))
        return IVS_REVOKE_IS_STALE;
    if (is_about_the_caller(status, err->aws_code))
        return IVS_REVOKE_IS_FATAL;
    if (ivs_revoke_code_transient(err->aws_code))
        return IVS_REVOKE_IS_UNKNOWN;
    /* 404 without a name comes from no service: is that the endpoint? */
    if (status == 400 || (status == 404 && err->aws_code[0] != '\0'))
        return IVS_REVOKE_IS_REJECTED;
    return IVS_REVOKE_IS_UNKNOWN;
}

ivs_revoke_verdict
ivs_revoke_judge(const ivs_error *err)
{
    switch (err->code) {
    case IVS_E_THROTTLED:
        return IVS_REVOKE_IS_THROTTLED;
    case IVS_E_NETWORK:
        return IVS_REVOKE_IS_UNKNOWN;
    case IVS_E_SERVICE:
        return judge_refusal(err);
    default:
        return IVS_REVOKE_IS_FATAL;
    }
}

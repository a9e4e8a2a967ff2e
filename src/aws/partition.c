/* SPDX-License-Identifier: MIT */
/* Partitions by the form of a region's name. */

#include "aws/partition.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* clang-format off */
static const ivs_partition partitions[] = {
    {"aws", "us eu ap sa ca me af il mx", "amazonaws.com", "api.aws"},
    {"aws-cn", "cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"aws-us-gov", "us-gov", "amazonaws.com", "api.aws"},
    {"aws-eusc", "eusc-de", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"aws-iso", "us-iso", "c2s.ic.gov", "api.aws.ic.gov"},
    {"aws-iso-b", "us-isob", "sc2s.sgov.gov", "api.aws.scloud"},
    {"aws-iso-e", "eu-isoe", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"aws-iso-f", "us-isof", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
};
/* clang-format on */

/* "-WORD-NUMBER" */
static bool
is_rest(const char *text)
{
    size_t n;

    if (*text++ != '-')
        return false;
    n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (n == 0 || text[n] != '-')
        return false;
    text += n + 1;
    n = strspn(text, "0123456789");
    return n > 0 && text[n] == '\0';
}

static bool
has_region(const ivs_partition *p, const char *region)
{
    const char *prefix = p->prefixes;
    size_t len = strlen(p->name);

    /* the pseudo region of services that have one for all */
    if (strncmp(region, p->name, len) == 0 &&
        strcmp(region + len, "-global") == 0)
        return true;
    while (*prefix != '\0') {
        len = strcspn(prefix, " ");
        if (strncmp(region, prefix, len) == 0 && is_rest(region + len))
            return true;
        prefix += len;
        prefix += *prefix == ' ';
    }
    return false;
}

const ivs_partition *
ivs_partition_of(const char *region)
{
    for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++)
        if (has_region(&partitions[i], region))
            return &partitions[i];
    return &partitions[0];
}

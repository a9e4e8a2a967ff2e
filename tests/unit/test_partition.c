/* SPDX-License-Identifier: MIT */
/* Partitions: names, forms of regions and suffixes of botocore's
 * partitions.json. */

#include "support/test.h"

#include <string.h>

#include "aws/partition.h"

static const struct {
    const char *region, *partition, *suffix, *dualstack_suffix;
} cases[] = {
    {"us-east-1", "aws", "amazonaws.com", "api.aws"},
    {"eu-central-1", "aws", "amazonaws.com", "api.aws"},
    {"ap-northeast-2", "aws", "amazonaws.com", "api.aws"},
    {"sa-east-1", "aws", "amazonaws.com", "api.aws"},
    {"ca-west-1", "aws", "amazonaws.com", "api.aws"},
    {"me-south-1", "aws", "amazonaws.com", "api.aws"},
    {"af-south-1", "aws", "amazonaws.com", "api.aws"},
    {"il-central-1", "aws", "amazonaws.com", "api.aws"},
    {"mx-central-12", "aws", "amazonaws.com", "api.aws"},
    {"aws-global", "aws", "amazonaws.com", "api.aws"},
    {"cn-northwest-1", "aws-cn", "amazonaws.com.cn",
     "api.amazonwebservices.com.cn"},
    {"aws-cn-global", "aws-cn", "amazonaws.com.cn",
     "api.amazonwebservices.com.cn"},
    {"us-gov-west-1", "aws-us-gov", "amazonaws.com", "api.aws"},
    {"aws-us-gov-global", "aws-us-gov", "amazonaws.com", "api.aws"},
    {"eusc-de-east-1", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"us-iso-west-1", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov"},
    {"aws-iso-global", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"},
    {"aws-iso-b-global", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"},
    {"eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    /* of no known form */
    {"xx-east-1", "aws", "amazonaws.com", "api.aws"},
    {"cn-north", "aws", "amazonaws.com", "api.aws"},
    {"cn-north-1-x", "aws", "amazonaws.com", "api.aws"},
    {"cn--1", "aws", "amazonaws.com", "api.aws"},
    {"eusc-fr-east-1", "aws", "amazonaws.com", "api.aws"},
    {"us-isoz-east-1", "aws", "amazonaws.com", "api.aws"},
    {"r", "aws", "amazonaws.com", "api.aws"},
    {"", "aws", "amazonaws.com", "api.aws"},
};

static void
region_tells_its_partition(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ivs_partition *p = ivs_partition_of(cases[i].region);

        print_message("  %s\n", cases[i].region);
        assert_string_equal(p->name, cases[i].partition);
        assert_string_equal(p->suffix, cases[i].suffix);
        assert_string_equal(p->dualstack_suffix, cases[i].dualstack_suffix);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(region_tells_its_partition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

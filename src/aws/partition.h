/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_PARTITION_H
#define IVS_AWS_PARTITION_H

/* The partitions of AWS: which one a region is in, and where its hosts are.
 * Every partition of today has FIPS and dual-stack hosts. Source: botocore's
 * partitions.json. */

typedef struct ivs_partition {
    const char *name;
    const char *prefixes; /* of its regions, "us eu"; then "-WORD-NUMBER" */
    const char *suffix;
    const char *dualstack_suffix;
} ivs_partition;

/* By the name's form; a region of no known form is taken for one of aws, as
 * the SDKs do, so that new regions work. */
const ivs_partition *ivs_partition_of(const char *region);

#endif

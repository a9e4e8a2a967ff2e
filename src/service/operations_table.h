/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_OPERATIONS_TABLE_H
#define IVS_SERVICE_OPERATIONS_TABLE_H

/* The rows themselves, sorted by name. */

#include "service/operations.h"

extern const ivs_operation ivs_operations[];
extern const size_t ivs_noperations;

#endif

/* SPDX-License-Identifier: MIT */
#ifndef IVS_BASE_TIME_H
#define IVS_BASE_TIME_H

/* Text forms of a time; no clock in here. Times are seconds since 1970-01-01
 * UTC, years 0000 to 9999. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "2026-11-23T05:30:00Z" and its NUL. */
#define IVS_TIME_SIZE 21

/* RFC 3339 in UTC. A time beyond year 9999 comes out as its number. */
void ivs_time_format(int64_t time_s, char ret[IVS_TIME_SIZE]);
/* "2026-11-23T05:30:00Z (1795411800)" and its NUL. */
#define IVS_TIME_BOTH_SIZE (2 * IVS_TIME_SIZE + 3)

/* For people and for the claim beside it; the number alone where there is no
 * such year. */
void ivs_time_format_both(int64_t time_s, char ret[IVS_TIME_BOTH_SIZE]);
/* RFC 3339 with any offset; a fraction is cut off. */
bool ivs_time_parse(const char *text, size_t len, int64_t *ret);
/* "20261123T053000Z" and its NUL, as SigV4 writes it. False beyond 9999. */
bool ivs_time_format_amz(int64_t time_s, char ret[17]);
bool ivs_time_parse_amz(const char *text, size_t len, int64_t *ret);
/* "Mon, 23 Nov 2026 05:30:00 GMT", the form that RFC 9110 section 5.6.7 has
 * servers write; the day's name is not compared with the date. */
bool ivs_time_parse_http(const char *text, size_t len, int64_t *ret);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef IVS_EXPORT_H
#define IVS_EXPORT_H

/**
 * @file
 * Symbol visibility and attributes. Everything without IVS_API is hidden;
 * the export maps libivs-token.map and libivs-service.map list the same names.
 */

#if defined(__GNUC__)
#define IVS_API               __attribute__((visibility("default")))
#define IVS_NODISCARD         __attribute__((warn_unused_result))
#define IVS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define IVS_API
#define IVS_NODISCARD
#define IVS_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
#define IVS_BEGIN_DECLS extern "C" {
#define IVS_END_DECLS   }
#else
#define IVS_BEGIN_DECLS
#define IVS_END_DECLS
#endif

#endif

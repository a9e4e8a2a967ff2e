/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_OPERATIONS_SHAPES_H
#define IVS_SERVICE_OPERATIONS_SHAPES_H

/* The shapes that members of the 41 inputs have. Only the operation table and
 * the shapes themselves refer to them. Shapes that the model has under several
 * names with the same content stand here once. */

#include "service/operations.h"

/* clang-format off */
#define IVS_SHAPES(X)                                                          \
    X(text) X(boolean) X(name) X(page_token) X(page_100) X(page_50)            \
    X(channel_arn) X(channel_arns) X(stream_key_arn) X(stream_key_arns)        \
    X(playback_key_arn) X(policy_arn) X(recording_arn) X(ad_arn)               \
    X(policy_arn_or_none) X(recording_arn_or_none) X(ad_arn_or_none)           \
    X(resource_arn) X(stream_id) X(tags) X(tag_keys)                           \
    X(viewer_id) X(viewer_version) X(viewer_sessions)                          \
    X(countries) X(origins) X(latency_mode) X(channel_type) X(preset)          \
    X(container_format) X(multitrack) X(destination) X(thumbnails)             \
    X(reconnect_window) X(renditions) X(media_tailor_list) X(post_roll)        \
    X(ad_seconds) X(stream_filters) X(metadata)
/* clang-format on */

#define IVS_X(name) extern const ivs_shape ivs_shape_##name;
IVS_SHAPES(IVS_X)
#undef IVS_X

#endif

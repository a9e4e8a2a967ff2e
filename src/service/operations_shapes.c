/* SPDX-License-Identifier: MIT */
/* The shapes of the service model, API 2020-07-14, as far as inputs use them.
 * Lengths, ranges and patterns are the model's own. */

#include "service/operations_shapes.h"

/* clang-format off */

#define ARN(type) "arn:aws:ivs:[a-z0-9-]+:[0-9]+:" type "/[a-zA-Z0-9-]+"

#define TEXT(lo, hi, regex)                                                    \
    { .kind = IVS_SHAPE_STRING, .has_min = true, .has_max = true,              \
      .min = (lo), .max = (hi), .pattern = (regex) }
#define TAG(lo, hi, regex)                                                     \
    { .kind = IVS_SHAPE_STRING, .has_min = true, .has_max = true,              \
      .min = (lo), .max = (hi), .pattern = (regex), .rule = IVS_RULE_TAG }
#define NUMBER(type, lo, hi)                                                   \
    { .kind = (type), .has_min = true, .has_max = true,                        \
      .min = (lo), .max = (hi) }
#define ONE_OF(list)    { .kind = IVS_SHAPE_STRING, .values = (list) }
#define LIST(of)        { .kind = IVS_SHAPE_LIST, .item = &(of) }
#define SIZED_LIST(lo, hi, of)                                                 \
    { .kind = IVS_SHAPE_LIST, .has_min = true, .has_max = true,                \
      .min = (lo), .max = (hi), .item = &(of) }
#define STRUCTURE(list) { .kind = IVS_SHAPE_STRUCTURE, .members = (list) }

#define REQUIRED(name, shape) { name, &(shape), true, IVS_IN_BODY }
#define OPTIONAL(name, shape) { name, &(shape), false, IVS_IN_BODY }
#define END                   { NULL, NULL, false, IVS_IN_BODY }

/* ---- plain ---- */

const ivs_shape ivs_shape_text = { .kind = IVS_SHAPE_STRING };
const ivs_shape ivs_shape_boolean = { .kind = IVS_SHAPE_BOOLEAN };
const ivs_shape ivs_shape_name = TEXT(0, 128, "[a-zA-Z0-9-_]*");
const ivs_shape ivs_shape_stream_id = TEXT(26, 26, "st-[a-zA-Z0-9]+");
const ivs_shape ivs_shape_metadata =
    { .kind = IVS_SHAPE_STRING, .has_min = true, .min = 1 };

const ivs_shape ivs_shape_page_token = TEXT(0, 1024, "[a-zA-Z0-9+/=_-]*");
const ivs_shape ivs_shape_page_100 = NUMBER(IVS_SHAPE_INTEGER, 1, 100);
const ivs_shape ivs_shape_page_50 = NUMBER(IVS_SHAPE_INTEGER, 1, 50);

/* ---- ARNs ---- */

const ivs_shape ivs_shape_channel_arn = TEXT(1, 128, ARN("channel"));
const ivs_shape ivs_shape_channel_arns =
    SIZED_LIST(1, 50, ivs_shape_channel_arn);
const ivs_shape ivs_shape_stream_key_arn = TEXT(1, 128, ARN("stream-key"));
const ivs_shape ivs_shape_stream_key_arns =
    SIZED_LIST(1, 50, ivs_shape_stream_key_arn);
const ivs_shape ivs_shape_playback_key_arn = TEXT(1, 128, ARN("playback-key"));
const ivs_shape ivs_shape_policy_arn =
    TEXT(1, 128, ARN("playback-restriction-policy"));
const ivs_shape ivs_shape_recording_arn =
    TEXT(0, 128, ARN("recording-configuration"));
const ivs_shape ivs_shape_ad_arn = TEXT(0, 128, ARN("ad-configuration"));

/* An empty ARN takes the resource off the channel. */
const ivs_shape ivs_shape_policy_arn_or_none =
    TEXT(0, 128, "^$|^" ARN("playback-restriction-policy") "$");
const ivs_shape ivs_shape_recording_arn_or_none =
    TEXT(0, 128, "^$|^" ARN("recording-configuration") "$");
const ivs_shape ivs_shape_ad_arn_or_none =
    TEXT(0, 128, "^$|^" ARN("ad-configuration") "$");

/* The model's pattern allows one letter where the resource type stands, so no
 * ARN there is would fit; the rule replaces it. */
const ivs_shape ivs_shape_resource_arn =
    { .kind = IVS_SHAPE_STRING, .has_min = true, .has_max = true,
      .min = 1, .max = 128, .pattern = ARN("[a-z-]"),
      .rule = IVS_RULE_RESOURCE_ARN };

/* ---- tags ---- */

static const ivs_shape tag_key =
    TAG(1, 128, "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)");
static const ivs_shape tag_value =
    TAG(0, 256, "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)");
const ivs_shape ivs_shape_tag_keys = SIZED_LIST(0, 50, tag_key);
const ivs_shape ivs_shape_tags =
    { .kind = IVS_SHAPE_MAP, .has_min = true, .has_max = true,
      .min = 0, .max = 50, .key = &tag_key, .item = &tag_value };

/* ---- revocation ---- */

const ivs_shape ivs_shape_viewer_id = TEXT(1, 40, NULL);
const ivs_shape ivs_shape_viewer_version =
    { .kind = IVS_SHAPE_INTEGER, .has_min = true, .min = 0 };

static const ivs_member viewer_session_members[] = {
    REQUIRED("channelArn", ivs_shape_channel_arn),
    REQUIRED("viewerId", ivs_shape_viewer_id),
    OPTIONAL("viewerSessionVersionsLessThanOrEqualTo",
             ivs_shape_viewer_version),
    END
};
static const ivs_shape viewer_session = STRUCTURE(viewer_session_members);
const ivs_shape ivs_shape_viewer_sessions = SIZED_LIST(1, 20, viewer_session);

/* ---- playback restriction ---- */

static const ivs_shape country = TEXT(2, 2, NULL);
static const ivs_shape origin = TEXT(0, 128, NULL);
const ivs_shape ivs_shape_countries = LIST(country);
const ivs_shape ivs_shape_origins = LIST(origin);

/* ---- channel ---- */

static const char *const latency_modes[] = { "NORMAL", "LOW", NULL };
static const char *const channel_types[] =
    { "BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD", NULL };
static const char *const presets[] =
    { "HIGHER_BANDWIDTH_DELIVERY", "CONSTRAINED_BANDWIDTH_DELIVERY", NULL };
static const char *const container_formats[] = { "TS", "FRAGMENTED_MP4", NULL };
const ivs_shape ivs_shape_latency_mode = ONE_OF(latency_modes);
const ivs_shape ivs_shape_channel_type = ONE_OF(channel_types);
const ivs_shape ivs_shape_preset = ONE_OF(presets);
const ivs_shape ivs_shape_container_format = ONE_OF(container_formats);

static const char *const multitrack_policies[] = { "ALLOW", "REQUIRE", NULL };
static const char *const multitrack_sizes[] = { "SD", "HD", "FULL_HD", NULL };
static const ivs_shape multitrack_policy = ONE_OF(multitrack_policies);
static const ivs_shape multitrack_size = ONE_OF(multitrack_sizes);
static const ivs_member multitrack_members[] = {
    OPTIONAL("enabled", ivs_shape_boolean),
    OPTIONAL("policy", multitrack_policy),
    OPTIONAL("maximumResolution", multitrack_size),
    END
};
const ivs_shape ivs_shape_multitrack = STRUCTURE(multitrack_members);

static const char *const healths[] =
    { "HEALTHY", "STARVING", "UNKNOWN", NULL };
static const ivs_shape health = ONE_OF(healths);
static const ivs_member stream_filters_members[] = {
    OPTIONAL("health", health),
    END
};
const ivs_shape ivs_shape_stream_filters = STRUCTURE(stream_filters_members);

/* ---- recording ---- */

static const ivs_shape bucket = TEXT(3, 63, "[a-z0-9-.]+");
static const ivs_member s3_members[] = {
    REQUIRED("bucketName", bucket),
    END
};
static const ivs_shape s3 = STRUCTURE(s3_members);
static const ivs_member destination_members[] = {
    OPTIONAL("s3", s3),
    END
};
const ivs_shape ivs_shape_destination = STRUCTURE(destination_members);
const ivs_shape ivs_shape_reconnect_window =
    NUMBER(IVS_SHAPE_INTEGER, 0, 300);

static const char *const recorded_sizes[] =
    { "SD", "HD", "FULL_HD", "LOWEST_RESOLUTION", NULL };
static const ivs_shape recorded_size = ONE_OF(recorded_sizes);

static const char *const thumbnail_modes[] = { "DISABLED", "INTERVAL", NULL };
static const char *const storages[] = { "SEQUENTIAL", "LATEST", NULL };
static const ivs_shape thumbnail_mode = ONE_OF(thumbnail_modes);
static const ivs_shape thumbnail_interval = NUMBER(IVS_SHAPE_LONG, 1, 60);
static const ivs_shape storage = ONE_OF(storages);
static const ivs_shape storage_list = LIST(storage);
static const ivs_member thumbnails_members[] = {
    OPTIONAL("recordingMode", thumbnail_mode),
    OPTIONAL("targetIntervalSeconds", thumbnail_interval),
    OPTIONAL("resolution", recorded_size),
    OPTIONAL("storage", storage_list),
    END
};
const ivs_shape ivs_shape_thumbnails = STRUCTURE(thumbnails_members);

static const char *const selections[] = { "ALL", "NONE", "CUSTOM", NULL };
static const ivs_shape selection = ONE_OF(selections);
static const ivs_shape rendition_list = LIST(recorded_size);
static const ivs_member renditions_members[] = {
    OPTIONAL("renditionSelection", selection),
    OPTIONAL("renditions", rendition_list),
    END
};
const ivs_shape ivs_shape_renditions = STRUCTURE(renditions_members);

/* ---- advertisements ---- */

static const ivs_shape media_tailor_arn =
    TEXT(0, 128, "arn:aws:mediatailor:[a-z0-9-]+:[0-9]+:"
                 "playbackConfiguration/[a-zA-Z0-9-]+");
static const ivs_member media_tailor_members[] = {
    OPTIONAL("playbackConfigurationArn", media_tailor_arn),
    END
};
static const ivs_shape media_tailor = STRUCTURE(media_tailor_members);
const ivs_shape ivs_shape_media_tailor_list = SIZED_LIST(1, 3, media_tailor);

const ivs_shape ivs_shape_ad_seconds = NUMBER(IVS_SHAPE_INTEGER, 1, 300);
static const ivs_member post_roll_members[] = {
    REQUIRED("durationSeconds", ivs_shape_ad_seconds),
    REQUIRED("enabled", ivs_shape_boolean),
    END
};
const ivs_shape ivs_shape_post_roll = STRUCTURE(post_roll_members);

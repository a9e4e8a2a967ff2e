/* SPDX-License-Identifier: MIT */
/* The inputs and the rows of the 41 operations, API 2020-07-14. */

#include "service/operations_table.h"

#include "service/operations_shapes.h"

/* clang-format off */

#define MEMBER(name, shape, required, where)                                   \
    { name, &ivs_shape_##shape, required, where }
#define REQUIRED(name, shape) MEMBER(name, shape, true, IVS_IN_BODY)
#define OPTIONAL(name, shape) MEMBER(name, shape, false, IVS_IN_BODY)
#define IN_URI(name, shape)   MEMBER(name, shape, true, IVS_IN_URI)
#define IN_QUERY(name, shape) MEMBER(name, shape, true, IVS_IN_QUERY)
#define END                   { NULL, NULL, false, IVS_IN_BODY }

static const ivs_member batch_get_channel[] = {
    REQUIRED("arns", channel_arns),
    END
};
static const ivs_member batch_get_stream_key[] = {
    REQUIRED("arns", stream_key_arns),
    END
};
static const ivs_member batch_start_viewer_session_revocation[] = {
    REQUIRED("viewerSessions", viewer_sessions),
    END
};
static const ivs_member create_ad_configuration[] = {
    OPTIONAL("name", name),
    REQUIRED("mediaTailorPlaybackConfigurations", media_tailor_list),
    OPTIONAL("postRollConfiguration", post_roll),
    OPTIONAL("tags", tags),
    END
};
static const ivs_member create_channel[] = {
    OPTIONAL("name", name),
    OPTIONAL("latencyMode", latency_mode),
    OPTIONAL("type", channel_type),
    OPTIONAL("authorized", boolean),
    OPTIONAL("recordingConfigurationArn", recording_arn_or_none),
    OPTIONAL("tags", tags),
    OPTIONAL("insecureIngest", boolean),
    OPTIONAL("preset", preset),
    OPTIONAL("playbackRestrictionPolicyArn", policy_arn_or_none),
    OPTIONAL("multitrackInputConfiguration", multitrack),
    OPTIONAL("containerFormat", container_format),
    OPTIONAL("adConfigurationArn", ad_arn_or_none),
    END
};
static const ivs_member create_playback_restriction_policy[] = {
    OPTIONAL("allowedCountries", countries),
    OPTIONAL("allowedOrigins", origins),
    OPTIONAL("enableStrictOriginEnforcement", boolean),
    OPTIONAL("name", name),
    OPTIONAL("tags", tags),
    END
};
static const ivs_member create_recording_configuration[] = {
    OPTIONAL("name", name),
    REQUIRED("destinationConfiguration", destination),
    OPTIONAL("tags", tags),
    OPTIONAL("thumbnailConfiguration", thumbnails),
    OPTIONAL("recordingReconnectWindowSeconds", reconnect_window),
    OPTIONAL("renditionConfiguration", renditions),
    END
};
static const ivs_member create_stream_key[] = {
    REQUIRED("channelArn", channel_arn),
    OPTIONAL("tags", tags),
    END
};
static const ivs_member delete_ad_configuration[] = {
    REQUIRED("arn", ad_arn),
    END
};
static const ivs_member delete_channel[] = {
    REQUIRED("arn", channel_arn),
    END
};
static const ivs_member delete_playback_key_pair[] = {
    REQUIRED("arn", playback_key_arn),
    END
};
static const ivs_member delete_playback_restriction_policy[] = {
    REQUIRED("arn", policy_arn),
    END
};
static const ivs_member delete_recording_configuration[] = {
    REQUIRED("arn", recording_arn),
    END
};
static const ivs_member delete_stream_key[] = {
    REQUIRED("arn", stream_key_arn),
    END
};
static const ivs_member get_ad_configuration[] = {
    REQUIRED("arn", ad_arn),
    END
};
static const ivs_member get_channel[] = {
    REQUIRED("arn", channel_arn),
    END
};
static const ivs_member get_playback_key_pair[] = {
    REQUIRED("arn", playback_key_arn),
    END
};
static const ivs_member get_playback_restriction_policy[] = {
    REQUIRED("arn", policy_arn),
    END
};
static const ivs_member get_recording_configuration[] = {
    REQUIRED("arn", recording_arn),
    END
};
static const ivs_member get_stream[] = {
    REQUIRED("channelArn", channel_arn),
    END
};
static const ivs_member get_stream_key[] = {
    REQUIRED("arn", stream_key_arn),
    END
};
static const ivs_member get_stream_session[] = {
    REQUIRED("channelArn", channel_arn),
    OPTIONAL("streamId", stream_id),
    END
};
static const ivs_member import_playback_key_pair[] = {
    REQUIRED("publicKeyMaterial", text),
    OPTIONAL("name", name),
    OPTIONAL("tags", tags),
    END
};
static const ivs_member insert_ad_break[] = {
    REQUIRED("channelArn", channel_arn),
    REQUIRED("durationSeconds", ad_seconds),
    END
};
static const ivs_member list_ad_configurations[] = {
    OPTIONAL("nextToken", page_token),
    OPTIONAL("maxResults", page_100),
    END
};
static const ivs_member list_channels[] = {
    OPTIONAL("filterByName", name),
    OPTIONAL("filterByRecordingConfigurationArn", recording_arn_or_none),
    OPTIONAL("filterByPlaybackRestrictionPolicyArn", policy_arn_or_none),
    OPTIONAL("filterByAdConfigurationArn", ad_arn_or_none),
    OPTIONAL("nextToken", page_token),
    OPTIONAL("maxResults", page_100),
    END
};
static const ivs_member list_playback_key_pairs[] = {
    OPTIONAL("nextToken", page_token),
    OPTIONAL("maxResults", page_100),
    END
};
static const ivs_member list_playback_restriction_policies[] = {
    OPTIONAL("nextToken", page_token),
    OPTIONAL("maxResults", page_100),
    END
};
static const ivs_member list_recording_configurations[] = {
    OPTIONAL("nextToken", page_token),
    OPTIONAL("maxResults", page_100),
    END
};
static const ivs_member list_stream_keys[] = {
    REQUIRED("channelArn", channel_arn),
    OPTIONAL("nextToken", page_token),
    OPTIONAL("maxResults", page_50),
    END
};
static const ivs_member list_stream_sessions[] = {
    REQUIRED("channelArn", channel_arn),
    OPTIONAL("nextToken", page_token),
    OPTIONAL("maxResults", page_100),
    END
};
static const ivs_member list_streams[] = {
    OPTIONAL("filterBy", stream_filters),
    OPTIONAL("nextToken", page_token),
    OPTIONAL("maxResults", page_100),
    END
};
static const ivs_member list_tags_for_resource[] = {
    IN_URI("resourceArn", resource_arn),
    END
};
static const ivs_member put_metadata[] = {
    REQUIRED("channelArn", channel_arn),
    REQUIRED("metadata", metadata),
    END
};
static const ivs_member start_viewer_session_revocation[] = {
    REQUIRED("channelArn", channel_arn),
    REQUIRED("viewerId", viewer_id),
    OPTIONAL("viewerSessionVersionsLessThanOrEqualTo", viewer_version),
    END
};
static const ivs_member stop_stream[] = {
    REQUIRED("channelArn", channel_arn),
    END
};
static const ivs_member tag_resource[] = {
    IN_URI("resourceArn", resource_arn),
    REQUIRED("tags", tags),
    END
};
static const ivs_member untag_resource[] = {
    IN_URI("resourceArn", resource_arn),
    IN_QUERY("tagKeys", tag_keys),
    END
};
static const ivs_member update_ad_configuration[] = {
    REQUIRED("arn", ad_arn),
    OPTIONAL("name", name),
    OPTIONAL("mediaTailorPlaybackConfigurations", media_tailor_list),
    OPTIONAL("postRollConfiguration", post_roll),
    END
};
static const ivs_member update_channel[] = {
    REQUIRED("arn", channel_arn),
    OPTIONAL("name", name),
    OPTIONAL("latencyMode", latency_mode),
    OPTIONAL("type", channel_type),
    OPTIONAL("authorized", boolean),
    OPTIONAL("recordingConfigurationArn", recording_arn_or_none),
    OPTIONAL("insecureIngest", boolean),
    OPTIONAL("preset", preset),
    OPTIONAL("playbackRestrictionPolicyArn", policy_arn_or_none),
    OPTIONAL("multitrackInputConfiguration", multitrack),
    OPTIONAL("containerFormat", container_format),
    OPTIONAL("adConfigurationArn", ad_arn_or_none),
    END
};
static const ivs_member update_playback_restriction_policy[] = {
    REQUIRED("arn", policy_arn),
    OPTIONAL("allowedCountries", countries),
    OPTIONAL("allowedOrigins", origins),
    OPTIONAL("enableStrictOriginEnforcement", boolean),
    OPTIONAL("name", name),
    END
};

/*
 * Which requests may be sent again when nobody knows whether the first one
 * worked (the model itself does not say; AWS SDKs repeat everything):
 *   Get, List, BatchGet   read only.
 *   Delete, Update, tags  the second leaves the state that the first left; a
 *                         Delete then answers 404.
 *   revocations           the same filter twice revokes the same sessions.
 * Not repeated:
 *   Create                would make a second resource.
 *   ImportPlaybackKeyPair a lost success turns into a 409 that hides the ARN.
 *   PutMetadata, InsertAdBreak   viewers would get them twice.
 *   StopStream            would end a stream that was started anew since.
 */
/* Answers: nothing, an object of which no member is sure to be there, an object
 * with the member that the call is for, a page of a list. */
#define NOTHING         IVS_ANSWER_EMPTY, NULL
#define OBJECT          IVS_ANSWER_OBJECT, NULL
#define MEMBER_OF(name) IVS_ANSWER_MEMBER, name
#define PAGE_OF(name)   IVS_ANSWER_PAGE, name

#define POST(name, status, repeatable, answer, input)                          \
    { name, "POST", "/" name, status, repeatable, answer, input }
#define TAGS(name, method, answer, input)                                      \
    { name, method, "/tags/{resourceArn}", 200, true, answer, input }

const ivs_operation ivs_operations[] = {
    POST("BatchGetChannel", 200, true, OBJECT, batch_get_channel),
    POST("BatchGetStreamKey", 200, true, OBJECT, batch_get_stream_key),
    POST("BatchStartViewerSessionRevocation", 200, true, OBJECT,
         batch_start_viewer_session_revocation),
    POST("CreateAdConfiguration", 200, false, MEMBER_OF("adConfiguration"),
         create_ad_configuration),
    POST("CreateChannel", 200, false, MEMBER_OF("channel"), create_channel),
    POST("CreatePlaybackRestrictionPolicy", 200, false,
         MEMBER_OF("playbackRestrictionPolicy"),
         create_playback_restriction_policy),
    POST("CreateRecordingConfiguration", 200, false,
         MEMBER_OF("recordingConfiguration"), create_recording_configuration),
    POST("CreateStreamKey", 200, false, MEMBER_OF("streamKey"),
         create_stream_key),
    POST("DeleteAdConfiguration", 204, true, NOTHING, delete_ad_configuration),
    POST("DeleteChannel", 204, true, NOTHING, delete_channel),
    POST("DeletePlaybackKeyPair", 200, true, NOTHING, delete_playback_key_pair),
    POST("DeletePlaybackRestrictionPolicy", 204, true, NOTHING,
         delete_playback_restriction_policy),
    POST("DeleteRecordingConfiguration", 204, true, NOTHING,
         delete_recording_configuration),
    POST("DeleteStreamKey", 204, true, NOTHING, delete_stream_key),
    POST("GetAdConfiguration", 200, true, MEMBER_OF("adConfiguration"),
         get_ad_configuration),
    POST("GetChannel", 200, true, MEMBER_OF("channel"), get_channel),
    POST("GetPlaybackKeyPair", 200, true, MEMBER_OF("keyPair"),
         get_playback_key_pair),
    POST("GetPlaybackRestrictionPolicy", 200, true,
         MEMBER_OF("playbackRestrictionPolicy"),
         get_playback_restriction_policy),
    POST("GetRecordingConfiguration", 200, true,
         MEMBER_OF("recordingConfiguration"), get_recording_configuration),
    POST("GetStream", 200, true, MEMBER_OF("stream"), get_stream),
    POST("GetStreamKey", 200, true, MEMBER_OF("streamKey"), get_stream_key),
    POST("GetStreamSession", 200, true, MEMBER_OF("streamSession"),
         get_stream_session),
    POST("ImportPlaybackKeyPair", 200, false, MEMBER_OF("keyPair"),
         import_playback_key_pair),
    POST("InsertAdBreak", 200, false, OBJECT, insert_ad_break),
    POST("ListAdConfigurations", 200, true, PAGE_OF("adConfigurations"),
         list_ad_configurations),
    POST("ListChannels", 200, true, PAGE_OF("channels"), list_channels),
    POST("ListPlaybackKeyPairs", 200, true, PAGE_OF("keyPairs"),
         list_playback_key_pairs),
    POST("ListPlaybackRestrictionPolicies", 200, true,
         PAGE_OF("playbackRestrictionPolicies"),
         list_playback_restriction_policies),
    POST("ListRecordingConfigurations", 200, true,
         PAGE_OF("recordingConfigurations"), list_recording_configurations),
    POST("ListStreamKeys", 200, true, PAGE_OF("streamKeys"), list_stream_keys),
    POST("ListStreamSessions", 200, true, PAGE_OF("streamSessions"),
         list_stream_sessions),
    POST("ListStreams", 200, true, PAGE_OF("streams"), list_streams),
    TAGS("ListTagsForResource", "GET", MEMBER_OF("tags"),
         list_tags_for_resource),
    POST("PutMetadata", 204, false, NOTHING, put_metadata),
    POST("StartViewerSessionRevocation", 200, true, NOTHING,
         start_viewer_session_revocation),
    POST("StopStream", 200, false, NOTHING, stop_stream),
    TAGS("TagResource", "POST", NOTHING, tag_resource),
    TAGS("UntagResource", "DELETE", NOTHING, untag_resource),
    POST("UpdateAdConfiguration", 200, true, MEMBER_OF("adConfiguration"),
         update_ad_configuration),
    POST("UpdateChannel", 200, true, MEMBER_OF("channel"), update_channel),
    POST("UpdatePlaybackRestrictionPolicy", 200, true,
         MEMBER_OF("playbackRestrictionPolicy"),
         update_playback_restriction_policy),
};

const size_t ivs_noperations = sizeof ivs_operations / sizeof *ivs_operations;

/* SPDX-License-Identifier: MIT */
/* The table of commands. Compiled twice: ivs-token hands the commands that call
 * the service over to ivs-token-service, which has them all. */

#include "cli.h"

#ifdef CLI_WITH_SERVICE
#define SERVICE(run) run
#else
#define SERVICE(run) handover
#endif

#define NOTES_COMPLETION                                                       \
    "Prints the script; ivs-token(1) tells how to load it. The names of the\n" \
    "operations are in it.\n"

/* A macro's value in a text */
#define WORD(value)    WORD_OF(value)
#define WORD_OF(value) #value

#define NOTES_REGION                                                           \
    "Without --region, AWS_REGION and AWS_DEFAULT_REGION the region is the\n"  \
    "ARN's.\n"

const struct cmd cli_cmds[] = {
    {"key", "generate", "Create a P-384 playback key pair",
     "The file has mode 0600 and is never overwritten. The fingerprint is\n"
     "printed on stdout, with --out - on stderr. With --passphrase-file the\n"
     "key is encrypted.\n",
     key_generate_opts, key_generate},
    {"key", "show", "Show what a key file holds, without its secret", NULL,
     key_show_opts, key_show},
    {"key", "export", "Print a key in another form",
     "With --passphrase-file, pkcs8 is printed encrypted.\n", key_export_opts,
     key_export},
    {"key", "import", "Upload a public key to Amazon IVS",
     "Prints the ARN of the new key pair. Only the public half is sent.\n",
     key_import_opts, SERVICE(key_import)},
    {"key", "list", "List the playback key pairs of the region", NULL,
     key_list_opts, SERVICE(key_list)},
    {"key", "get", "Show a playback key pair", NOTES_REGION, key_get_opts,
     SERVICE(key_get)},
    {"key", "delete", "Delete a playback key pair",
     "Tokens signed with it stop working. It asks first; without a terminal\n"
     "it needs --yes. " NOTES_REGION,
     key_delete_opts, SERVICE(key_delete)},
    {"key", "match", "Find the ARN of a key file by its fingerprint", NULL,
     key_match_opts, SERVICE(key_match)},
    {"key", "rotate", "Replace a playback key pair by a new one",
     "Writes a new private key, imports its public half, waits until the old\n"
     "pair's tokens have expired, checks the new pair and deletes the old "
     "one.\n"
     "Tokens are to be minted with the new key as soon as it is imported: the\n"
     "time of --grace runs from there. FILE.rotation keeps how far it is; the\n"
     "same command goes on with a rotation that ended early. Before deleting\n"
     "it asks; without a terminal it needs --yes. " NOTES_REGION,
     key_rotate_opts, SERVICE(key_rotate)},
    {"token", "mint", "Mint a viewer token for a private channel",
     "Prints the token alone, or the whole URL with --playback-url, which\n"
     "then stands for --channel too. With --batch each row is a JSON object\n"
     "of claims (viewerId, channelArn, ttl, ...), the options are defaults, "
     "and\n"
     "a row that cannot be minted is answered with an error (exit code 6).\n",
     token_mint_opts, token_mint},
    {"token", "verify", "Verify a viewer token",
     "Prints one line per check. Exit code 0 means good, 3 rejected.\n",
     token_verify_opts, token_verify},
    {"token", "inspect", "Show a viewer token WITHOUT verifying it",
     "Takes no key on purpose: what it prints is not a verdict.\n",
     token_inspect_opts, token_inspect},
    {"revoke", "viewer", "Revoke the sessions of one viewer",
     "Either --channel and --viewer-id, or --token. " NOTES_REGION,
     revoke_viewer_opts, SERVICE(revoke_viewer)},
    {"revoke", "batch", "Revoke the sessions of many viewers",
     "CSV rows channel_arn,viewer_id[,version], or NDJSON objects with\n"
     "channelArn, viewerId and viewerSessionVersionsLessThanOrEqualTo, both\n"
     "also gzipped. All rows are checked before the first request. Calls go\n"
     "out at the documented quotas: 2 a second of 20 pairs (--lane batch), 10\n"
     "a second of one pair (single). With --job a run that ended early is\n"
     "resumed by the same command; without, " WORD(
         UNKEPT_WORD) " pairs are "
                      "the most.\n" NOTES_REGION,
     revoke_batch_opts, SERVICE(revoke_batch)},
    {"revoke", "status", "Show how far a job of revoke batch is",
     "Also while a run is going on.\n", revoke_status_opts,
     SERVICE(revoke_status)},
    {"api", "list", "List the operations of Amazon IVS", NULL, api_list_opts,
     SERVICE(api_list)},
    {"api", "describe", "Show an operation and its members", NULL,
     api_describe_opts, SERVICE(api_describe)},
    {"api", "call", "Call any Amazon IVS operation",
     "The input is a JSON object, @FILE or - for standard input; without\n"
     "one it is {}. The answer is printed as JSON.\n",
     api_call_opts, SERVICE(api_call)},
    {"doctor", "", "Find out why playback fails",
     "Checks what is given and what the service says of it, a line a check,\n"
     "and ends with the likeliest cause and the command that repairs it. Any\n"
     "of its options will do. Nothing is changed, and without --probe nothing\n"
     "is played.\n",
     doctor_opts, SERVICE(doctor)},
    {"credentials", "", "Show which AWS credentials are used, and why",
     "Looks through the sources of credentials in their order and gets keys\n"
     "from the first that is configured. No secret is printed. Exit code 4\n"
     "means that there are none.\n",
     credentials_opts, SERVICE(credentials)},
    {"completion", "bash", "Print completion for bash", NOTES_COMPLETION,
     completion_opts, SERVICE(completion)},
    {"completion", "zsh", "Print completion for zsh", NOTES_COMPLETION,
     completion_opts, SERVICE(completion)},
    {"completion", "fish", "Print completion for fish", NOTES_COMPLETION,
     completion_opts, SERVICE(completion)},
    {"completion", "json", "Print commands, options and exit codes as JSON",
     "What the other forms are made of, for other shells.\n", completion_opts,
     SERVICE(completion)},
    {0},
};

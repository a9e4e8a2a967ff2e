/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_H
#define IVS_CLI_H

/*
 * The command ivs-token: the tables of commands and options, and what the
 * commands share. Functions that can fail print one sentence on stderr and
 * return the exit code; CLI_OK is 0. Only the public headers are used.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ivs/ivs.h>

enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_REJECTED = 3,
    CLI_CONFIG = 4,
    CLI_REFUSED = 5,
    CLI_PARTLY = 6,
    CLI_NETWORK = 7,
    CLI_SIGNAL = 128 /* plus the signal's number */
};

struct cli;
struct opt;

/* ---- option rows ---- */

/* Check a value and store it at the row's offset. */
typedef int (*opt_setter)(struct cli *c, const struct opt *o, const char *value,
                          void *at);

enum {
    OPT_REQUIRED = 0x1,
    OPT_LIST = 0x2, /* may be repeated */
    OPT_MAYBE = 0x4 /* the value may be left out; it is given with '=' only */
};

struct opt {
    const char *name; /* without the dashes; NULL: a positional argument */
    char letter;      /* 0: none */
    /* NULL: a switch. Words parted by '|' are all that the value may be; FILE,
     * DIR and OPERATION are completed as what they say. */
    const char *metavar;
    const char *help;
    opt_setter set;
    size_t offset; /* into the command's struct of values */
    unsigned flags;
};

/* Every command's struct of values fits; the rows' offsets point into it. */
#define CLI_VALUES_MAX 512
#define CLI_VALUES_FIT(type)                                                   \
    _Static_assert(sizeof(type) <= CLI_VALUES_MAX, "raise CLI_VALUES_MAX")

struct cmd {
    const char *noun;
    const char *verb; /* "": the noun is the whole command */
    const char *summary;
    const char *notes; /* more help, whole lines; or NULL */
    const struct opt *opts;
    int (*run)(struct cli *c, const void *values);
};

struct list {
    const char **v;
    size_t n;
};

struct number {
    bool given;
    int64_t value;
};

/* A version, or "now". */
struct version {
    bool given;
    bool now;
    int64_t value;
};

struct globals {
    const char *region;
    const char *profile;
    const char *endpoint_url;
    const char *ca_bundle;
    const char *passphrase_file;
    bool allow_http;
    bool json;
    bool no_color;
    bool no_input;
    bool yes;
    bool debug;
    bool version;
    bool help;
};

/* Bytes that are wiped when they are released. */
struct secret {
    char *data; /* NUL-terminated after len bytes */
    size_t len;
    size_t cap;
};

struct cli {
    struct globals g;
    char **argv;
    const struct cmd *cmd; /* NULL until the words are read */
    const char *noun;
    const char *stdin_reader; /* the option that reads standard input */
    struct secret passphrase;
    int max_attempts; /* of one call; 0: AWS_MAX_ATTEMPTS or the library's */
    int64_t total_timeout_ms; /* of one attempt; 0: the library's */
    bool no_validate;         /* send input as it is */
    bool color_out;
    bool color_err;
    int out_errno;  /* of the first failed write to stdout */
    char done[384]; /* what stays done where the result cannot be printed */
};

struct exit_row {
    int code;
    const char *meaning;
};

extern const struct exit_row cli_exits[]; /* ends with meaning NULL */
extern const struct cmd cli_cmds[];       /* ends with noun NULL */
extern const struct opt cli_globals[];

/* ---- opt.c ---- */

/* Read the command line. *ret_values is released with opt_free(). */
int opt_parse(struct cli *c, int argc, char **argv, void **ret_values);
void opt_free(const struct cmd *cmd, void *values);
/* The words that may follow a noun: "a, b or c". */
void opt_verbs(const char *noun, char *ret, size_t size);

/* ---- help.c ---- */

void help_short(FILE *f);
void help_show(const struct cli *c, FILE *f);

/* ---- value.c: setters, times ---- */

int set_flag(struct cli *c, const struct opt *o, const char *value, void *at);
int set_text(struct cli *c, const struct opt *o, const char *value, void *at);
int set_file(struct cli *c, const struct opt *o, const char *value, void *at);
int set_list(struct cli *c, const struct opt *o, const char *value, void *at);
int set_files(struct cli *c, const struct opt *o, const char *value, void *at);
int set_duration(struct cli *c, const struct opt *o, const char *value,
                 void *at);
int set_time(struct cli *c, const struct opt *o, const char *value, void *at);
int set_version(struct cli *c, const struct opt *o, const char *value,
                void *at);
/* One that the service can revoke. */
int set_up_to(struct cli *c, const struct opt *o, const char *value, void *at);
int set_channel(struct cli *c, const struct opt *o, const char *value,
                void *at);
int set_channels(struct cli *c, const struct opt *o, const char *value,
                 void *at);
int set_key_arn(struct cli *c, const struct opt *o, const char *value,
                void *at);
/* Refuse a value: what was found, what was expected. CLI_USAGE. */
int bad_value(struct cli *c, const struct opt *o, const char *value,
              const char *expected);

/* The place of a value among the words of the row's metavar; else it is refused
 * as above. */
int value_choice(struct cli *c, const struct opt *o, const char *value,
                 size_t *ret);

/* Texts as the setters take them: digits; 90s, 5m, 1h; seconds since 1970 or
 * RFC 3339. *ret may be set on failure too. */
bool value_number(const char *text, int64_t *ret);
bool value_duration(const char *text, int64_t *ret);
bool value_point(const char *text, int64_t *ret);
/* --region, where it is given, must be the ARN's. */
int value_check_region(struct cli *c, const ivs_arn *arn);
/* Refuse an ARN of another region; `whose`, an option or a variable, has set
 * it. CLI_USAGE. */
int value_other_region(struct cli *c, const ivs_arn *arn, const char *whose,
                       const char *region);

#define VALUE_TIME_SIZE 24
/* RFC 3339 in UTC; the plain number where there is no such year. */
void value_time(int64_t time_s, char ret[VALUE_TIME_SIZE]);
/* The value of --now, or the clock. */
int64_t value_now(const struct number *now);

/* ---- text.c: UTF-8 ---- */

/* Bytes of the character at s, 0 where it is malformed. */
size_t text_char(const char *s, size_t len, uint32_t *ret);
/* Number of characters, or SIZE_MAX where the text is malformed. */
size_t text_count(const char *s, size_t len);
/* The name of the member that jansson has found twice, as it is written. */
const char *text_duplicate(const char *s, const json_error_t *error,
                           int *ret_len);
/* Print text so that a terminal cannot be driven by it. */
void text_print(FILE *f, const char *s, size_t len);
/* A JSON string of any bytes; malformed ones come out as \xNN. */
json_t *text_json(const char *s);

/* ---- text_buf.c: text that grows, every block wiped ---- */

struct text_buf {
    char *data;
    size_t len;
    size_t cap;
    bool failed; /* out of memory; what was put is not whole */
};

void text_buf_free(struct text_buf *t);
void text_buf_put(struct text_buf *t, const char *data, size_t len);
void text_buf_puts(struct text_buf *t, const char *text);
void text_buf_number(struct text_buf *t, int64_t n);
/* A JSON string in ASCII; bytes that are no UTF-8 come out as \xNN. */
void text_buf_json(struct text_buf *t, const char *text);

/* ---- json_memory.c ---- */

/* Note every allocation that jansson fails to make. */
void json_memory_watch(void);
/* Whether there was one: what jansson gave since then may lack something. */
bool json_memory_failed(void);

/* ---- out.c ---- */

int fail(struct cli *c, int code, const char *fmt, ...) IVS_PRINTF(3, 4);
/* The same with CLI_USAGE and a pointer to --help. */
int usage(struct cli *c, const char *fmt, ...) IVS_PRINTF(2, 3);
/* Print a library's error; the exit code that belongs to it. */
int fail_error(struct cli *c, const ivs_error *err);
int exit_code(ivs_status status);
void notice(struct cli *c, const char *fmt, ...) IVS_PRINTF(2, 3);
void hint(const char *fmt, ...) IVS_PRINTF(1, 2);
/* After a call that failed: what to do where it may have been carried out. */
void hint_unanswered(const ivs_error *err, const char *fmt, ...)
    IVS_PRINTF(2, 3);

/* Remember what was done, for a stdout that cannot take the result. */
void out_done(struct cli *c, const char *fmt, ...) IVS_PRINTF(2, 3);
/* Bytes to stdout, not through stdio's buffer: they may be secret. */
void out_bytes(struct cli *c, const char *data, size_t len);
void out_line(struct cli *c, const char *text);
/* A document to stdout, in ASCII. Takes the reference; NULL: out of memory. */
int out_json(struct cli *c, json_t *doc);
/* A value in one line, without its end. Keeps the reference. */
int out_json_line(struct cli *c, const json_t *value);
/* Flush stdout. A result that did not arrive turns success into failure. */
int out_finish(struct cli *c, int code);
/* What stands between the words of a command: nothing where it has one. */
const char *gap(const struct cmd *cmd);
/* "" for one, "s" for any other number. */
const char *plural(size_t n);
const char *out_paint(const struct cli *c, const char *code);

/* ---- input.c: files, standard input, keys ---- */

void secret_free(struct secret *s);
/* A file, or standard input for "-". `who` is the option that asked. */
int input_bytes(struct cli *c, const char *path, const char *who, size_t max,
                struct secret *ret);
/* The same as a descriptor to read from; the caller closes it. */
int input_open(struct cli *c, const char *path, const char *who, int *ret);
/* A token from a file, "-", or (path NULL) a standard input that is no
 * terminal. One newline at its end is taken off. */
int input_token(struct cli *c, const char *path, const char *who,
                struct secret *ret);
/* Engine and passphrase from the environment and --passphrase-file. */
int input_key_options(struct cli *c, ivs_key_options *ret);
int input_key(struct cli *c, const char *path, ivs_key **ret);
/* The same; a key that cannot be used is not reported but left to err. */
int input_key_quietly(struct cli *c, const char *path, ivs_key **ret,
                      ivs_error *err);
/* Whether others than the owner can read a file; its mode. */
bool input_is_open_to_others(const char *path, unsigned *ret_mode);
/* The same, with a private half. *ret may be set on failure too. */
int input_private_key(struct cli *c, const char *path, ivs_key **ret);
/* Whether a yes can be had later, of --yes or on the terminal. */
int input_can_confirm(struct cli *c, const char *question);
/* Ask on the terminal; CLI_OK means yes. `no` is what is said for a no. */
int input_confirm(struct cli *c, const char *question, const char *no);

/* ---- signals.c ---- */

/* What SIGINT, SIGTERM and SIGHUP do the first time, instead of ending the
 * process. Called in the handler. */
struct canceller {
    void (*cancel)(void *arg);
    void *arg;
};

void signals_install(void);
/* Borrowed until the next call; NULL: signals end the process. */
void signals_cancel(const struct canceller *canceller);
/* Keep signals waiting while files are written. */
void signals_hold(bool hold);
int signals_got(void);

/* ---- service.c: ivs-token-service only, as what follows ---- */

/* A client for the region of --region, the environment or the ARN (may be
 * NULL). Another region than the ARN's is refused. */
int service_open(struct cli *c, const ivs_arn *arn, ivs_client **ret);
/* The region that --region or the environment names, and which of them does;
 * NULL: neither. */
const char *service_region(const struct cli *c, const char **ret_whose);
/* The same for a region, or NULL for the one of --region, the environment or
 * the profile, with credentials that outlive it, or NULL for the usual ones;
 * without a word on failure. */
ivs_status service_open_at(struct cli *c, const char *region,
                           ivs_credentials *credentials, ivs_client **ret,
                           ivs_error *err);
void service_close(ivs_client *client);
/* The exit code that belongs to its error. */
int service_exit_code(const ivs_error *err);
/* Whether a variable is set, and not to nothing. */
bool environment_has(const char *name);

/* ---- handover.c: ivs-token only ---- */

/* Run the same command line in ivs-token-service. Returns on failure only. */
int handover(struct cli *c, const void *values);

/* ---- cmd_*.c ---- */

#define CLI_COMMAND(name)                                                      \
    extern const struct opt name##_opts[];                                     \
    int name(struct cli *c, const void *values)
CLI_COMMAND(key_generate);
CLI_COMMAND(key_show);
CLI_COMMAND(key_export);
CLI_COMMAND(key_import);
CLI_COMMAND(key_list);
CLI_COMMAND(key_get);
CLI_COMMAND(key_delete);
CLI_COMMAND(key_match);
CLI_COMMAND(key_rotate);
CLI_COMMAND(token_mint);
CLI_COMMAND(token_verify);
CLI_COMMAND(token_inspect);
CLI_COMMAND(revoke_viewer);
CLI_COMMAND(revoke_batch);
CLI_COMMAND(revoke_status);
CLI_COMMAND(api_list);
CLI_COMMAND(api_describe);
CLI_COMMAND(api_call);
CLI_COMMAND(completion);
CLI_COMMAND(credentials);
CLI_COMMAND(doctor);
#undef CLI_COMMAND

#endif

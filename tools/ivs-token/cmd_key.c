/* SPDX-License-Identifier: MIT */
/* key generate, show, export: what needs no service. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

struct generate_opts {
    const char *out;
    const char *public_out;
};
CLI_VALUES_FIT(struct generate_opts);

const struct opt key_generate_opts[] = {
    {"out", 'o', "FILE", "new file for the private key; - is stdout", set_file,
     offsetof(struct generate_opts, out), OPT_REQUIRED},
    {"public-out", 0, "FILE", "new file for the public key", set_file,
     offsetof(struct generate_opts, public_out), 0},
    {0},
};

struct show_opts {
    const char *key;
};
CLI_VALUES_FIT(struct show_opts);

const struct opt key_show_opts[] = {
    {"key", 'k', "FILE", "private or public key; - is stdin", set_file,
     offsetof(struct show_opts, key), OPT_REQUIRED},
    {0},
};

/* As the words of --format. */
static const ivs_key_format formats[] = {IVS_KEY_PKCS8, IVS_KEY_SEC1,
                                         IVS_KEY_SPKI, IVS_KEY_JWK};

struct export_opts {
    const char *key;
    const char *format;
    ivs_key_format number;
};
CLI_VALUES_FIT(struct export_opts);

static int
set_format(struct cli *c, const struct opt *o, const char *value, void *at)
{
    struct export_opts *opts = at;
    size_t i = 0;
    int code = value_choice(c, o, value, &i);

    if (code != CLI_OK)
        return code;
    opts->format = value;
    opts->number = formats[i];
    return CLI_OK;
}

const struct opt key_export_opts[] = {
    {"key", 'k', "FILE", "private or public key; - is stdin", set_file,
     offsetof(struct export_opts, key), OPT_REQUIRED},
    {"format", 'f', "pkcs8|sec1|spki|jwk", "form of the key", set_format, 0,
     OPT_REQUIRED},
    {0},
};

/* ---- generate ---- */

static int
check_free(struct cli *c, const char *path)
{
    struct stat st;

    if (lstat(path, &st) == 0)
        return fail(c, CLI_FAILED,
                    "%s exists already; a key file is never overwritten", path);
    if (errno != ENOENT)
        return fail(c, CLI_FAILED, "cannot create %s: %s", path,
                    strerror(errno));
    return CLI_OK;
}

static int
check_generate(struct cli *c, const struct generate_opts *opts)
{
    bool to_stdout = strcmp(opts->out, "-") == 0;
    int code;

    if (to_stdout && c->g.json)
        return usage(c, "--out - prints the key itself, which leaves no place "
                        "for --json; give --out FILE");
    if (!to_stdout && (code = check_free(c, opts->out)) != CLI_OK)
        return code;
    if (opts->public_out == NULL)
        return CLI_OK;
    if (strcmp(opts->public_out, "-") == 0)
        return usage(c, "--public-out: found -, expected the name of a file");
    if (strcmp(opts->public_out, opts->out) == 0)
        return usage(c, "--out and --public-out name the same file %s",
                     opts->out);
    return check_free(c, opts->public_out);
}

static int
save(struct cli *c, const ivs_key *key, const char *path,
     const ivs_key_options *opt)
{
    ivs_error err = {0};
    ivs_status s;

    signals_hold(true);
    s = ivs_key_save(key, path, opt, &err);
    signals_hold(false);
    return s == IVS_OK ? CLI_OK : fail_error(c, &err);
}

static int
print_private(struct cli *c, const ivs_key *key, const ivs_key_options *opt)
{
    ivs_error err = {0};
    char *pem = NULL;
    size_t len = 0;

    if (ivs_key_export(key, IVS_KEY_PKCS8, opt, &pem, &len, &err) != IVS_OK)
        return fail_error(c, &err);
    out_bytes(c, pem, len);
    ivs_free_secret(pem, len);
    return c->out_errno == 0 ? CLI_OK : CLI_FAILED;
}

/* The public half as a key of its own, which is how it is saved as SPKI. */
static int
save_public(struct cli *c, const ivs_key *key, const char *path)
{
    ivs_error err = {0};
    ivs_key *half = NULL;
    char *pem = NULL;
    size_t len = 0;
    int code;

    if (ivs_key_export(key, IVS_KEY_SPKI, NULL, &pem, &len, &err) != IVS_OK ||
        ivs_key_parse(pem, len, NULL, &half, &err) != IVS_OK)
        code = fail_error(c, &err);
    else
        code = save(c, half, path, NULL);
    ivs_key_free(half);
    ivs_free_secret(pem, len);
    return code;
}

static int
print_generated(struct cli *c, const struct generate_opts *opts,
                const char *fingerprint)
{
    if (strcmp(opts->out, "-") == 0) {
        (void)fprintf(stderr, "ivs-token: fingerprint %s\n", fingerprint);
        return CLI_OK;
    }
    out_done(c, "the key is in %s", opts->out);
    if (!c->g.json) {
        out_line(c, fingerprint);
        return CLI_OK;
    }
    return out_json(c, json_pack("{s:s, s:o, s:o, s:b}", "fingerprint",
                                 fingerprint, "private_key_file",
                                 text_json(opts->out), "public_key_file",
                                 opts->public_out != NULL
                                     ? text_json(opts->public_out)
                                     : json_null(),
                                 "encrypted", c->g.passphrase_file != NULL));
}

static int
write_pair(struct cli *c, const struct generate_opts *opts, const ivs_key *key,
           const ivs_key_options *opt)
{
    bool to_stdout = strcmp(opts->out, "-") == 0;
    int code =
        to_stdout ? print_private(c, key, opt) : save(c, key, opts->out, opt);

    if (code != CLI_OK || opts->public_out == NULL)
        return code;
    code = save_public(c, key, opts->public_out);
    if (code != CLI_OK && to_stdout)
        hint("the private key was printed; its public half can be had from it "
             "with key export --format spki");
    else if (code != CLI_OK)
        hint("the private key is in %s; its public half can be had with "
             "ivs-token key export --format spki --key %s",
             opts->out, opts->out);
    return code;
}

int
key_generate(struct cli *c, const void *values)
{
    const struct generate_opts *opts = values;
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_error err = {0};
    ivs_key *key = NULL;
    ivs_key_options opt;
    int code;

    if ((code = check_generate(c, opts)) != CLI_OK ||
        (code = input_key_options(c, &opt)) != CLI_OK)
        return code;
    if (ivs_key_generate(&opt, &key, &err) != IVS_OK ||
        ivs_key_fingerprint(key, fingerprint, &err) != IVS_OK)
        code = fail_error(c, &err);
    if (code == CLI_OK)
        code = write_pair(c, opts, key, &opt);
    ivs_key_free(key);
    return code == CLI_OK ? print_generated(c, opts, fingerprint) : code;
}

/* ---- show ---- */

static int
print_key(struct cli *c, const ivs_key *key, const char *fingerprint,
          const char *pem)
{
    const char *kind = ivs_key_has_private(key) ? "private" : "public";

    if (c->g.json)
        return out_json(c, json_pack("{s:s, s:s, s:s, s:s, s:s}", "kind", kind,
                                     "curve", "P-384", "engine",
                                     ivs_key_engine(key), "fingerprint",
                                     fingerprint, "public_key_pem", pem));
    (void)printf("kind         %s\n"
                 "curve        P-384\n"
                 "engine       %s\n"
                 "fingerprint  %s\n"
                 "%s",
                 kind, ivs_key_engine(key), fingerprint, pem);
    return CLI_OK;
}

int
key_show(struct cli *c, const void *values)
{
    const struct show_opts *opts = values;
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_error err = {0};
    ivs_key *key = NULL;
    char *pem = NULL;
    size_t len = 0;
    int code = input_key(c, opts->key, &key);

    if (code != CLI_OK)
        return code;
    if (ivs_key_fingerprint(key, fingerprint, &err) != IVS_OK ||
        ivs_key_export(key, IVS_KEY_SPKI, NULL, &pem, &len, &err) != IVS_OK)
        code = fail_error(c, &err);
    else
        code = print_key(c, key, fingerprint, pem);
    ivs_free_secret(pem, len);
    ivs_key_free(key);
    return code;
}

/* ---- export ---- */

/* Not by jansson, which would leave the key unwiped on the heap. */
static int
print_export_json(struct cli *c, const char *format, const char *text)
{
    struct text_buf doc = {0};
    int code = CLI_OK;

    text_buf_puts(&doc, "{\n  \"format\": ");
    text_buf_json(&doc, format);
    text_buf_puts(&doc, ",\n  \"key\": ");
    text_buf_json(&doc, text);
    text_buf_puts(&doc, "\n}\n");
    if (doc.failed)
        code = fail(c, CLI_FAILED, "out of memory making the JSON output");
    else
        out_bytes(c, doc.data, doc.len);
    text_buf_free(&doc);
    return code;
}

static int
print_export(struct cli *c, const char *format, const char *text, size_t len)
{
    if (c->g.json)
        return print_export_json(c, format, text);
    out_bytes(c, text, len);
    if (len > 0 && text[len - 1] != '\n')
        out_bytes(c, "\n", 1);
    return CLI_OK;
}

int
key_export(struct cli *c, const void *values)
{
    const struct export_opts *opts = values;
    ivs_error err = {0};
    ivs_key *key = NULL;
    ivs_key_options opt;
    char *text = NULL;
    size_t len = 0;
    int code;

    code = opts->number == IVS_KEY_PKCS8 || opts->number == IVS_KEY_SEC1
               ? input_private_key(c, opts->key, &key)
               : input_key(c, opts->key, &key);
    if (code == CLI_OK)
        code = input_key_options(c, &opt);
    if (code != CLI_OK)
        goto out;
    if (opts->number != IVS_KEY_PKCS8) {
        opt.passphrase = NULL;
        opt.passphrase_len = 0;
    }
    if (c->g.passphrase_file != NULL && ivs_key_has_private(key) &&
        (opts->number == IVS_KEY_SEC1 || opts->number == IVS_KEY_JWK))
        notice(c, "the exported key is not encrypted; only pkcs8 can be");
    if (ivs_key_export(key, opts->number, &opt, &text, &len, &err) != IVS_OK)
        code = fail_error(c, &err);
    else
        code = print_export(c, opts->format, text, len);
out:
    ivs_free_secret(text, len);
    ivs_key_free(key);
    return code;
}

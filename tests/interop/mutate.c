/* SPDX-License-Identifier: MIT */
/* Generator of mutated tokens; the judges are in interop_differential.c. Most
 * mutants are signed with the right key after the mutation, so that the rule
 * behind it is what decides. */

#include "mutate.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64url.h"
#include "base/digest.h"
#include "mutate_data.h"
#include "support/forge.h"
#include "token/key.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- chance ---- */

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t
chance(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t
below(uint64_t *state, size_t n)
{
    return (size_t)(chance(state) % n);
}

#define PICK(state, a) ((a)[below(state, COUNT(a))])

/* ---- bytes and edits of them ---- */

struct bytes {
    char data[3072];
    size_t len;
};

static void
put(struct bytes *b, const char *data, size_t len)
{
    if (len > sizeof b->data - b->len)
        len = sizeof b->data - b->len;
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

static void
puts_to(struct bytes *b, const char *text)
{
    put(b, text, strlen(text));
}

/* Put a piece in place of `drop` bytes. */
static void
splice(struct bytes *b, size_t at, size_t drop, struct piece with)
{
    static struct bytes tail;

    if (drop > b->len - at)
        drop = b->len - at;
    tail.len = 0;
    put(&tail, b->data + at + drop, b->len - at - drop);
    b->len = at;
    put(b, with.data, with.len);
    put(b, tail.data, tail.len);
}

static void
edit_json(uint64_t *state, struct bytes *b)
{
    size_t edits = 1 + below(state, 3);

    while (edits-- > 0) {
        struct piece piece = PICK(state, json_pieces);
        size_t at = below(state, b->len + 1);
        size_t drop = below(state, 4) == 0 ? 1 + below(state, 6) : 0;

        if (below(state, 5) == 0)
            piece.len = 0;
        if (below(state, 6) == 0)
            at = below(state, 2) == 0 ? 0 : b->len;
        splice(b, at, drop, piece);
    }
}

/* ---- claims ---- */

static const char *
value_of(uint64_t *state, const struct claim *claim, bool hostile)
{
    if (!hostile)
        return PICK(state, claim->good);
    if (below(state, 8) == 0)
        return PICK(state, everywhere);
    return PICK(state, claim->hostile);
}

/* The first two members are needed, the others are there by chance. */
static void
make_payload(uint64_t *state, bool hostile, struct bytes *ret)
{
    size_t victim = hostile ? below(state, COUNT(claims)) : COUNT(claims);
    bool leave_out = hostile && below(state, 20) == 0;

    ret->len = 0;
    for (size_t i = 0; i < COUNT(claims); i++) {
        if (i == victim ? leave_out : i > 1 && below(state, 3) != 0)
            continue;
        puts_to(ret, ret->len == 0 ? "{\"" : ",\"");
        puts_to(ret, claims[i].name);
        puts_to(ret, "\":");
        puts_to(ret, value_of(state, &claims[i], i == victim));
    }
    if (hostile && below(state, 3) == 0) {
        puts_to(ret, ",");
        puts_to(ret, PICK(state, unknown));
    }
    puts_to(ret, "}");
}

/* ---- segments ---- */

static void
encode(const struct bytes *in, struct bytes *ret)
{
    ret->len = IVS_B64URL_LEN(in->len);
    if (ret->len > sizeof ret->data)
        abort();
    ivs_b64url_encode(in->data, in->len, ret->data);
}

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Spell base64url as others might. */
static void
respell(uint64_t *state, struct bytes *b)
{
    static const struct piece pieces[] = {
        P("="),  P("=="), P("==="),  P("+"),        P("/"),
        P(" "),  P("\n"), P("\r\n"), P("\t"),       P("%3D"),
        P("!"),  P("~"),  P("\x80"), P("\xc3\xa9"), P("A"),
        P("AB"), P("-"),  P("\\"),   P("\""),       P("\x7f")};
    size_t way = below(state, 4);
    char *last = b->len > 0 ? &b->data[b->len - 1] : NULL;

    if (way == 0 && last != NULL && strchr(alphabet, *last) != NULL) {
        /* another last character: other loose bits, where there are some */
        size_t i = (size_t)(strchr(alphabet, *last) - alphabet);

        *last = alphabet[(i & ~(size_t)3) | (i + 1 + below(state, 3)) % 4];
    } else if (way == 1) {
        for (size_t i = 0; i < b->len; i++)
            if (b->data[i] == '-' || b->data[i] == '_')
                b->data[i] = b->data[i] == '-' ? '+' : '/';
    } else if (way == 2) {
        splice(b, b->len, 0, (struct piece){"====", (4 - b->len % 4) % 4});
    } else {
        struct piece piece = PICK(state, pieces);
        size_t at = below(state, 2) == 0 ? b->len : below(state, b->len + 1);

        splice(b, at, below(state, 4) == 0 ? 1 : 0, piece);
    }
}

static void
sign(const ivs_key *key, const struct bytes *input, struct bytes *ret)
{
    uint8_t digest[IVS_ES384_DIGEST_BYTES];

    if (!ivs_sha384(input->data, input->len, digest) ||
        ivs_key_sign_digest(key, digest, (uint8_t *)ret->data, NULL) != IVS_OK)
        abort();
    ret->len = IVS_ES384_SIGNATURE_BYTES;
}

static void
mac(uint64_t *state, const struct signers *signers, const struct bytes *input,
    struct bytes *ret)
{
    static const char *const hashes[] = {"SHA256", "SHA384", "SHA512"};
    size_t key_len = strlen(signers->pem) - below(state, 2);
    unsigned len = 0;

    if (HMAC(EVP_get_digestbyname(PICK(state, hashes)), signers->pem,
             (int)key_len, (const unsigned char *)input->data, input->len,
             (unsigned char *)ret->data, &len) == NULL)
        abort();
    ret->len = len;
}

/* The order of P-384 (SEC 2 section 2.5.1), its neighbours and the ends. */
static void
edge_number(uint64_t *state, char ret[48])
{
    static const unsigned char low[24] = {
        0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
        0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};
    size_t which = below(state, 6);

    memset(ret, which < 2 ? 0 : 0xff, 48);
    if (which == 1)
        ret[47] = 1;
    if (which >= 3)
        memcpy(ret + 24, low, 24);
    if (which == 4)
        ret[47]--;
    if (which == 5)
        ret[47]++;
}

static void
spoil_signature(uint64_t *state, struct bytes *b)
{
    char half[48];

    switch (below(state, 8)) {
    case 0:
        edge_number(state, b->data);
        return;
    case 1:
        edge_number(state, b->data + 48);
        return;
    case 2:
        edge_number(state, b->data);
        edge_number(state, b->data + 48);
        return;
    case 3:
        b->len = below(state, 97);
        return;
    case 4:
        put(b, b->data, 1 + below(state, 96));
        return;
    case 5:
        memcpy(half, b->data, 48);
        memmove(b->data, b->data + 48, 48);
        memcpy(b->data + 48, half, 48);
        return;
    case 6:
        b->data[below(state, 96)] ^= (char)(1u << below(state, 8));
        return;
    default: /* DER, with numbers of 48 bytes */
        splice(b, 48, 0, (struct piece)P("\x02\x30"));
        splice(b, 0, 0, (struct piece)P("\x30\x64\x02\x30"));
        return;
    }
}

/* ---- tokens ---- */

struct parts {
    struct bytes header, payload, signature; /* as base64url */
};

static void
join(const struct bytes *header, const struct bytes *payload, struct bytes *ret)
{
    ret->len = 0;
    put(ret, header->data, header->len);
    put(ret, ".", 1);
    put(ret, payload->data, payload->len);
}

static void
finish(const struct parts *parts, struct mutant *ret)
{
    int n = snprintf(ret->text, sizeof ret->text, "%.*s.%.*s.%.*s",
                     (int)parts->header.len, parts->header.data,
                     (int)parts->payload.len, parts->payload.data,
                     (int)parts->signature.len, parts->signature.data);

    if (n < 0 || (size_t)n >= sizeof ret->text)
        abort();
    ret->len = (size_t)n;
}

/* Characters of the finished token. */
static void
edit_text(uint64_t *state, struct mutant *m)
{
    static const char strange[] = ".=+/ \n\x80\xff%\"";
    static struct bytes b;
    size_t edits = 1 + below(state, 2);

    b.len = 0;
    put(&b, m->text, m->len);
    while (edits-- > 0) {
        char c = below(state, 3) == 0
                     ? strange[below(state, sizeof strange - 1)]
                     : alphabet[below(state, 64)];
        size_t at = below(state, b.len);

        splice(&b, at, below(state, 3) == 0 ? 0 : 1,
               (struct piece){&c, below(state, 5) != 0});
    }
    memcpy(m->text, b.data, b.len);
    m->len = b.len;
    m->text[m->len] = '\0';
}

static void
rearrange(uint64_t *state, const struct parts *p, struct mutant *m)
{
    static const char *const forms[] = {
        "H",      "H.P",       ".",        "..",      "H.P.",    "H..S",
        ".P.S",   "H.P.S.",    ".H.P.S",   "H.P.S.S", "H.P.P.S", "P.H.S",
        "H.S.P",  "HP.S",      "H.PS",     "H..P.S",  "H.P.S\n", " H.P.S",
        "H.P.SS", "\"H.P.S\"", "H.P.H.P.S"};
    static struct bytes b;

    b.len = 0;
    for (const char *f = PICK(state, forms); *f != '\0'; f++) {
        const struct bytes *from = *f == 'H'   ? &p->header
                                   : *f == 'P' ? &p->payload
                                   : *f == 'S' ? &p->signature
                                               : NULL;

        put(&b, from == NULL ? f : from->data, from == NULL ? 1 : from->len);
    }
    memcpy(m->text, b.data, b.len);
    m->len = b.len;
    m->text[m->len] = '\0';
}

enum kind {
    GOOD,
    CLAIMS,
    PAYLOAD_JSON,
    HEADER,
    HEADER_JSON,
    ENCODING,
    SIGNATURE,
    WRONG_KEY,
    MAC,
    TEXT,
    SEGMENTS
};

static const struct {
    enum kind kind;
    const char *name;
    size_t weight; /* of 100 */
} kinds[] = {{GOOD, "good", 5},
             {CLAIMS, "claims", 28},
             {PAYLOAD_JSON, "payload JSON", 20},
             {HEADER, "header", 10},
             {HEADER_JSON, "header JSON", 8},
             {ENCODING, "encoding", 8},
             {SIGNATURE, "signature", 5},
             {WRONG_KEY, "wrong key", 4},
             {MAC, "MAC", 4},
             {TEXT, "text", 5},
             {SEGMENTS, "segments", 3}};

static enum kind
pick_kind(uint64_t *state, const char **ret_name)
{
    size_t at = below(state, 100), i = 0;

    while (at >= kinds[i].weight)
        at -= kinds[i++].weight;
    *ret_name = kinds[i].name;
    return kinds[i].kind;
}

static void
make_header(uint64_t *state, enum kind kind, struct bytes *ret)
{
    static const char *const macs[] = {"{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
                                       "{\"alg\":\"HS384\",\"typ\":\"JWT\"}",
                                       "{\"alg\":\"HS512\"}",
                                       "{\"alg\":\"none\"}", FORGE_HEADER};

    ret->len = 0;
    if (kind == HEADER)
        puts_to(ret, PICK(state, headers));
    else if (kind == MAC)
        puts_to(ret, PICK(state, macs));
    else
        puts_to(ret, FORGE_HEADER);
    if (kind == HEADER_JSON)
        edit_json(state, ret);
}

void
mutate(uint64_t number, const struct signers *signers, struct mutant *ret)
{
    uint64_t s = number * UINT64_C(0xd1342543de82ef95);
    enum kind kind = pick_kind(&s, &ret->kind);
    static struct bytes header, payload, input, signature;
    static struct parts p;

    make_header(&s, kind, &header);
    make_payload(&s, kind == CLAIMS, &payload);
    if (kind == PAYLOAD_JSON)
        edit_json(&s, &payload);
    encode(&header, &p.header);
    encode(&payload, &p.payload);
    if (kind == ENCODING && below(&s, 3) != 0)
        respell(&s, below(&s, 3) == 0 ? &p.header : &p.payload);
    join(&p.header, &p.payload, &input);
    if (kind == MAC)
        mac(&s, signers, &input, &signature);
    else
        sign(kind == WRONG_KEY ? signers->wrong : signers->right, &input,
             &signature);
    if (kind == SIGNATURE)
        spoil_signature(&s, &signature);
    encode(&signature, &p.signature);
    if (kind == ENCODING && below(&s, 3) == 0)
        respell(&s, &p.signature);
    finish(&p, ret);
    if (kind == TEXT)
        edit_text(&s, ret);
    if (kind == SEGMENTS)
        rearrange(&s, &p, ret);
}

/* SPDX-License-Identifier: MIT */
/* Wrappers around the calls of our objects, and the allocators of OpenSSL and
 * jansson. Nothing below GnuTLS fails: its GMP would end the process. */

#include "torture/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/asn1t.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef IVS_HAVE_GNUTLS
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#endif

const char *const inject_mode_names[INJECT_MODES] = {
    [INJECT_NO_MEMORY] = "no memory",
    [INJECT_OTHER] = "other failure",
    [INJECT_INTERRUPTED] = "interrupted",
    [INJECT_OPENSSL] = "allocation in OpenSSL",
    [INJECT_JANSSON] = "allocation in jansson",
};

static struct {
    bool armed;
    enum inject_mode mode;
    size_t left;
    const char *failed;
} now;

static struct inject_live live;

static bool
counts_down(const char *name)
{
    if (!now.armed || now.left == 0 || --now.left > 0)
        return false;
    now.failed = name;
    return true;
}

static bool
call_fails(const char *name)
{
    if ((now.mode != INJECT_NO_MEMORY && now.mode != INJECT_OTHER) ||
        !counts_down(name))
        return false;
    errno = now.mode == INJECT_NO_MEMORY ? ENOMEM : EIO;
    return true;
}

static bool
openssl_call_fails(const char *name)
{
    if (!call_fails(name))
        return false;
    ERR_raise(ERR_LIB_USER, now.mode == INJECT_NO_MEMORY
                                ? ERR_R_MALLOC_FAILURE
                                : ERR_R_INTERNAL_ERROR);
    return true;
}

static bool
is_interrupted(const char *name)
{
    return now.mode == INJECT_INTERRUPTED && counts_down(name);
}

/* ---- rows of calls.h ---- */

#define ZERO (now.mode == INJECT_NO_MEMORY ? 0 : -1)

#define WRAP(name, result, fails, failure, params, args)                       \
    result __real_##name params;                                               \
    result __wrap_##name params;                                               \
    result __wrap_##name params                                                \
    {                                                                          \
        if (fails(#name))                                                      \
            return failure;                                                    \
        return __real_##name args;                                             \
    }
#define CUSTOM(name)
#define SYSTEM(name, result, failure, params, args)                            \
    WRAP(name, result, call_fails, failure, params, args)
#define JANSSON SYSTEM
#define OPENSSL(name, result, failure, params, args)                           \
    WRAP(name, result, openssl_call_fails, failure, params, args)
#define GNUTLS(name, params, args)                                             \
    WRAP(name, int, call_fails,                                                \
         (now.mode == INJECT_NO_MEMORY ? GNUTLS_E_MEMORY_ERROR                 \
                                       : GNUTLS_E_INTERNAL_ERROR),             \
         params, args)

#include "torture/calls.h"

/* ---- rows of CUSTOM ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
char *__real_strndup(const char *text, size_t n);
void __real_free(void *ptr);
int __real_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
int __real_close(int fd);
ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __real_write(int fd, const void *data, size_t len);
EVP_PKEY *__real_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *ctx, const char *properties,
                                   const char *type, ...);
X509_SIG *__real_PKCS8_encrypt(int nid, const EVP_CIPHER *cipher,
                               const char *pass, int len, unsigned char *salt,
                               int salt_len, int rounds,
                               PKCS8_PRIV_KEY_INFO *p8);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
char *__wrap_strndup(const char *text, size_t n);
void __wrap_free(void *ptr);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_close(int fd);
ssize_t __wrap_read(int fd, void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *ctx, const char *properties,
                                   const char *type, ...);
X509_SIG *__wrap_PKCS8_encrypt(int nid, const EVP_CIPHER *cipher,
                               const char *pass, int len, unsigned char *salt,
                               int salt_len, int rounds,
                               PKCS8_PRIV_KEY_INFO *p8);

static void *
counted(void *ptr, long *ret_live)
{
    if (ptr != NULL)
        ++*ret_live;
    return ptr;
}

void *
__wrap_malloc(size_t size)
{
    if (call_fails("malloc"))
        return NULL;
    return counted(__real_malloc(size), &live.own);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    if (call_fails("calloc"))
        return NULL;
    return counted(__real_calloc(n, size), &live.own);
}

char *
__wrap_strndup(const char *text, size_t n)
{
    if (call_fails("strndup"))
        return NULL;
    return counted(__real_strndup(text, n), &live.own);
}

void
__wrap_free(void *ptr)
{
    if (ptr != NULL)
        live.own--;
    __real_free(ptr);
}

static int
opened(int fd)
{
    if (fd >= 0)
        live.files++;
    return fd;
}

static mode_t
mode_of(int flags, va_list ap)
{
    return (flags & O_CREAT) != 0 ? (mode_t)va_arg(ap, int) : 0;
}

int
__wrap_open(const char *path, int flags, ...)
{
    mode_t mode;
    va_list ap;

    va_start(ap, flags);
    mode = mode_of(flags, ap);
    va_end(ap);
    if (call_fails("open"))
        return -1;
    return opened(__real_open(path, flags, mode));
}

int
__wrap_openat(int dir, const char *path, int flags, ...)
{
    mode_t mode;
    va_list ap;

    va_start(ap, flags);
    mode = mode_of(flags, ap);
    va_end(ap);
    if (call_fails("openat"))
        return -1;
    return opened(__real_openat(dir, path, flags, mode));
}

/* Linux closes the file even when close() fails. */
int
__wrap_close(int fd)
{
    bool fails = call_fails("close");

    live.files--;
    return __real_close(fd) == 0 && !fails ? 0 : -1;
}

/* One call is interrupted; all of them come back early. */
ssize_t
__wrap_read(int fd, void *data, size_t len)
{
    if (call_fails("read"))
        return -1;
    if (is_interrupted("read")) {
        errno = EINTR;
        return -1;
    }
    return __real_read(
        fd, data, now.mode == INJECT_INTERRUPTED && len > 1 ? len / 2 : len);
}

ssize_t
__wrap_write(int fd, const void *data, size_t len)
{
    if (call_fails("write"))
        return -1;
    if (is_interrupted("write")) {
        errno = EINTR;
        return -1;
    }
    return __real_write(
        fd, data, now.mode == INJECT_INTERRUPTED && len > 1 ? len / 2 : len);
}

/* As EVP_EC_gen() calls it. */
EVP_PKEY *
__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *ctx, const char *properties,
                         const char *type, ...)
{
    char *curve;
    va_list ap;

    va_start(ap, type);
    curve = va_arg(ap, char *);
    va_end(ap);
    if (openssl_call_fails("EVP_PKEY_Q_keygen"))
        return NULL;
    return __real_EVP_PKEY_Q_keygen(ctx, properties, type, curve);
}

/* One round, for it is called often here. */
X509_SIG *
__wrap_PKCS8_encrypt(int nid, const EVP_CIPHER *cipher, const char *pass,
                     int len, unsigned char *salt, int salt_len, int rounds,
                     PKCS8_PRIV_KEY_INFO *p8)
{
    (void)rounds;
    if (openssl_call_fails("PKCS8_encrypt"))
        return NULL;
    return __real_PKCS8_encrypt(nid, cipher, pass, len, salt, salt_len, 1, p8);
}

/* ---- allocators of the libraries beneath ---- */

static void *
openssl_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    if (now.mode == INJECT_OPENSSL && counts_down("malloc of OpenSSL"))
        return NULL;
    return counted(__real_malloc(n), &live.openssl);
}

static void
openssl_free(void *ptr, const char *file, int line)
{
    (void)file;
    (void)line;
    if (ptr != NULL)
        live.openssl--;
    __real_free(ptr);
}

static void *
openssl_realloc(void *ptr, size_t n, const char *file, int line)
{
    if (ptr == NULL)
        return openssl_malloc(n, file, line);
    if (n == 0) {
        openssl_free(ptr, file, line);
        return NULL;
    }
    if (now.mode == INJECT_OPENSSL && counts_down("realloc of OpenSSL"))
        return NULL;
    return realloc(ptr, n);
}

static void *
jansson_malloc(size_t n)
{
    if (now.mode == INJECT_JANSSON && counts_down("malloc of jansson"))
        return NULL;
    return counted(__real_malloc(n), &live.jansson);
}

static void
jansson_free(void *ptr)
{
    if (ptr != NULL)
        live.jansson--;
    __real_free(ptr);
}

/* ---- control ---- */

bool
inject_start(void)
{
    json_set_alloc_funcs(jansson_malloc, jansson_free);
    return CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc,
                                    openssl_free) == 1;
}

void
inject_arm(enum inject_mode mode, size_t n)
{
    now.mode = mode;
    now.left = n;
    now.failed = NULL;
    now.armed = true;
}

void
inject_disarm(void)
{
    now.armed = false;
    now.mode = INJECT_MODES;
}

const char *
inject_failed(void)
{
    return now.failed;
}

struct inject_live
inject_live(void)
{
    return live;
}

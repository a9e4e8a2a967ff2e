/* SPDX-License-Identifier: MIT */
/* ivs_key_parse(): every form OpenSSL writes, and what is no key for us. */

#include "support/key_input.h"

/* ---- good ---- */

#define PKEY "openssl pkey -in a.pem "
#define EC   "openssl ec -in a.pem 2>&- "
#define PAR  "openssl ecparam -name secp384r1; "

static const struct {
    const char *name;
    const char *command;
    bool is_private;
} good[] = {
    {"PKCS#8", "cat a.pem", true},
    {"PKCS#8 DER", PKEY "-outform DER", true},
    {"SEC1", EC, true},
    {"SEC1 DER", EC "-outform DER", true},
    {"SEC1 after EC PARAMETERS", PAR EC, true},
    {"SEC1 before EC PARAMETERS", EC ";" PAR, true},
    {"SEC1 without the public half", EC "-no_public", true},
    {"SEC1 with a compressed point", EC "-conv_form compressed", true},
    {"PKCS#8 with a compressed point", PKEY "-ec_conv_form compressed", true},
    {"PKCS#8 with a hybrid point", PKEY "-ec_conv_form hybrid", true},
    {"SPKI", PKEY "-pubout", false},
    {"SPKI DER", PKEY "-pubout -outform DER", false},
    {"compressed SPKI", PKEY "-pubout -ec_conv_form compressed", false},
    {"compressed SPKI DER",
     PKEY "-pubout -ec_conv_form compressed -outform DER", false},
    {"encrypted, AES-256", SEAL "-v2 aes-256-cbc", true},
    {"encrypted, AES-128 and SHA-1", SEAL "-v2 aes128 -v2prf hmacWithSHA1",
     true},
    {"encrypted DER", SEAL "-outform DER", true},
    {"encrypted, scrypt", SEAL "-scrypt", true},
    {"encrypted, PKCS#12 3DES", SEAL "-v1 PBE-SHA1-3DES", true},
    {"base64 of PEM", "base64 a.pem", true},
    {"base64 of PEM on one line", "base64 -w0 a.pem", true},
    {"base64 of SPKI PEM", PKEY "-pubout | base64", false},
    {"base64 of PEM with backslash-n",
     "awk '{printf \"%s\\\\n\", $0}' a.pem | base64", true},
    {"backslash-n", "awk '{printf \"%s\\\\n\", $0}' a.pem", true},
    {"backslash-r backslash-n", "awk '{printf \"%s\\\\r\\\\n\", $0}' a.pem",
     true},
    {"quoted, with backslash-n",
     "printf \\\"; awk '{printf \"%s\\\\n\", $0}' a.pem; echo \\\"", true},
    {"CRLF", "sed 's/$/\\r/' a.pem", true},
    {"one long line of base64",
     "sed -n 1p a.pem; sed '1d;$d' a.pem | tr -d '\\n'; echo; tail -n1 a.pem",
     true},
    {"white space around", "echo; echo ' '; cat a.pem; printf ' \\t\\n\\n'",
     true},
    {"text of the key around", PKEY "-text", true},
    {"byte order mark", "printf '\\357\\273\\277'; cat a.pem", true},
    {"JWK",
     "echo '"
     "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" KEY_A_X "\",\"y\":\"" KEY_A_Y
     "\"}'",
     false},
    {"private JWK",
     "echo '{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" KEY_A_X
     "\",\"y\":\"" KEY_A_Y "\",\"d\":\"" KEY_A_D "\"}'",
     true},
    {"JWK with more members, in another order",
     "echo ' { \"d\" :\"" KEY_A_D "\", \"kid\":\"a\\\"b{\", \"y\":\"" KEY_A_Y
     "\", \"key_ops\":[\"sign\",\"x\"], \"ext\":{\"d\":\"x\"},"
     "\"x\" : \"" KEY_A_X "\",\"alg\":\"ES384\",\"use\":\"sig\","
     "\"crv\":\"P-384\",\"kty\":\"EC\"} '",
     true},
};

static void
every_form_gives_the_same_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        run(good[i].command);
        expect_key(good[i].name, good[i].is_private);
    }
}

/* ---- bad ---- */

#define RSA                                                                    \
    "openssl genrsa -out rsa.pem 2048 2>&- && openssl rsa 2>&- -in rsa.pem "
#define CERT "openssl req -new -x509 -key a.pem -subj /CN=x "

static const struct {
    const char *name;
    const char *command;
    ivs_status status;
    const char *message;
} bad[] = {
    {"RSA PKCS#8", RSA, IVS_E_KEY, "an RSA key" EXPECTED},
    {"RSA traditional", RSA "-traditional", IVS_E_KEY, "an RSA key" EXPECTED},
    {"RSA traditional DER", RSA "-traditional -outform DER", IVS_E_FORMAT,
     "an RSA or DSA key" EXPECTED},
    {"RSA public", RSA "-pubout", IVS_E_KEY, "an RSA key" EXPECTED},
    {"RSA public, PKCS#1", RSA "-RSAPublicKey_out", IVS_E_KEY, "an RSA key"},
    {"RSA-PSS",
     "openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:1024 2>&-",
     IVS_E_KEY, "an RSA-PSS key" EXPECTED},
    {"Ed25519", "openssl genpkey -algorithm ed25519", IVS_E_KEY,
     "an Ed25519 key" EXPECTED},
    {"X25519", "openssl genpkey -algorithm x25519", IVS_E_KEY,
     "an X25519 key" EXPECTED},
    {"P-256", "openssl ecparam -name prime256v1 -genkey -noout", IVS_E_KEY,
     "curve prime256v1 (P-256) where P-384 was expected"},
    {"P-521 PKCS#8",
     "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
     IVS_E_KEY, "curve secp521r1 (P-521) where P-384 was expected"},
    {"P-256 public",
     "openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout "
     "2>&-",
     IVS_E_KEY, "curve prime256v1 (P-256) where P-384 was expected"},
    {"secp256k1", "openssl ecparam -name secp256k1 -genkey -noout", IVS_E_KEY,
     "curve secp256k1 where P-384 was expected"},
    {"brainpool 384", "openssl ecparam -name brainpoolP384r1 -genkey -noout",
     IVS_E_KEY, "curve brainpoolP384r1 where P-384 was expected"},
    {"explicit parameters", EC "-param_enc explicit", IVS_E_KEY,
     "explicit curve parameters where the named curve P-384 was expected"},
    {"explicit parameters, PKCS#8", PKEY "-ec_param_enc explicit", IVS_E_KEY,
     "explicit curve parameters"},
    {"explicit parameters, encrypted",
     PKEY
     "-ec_param_enc explicit | openssl pkcs8 -topk8 -passout 'pass:" PASSPHRASE
     "'",
     IVS_E_KEY, "explicit curve parameters"},
    {"explicit parameters, SPKI", PKEY "-pubout -ec_param_enc explicit",
     IVS_E_KEY, "explicit curve parameters"},
    {"certificate", CERT, IVS_E_FORMAT, "a certificate" EXPECTED},
    {"certificate DER", CERT "-outform DER", IVS_E_FORMAT, "a certificate"},
    {"certificate request", "openssl req -new -key a.pem -subj /CN=x",
     IVS_E_FORMAT, "a certificate request" EXPECTED},
    {"PKCS#12", CERT "| openssl pkcs12 -export -inkey a.pem -passout pass:x",
     IVS_E_FORMAT, "a PKCS#12 file" EXPECTED},
    {"PKCS#7",
     CERT "| openssl crl2pkcs7 -nocrl -certfile /dev/stdin "
          "-outform DER",
     IVS_E_FORMAT, "a PKCS#7 file" EXPECTED},
    {"PKCS#7 PEM", CERT "| openssl crl2pkcs7 -nocrl -certfile /dev/stdin",
     IVS_E_FORMAT, "a PEM block PKCS7" EXPECTED},
    {"key and certificate", "cat a.pem;" CERT, IVS_E_FORMAT,
     "a second PEM block, CERTIFICATE, where one key was expected"},
    {"two keys", "cat a.pem b.pem", IVS_E_FORMAT,
     "a second PEM block, PRIVATE KEY, where one key was expected"},
    {"both halves", "cat a.pem;" PKEY "-pubout", IVS_E_FORMAT,
     "a second PEM block, PUBLIC KEY, where one key was expected"},
    {"EC PARAMETERS that are not base64",
     "(" PAR EC ") | sed '1,/END EC PARAM/s/^Bg/!!/'", IVS_E_FORMAT,
     "a PEM block EC PARAMETERS that is not base64 inside"},
    {"two EC PARAMETERS", PAR PAR EC, IVS_E_FORMAT,
     "a second PEM block, EC PARAMETERS"},
    {"EC PARAMETERS alone", "openssl ecparam -name secp384r1", IVS_E_FORMAT,
     "EC PARAMETERS alone where a key was expected"},
    {"EC PARAMETERS of P-256", "openssl ecparam -name prime256v1;" EC,
     IVS_E_KEY, "an EC PARAMETERS block that does not name P-384"},
    {"explicit EC PARAMETERS",
     "openssl ecparam -name secp384r1 -param_enc explicit;" EC, IVS_E_KEY,
     "an EC PARAMETERS block that does not name P-384"},
    {"old-style encryption", EC "-aes128 -passout 'pass:" PASSPHRASE "'",
     IVS_E_FORMAT, "convert it with openssl pkcs8 -topk8"},
    {"truncated PEM", "head -n 3 a.pem", IVS_E_FORMAT,
     "a truncated PEM block: no END line"},
    {"truncated body", "sed 3d a.pem", IVS_E_FORMAT,
     "a PEM block PRIVATE KEY that holds no such structure"},
    {"body that is not base64", "sed '2s/M/!/' a.pem", IVS_E_FORMAT,
     "a PEM block PRIVATE KEY that is not base64 inside"},
    {"padding in the middle", "sed '2s/M/=/' a.pem", IVS_E_FORMAT,
     "that is not base64 inside"},
    {"URL alphabet in PEM", PKEY "-pubout | sed '2,4s/A/_/'", IVS_E_FORMAT,
     "that is not base64 inside"},
    {"END of another block", "sed 's/END PRIVATE/END PUBLIC/' a.pem",
     IVS_E_FORMAT, "END line does not match its BEGIN line, PRIVATE KEY"},
    {"BEGIN without dashes", "sed '1s/KEY-----/KEY/' a.pem", IVS_E_FORMAT,
     "a PEM block whose BEGIN line is malformed"},
    {"BEGIN with a long label",
     "sed '1s/PRIVATE/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/' a.pem",
     IVS_E_FORMAT, "a PEM block whose BEGIN line is malformed"},
    {"more after the structure",
     "echo -----BEGIN PUBLIC KEY-----; (" PKEY
     "-pubout -outform DER; echo) | base64; echo -----END PUBLIC KEY-----",
     IVS_E_FORMAT, "DER data that is cut short or goes on too long"},
    {"body cut by three bytes",
     "echo -----BEGIN PUBLIC KEY-----; " PKEY
     "-pubout -outform DER | head -c 117 | base64; "
     "echo -----END PUBLIC KEY-----",
     IVS_E_FORMAT, "that holds no such structure"},
    {"label of another form", "sed 's/PRIVATE KEY/PUBLIC KEY/' a.pem",
     IVS_E_FORMAT, "a PEM block PUBLIC KEY that holds no such structure"},
    {"unknown label", "sed 's/PRIVATE KEY/SOME THING/' a.pem", IVS_E_FORMAT,
     "a PEM block SOME THING" EXPECTED},
    {"truncated DER", PKEY "-outform DER | head -c 100", IVS_E_FORMAT,
     "binary data that is not one whole DER structure" EXPECTED},
    {"DER and a byte more", PKEY "-outform DER; echo", IVS_E_FORMAT,
     "binary data that is not one whole DER structure"},
    {"two DER keys", PKEY "-outform DER;" PKEY "-outform DER", IVS_E_FORMAT,
     "binary data that is not one whole DER structure"},
    {"base64 of DER", PKEY "-outform DER | base64", IVS_E_FORMAT,
     "base64 without BEGIN and END lines" EXPECTED},
    {"base64 of text", "echo hello world | base64", IVS_E_FORMAT,
     "base64 of something that is not PEM" EXPECTED},
    {"base64 of base64", "base64 a.pem | base64", IVS_E_FORMAT,
     "base64 of something that is not PEM"},
    {"UTF-16 with a mark", "iconv -t UTF-16 a.pem", IVS_E_FORMAT,
     "UTF-16 text" EXPECTED},
    {"UTF-16 little-endian", "iconv -t UTF-16LE a.pem", IVS_E_FORMAT,
     "UTF-16 text"},
    {"UTF-16 big-endian", "iconv -t UTF-16BE a.pem", IVS_E_FORMAT,
     "UTF-16 text"},
    {"HTML", "echo '<!DOCTYPE html><html>404</html>'", IVS_E_FORMAT,
     "an HTML page" EXPECTED},
    {"HTML around a key", "echo '<html><pre>'; cat a.pem", IVS_E_FORMAT,
     "an HTML page"},
    {"XML", "echo '<?xml version=\"1.0\"?><Error/>'", IVS_E_FORMAT,
     "XML or HTML text"},
    {"white space", "printf ' \\n\\t\\n'", IVS_E_FORMAT,
     "nothing but white space" EXPECTED},
    {"OpenSSH public key", "echo 'ecdsa-sha2-nistp384 AAAAE2 me@here'",
     IVS_E_FORMAT, "an OpenSSH public key" EXPECTED},
    {"OpenSSH RSA public key", "echo 'ssh-rsa AAAAB3 me@here'", IVS_E_FORMAT,
     "an OpenSSH public key" EXPECTED},
    {"OpenSSH private key",
     "echo -----BEGIN OPENSSH PRIVATE KEY-----; echo AAAA; "
     "echo -----END OPENSSH PRIVATE KEY-----",
     IVS_E_FORMAT, "an OpenSSH private key" EXPECTED},
    {"SSH2 public key", "echo '---- BEGIN SSH2 PUBLIC KEY ----'", IVS_E_FORMAT,
     "an SSH2 public key" EXPECTED},
    {"PuTTY key", "echo 'PuTTY-User-Key-File-2: ecdsa-sha2-nistp384'",
     IVS_E_FORMAT, "a PuTTY key" EXPECTED},
    {"a token", "echo eyJhbGciOiJFUzM4NCJ9.e30.AA", IVS_E_FORMAT,
     "a token (JWT)" EXPECTED},
    {"some text", "echo 'hello, world'", IVS_E_FORMAT,
     "text in no known form" EXPECTED},
    {"NUL in text", "cat a.pem; printf '\\0'", IVS_E_FORMAT,
     "binary data that is not one whole DER structure"},
};

static void
what_is_no_p384_key_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        run(bad[i].command);
        expect_refusal(bad[i].name, true, bad[i].status, bad[i].message);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_gives_the_same_key),
        cmocka_unit_test(what_is_no_p384_key_is_named),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

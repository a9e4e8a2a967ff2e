/* SPDX-License-Identifier: MIT */
/* ivs_key_parse(): encrypted PKCS#8. */

#include "support/key_input.h"

static void
encrypted_key_needs_its_passphrase(void **state)
{
    (void)state;
    run(SEAL);
    expect_refusal("none", false, IVS_E_KEY,
                   "an encrypted key and no passphrase for it");
    run("openssl pkcs8 -topk8 -in a.pem -passout pass:other -iter 1");
    expect_refusal("wrong", true, IVS_E_KEY,
                   "the passphrase does not open the encrypted key");
    /* One in 256 leaves a correct padding, and garbage before it. */
    for (unsigned i = 0; i < 3000; i++) {
        char passphrase[16];
        ivs_key *key = NULL;
        ivs_key_options opt;

        (void)snprintf(passphrase, sizeof passphrase, "%u", i);
        ivs_key_options_init(&opt, sizeof opt);
        opt.passphrase = passphrase;
        opt.passphrase_len = strlen(passphrase);
        assert_int_equal(ivs_key_parse(input.data, input.len, &opt, &key, NULL),
                         IVS_E_KEY);
        assert_null(key);
    }
}

/* EncryptedPrivateKeyInfo (RFC 5958 section 3) with made-up ciphertext. */
static const char sealed_conf[] =
    "asn1=SEQUENCE:top\n[top]\na=SEQUENCE:%s\n"
    "b=FORMAT:HEX,OCTETSTRING:00112233445566778899aabbccddeeff\n"
    "[pbes2]\na=OID:PBES2\nb=SEQUENCE:pbes2p\n"
    "[pbes2p]\na=SEQUENCE:kdf\nb=SEQUENCE:enc\n"
    "[pbes1]\na=OID:PBE-SHA1-3DES\nb=SEQUENCE:par\n"
    "[kdf]\na=OID:%s\nb=SEQUENCE:par\n"
    "[enc]\na=OID:AES-256-CBC\n"
    "b=FORMAT:HEX,OCTETSTRING:00112233445566778899aabbccddeeff\n"
    "[par]\na=FORMAT:HEX,OCTETSTRING:0011223344556677\n"
    "%s\n";

static void
work_asked_for_by_the_file_is_bounded(void **state)
{
    static const char refused[] = "asks for more work than is accepted";
    static const char tried[] = "the passphrase does not open";
    static const struct {
        const char *scheme, *kdf, *numbers, *message;
    } cases[] = {
        {"pbes2", "PBKDF2", "n=INTEGER:1000", tried},
        {"pbes2", "PBKDF2", "n=INTEGER:0x7fffffff", refused},
        {"pbes2", "PBKDF2", "n=INTEGER:4000001", refused},
        {"pbes2", "PBKDF2", "n=INTEGER:0xffffffffffffffffff", refused},
        {"pbes2", "PBKDF2", "n=INTEGER:-1", refused},
        {"pbes2", "PBKDF2", "n=OID:PBES2", refused},
        {"pbes2", "PBES2", "n=INTEGER:1000", refused},
        {"pbes1", "PBKDF2", "n=INTEGER:1000", tried},
        {"pbes1", "PBKDF2", "n=INTEGER:0x7fffffff", refused},
        {"pbes1", "PBKDF2", "", refused},
        {"pbes2", "1.3.6.1.4.1.11591.4.11",
         "n=INTEGER:16\nr=INTEGER:1\np=INTEGER:1", tried},
        {"pbes2", "1.3.6.1.4.1.11591.4.11",
         "n=INTEGER:2097152\nr=INTEGER:1\np=INTEGER:1", refused},
        {"pbes2", "1.3.6.1.4.1.11591.4.11",
         "n=INTEGER:131072\nr=INTEGER:1\np=INTEGER:1000", refused},
        {"pbes2", "1.3.6.1.4.1.11591.4.11",
         "n=INTEGER:16\nr=INTEGER:1\np=INTEGER:100000", refused},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char conf[1024], name[32];

        (void)snprintf(conf, sizeof conf, sealed_conf, cases[i].scheme,
                       cases[i].kdf, cases[i].numbers);
        (void)snprintf(name, sizeof name, "row %zu", i);
        write_key("conf", conf);
        run("openssl asn1parse -genconf conf -noout -out der && cat der; "
            "rm -f conf der");
        expect_refusal(name, true, IVS_E_KEY, cases[i].message);
    }
}

static void
damaged_encrypted_key_is_refused(void **state)
{
    (void)state;
    input.len = 0;
    put("\x30\x0a\x30\x04\x06\x02\x2a\x03\x04\x00\x05\x00", 12);
    expect_refusal("one element too many", true, IVS_E_FORMAT,
                   "a damaged encrypted key");
    run(SEAL "-outform DER");
    /* The tag of the ciphertext. */
    for (size_t i = 20; i < input.len; i++) {
        if (input.data[i] == 0x04 && (uint8_t)input.data[i + 1] == 0x81) {
            input.data[i] = 0x0c;
            break;
        }
    }
    expect_refusal("not an octet string", true, IVS_E_FORMAT,
                   "DER data of another kind" EXPECTED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encrypted_key_needs_its_passphrase),
        cmocka_unit_test(work_asked_for_by_the_file_is_bounded),
        cmocka_unit_test(damaged_encrypted_key_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

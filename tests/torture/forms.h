/* SPDX-License-Identifier: MIT */
#ifndef IVS_TEST_FORMS_H
#define IVS_TEST_FORMS_H

/* Key A of support/keys.h in other forms: encrypted by openssl pkcs8 -topk8
 * with little work -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 1 -scrypt
 * -scrypt_N 2 -scrypt_r 1 -scrypt_p 1 -v1 PBE-SHA1-3DES -iter 1 by openssl ec
 * with and without -param_out, and by base64. */

#define SEALED_PASSPHRASE "secret"

#define SEALED_PBKDF2                                                          \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                  \
    "MIIBGzBWBgkqhkiG9w0BBQ0wSTAoBgkqhkiG9w0BBQwwGwQIx5kKOBjKqBICAQEw\n"       \
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEED5KgzdhBlPGcUzPwMougSAEgcBU\n"       \
    "7COBMfoFCw4QsRCy50CMNWsShfNeI+QX8YXik9lSOe5ZK6KXa6cHKgCbOeU0kVRa\n"       \
    "1VtK8otfdVcsK7PkQ0/U2IHoQk5oxdMvNg8kiCRydRW2yfV26++jwKBN2g5L891q\n"       \
    "GzM5nrVH4eLVxDmyTjD+KJU548xmHU8cLYT5mb1ZXHk11QvhtSMJOU9caUiCT9E3\n"       \
    "7Nm7IjiJ4eddRNNN8m9AfJyYSsHesXIC7BSdk2piX2kIGF1zSCEvWylBo/1gOYA=\n"       \
    "-----END ENCRYPTED PRIVATE KEY-----\n"

#define SEALED_SCRYPT                                                          \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                  \
    "MIIBEzBOBgkqhkiG9w0BBQ0wQTAgBgkrBgEEAdpHBAswEwQIIgoUmTu+jecCAQIC\n"       \
    "AQECAQEwHQYJYIZIAWUDBAEqBBAEty00MQhItFkClhkXdm1dBIHAIEC0mXFMuwWo\n"       \
    "dRY64vnGkFFEqeposjoHj7m2or/795WmJpslmivD++nDIgVDQRoYWREs4tVAu1pJ\n"       \
    "kq6H5KhxvpD/Bjw9dSDJeqVLEl9ASkzAO+knESnSMtw2DCmN5fkGXn5gP3HS3/cE\n"       \
    "YfOl48sna+EpRwBBxYZZih9EaWTWA3aiH9vG6nZhvVsV4sMfYrljKp6w3b9nsY17\n"       \
    "f0acytblt2jfkIMDfK+tgr69zfbatG/NKR4vBH3NSSaTT2sT26uG\n"                   \
    "-----END ENCRYPTED PRIVATE KEY-----\n"

#define SEALED_PBES1                                                           \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                  \
    "MIHgMBsGCiqGSIb3DQEMAQMwDQQIBXYXqhzyW8ICAQEEgcAfZOutRJ/lN6EbjqDW\n"       \
    "Cec9nD9T7dk23mmSxQ5bzYpjCxuf6rlF4pclG9SukdXcrgcyhE3fKDoU36FLsuKD\n"       \
    "0GA4JXrNvDlR3ZfvX3SSwTVe7CDjj7sRua1IqLWY2cp5GTFVoJI7b8SNC3W6gMlR\n"       \
    "0hA0KTvOG8ZeF4sgJWeQL0cRf6pvYR0ESGTLuWJIHH+w4o0av9mLSwo/Mqn9SeZ1\n"       \
    "4npZ381VpXiMEdmJj50vG7bthEsshAtIGJYfMLfBPzgRUiM=\n"                       \
    "-----END ENCRYPTED PRIVATE KEY-----\n"

#define KEY_A_SEC1                                                             \
    "-----BEGIN EC PARAMETERS-----\n"                                          \
    "BgUrgQQAIg==\n"                                                           \
    "-----END EC PARAMETERS-----\n"                                            \
    "-----BEGIN EC PRIVATE KEY-----\n"                                         \
    "MIGkAgEBBDDSm5uFvdCR2EPZ5uSVvgmuTdaKbgcGGyK4B7AZt23Oty80QJHxBmTc\n"       \
    "S3gIWBBlR/CgBwYFK4EEACKhZANiAAQTmqEwV83s81UIPDFcUj0GukoRo/Yk9vKf\n"       \
    "ap8/e60uxSSBLrJjeCxdM2sFEgJR0SNZZ+oDHwWOcPy701mLjWtcftvnaQU5GIlH\n"       \
    "RAIzXNOvLBexSIL25RJhVhQe0jb6nbA=\n"                                       \
    "-----END EC PRIVATE KEY-----\n"

#define KEY_A_WRAPPED                                                          \
    "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JRzJBZ0VBTUJBR0J5cUdT\n"           \
    "TTQ5QWdFR0JTdUJCQUFpQklHZU1JR2JBZ0VCQkREU201dUZ2ZENSMkVQWjV1\n"           \
    "U1YKdmdtdVRkYUtiZ2NHR3lLNEI3QVp0MjNPdHk4MFFKSHhCbVRjUzNnSVdC\n"           \
    "QmxSL0NoWkFOaUFBUVRtcUV3Vjgzcwo4MVVJUERGY1VqMEd1a29Sby9Zazl2\n"           \
    "S2ZhcDgvZTYwdXhTU0JMckpqZUN4ZE0yc0ZFZ0pSMFNOWlorb0RId1dPCmNQ\n"           \
    "eTcwMW1Mald0Y2Z0dm5hUVU1R0lsSFJBSXpYTk92TEJleFNJTDI1UkpoVmhR\n"           \
    "ZTBqYjZuYkE9Ci0tLS0tRU5EIFBSSVZBVEUgS0VZLS0tLS0K\n"

/* SPKI of key A with the curve 1.3.132.0.127, which there is not. */
#define KEY_A_UNKNOWN_CURVE                                                    \
    "-----BEGIN PUBLIC KEY-----\n"                                             \
    "MHYwEAYHKoZIzj0CAQYFK4EEAH8DYgAEE5qhMFfN7PNVCDwxXFI9BrpKEaP2JPby\n"       \
    "n2qfP3utLsUkgS6yY3gsXTNrBRICUdEjWWfqAx8FjnD8u9NZi41rXH7b52kFORiJ\n"       \
    "R0QCM1zTrywXsUiC9uUSYVYUHtI2+p2w\n"                                       \
    "-----END PUBLIC KEY-----\n"

#endif

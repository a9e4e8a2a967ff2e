/* SPDX-License-Identifier: MIT */
/* Found by the whole document, so that a key is never taken for another's. */

#include "edge_keys.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define KEPT 64

struct kept {
    char *document; /* NULL: the place is free */
    ivs_key *key;
    size_t users;
    uint64_t turn; /* when it was last taken */
};

struct emu_keys {
    pthread_mutex_t lock;
    uint64_t turn;
    struct kept kept[KEPT];
};

emu_keys *
emu_keys_new(void)
{
    emu_keys *keys = calloc(1, sizeof *keys);

    if (keys != NULL && pthread_mutex_init(&keys->lock, NULL) != 0) {
        free(keys);
        return NULL;
    }
    return keys;
}

static void
drop(struct kept *k)
{
    ivs_key_free(k->key);
    free(k->document);
    *k = (struct kept){0};
}

void
emu_keys_free(emu_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < KEPT; i++)
        drop(&keys->kept[i]);
    (void)pthread_mutex_destroy(&keys->lock);
    free(keys);
}

static ivs_key *
read_key(const char *document)
{
    json_t *pair = NULL;
    ivs_key *key = NULL;
    const char *text;

    if (ivs_json_parse(document, strlen(document), IVS_JSON_OBJECT,
                       "a stored document", &pair, NULL, NULL) != IVS_OK)
        return NULL;
    text = json_string_value(json_object_get(pair, "publicKeyMaterial"));
    if (text != NULL &&
        ivs_key_parse(text, strlen(text), NULL, &key, NULL) != IVS_OK)
        key = NULL;
    json_decref(pair);
    return key;
}

static ivs_key *
find(emu_keys *keys, const char *document)
{
    ivs_key *key = NULL;

    (void)pthread_mutex_lock(&keys->lock);
    for (size_t i = 0; i < KEPT && key == NULL; i++) {
        struct kept *k = &keys->kept[i];

        if (k->document == NULL || strcmp(k->document, document) != 0)
            continue;
        k->users++;
        k->turn = ++keys->turn;
        key = k->key;
    }
    (void)pthread_mutex_unlock(&keys->lock);
    return key;
}

/* The place that is free, or else not in use for the longest time. Where all
 * are in use the key is not kept. */
static void
keep(emu_keys *keys, const char *document, ivs_key *key)
{
    char *copy = strdup(document);
    struct kept *place = NULL;

    if (copy == NULL)
        return;
    (void)pthread_mutex_lock(&keys->lock);
    for (size_t i = 0; i < KEPT; i++) {
        struct kept *k = &keys->kept[i];

        if (k->users == 0 && (place == NULL || k->turn < place->turn))
            place = k;
    }
    if (place != NULL) {
        drop(place);
        *place = (struct kept){copy, key, 1, ++keys->turn};
        copy = NULL;
    }
    (void)pthread_mutex_unlock(&keys->lock);
    free(copy);
}

ivs_key *
emu_keys_take(emu_keys *keys, const char *document)
{
    ivs_key *key = keys == NULL ? NULL : find(keys, document);

    if (key != NULL)
        return key;
    key = read_key(document);
    if (key != NULL && keys != NULL)
        keep(keys, document, key);
    return key;
}

void
emu_keys_give_back(emu_keys *keys, ivs_key *key)
{
    struct kept *k = NULL;

    if (keys == NULL) {
        ivs_key_free(key);
        return;
    }
    (void)pthread_mutex_lock(&keys->lock);
    for (size_t i = 0; i < KEPT && k == NULL; i++)
        if (keys->kept[i].key == key)
            k = &keys->kept[i];
    if (k != NULL)
        k->users--;
    (void)pthread_mutex_unlock(&keys->lock);
    if (k == NULL) /* it was not kept */
        ivs_key_free(key);
}

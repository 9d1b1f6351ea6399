#include "io/job/tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left for the settings of the job"); }

static tsr_setting *create(tsr_setting_kind kind, const char *text, size_t length, const char *where) {
    tsr_setting *node = calloc(1, sizeof(*node));
    if (node == NULL) return NULL;
    node->kind = kind;
    node->where = strdup(where);
    if (kind == TSR_SCALAR) node->text = strndup(text, length);
    if (node->where == NULL || (kind == TSR_SCALAR && node->text == NULL)) tsr_setting_destroy(&node);
    return node;
}

tsr_status tsr_tree_create(tsr_setting_kind kind, const char *text, size_t length, const char *where,
                           tsr_setting **out) {
    *out = create(kind, text, length, where);
    return *out == NULL ? no_memory() : TSR_OK;
}

/* Room for one child more. The capacity is the power of two that follows from count. */
static bool grow(tsr_setting *parent) {
    size_t count = parent->count;
    if ((count & (count - 1)) != 0) return true;
    tsr_setting **child = realloc(parent->child, (count == 0 ? 1 : 2 * count) * sizeof(tsr_setting *));
    if (child == NULL) return false;
    parent->child = child;
    return true;
}

tsr_status tsr_tree_insert(tsr_setting *parent, size_t at, const char *key, tsr_setting **child) {
    tsr_setting *node = *child;
    *child = NULL;
    if (key != NULL) {
        free(node->key);
        node->key = strdup(key);
    }
    if ((key != NULL && node->key == NULL) || !grow(parent)) {
        tsr_setting_destroy(&node);
        return no_memory();
    }
    memmove(parent->child + at + 1, parent->child + at, (parent->count - at) * sizeof(tsr_setting *));
    parent->child[at] = node;
    parent->count++;
    return TSR_OK;
}

tsr_status tsr_tree_set(tsr_setting *map, const char *key, tsr_setting **child) {
    TSR_TRY(tsr_tree_insert(map, map->count, key, child));
    size_t last = map->count - 1;
    for (size_t i = 0; i < last; i++) {
        if (strcmp(map->child[i]->key, key) != 0) continue;
        tsr_setting_destroy(&map->child[i]);
        map->child[i] = map->child[last];
        map->count = last;
        break;
    }
    return TSR_OK;
}

tsr_status tsr_tree_wrap(tsr_setting *node, const char *key) {
    tsr_setting *inner = create(TSR_MAP, NULL, 0, node->where);
    if (inner == NULL) return no_memory();
    inner->kind = node->kind;
    inner->text = node->text;
    inner->count = node->count;
    inner->child = node->child;
    node->kind = TSR_MAP;
    node->text = NULL;
    node->count = 0;
    node->child = NULL;
    return tsr_tree_insert(node, 0, key, &inner);
}

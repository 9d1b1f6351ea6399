#include "engine/setting.h"

#include <stdlib.h>
#include <string.h>

const tsr_setting *tsr_setting_find(const tsr_setting *map, const char *key) {
    if (map == NULL || map->kind != TSR_MAP) return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->child[i]->key, key) == 0) return map->child[i];
    return NULL;
}

void tsr_setting_destroy(tsr_setting **setting) {
    tsr_setting *tree = *setting;
    if (tree == NULL) return;
    for (size_t i = 0; i < tree->count; i++) tsr_setting_destroy(&tree->child[i]);
    free(tree->child);
    free(tree->key);
    free(tree->text);
    free(tree->where);
    free(tree);
    *setting = NULL;
}

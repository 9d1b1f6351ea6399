/* A setting: what a user wrote (a scalar, a list or a map), with the place where it stands.
 * Layer 1. io/ makes settings from YAML and from --set; the engine binds them to parameter tables. */
#ifndef TSR_ENGINE_SETTING_H
#define TSR_ENGINE_SETTING_H

#include <stddef.h>

typedef enum { TSR_SCALAR, TSR_LIST, TSR_MAP } tsr_setting_kind;

/* A tree. `where` reads "market-risk.yaml:7:13" or "--set pi.items"; the owner of the tree frees it. */
typedef struct tsr_setting {
    tsr_setting_kind kind;
    char *key;   /* the key under which it stands in its parent map, or NULL */
    char *text;  /* scalar: as written; else NULL */
    char *where; /* file:line:column */
    size_t count;
    struct tsr_setting **child; /* [count], for lists and maps */
} tsr_setting;

/* The value of a key of a map, or NULL. */
const tsr_setting *tsr_setting_find(const tsr_setting *map, const char *key);

/* Frees a tree; accepts NULL; sets NULL. */
void tsr_setting_destroy(tsr_setting **setting);

#endif

/* For tests: settings as a job file would give them, and parameters bound to them. */
#ifndef TSR_TESTS_SETTINGS_H
#define TSR_TESTS_SETTINGS_H

#include "engine/setting.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static inline tsr_setting *scalar(const char *where, const char *text) {
    tsr_setting *setting = calloc(1, sizeof(*setting));
    setting->kind = TSR_SCALAR;
    setting->where = strdup(where);
    setting->text = strdup(text);
    return setting;
}

/* The same setting under a key, as a child of a map. */
static inline tsr_setting *keyed(const char *key, tsr_setting *setting) {
    setting->key = strdup(key);
    return setting;
}

/* A list or a map of the given children; ends with NULL; takes them. */
static inline tsr_setting *tree(tsr_setting_kind kind, const char *where, ...) {
    tsr_setting *setting = calloc(1, sizeof(*setting));
    setting->kind = kind;
    setting->where = strdup(where);
    va_list children;
    va_start(children, where);
    for (tsr_setting *child; (child = va_arg(children, tsr_setting *)) != NULL;) {
        setting->child = realloc(setting->child, (setting->count + 1) * sizeof(*setting->child)); // NOLINT
        setting->child[setting->count++] = child;
    }
    va_end(children);
    return setting;
}

#endif

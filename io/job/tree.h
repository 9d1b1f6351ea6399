/* A tree of settings in the making: nodes, children, replacement.
 * Layer above engine/setting.h, which reads and frees them. Nothing here is thread-safe on one tree. */
#ifndef TSR_IO_TREE_H
#define TSR_IO_TREE_H

#include "engine/setting.h"
#include "engine/status.h"

/* A node without children; text is copied for scalars (length bytes), ignored otherwise. TSR_ERUNTIME: no memory. */
tsr_status tsr_tree_create(tsr_setting_kind kind, const char *text, size_t length, const char *where,
                           tsr_setting **out);

/* Adds a child before position `at` (parent->count: as the last one). Takes child, also when it fails, and sets it
 * NULL. key: copied, for maps; NULL for lists. TSR_ERUNTIME: no memory. */
tsr_status tsr_tree_insert(tsr_setting *parent, size_t at, const char *key, tsr_setting **child);

/* Makes child the value of a map's key: in the place of the old value, which is freed, or as the last one. Takes child
 * likewise. TSR_ERUNTIME: no memory. */
tsr_status tsr_tree_set(tsr_setting *map, const char *key, tsr_setting **child);

/* Turns a node into a map that holds what the node was under this key; the node's own key and place stay.
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_tree_wrap(tsr_setting *node, const char *key);

#endif

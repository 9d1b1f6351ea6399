/* The columns of a map's output while they are made, one after the other; owned by its model.
 * Layer 2. */
#ifndef TSR_ENGINE_FIELD_LIST_H
#define TSR_ENGINE_FIELD_LIST_H

#include "engine/block.h"
#include "engine/param.h"

/* Cleared memory: no columns yet. `field` ends with a NULL name once there is one; texts are the list's own. Labels of
 * categories are borrowed: they live as long as the source. */
typedef struct {
    int count;
    int room;
    tsr_field *field;
} tsr_field_list;

/* Frees what the list owns; NULL columns are accepted. */
void tsr_field_list_clear(tsr_field_list *list);

/* Appends a copy of one, under `name` (NULL: its own). given: who asks; a name that is there already is refused.
 * TSR_EUSAGE, TSR_ERUNTIME: no memory. */
tsr_status tsr_field_list_add(tsr_field_list *list, const tsr_params *given, const tsr_field *field, const char *name);

/* Appends copies of all, whose names are known to differ. TSR_ERUNTIME: no memory. */
tsr_status tsr_field_list_add_all(tsr_field_list *list, const tsr_field *fields);

#endif

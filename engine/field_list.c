#include "engine/field_list.h"

#include <stdlib.h>
#include <string.h>

static void clear_field(tsr_field *field) {
    free((void *)(uintptr_t)field->name);
    free((void *)(uintptr_t)field->unit);
    free((void *)(uintptr_t)field->long_name);
}

void tsr_field_list_clear(tsr_field_list *list) {
    for (int i = 0; i < list->count; i++) clear_field(&list->field[i]);
    free(list->field);
    *list = (tsr_field_list){0};
}

/* Room for one more, and the row that ends the list. */
static tsr_status grow(tsr_field_list *list) {
    if (list->count + 2 <= list->room) return TSR_OK;
    const int room = 2 * list->room + 8;
    tsr_field *field = realloc(list->field, (size_t)room * sizeof(*field));
    TSR_REQUIRE(field != NULL, TSR_ERUNTIME, "no memory for the names of %d columns", room);
    list->field = field;
    list->room = room;
    return TSR_OK;
}

static tsr_status append(tsr_field_list *list, const tsr_field *field, const char *name) {
    TSR_TRY(grow(list));
    tsr_field made = *field; /* a plug-in may have left out what is not needed to compute */
    made.name = strdup(name != NULL ? name : field->name);
    made.unit = strdup(field->unit != NULL ? field->unit : "1");
    made.long_name = strdup(field->long_name != NULL ? field->long_name : "");
    list->field[list->count] = made;
    if (made.name == NULL || made.unit == NULL || made.long_name == NULL) {
        clear_field(&made);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the name of a column");
    }
    list->field[++list->count] = (tsr_field){.name = NULL};
    return TSR_OK;
}

tsr_status tsr_field_list_add(tsr_field_list *list, const tsr_params *given, const tsr_field *field, const char *name) {
    if (name == NULL) name = field->name;
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->field[i].name, name) == 0)
            return tsr_params_fail(given, NULL, "there is already a column '%.80s'; the map select can rename it",
                                   name);
    return append(list, field, name);
}

tsr_status tsr_field_list_add_all(tsr_field_list *list, const tsr_field *fields) {
    for (; fields->name != NULL; fields++) TSR_TRY(append(list, fields, NULL));
    return TSR_OK;
}

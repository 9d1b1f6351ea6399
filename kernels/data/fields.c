#include "kernels/data/fields.h"

#include <stdlib.h>
#include <string.h>

int tsr_fields_count(const tsr_field *fields) {
    int count = 0;
    while (fields[count].name != NULL) count++;
    return count;
}

/* A plug-in may have left out what is not needed to compute. */
static const char *unit_of(const tsr_field *field) { return field->unit != NULL ? field->unit : "1"; }
static const char *meaning_of(const tsr_field *field) { return field->long_name != NULL ? field->long_name : ""; }

static size_t text_bytes(const tsr_field *field) {
    return strlen(field->name) + strlen(unit_of(field)) + strlen(meaning_of(field)) + 3;
}

static const char *copy_text(const char *text, char **memory) {
    char *copy = *memory;
    *memory = stpcpy(copy, text) + 1;
    return copy;
}

tsr_status tsr_fields_copy(const tsr_field *fields, const tsr_field *last, tsr_field **out) {
    const int given = tsr_fields_count(fields), count = given + (last != NULL);
    size_t bytes = ((size_t)count + 1) * sizeof(**out);
    for (int i = 0; i < count; i++) bytes += text_bytes(i < given ? &fields[i] : last);
    tsr_field *made = malloc(bytes);
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory for the names of %d columns", count);
    char *memory = (char *)(made + count + 1); /* the texts stand behind the rows */
    for (int i = 0; i < count; i++) {
        const tsr_field *from = i < given ? &fields[i] : last;
        made[i] = *from;
        made[i].name = copy_text(from->name, &memory);
        made[i].unit = copy_text(unit_of(from), &memory);
        made[i].long_name = copy_text(meaning_of(from), &memory);
    }
    made[count] = (tsr_field){.name = NULL};
    *out = made;
    return TSR_OK;
}

#include "cli/inspect.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static json_t *number_or_null(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* JSON is UTF-8: what is none is left out. */
static json_t *text_of(const char *text) {
    json_t *string = json_string(text);
    return string != NULL ? string : json_null();
}

static json_t *table_of(const tsr_inventory_row *row) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}", "name", text_of(row->name), "shape", text_of(row->shape), "type",
                     text_of(row->type), "stored", text_of(row->storage), "unit", text_of(row->unit), "readable",
                     row->source != NULL);
}

static json_t *column_of(const tsr_excerpt_column *column) {
    json_t *first = json_array(), *labels = json_array();
    for (int i = 0; i < TSR_EXCERPT_SHOWN; i++) json_array_append_new(first, number_or_null(column->first[i]));
    for (int i = 0; column->field->categories != NULL && column->field->categories[i] != NULL; i++)
        json_array_append_new(labels, text_of(column->field->categories[i]));
    return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "name", text_of(column->field->name), "unit",
                     text_of(column->field->unit), "missing", (json_int_t)column->missing, "minimum",
                     number_or_null(column->minimum), "maximum", number_or_null(column->maximum), "first", first,
                     "categories", labels);
}

static json_t *run_of(const tsr_stored_run *run) {
    return json_pack("{s:o, s:s, s:b, s:b}", "job", text_of(run->job_file), "digest", run->digest, "checkpoint",
                     run->is_checkpoint, "sealed", run->is_sealed);
}

tsr_status tsr_inspection_print_json(const tsr_inspection *found, FILE *out) {
    const tsr_inventory *all = &found->inventory;
    json_t *tables = json_array(), *columns = json_array();
    for (int i = 0; i < all->count; i++) json_array_append_new(tables, table_of(&all->row[i]));
    for (int i = 0; i < found->excerpt.known; i++) json_array_append_new(columns, column_of(&found->excerpt.column[i]));
    json_t *file =
        json_pack("{s:o, s:s, s:I, s:o, s:o, s:I, s:I, s:o}", "file", text_of(found->path), "format", all->format,
                  "bytes", (json_int_t)all->bytes, "tables", tables, "table",
                  found->chosen != NULL ? text_of(found->chosen->name) : json_null(), "rows",
                  (json_int_t)found->excerpt.rows, "looked_at", (json_int_t)found->excerpt.taken, "columns", columns);
    if (file != NULL && found->run != NULL) json_object_set_new(file, "run", run_of(found->run));
    char *text = file != NULL ? json_dumps(file, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(file);
    TSR_REQUIRE(text != NULL, TSR_ERUNTIME, "no memory for the JSON of a file");
    fprintf(out, "%s\n", text);
    free(text);
    return TSR_OK;
}

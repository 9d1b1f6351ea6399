#include "io/result/result_axes.h"

#include "engine/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *unit_or_one(const char *unit) { return unit && *unit ? unit : "1"; }

bool tsr_dimension_is_same(const tsr_dimension *one, const tsr_dimension *other) {
    if (one == other) return true;
    if (strcmp(one->name, other->name) != 0 || one->length != other->length) return false;
    if (!one->labels != !other->labels || !one->coordinates != !other->coordinates) return false;
    for (int64_t i = 0; one->labels && i < one->length; i++)
        if (strcmp(one->labels[i], other->labels[i]) != 0) return false;
    if (!one->coordinates) return true;
    return memcmp(one->coordinates, other->coordinates, (size_t)one->length * sizeof(double)) == 0 &&
           strcmp(unit_or_one(one->unit), unit_or_one(other->unit)) == 0;
}

/* "column", or "returns_column", or "returns_quantile_column", whichever is free; contents number the rest. */
static void choose_name(const tsr_result_axes *axes, const tsr_dimension *dimension, const tsr_axis_owner *owner,
                        char *name, size_t bytes) {
    snprintf(name, bytes, "%s", dimension->name);
    if (tsr_contents_find(axes->contents, TSR_CONTENTS_ROOT, name) < 0) return;
    snprintf(name, bytes, "%s_%s", owner->stage->name, dimension->name);
    if (!owner->result || tsr_contents_find(axes->contents, TSR_CONTENTS_ROOT, name) < 0) return;
    snprintf(name, bytes, "%s_%s_%s", owner->stage->name, owner->result, dimension->name);
}

static void add_coordinate(tsr_contents *contents, const tsr_dimension *dimension, int entry) {
    char name[TSR_COORDINATES_BYTES];
    snprintf(name, sizeof(name), "%s", tsr_contents_name(contents, entry));
    tsr_variable variable = {.name = name, .cell = TSR_CELL_REAL, .rank = 1, .dimension = {entry}};
    if (dimension->labels) {
        variable.data = dimension->labels;
        tsr_contents_words(contents, TSR_CONTENTS_ROOT, &variable);
    } else if (dimension->coordinates) {
        variable.data = dimension->coordinates;
        const int coordinate = tsr_contents_variable(contents, TSR_CONTENTS_ROOT, &variable);
        tsr_contents_text(contents, coordinate, "units", unit_or_one(dimension->unit));
    }
}

static const char *unit_in_table(const tsr_param *table, const char *name) {
    for (const tsr_param *row = table; row && row->name; row++)
        if (strcmp(row->name, name) == 0) return unit_or_one(row->unit);
    return NULL;
}

static const char *unit_of_swept(const tsr_job *job, const tsr_axis *swept) {
    for (int s = 0; s < job->stage_count; s++) {
        const tsr_stage *stage = &job->stages[s];
        if (strcmp(stage->name, swept->stage) != 0) continue;
        const char *unit = unit_in_table(stage->source.table->params, swept->param);
        for (int i = 0; !unit && i < stage->map_count; i++)
            unit = unit_in_table(stage->maps[i].table->params, swept->param);
        if (unit) return unit;
    }
    return "1";
}

/* The values of one zipped parameter as numbers, or false if one of them is a word. */
static bool read_numbers(const tsr_axis *swept, double *numbers) {
    for (int64_t i = 0; i < swept->length; i++)
        if (tsr_number_read_real(swept->values[i]->text, &numbers[i]) != TSR_NUMBER_OK) return false;
    return true;
}

static int add_zipped(const tsr_result_axes *axes, const tsr_axis *swept, int entry) {
    tsr_contents *contents = axes->contents;
    tsr_variable variable = {.name = swept->name, .cell = TSR_CELL_REAL, .rank = 1, .dimension = {entry}};
    double *numbers = tsr_contents_keep(contents, swept->length, sizeof(*numbers));
    const char **words = tsr_contents_keep(contents, swept->length, sizeof(*words));
    if (!numbers || !words) return -1;
    if (read_numbers(swept, numbers)) {
        variable.data = numbers;
        const int added = tsr_contents_variable(contents, TSR_CONTENTS_ROOT, &variable);
        tsr_contents_text(contents, added, "units", unit_of_swept(axes->job, swept));
        return added;
    }
    for (int64_t i = 0; i < swept->length; i++) words[i] = swept->values[i]->text;
    variable.data = words;
    return tsr_contents_words(contents, TSR_CONTENTS_ROOT, &variable);
}

/* Parameters that move together share one axis of labels; each also gets a variable of its values along that axis. */
static void add_zipped_parameters(tsr_result_axes *axes, tsr_file_axis *axis, const tsr_axis_owner *owner) {
    if (owner->result || axes->job->sweep_mode != TSR_SWEEP_ZIP || !axis->dimension->labels) return;
    for (int i = 0; i < axes->job->axis_count; i++) {
        const tsr_axis *swept = &axes->job->axes[i];
        if (swept->length != axis->dimension->length) continue;
        const int entry = add_zipped(axes, swept, axis->entry);
        const size_t used = strlen(axis->coordinates);
        snprintf(axis->coordinates + used, sizeof(axis->coordinates) - used, "%s%s", used ? " " : "",
                 tsr_contents_name(axes->contents, entry));
    }
}

static tsr_file_axis *grow(tsr_result_axes *axes) {
    if (axes->count == axes->capacity) {
        const int capacity = 2 * axes->capacity + 16;
        tsr_file_axis *grown = realloc(axes->axis, (size_t)capacity * sizeof(*grown));
        axes->contents->out_of_memory |= !grown;
        if (!grown) return NULL;
        axes->axis = grown;
        axes->capacity = capacity;
    }
    return &axes->axis[axes->count++];
}

const tsr_file_axis *tsr_result_axis(tsr_result_axes *axes, const tsr_dimension *dimension,
                                     const tsr_axis_owner *owner) {
    for (int i = 0; i < axes->count; i++)
        if (tsr_dimension_is_same(axes->axis[i].dimension, dimension)) return &axes->axis[i];
    tsr_file_axis *axis = grow(axes);
    if (!axis) return NULL;
    char name[TSR_COORDINATES_BYTES];
    choose_name(axes, dimension, owner, name, sizeof(name));
    *axis = (tsr_file_axis){.dimension = dimension};
    axis->entry = tsr_contents_dimension(axes->contents, TSR_CONTENTS_ROOT, name, dimension->length);
    add_coordinate(axes->contents, dimension, axis->entry);
    add_zipped_parameters(axes, axis, owner);
    return axis;
}

void tsr_result_axes_clear(tsr_result_axes *axes) { free(axes->axis); }

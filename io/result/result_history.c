#include "io/result/result_layout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 512 };

int tsr_result_sweep(const tsr_stage_outcome *stage, tsr_result_axes *axes, int dimension[TSR_CONTENTS_RANK_MAX],
                     char coordinates[TSR_COORDINATES_BYTES]) {
    const tsr_axis_owner owner = {stage, NULL};
    for (int i = 0; i < stage->axes; i++) {
        const tsr_file_axis *axis = tsr_result_axis(axes, &stage->axis[i], &owner);
        dimension[i] = axis ? axis->entry : -1;
        const size_t used = strlen(coordinates);
        if (axis && *axis->coordinates)
            snprintf(coordinates + used, TSR_COORDINATES_BYTES - used, "%s%s", used ? " " : "", axis->coordinates);
    }
    return stage->axes;
}

/* The dimension of the rounds, whose coordinate is the number of items. */
static int add_rounds(const tsr_stage_outcome *stage, tsr_contents *contents) {
    char name[NAME_BYTES];
    snprintf(name, sizeof(name), "%s_history_items", stage->name);
    const int rounds = tsr_contents_dimension(contents, TSR_CONTENTS_ROOT, name, stage->history.rounds);
    const tsr_variable items = {
        .name = name, .cell = TSR_CELL_INTEGER, .rank = 1, .dimension = {rounds}, .data = stage->history.items};
    const int entry = tsr_contents_variable(contents, TSR_CONTENTS_ROOT, &items);
    tsr_contents_text(contents, entry, "units", "1");
    tsr_contents_text(contents, entry, "long_name", "items per point after which the results were looked at");
    return rounds;
}

/* [points, rounds] of one quantity. */
static const double *pick(const tsr_history *history, int64_t points, int64_t quantity, const double *from,
                          tsr_contents *contents) {
    double *values = tsr_contents_keep(contents, points * history->rounds, sizeof(*values));
    for (int64_t i = 0; values && i < points * history->rounds; i++)
        values[i] = from[i * history->quantities + quantity];
    return values;
}

/* The unit of the value that has this flat name ("mean.payoff") at the first point. */
static const char *unit_of(const tsr_stage_outcome *stage, const char *name) {
    const tsr_results *results = stage->results[0];
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i);
        for (int64_t k = 0; result->headline && k < tsr_result_length(result); k++) {
            char label[NAME_BYTES];
            tsr_result_label(result, k, label, sizeof(label));
            if (strcmp(label, name) == 0) return tsr_result_unit_at(result, k);
        }
    }
    return "1";
}

static void add_quantity(const tsr_stage_outcome *stage, int64_t quantity, const tsr_variable *shape,
                         tsr_contents *contents) {
    const tsr_history *history = &stage->history;
    const char *flat_name = history->names[quantity];
    char name[NAME_BYTES], error_name[NAME_BYTES + 8];
    const int stem = snprintf(name, sizeof(name), "%s_history_", stage->name);
    snprintf(name + stem, sizeof(name) - (size_t)stem, "%s", flat_name);
    for (char *c = name + stem; *c; c++)
        if (*c == '.') *c = '_'; /* for those who write file.name */
    snprintf(error_name, sizeof(error_name), "%s_error", name);
    tsr_variable variable = *shape;
    variable.name = name;
    variable.data = pick(history, stage->points, quantity, history->value, contents);
    const int values = tsr_contents_variable(contents, TSR_CONTENTS_ROOT, &variable);
    variable.name = error_name;
    variable.data = pick(history, stage->points, quantity, history->error, contents);
    const int errors = tsr_contents_variable(contents, TSR_CONTENTS_ROOT, &variable);

    char text[NAME_BYTES];
    snprintf(text, sizeof(text), "%s after so many items", flat_name);
    tsr_contents_text(contents, values, "long_name", text);
    tsr_contents_text(contents, values, "units", unit_of(stage, flat_name));
    snprintf(text, sizeof(text), "%s", tsr_contents_name(contents, errors)); /* what is added may move names */
    tsr_contents_text(contents, values, "ancillary_variables", text);
    tsr_contents_real(contents, values, "_FillValue", NAN);
    snprintf(text, sizeof(text), "standard error of: %s", flat_name);
    tsr_contents_text(contents, errors, "long_name", text);
    tsr_contents_text(contents, errors, "units", unit_of(stage, flat_name));
    tsr_contents_real(contents, errors, "_FillValue", NAN);
}

void tsr_result_add_history(const tsr_stage_outcome *stage, tsr_result_axes *axes) {
    if (stage->history.rounds < 2) return; /* one row shows no convergence */
    char coordinates[TSR_COORDINATES_BYTES] = "";
    tsr_variable shape = {.cell = TSR_CELL_REAL};
    shape.rank = tsr_result_sweep(stage, axes, shape.dimension, coordinates);
    shape.dimension[shape.rank++] = add_rounds(stage, axes->contents);
    for (int64_t i = 0; i < stage->history.quantities; i++) add_quantity(stage, i, &shape, axes->contents);
}

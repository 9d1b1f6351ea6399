#include "io/result/result_layout.h"
#include "io/result/result_statistic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 512 };

/* What the variables of a statistic share. */
typedef struct {
    const tsr_statistic *statistic;
    tsr_result_axes *axes;
    tsr_variable shape; /* rank and dimensions: the sweep's, then the result's own */
    int sweep_rank;
    char coordinates[TSR_COORDINATES_BYTES];
    char name[NAME_BYTES]; /* <stage>_<result> */
} variable_plan;

static void append_word(char *list, size_t bytes, const char *word) {
    const size_t used = strlen(list);
    snprintf(list + used, bytes - used, "%s%s", used ? " " : "", word);
}

/* Says for each point where the cells of a dimension lie. */
static int add_places(const variable_plan *plan, int index, int dimension) {
    tsr_contents *contents = plan->axes->contents;
    const tsr_dimension *first = &plan->statistic->first->dimension[index];
    char name[2 * NAME_BYTES];
    snprintf(name, sizeof(name), "%s_%s", tsr_contents_name(contents, dimension), first->labels ? "label" : "value");
    tsr_variable places = plan->shape;
    places.name = name;
    places.rank = plan->sweep_rank;
    places.dimension[places.rank++] = dimension;
    if (first->labels) {
        places.data = tsr_statistic_labels(plan->statistic, index, contents);
        return places.data ? tsr_contents_words(contents, TSR_CONTENTS_ROOT, &places) : -1;
    }
    places.data = tsr_statistic_coordinates(plan->statistic, index, contents);
    const int entry = tsr_contents_variable(contents, TSR_CONTENTS_ROOT, &places);
    tsr_contents_text(contents, entry, "units", first->unit && *first->unit ? first->unit : "1");
    return entry;
}

/* A dimension that differs from point to point has no coordinate of its own. */
static int add_varying(variable_plan *plan, int index) {
    const tsr_dimension *first = &plan->statistic->first->dimension[index];
    char name[2 * NAME_BYTES];
    snprintf(name, sizeof(name), "%s_%s", plan->name, first->name);
    const int dimension =
        tsr_contents_dimension(plan->axes->contents, TSR_CONTENTS_ROOT, name, plan->statistic->length[index]);
    if (!first->labels && !first->coordinates) return dimension;
    const int places = add_places(plan, index, dimension);
    append_word(plan->coordinates, sizeof(plan->coordinates), tsr_contents_name(plan->axes->contents, places));
    return dimension;
}

static void make_plan(const tsr_statistic *statistic, tsr_result_axes *axes, variable_plan *out) {
    const tsr_result *first = statistic->first;
    const tsr_axis_owner owner = {statistic->stage, first->name};
    *out = (variable_plan){.statistic = statistic, .axes = axes};
    snprintf(out->name, sizeof(out->name), "%s_%s", statistic->stage->name, first->name);
    out->sweep_rank = tsr_result_sweep(statistic->stage, axes, out->shape.dimension, out->coordinates);
    out->shape.rank = out->sweep_rank;
    for (int i = 0; i < first->dimensions; i++) {
        const tsr_file_axis *axis = statistic->same[i] ? tsr_result_axis(axes, &first->dimension[i], &owner) : NULL;
        const int entry = axis ? axis->entry : statistic->same[i] ? -1 : add_varying(out, i);
        out->shape.dimension[out->shape.rank++] = entry;
    }
}

static int add_values(const variable_plan *plan) {
    const tsr_statistic *statistic = plan->statistic;
    tsr_contents *contents = plan->axes->contents;
    tsr_variable variable = plan->shape;
    variable.name = plan->name;
    variable.cell = statistic->first->integer ? TSR_CELL_INTEGER : TSR_CELL_REAL;
    variable.data = statistic->first->integer ? (const void *)tsr_statistic_integers(statistic, contents)
                                              : tsr_statistic_values(statistic, contents);
    return tsr_contents_variable(contents, TSR_CONTENTS_ROOT, &variable);
}

static int add_errors(const variable_plan *plan) {
    char name[NAME_BYTES + 8];
    snprintf(name, sizeof(name), "%s_error", plan->name);
    tsr_variable variable = plan->shape;
    variable.name = name;
    variable.cell = TSR_CELL_REAL;
    variable.data = tsr_statistic_errors(plan->statistic, plan->axes->contents);
    return tsr_contents_variable(plan->axes->contents, TSR_CONTENTS_ROOT, &variable);
}

/* Words along the first dimension of the result. */
static int add_units(const variable_plan *plan) {
    const tsr_result *first = plan->statistic->first;
    const int64_t length = plan->statistic->length[0];
    const char **words = tsr_contents_keep(plan->axes->contents, length, sizeof(*words));
    if (!words) return -1;
    for (int64_t i = 0; i < length; i++) words[i] = i < first->dimension[0].length ? first->units[i] : "";
    char name[NAME_BYTES + 8];
    snprintf(name, sizeof(name), "%s_unit", plan->name);
    const tsr_variable variable = {
        .name = name, .rank = 1, .dimension = {plan->shape.dimension[plan->sweep_rank]}, .data = words};
    return tsr_contents_words(plan->axes->contents, TSR_CONTENTS_ROOT, &variable);
}

static void describe(const variable_plan *plan, int values, int errors, int units) {
    tsr_contents *contents = plan->axes->contents;
    const tsr_result *first = plan->statistic->first;
    char companions[4 * NAME_BYTES] = "";
    tsr_contents_text(contents, values, "long_name", first->long_name);
    if (units < 0) tsr_contents_text(contents, values, "units", tsr_statistic_unit(plan->statistic));
    if (errors >= 0) append_word(companions, sizeof(companions), tsr_contents_name(contents, errors));
    if (units >= 0) append_word(companions, sizeof(companions), tsr_contents_name(contents, units));
    if (*companions) tsr_contents_text(contents, values, "ancillary_variables", companions);
    if (*plan->coordinates) tsr_contents_text(contents, values, "coordinates", plan->coordinates);
    tsr_contents_text(contents, values, "stage", plan->statistic->stage->name);
    tsr_contents_text(contents, values, "result", first->name);
    if (first->headline) tsr_contents_integer(contents, values, "headline", 1);
    if (errors < 0) return;
    char text[NAME_BYTES];
    snprintf(text, sizeof(text), "standard error of: %s", first->long_name);
    tsr_contents_text(contents, errors, "long_name", text);
    if (units < 0) tsr_contents_text(contents, errors, "units", tsr_statistic_unit(plan->statistic));
    if (*plan->coordinates) tsr_contents_text(contents, errors, "coordinates", plan->coordinates);
}

/* Where a value may be missing, and how that looks. Integers only say so when it happens: readers make doubles of them.
 */
static void mark_missing(const variable_plan *plan, int values, int errors) {
    tsr_contents *contents = plan->axes->contents;
    if (errors >= 0) tsr_contents_real(contents, errors, "_FillValue", NAN);
    if (values < 0) return;
    if (!plan->statistic->first->integer) {
        tsr_contents_real(contents, values, "_FillValue", NAN);
        return;
    }
    const int64_t *cell = contents->entry[values].data;
    const int64_t count = tsr_contents_cells(contents, values);
    for (int64_t i = 0; cell && i < count; i++)
        if (cell[i] == TSR_FILL_INTEGER) {
            tsr_contents_integer(contents, values, "_FillValue", TSR_FILL_INTEGER);
            return;
        }
}

static tsr_status add_statistic(const tsr_stage_outcome *stage, const tsr_result *first, tsr_result_axes *axes) {
    tsr_statistic statistic;
    variable_plan plan;
    TSR_TRY(tsr_statistic_survey(stage, first, &statistic));
    make_plan(&statistic, axes, &plan);
    const int values = add_values(&plan);
    const int errors = statistic.has_error ? add_errors(&plan) : -1;
    const int units = tsr_statistic_unit(&statistic) ? -1 : add_units(&plan);
    describe(&plan, values, errors, units);
    mark_missing(&plan, values, errors);
    return TSR_OK;
}

static bool is_known(const tsr_stage_outcome *stage, int64_t points, const char *name) {
    for (int64_t point = 0; point < points; point++)
        if (tsr_results_find(stage->results[point], name)) return true;
    return false;
}

tsr_status tsr_result_add_results(const tsr_stage_outcome *stage, tsr_result_axes *axes) {
    for (int64_t point = 0; point < stage->sets; point++)
        for (int i = 0; i < tsr_results_count(stage->results[point]); i++) {
            const tsr_result *result = tsr_results_at(stage->results[point], i);
            if (!is_known(stage, point, result->name)) TSR_TRY(add_statistic(stage, result, axes));
        }
    return TSR_OK;
}

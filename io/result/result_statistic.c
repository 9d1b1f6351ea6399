#include "io/result/result_statistic.h"

#include "io/result/result_axes.h"

#include <math.h>
#include <string.h>

static const tsr_result *at_point(const tsr_statistic *statistic, int64_t point) {
    return tsr_results_find(statistic->stage->results[point], statistic->first->name);
}

static tsr_status meet(tsr_statistic *statistic, const tsr_result *result) {
    const tsr_result *first = statistic->first;
    TSR_REQUIRE(result->dimensions == first->dimensions && result->integer == first->integer, TSR_EINTERNAL,
                "stage %s: result %s is of another kind at another point of the sweep", statistic->stage->name,
                first->name);
    statistic->has_error |= result->error != NULL;
    for (int i = 0; i < result->dimensions; i++) {
        const tsr_dimension *dimension = &result->dimension[i];
        statistic->same[i] &= tsr_dimension_is_same(dimension, &first->dimension[i]);
        if (dimension->length > statistic->length[i]) statistic->length[i] = dimension->length;
    }
    return TSR_OK;
}

tsr_status tsr_statistic_survey(const tsr_stage_outcome *stage, const tsr_result *first, tsr_statistic *out) {
    *out = (tsr_statistic){.stage = stage, .first = first, .cells = 1};
    for (int i = 0; i < TSR_DIMENSIONS_MAX; i++) {
        out->same[i] = true;
        out->length[i] = i < first->dimensions ? 0 : 1;
    }
    for (int64_t point = 0; point < stage->sets; point++) {
        const tsr_result *result = at_point(out, point);
        if (result) TSR_TRY(meet(out, result));
    }
    for (int i = 0; i < TSR_DIMENSIONS_MAX; i++) out->cells *= out->length[i];
    return TSR_OK;
}

/* Where value `index` of a point's result goes among the cells of that point. */
static int64_t place_of(const tsr_statistic *statistic, const tsr_result *result, int64_t index) {
    int64_t place = 0, stride = 1;
    for (int i = result->dimensions - 1; i >= 0; i--) {
        place += index % result->dimension[i].length * stride;
        index /= result->dimension[i].length;
        stride *= statistic->length[i];
    }
    return place;
}

static void spread(const tsr_statistic *statistic, const tsr_result *result, const double *from, double *row) {
    for (int64_t i = 0; i < statistic->cells; i++) row[i] = NAN;
    for (int64_t i = 0; from && i < tsr_result_length(result); i++) row[place_of(statistic, result, i)] = from[i];
}

double *tsr_statistic_values(const tsr_statistic *statistic, tsr_contents *contents) {
    const int64_t points = statistic->stage->sets, cells = statistic->cells;
    double *values = tsr_contents_keep(contents, points * cells, sizeof(*values));
    for (int64_t point = 0; values && point < points; point++) {
        const tsr_result *result = at_point(statistic, point);
        spread(statistic, result, result ? result->value : NULL, values + point * cells);
    }
    return values;
}

double *tsr_statistic_errors(const tsr_statistic *statistic, tsr_contents *contents) {
    const int64_t points = statistic->stage->sets, cells = statistic->cells;
    double *errors = tsr_contents_keep(contents, points * cells, sizeof(*errors));
    for (int64_t point = 0; errors && point < points; point++) {
        const tsr_result *result = at_point(statistic, point);
        spread(statistic, result, result ? result->error : NULL, errors + point * cells);
    }
    return errors;
}

/* NaN compares false. */
static int64_t to_integer(double value) { return fabs(value) < 0x1p63 ? (int64_t)value : TSR_FILL_INTEGER; }

int64_t *tsr_statistic_integers(const tsr_statistic *statistic, tsr_contents *contents) {
    const int64_t count = statistic->stage->sets * statistic->cells;
    const double *values = tsr_statistic_values(statistic, contents);
    int64_t *integers = tsr_contents_keep(contents, count, sizeof(*integers));
    for (int64_t i = 0; values && integers && i < count; i++) integers[i] = to_integer(values[i]);
    return integers;
}

double *tsr_statistic_coordinates(const tsr_statistic *statistic, int dimension, tsr_contents *contents) {
    const int64_t points = statistic->stage->sets, length = statistic->length[dimension];
    double *places = tsr_contents_keep(contents, points * length, sizeof(*places));
    for (int64_t i = 0; places && i < points * length; i++) {
        const tsr_result *result = at_point(statistic, i / length);
        const tsr_dimension *here = result ? &result->dimension[dimension] : NULL;
        const bool has = here && here->coordinates && i % length < here->length;
        places[i] = has ? here->coordinates[i % length] : NAN;
    }
    return places;
}

const char **tsr_statistic_labels(const tsr_statistic *statistic, int dimension, tsr_contents *contents) {
    const int64_t points = statistic->stage->sets, length = statistic->length[dimension];
    const char **words = tsr_contents_keep(contents, points * length, sizeof(*words));
    for (int64_t i = 0; words && i < points * length; i++) {
        const tsr_result *result = at_point(statistic, i / length);
        const tsr_dimension *here = result ? &result->dimension[dimension] : NULL;
        const bool has = here && here->labels && i % length < here->length;
        words[i] = has ? here->labels[i % length] : "";
    }
    return words;
}

const char *tsr_statistic_unit(const tsr_statistic *statistic) {
    const tsr_result *first = statistic->first;
    if (!first->units) return first->unit && *first->unit ? first->unit : "1";
    for (int64_t i = 1; i < first->dimension[0].length; i++)
        if (strcmp(first->units[i], first->units[0]) != 0) return NULL;
    return first->dimension[0].length > 0 ? first->units[0] : "1";
}

#include "engine/until.h"

#include "engine/replicates.h"
#include "engine/stage_tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Half the width of a 95 % interval in standard errors. */
static const double CI_HALF = 1.959963984540054;

enum { LABEL_BYTES = 256 };

static bool is_named(const char *name, const tsr_result *result, int64_t index) {
    char label[LABEL_BYTES];
    if (strcmp(name, result->name) == 0) return true;
    tsr_result_label(result, index, label, sizeof(label));
    return strcmp(name, label) == 0;
}

/* The ratio of an error bar to one bound. */
static double ratio(double error, double allowed) { return error == 0 ? 0 : error / allowed; }

static double excess_of(const tsr_until *until, double value, double error) {
    double excess = 0;
    if (!isfinite(value) || !isfinite(error) || (value == 0 && error == 0)) return INFINITY;
    if (until->relative_error > 0) excess = fmax(excess, ratio(error, until->relative_error * fabs(value)));
    if (until->absolute_error > 0) excess = fmax(excess, ratio(error, until->absolute_error));
    if (until->ci_width > 0) excess = fmax(excess, ratio(2 * CI_HALF * error, until->ci_width));
    return excess;
}

double tsr_until_excess(const tsr_until *until, const tsr_results *results) {
    double excess = 0;
    for (int n = 0; n < until->count; n++) {
        bool found = false;
        for (int i = 0; i < tsr_results_count(results); i++) {
            const tsr_result *result = tsr_results_at(results, i);
            for (int64_t j = 0; j < tsr_result_length(result); j++) {
                if (!is_named(until->names[n], result, j)) continue;
                found = true;
                excess = fmax(excess, excess_of(until, result->value[j], tsr_result_error_at(result, j)));
            }
        }
        if (!found) return INFINITY;
    }
    return excess;
}

/* ---- a single estimate ---- */

typedef struct {
    const tsr_result *result;
    int64_t index;
    int count;
} named_value;

static named_value find_named(const tsr_until *until, const tsr_results *results) {
    named_value found = {0};
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i);
        for (int64_t j = 0; j < tsr_result_length(result); j++)
            if (is_named(until->names[0], result, j))
                found = (named_value){.result = result, .index = j, .count = found.count + 1};
    }
    return found;
}

tsr_status tsr_until_find(const tsr_until *until, const tsr_results *results, double *value, double *error) {
    const named_value found = find_named(until, results);
    TSR_REQUIRE(found.count == 1, TSR_EUSAGE, "%s: until: '%s' stands for %d values; a sum over levels needs one",
                until->where, until->names[0], found.count);
    *value = found.result->value[found.index];
    *error = tsr_result_error_at(found.result, found.index);
    return TSR_OK;
}

const char *tsr_until_unit(const tsr_until *until, const tsr_results *results) {
    const named_value found = find_named(until, results);
    return found.count == 1 ? tsr_result_unit_at(found.result, found.index) : "1";
}

/* ---- before anything runs ---- */

static int64_t count_labels(const tsr_results *results) {
    int64_t count = 0;
    for (int i = 0; i < tsr_results_count(results); i++)
        if (tsr_results_at(results, i)->error != NULL) count += tsr_result_length(tsr_results_at(results, i));
    return count;
}

static tsr_status refuse_name(const tsr_until *until, const char *name, const tsr_results *results) {
    const int64_t count = count_labels(results);
    char(*label)[LABEL_BYTES] = calloc((size_t)count + 1, sizeof(*label));
    const char **labels = calloc((size_t)count + 1, sizeof(*labels));
    char hint[TSR_HINT_BYTES] = "";
    int64_t known = 0;
    for (int i = 0; label != NULL && labels != NULL && i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i);
        for (int64_t j = 0; result->error != NULL && j < tsr_result_length(result); j++) {
            tsr_result_label(result, j, label[known], sizeof(label[known]));
            labels[known] = label[known];
            known++;
        }
    }
    if (labels != NULL) tsr_nearest_hint(name, labels, hint);
    free(labels);
    free(label);
    return TSR_FAIL(TSR_EUSAGE, "%s: until: no tally of the stage estimates '%.80s' with an error bar%s", until->where,
                    name, hint);
}

tsr_status tsr_until_check(const tsr_until *until, const tsr_results *results) {
    for (int n = 0; n < until->count; n++) {
        bool known = false;
        for (int i = 0; i < tsr_results_count(results) && !known; i++) {
            const tsr_result *result = tsr_results_at(results, i);
            for (int64_t j = 0; result->error != NULL && j < tsr_result_length(result) && !known; j++)
                known = is_named(until->names[n], result, j);
        }
        if (!known) return refuse_name(until, until->names[n], results);
    }
    double value, error;
    return until->sum_over == NULL ? TSR_OK : tsr_until_find(until, results, &value, &error);
}

static tsr_status solve_empty(const tsr_bound_stage *stage, const tsr_states *states, tsr_results **out) {
    for (int i = 0; i < stage->tally_count; i++) TSR_TRY(tsr_stage_state(stage, i, tsr_states_at(states, 0, 0, i)));
    return tsr_part_solve(stage, states, (tsr_slice){0}, NULL, out);
}

tsr_status tsr_stage_check_until(const tsr_bound_stage *stage) {
    if (stage->spec->until.where == NULL) return TSR_OK;
    tsr_states states = {0};
    tsr_results *results = NULL;
    tsr_status status =
        tsr_states_create((tsr_states){.points = 1, .parts = 1, .tallies = stage->tally_count}, &states);
    if (status == TSR_OK) status = solve_empty(stage, &states, &results);
    if (status == TSR_OK) status = tsr_until_check(&stage->spec->until, results);
    tsr_results_destroy(&results);
    tsr_states_clear(&states);
    return status;
}

#include "engine/replicates.h"

#include "engine/spread.h"
#include "engine/stage_tally.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tallies first .. end - 1. */
static tsr_status solve_tallies(const tsr_bound_stage *stage, const tsr_states *states, tsr_slice slice,
                                tsr_range which, int *ends, tsr_results **out) {
    tsr_results_destroy(out);
    TSR_TRY(tsr_results_create(out));
    for (int i = (int)which.begin; i < which.end; i++) {
        const tsr_bound_tally *tally = &stage->tally[i];
        tsr_state *state = *tsr_states_at(states, slice.point, slice.part, i);
        if (i < stage->spec->tally_count) tsr_state_show(state, slice.group);
        const tsr_status status = tally->table->solve(tsr_stage_solver(stage, slice.point, i), state, *out);
        tsr_state_show(state, 0);
        TSR_TRY(status);
        if (ends != NULL) ends[i] = tsr_results_count(*out);
    }
    return TSR_OK;
}

tsr_status tsr_part_solve(const tsr_bound_stage *stage, const tsr_states *states, tsr_slice slice, int *ends,
                          tsr_results **out) {
    const int count = stage->groups.keys > 0 ? stage->spec->tally_count : stage->tally_count;
    return solve_tallies(stage, states, slice, (tsr_range){0, count}, ends, out);
}

tsr_status tsr_own_solve(const tsr_bound_stage *stage, const tsr_states *states, int64_t point, tsr_results **out) {
    const tsr_range own = {stage->spec->tally_count, stage->tally_count};
    return solve_tallies(stage, states, (tsr_slice){.point = point}, own, NULL, out);
}

/* Of the first `items` items those that a replicate has. */
static int64_t count_items(const tsr_bound_stage *stage, int64_t items, int replicate) {
    const int64_t unit = stage->unit_items, units = items / unit;
    int64_t count = units / stage->replicates * unit;
    if (units % stage->replicates > replicate) count += unit;
    if (units % stage->replicates == replicate) count += items % unit;
    return count;
}

/* The first point of the sweep, which the others are compared with. */
typedef struct {
    int64_t items;
    const tsr_results *total;
    tsr_results **part; /* [replicates], NULL for those that have no items */
} reference;

/* A point on its way. */
typedef struct {
    const tsr_bound_stage *stage;
    const tsr_states *states;
    int64_t point;
    int64_t items;
    int ends[TSR_TALLIES_MAX + TSR_OWN_TALLIES]; /* results after each tally */
    tsr_spread errors;
    tsr_spread differences;
} solving;

/* Solved once: what the first point's replicates say is kept for the other points. */
static tsr_status add_replicate(solving *at, reference *first, int replicate, tsr_share share) {
    const bool compares = at->stage->compares;
    tsr_results *own = NULL, **part = compares && at->point == 0 ? &first->part[replicate] : &own;
    const tsr_status status =
        tsr_part_solve(at->stage, at->states, (tsr_slice){at->point, 1 + replicate, 0}, NULL, part);
    if (status == TSR_OK) tsr_spread_add(&at->errors, *part, NULL, share);
    if (status == TSR_OK && compares && at->items == first->items)
        tsr_spread_add(&at->differences, *part, first->part[replicate], share);
    tsr_results_destroy(&own);
    return status;
}

static tsr_status add_replicates(solving *at, reference *first) {
    for (int r = 0; r < at->stage->replicates; r++) {
        const int64_t items = count_items(at->stage, at->items, r);
        if (items > 0) TSR_TRY(add_replicate(at, first, r, (tsr_share){(double)items, (double)at->items}));
    }
    return TSR_OK;
}

/* Whether the replicates know the error bars of a tally: they have not seen further passes. */
static bool is_known(const solving *at, int64_t point, int tally) {
    const tsr_bound_tally *bound = &at->stage->tally[tally];
    return bound->table->unfinished == NULL ||
           !bound->table->unfinished(bound->model, *tsr_states_at(at->states, point, 1, tally), 1);
}

static void put_errors(solving *at, tsr_results *results) {
    for (int tally = 0, i = 0; tally < at->stage->tally_count; tally++) {
        const bool known = is_known(at, at->point, tally), keeps = at->stage->tally[tally].table->of_chains;
        for (; i < at->ends[tally]; i++)
            if (!keeps) tsr_results_set_error(results, i, tsr_spread_errors(&at->errors, i, known));
    }
}

/* The result whose intervals end in this one. */
static const tsr_result *find_middle(const tsr_results *results, const tsr_result *end) {
    static const char *const suffixes[] = {"_low", "_high"};
    char name[64];
    const char *suffix = suffixes[end->end > 0];
    snprintf(name, sizeof(name), "%.*s", (int)(strlen(end->name) - strlen(suffix)), end->name);
    const tsr_result *middle = tsr_results_find(results, name);
    TSR_ASSERT(middle != NULL && tsr_result_length(middle) == tsr_result_length(end));
    return middle;
}

/* Ends of intervals that a tally tells are those of independent items. */
static void put_ends(double *value, tsr_results *results) {
    static const double DEVIATIONS = 1.959963984540054;
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *end = tsr_results_at(results, i);
        if (end->end == 0) continue;
        const tsr_result *middle = find_middle(results, end);
        for (int64_t j = 0; j < tsr_result_length(end); j++)
            value[j] = middle->value[j] + end->end * DEVIATIONS * tsr_result_error_at(middle, j);
        tsr_results_set_value(results, i, value);
    }
}

/* Bins that were found from the data lie elsewhere at another point: a tally with bins tells their edges. */
static bool has_same_cells(const solving *at, int begin, int end) {
    for (int i = begin; i < end; i++) {
        const tsr_result *edges = tsr_results_at(at->differences.total, i);
        const char *suffix = strrchr(edges->name, '_');
        if (suffix == NULL || strcmp(suffix, "_edges") != 0) continue;
        const tsr_result *base = tsr_results_find(at->differences.base, edges->name);
        const int64_t length = tsr_result_length(edges);
        if (base == NULL || tsr_result_length(base) != length ||
            memcmp(base->value, edges->value, (size_t)length * sizeof(double)) != 0)
            return false;
    }
    return true;
}

static tsr_status add_difference(solving *at, int index, bool known, const double *value, tsr_results *results) {
    const tsr_result *result = tsr_results_at(results, index);
    tsr_result difference = *result;
    char name[128], long_name[256];
    snprintf(name, sizeof(name), "%s_difference", result->name);
    snprintf(long_name, sizeof(long_name), "%s, less that of the first point", result->long_name);
    difference.name = name;
    difference.long_name = long_name;
    difference.value = value;
    difference.error = tsr_spread_errors(&at->differences, index, known);
    difference.end = 0;
    return tsr_results_add(results, &difference);
}

/* value: [values of all results], scratch */
static tsr_status add_differences(solving *at, double *value, tsr_results *results) {
    for (int tally = 0, i = 0; tally < at->stage->tally_count; tally++) {
        const bool same = has_same_cells(at, i, at->ends[tally]);
        const bool known = same && is_known(at, at->point, tally) && is_known(at, 0, tally);
        for (; i < at->ends[tally]; i++) {
            const tsr_result *result = tsr_results_at(results, i);
            if (result->error == NULL) continue;
            tsr_spread_values(&at->differences, i, value);
            for (int64_t j = 0; !same && j < tsr_result_length(result); j++) value[j] = NAN;
            TSR_TRY(add_difference(at, i, known, value, results));
        }
    }
    return TSR_OK;
}

/* The deviations of errors, once used, are room for values: as long as all results together. */
static tsr_status solve_replicates(solving *at, reference *first, tsr_results *results) {
    TSR_TRY(tsr_spread_create(results, NULL, &at->errors));
    if (at->stage->compares) TSR_TRY(tsr_spread_create(results, first->total, &at->differences));
    TSR_TRY(add_replicates(at, first));
    put_errors(at, results);
    put_ends(at->errors.deviation, results);
    return at->stage->compares ? add_differences(at, at->errors.deviation, results) : TSR_OK;
}

static tsr_status solve_point(solving *at, reference *first, tsr_results **out) {
    TSR_TRY(tsr_part_solve(at->stage, at->states, (tsr_slice){.point = at->point}, at->ends, out));
    if (at->states->parts == 1) return TSR_OK;
    if (at->point == 0) {
        first->items = at->items;
        first->total = *out;
    }
    const tsr_status status = solve_replicates(at, first, *out);
    tsr_spread_clear(&at->errors);
    tsr_spread_clear(&at->differences);
    return status;
}

static tsr_status solve_groups(const tsr_bound_stage *stage, const tsr_states *states, tsr_results **out) {
    const int64_t groups = stage->groups.count;
    for (int64_t i = 0; i < stage->span.points * groups; i++)
        TSR_TRY(tsr_part_solve(stage, states, (tsr_slice){i / groups, 0, i % groups}, NULL, &out[i]));
    return TSR_OK;
}

tsr_status tsr_replicates_solve(const tsr_bound_stage *stage, const tsr_states *states, const int64_t *items,
                                tsr_results **out) {
    if (stage->groups.keys > 0) return solve_groups(stage, states, out);
    reference first = {.part = calloc((size_t)stage->replicates, sizeof(tsr_results *))};
    tsr_status status = TSR_OK;
    TSR_REQUIRE(first.part != NULL, TSR_ERUNTIME, "no memory for %d replicates", stage->replicates);
    for (int64_t point = 0; point < stage->span.points && status == TSR_OK; point++) {
        solving at = {.stage = stage, .states = states, .point = point, .items = items[point]};
        status = solve_point(&at, &first, &out[point]);
    }
    for (int r = 0; r < stage->replicates; r++) tsr_results_destroy(&first.part[r]);
    free(first.part);
    return status;
}

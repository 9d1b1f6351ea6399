#include "engine/replicates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

tsr_status tsr_part_solve(const tsr_bound_stage *stage, const tsr_states *states, int64_t point, int part, int *ends,
                          tsr_results **out) {
    tsr_results_destroy(out);
    TSR_TRY(tsr_results_create(out));
    for (int i = 0; i < stage->tally_count; i++) {
        const tsr_bound_tally *tally = &stage->tally[i];
        TSR_TRY(tally->table->solve(tsr_stage_solver(stage, point, i), *tsr_states_at(states, point, part, i), *out));
        if (ends != NULL) ends[i] = tsr_results_count(*out);
    }
    return TSR_OK;
}

/* Of the first `items` items those that a replicate has. */
static int64_t count_items(const tsr_bound_stage *stage, int64_t items, int replicate) {
    const int64_t unit = stage->unit_items, units = items / unit;
    int64_t count = units / stage->replicates * unit;
    if (units % stage->replicates > replicate) count += unit;
    if (units % stage->replicates == replicate) count += items % unit;
    return count;
}

/* Sums of squares for all values of all results, one result after the other. */
typedef struct {
    const tsr_bound_stage *stage;
    int64_t point;
    int64_t items;
    const tsr_results *total;
    int64_t *first; /* [results]: place of a result's first value in spread */
    double *spread;
    int replicates; /* that have items */
} spread_sums;

static tsr_status begin_spread(const tsr_results *total, spread_sums *out) {
    const int results = tsr_results_count(total);
    int64_t values = 0;
    out->total = total;
    out->first = calloc((size_t)results + 1, sizeof(*out->first));
    TSR_REQUIRE(out->first != NULL, TSR_ERUNTIME, "no memory for the error bars of %d results", results);
    for (int i = 0; i < results; i++) {
        out->first[i] = values;
        values += tsr_result_length(tsr_results_at(total, i));
    }
    out->spread = calloc((size_t)values + 1, sizeof(*out->spread));
    TSR_REQUIRE(out->spread != NULL, TSR_ERUNTIME, "no memory for %lld error bars", (long long)values);
    return TSR_OK;
}

/* A result of a replicate that is missing or has another shape leaves nothing known. */
static void add_spread(const spread_sums *sums, const tsr_results *one, double share) {
    for (int i = 0; i < tsr_results_count(sums->total); i++) {
        const tsr_result *total = tsr_results_at(sums->total, i);
        const tsr_result *part = tsr_results_find(one, total->name);
        double *spread = sums->spread + sums->first[i];
        const int64_t length = tsr_result_length(total);
        const bool fits = part != NULL && tsr_result_length(part) == length;
        for (int64_t j = 0; j < length; j++) {
            const double value = fits ? part->value[j] : NAN;
            const double distance = total->total ? value - share * total->value[j] : share * (value - total->value[j]);
            spread[j] = fma(distance, distance, spread[j]);
        }
    }
}

static tsr_status add_replicates(const tsr_states *states, spread_sums *sums) {
    tsr_results *one = NULL;
    tsr_status status = TSR_OK;
    for (int r = 0; r < sums->stage->replicates && status == TSR_OK; r++) {
        const int64_t items = count_items(sums->stage, sums->items, r);
        if (items == 0) continue;
        status = tsr_part_solve(sums->stage, states, sums->point, 1 + r, NULL, &one);
        if (status != TSR_OK) break;
        add_spread(sums, one, (double)items / (double)sums->items);
        sums->replicates++;
    }
    tsr_results_destroy(&one);
    return status;
}

/* Whether the replicates know the error bars of a tally: they have not seen further passes. */
static bool is_known(const spread_sums *sums, const tsr_states *states, int tally) {
    const tsr_bound_tally *bound = &sums->stage->tally[tally];
    if (sums->replicates < 2) return false;
    return bound->table->unfinished == NULL ||
           !bound->table->unfinished(bound->model, *tsr_states_at(states, sums->point, 1, tally), 1);
}

static void put_errors(const spread_sums *sums, const tsr_states *states, const int *ends, tsr_results *results) {
    const double correction = (double)sums->replicates / (sums->replicates - 1.0);
    for (int tally = 0, i = 0; tally < sums->stage->tally_count; tally++) {
        const bool known = is_known(sums, states, tally);
        for (; i < ends[tally]; i++) {
            const int64_t length = tsr_result_length(tsr_results_at(results, i));
            double *error = sums->spread + sums->first[i];
            for (int64_t j = 0; j < length; j++) error[j] = known ? sqrt(correction * error[j]) : NAN;
            if (!sums->stage->tally[tally].table->of_chains) tsr_results_set_error(results, i, error);
        }
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

tsr_status tsr_replicates_solve(const tsr_bound_stage *stage, const tsr_states *states, int64_t point, int64_t items,
                                tsr_results **out) {
    int ends[TSR_TALLIES_MAX + 1];
    TSR_TRY(tsr_part_solve(stage, states, point, 0, ends, out));
    if (states->parts == 1) return TSR_OK;
    spread_sums sums = {.stage = stage, .point = point, .items = items};
    tsr_status status = begin_spread(*out, &sums);
    if (status == TSR_OK) status = add_replicates(states, &sums);
    if (status == TSR_OK && sums.spread != NULL) {
        put_errors(&sums, states, ends, *out);
        put_ends(sums.spread, *out); /* as long as all results together */
    }
    free(sums.first);
    free(sums.spread);
    return status;
}

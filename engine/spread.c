#include "engine/spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

tsr_status tsr_spread_create(const tsr_results *total, const tsr_results *base, tsr_spread *out) {
    const int results = tsr_results_count(total);
    *out = (tsr_spread){.total = total, .base = base, .results = results};
    out->first = calloc((size_t)results + 1, sizeof(*out->first));
    TSR_REQUIRE(out->first != NULL, TSR_ERUNTIME, "no memory for the error bars of %d results", results);
    for (int i = 0; i < results; i++) out->first[i + 1] = out->first[i] + tsr_result_length(tsr_results_at(total, i));
    out->deviation = calloc((size_t)out->first[results] + 1, sizeof(*out->deviation));
    TSR_REQUIRE(out->deviation != NULL, TSR_ERUNTIME, "no memory for %lld error bars", (long long)out->first[results]);
    return TSR_OK;
}

void tsr_spread_clear(tsr_spread *spread) {
    free(spread->first);
    free(spread->deviation);
    *spread = (tsr_spread){0};
}

static bool is_same(const tsr_dimension *one, const tsr_dimension *other) {
    if (one->length != other->length || !one->labels != !other->labels || !one->coordinates != !other->coordinates)
        return false;
    for (int64_t i = 0; one->labels != NULL && i < one->length; i++)
        if (strcmp(one->labels[i], other->labels[i]) != 0) return false;
    return one->coordinates == NULL ||
           memcmp(one->coordinates, other->coordinates, (size_t)one->length * sizeof(double)) == 0;
}

/* The values of the same cells at the base, or NULL: bins that were found from the data lie elsewhere there. */
static const double *base_values(const tsr_results *base, const tsr_result *total) {
    const tsr_result *found = tsr_results_find(base, total->name);
    if (found == NULL || found->dimensions != total->dimensions) return NULL;
    for (int i = 0; i < total->dimensions; i++)
        if (!is_same(&found->dimension[i], &total->dimension[i])) return NULL;
    return found->value;
}

static const double *part_values(const tsr_results *part, const tsr_result *total) {
    const tsr_result *found = tsr_results_find(part, total->name);
    return found != NULL && tsr_result_length(found) == tsr_result_length(total) ? found->value : NULL;
}

/* sqrt(a^2 + b^2), also where the squares have no double. */
static double length_of(double a, double b) {
    const double longer = fmax(fabs(a), fabs(b)), shorter = fmin(fabs(a), fabs(b));
    if (isnan(a) || isnan(b)) return NAN;
    if (longer == 0 || isinf(longer)) return longer;
    const double ratio = shorter / longer;
    return longer * sqrt(fma(ratio, ratio, 1.0));
}

static double value_at(const double *value, int64_t index) { return value == NULL ? NAN : value[index]; }

void tsr_spread_add(tsr_spread *spread, const tsr_results *part, const tsr_results *base, tsr_share share) {
    for (int i = 0; i < spread->results; i++) {
        const tsr_result *total = tsr_results_at(spread->total, i);
        const double *one = part_values(part, total), *whole = total->value;
        const double *one_base = spread->base != NULL ? part_values(base, total) : NULL;
        const double *whole_base = spread->base != NULL ? base_values(spread->base, total) : NULL;
        double *deviation = spread->deviation + spread->first[i];
        for (int64_t j = 0; j < tsr_result_length(total); j++) {
            double value = value_at(one, j), about = whole[j];
            if (spread->base != NULL) {
                value -= value_at(one_base, j);
                about -= value_at(whole_base, j);
            }
            /* By rates: a replicate that has its share of a total is at a distance of exactly 0. */
            const double distance = total->total ? share.items * (value / share.items - about / share.all)
                                                 : share.items / share.all * (value - about);
            deviation[j] = length_of(deviation[j], distance);
        }
    }
    spread->replicates++;
}

void tsr_spread_values(const tsr_spread *spread, int result, double *out) {
    const tsr_result *total = tsr_results_at(spread->total, result);
    const double *base = spread->base != NULL ? base_values(spread->base, total) : NULL;
    for (int64_t j = 0; j < tsr_result_length(total); j++)
        out[j] = spread->base != NULL ? total->value[j] - value_at(base, j) : total->value[j];
}

const double *tsr_spread_errors(tsr_spread *spread, int result, bool known) {
    const double correction = (double)spread->replicates / (spread->replicates - 1.0);
    double *error = spread->deviation + spread->first[result];
    for (int64_t j = 0; j < spread->first[result + 1] - spread->first[result]; j++)
        error[j] = known && spread->replicates > 1 ? sqrt(correction) * error[j] : NAN;
    return error;
}

/* differences: of every point of a sweep from the first, with the error bar that the formula gives by hand; for every
 * tally; not known where points have other items or cells; refused without replicates. */
#include "engine/designs/designs.h"
#include "engine/kernel.h"
#include "engine/tallies/tallies.h"
#include "job_text.h"
#include "kernels/registry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- source "bent": x = bend u^2 + u ---- */

static const tsr_param bent_params[] = {
    {.name = "bend", .type = TSR_REAL, .unit = "1", .preset = "0", .help = "factor of the square"}, {0}};

static tsr_status bent_create(const tsr_params *params, void **model) {
    double *bend = malloc(sizeof(*bend));
    *bend = tsr_params_real(params, "bend");
    *model = bend;
    return TSR_OK;
}

static double bent(double bend, double u) { return fma(bend * u, u, u); }

static tsr_status bent_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const double bend = *(const double *)model, *u = tsr_uniform(draws, 0);
    for (int64_t i = 0; i < out->items; i++) tsr_column(out, 0)[i] = bent(bend, u[i]);
    return TSR_OK;
}

static tsr_demand bent_demand(const void *model) {
    (void)model;
    return (tsr_demand){.uniforms = 3}; /* so many do not share counters */
}

static const tsr_field bent_fields[] = {{.name = "x", .unit = "m", .long_name = "made"}, {0}};
#define BENT                                                                                                           \
    .summary = "made", .reference = "none", .params = bent_params, .create = bent_create, .destroy = free,             \
    .fields = bent_fields, .fill = bent_fill
static const tsr_source bent_source = {.name = "bent", BENT, .demand = bent_demand, .tile_items = 1000};

/* ---- source "table": a dataset ---- */

static int64_t table_items(const void *model) {
    (void)model;
    return 5000;
}

static const tsr_source table_source = {.name = "table", BENT, .items = table_items};

static const tsr_source *sources[] = {&bent_source, &table_source, NULL, NULL};
static const tsr_map *const maps[] = {NULL};
static tsr_catalog catalog;

static int begin_tests(void **state) {
    (void)state;
    for (const tsr_source *const *source = tsr_kernel_sources; *source != NULL; source++)
        if (strcmp((*source)->name, "ising") == 0) sources[2] = *source;
    catalog = (tsr_catalog){.sources = sources, .maps = maps, .tallies = tsr_tallies, .designs = tsr_designs};
    return 0;
}

/* ---- by hand ---- */

enum { ITEMS_MAX = 40000, REPLICATES = 5, GROUP = 1024 };

/* value: [points, items]. What the replicates say of sums over the items: theta_p - theta_0 and its error bar. */
typedef struct {
    double value;
    double error;
} by_hand;

static by_hand compare(const double *value, const double *base, int64_t items, bool is_total) {
    double sum[REPLICATES] = {0}, all = 0, square = 0;
    int64_t count[REPLICATES] = {0};
    int used = 0;
    for (int64_t i = 0; i < items; i++) {
        sum[i / GROUP % REPLICATES] += value[i] - base[i];
        count[i / GROUP % REPLICATES]++;
        all += value[i] - base[i];
    }
    for (int r = 0; r < REPLICATES; r++) {
        if (count[r] == 0) continue;
        const double share = (double)count[r] / (double)items;
        square +=
            is_total ? pow(sum[r] - share * all, 2) : pow(share * (sum[r] / (double)count[r] - all / (double)items), 2);
        used++;
    }
    return (by_hand){.value = is_total ? all : all / (double)items, .error = sqrt(square * used / (used - 1.0))};
}

static void draw(uint64_t key, double bend, double *out) {
    tsr_stream stream = tsr_stream_make(7, "bent", key);
    for (int64_t i = 0; i < ITEMS_MAX; i++) out[i] = bent(bend, tsr_stream_uniform(&stream, i, 0));
}

static void check(const tsr_text_run *run, int64_t point, const char *name, int64_t at, by_hand expected) {
    const tsr_result *result = text_result(run, point, name);
    assert_true(fabs(result->value[at] - expected.value) <= 1e-13 * fabs(expected.value) + 1e-15);
    assert_true(fabs(result->error[at] - expected.error) <= 1e-9 * expected.error);
}

#define HEAD    "name: test\nseed: 7\nsource: bent\n"
#define RANDOM  "sampling: {random: {replicates: 5}}\n"
#define MOMENTS "tallies: [moments]\n"

static void test_the_error_bar_is_the_one_of_the_formula(void **state) {
    (void)state;
    static const int64_t items[] = {GROUP * 5 * 7, GROUP * 5 * 7 + 100, 2500};
    static double value[3][ITEMS_MAX];
    for (int common = 0; common <= 1; common++) {
        for (int p = 0; p < 3; p++) draw(common ? 0 : (uint64_t)p + 1, p == 0 ? 0 : p == 1 ? 0.01 : 3, value[p]);
        for (int n = 0; n < 3; n++) {
            char text[400];
            snprintf(text, sizeof(text),
                     HEAD RANDOM MOMENTS "items: %lld\nsweep: {bend: [0, 0.01, 3], differences: first, "
                                         "common_random_numbers: %s}\n",
                     (long long)items[n], common ? "true" : "false");
            tsr_text_run run = text_run(&catalog, text, 3);
            for (int p = 0; p < 3; p++)
                check(&run, p, "mean_difference", 0, compare(value[p], value[0], items[n], false));
            assert_true(text_result(&run, 0, "mean_difference")->error[0] == 0);
            text_run_clear(&run);
        }
    }
}

/* Counts of items grow with them. */
static void test_totals_are_compared_as_totals(void **state) {
    (void)state;
    enum { ITEMS = 20000 };
    static double value[2][ITEMS_MAX], inside[2][ITEMS_MAX];
    tsr_text_run run =
        text_run(&catalog,
                 HEAD RANDOM "items: 20000\ntallies: [histogram: {range: [0, 2], bins: 4}]\nsweep: {bend: [0, 0.5], "
                             "differences: first}\n",
                 2);
    for (int p = 0; p < 2; p++) draw(0, 0.5 * p, value[p]);
    for (int bin = 0; bin < 4; bin++) {
        for (int p = 0; p < 2; p++)
            for (int i = 0; i < ITEMS; i++)
                inside[p][i] = value[p][i] >= 0.5 * bin && value[p][i] < 0.5 * bin + 0.5 ? 1 : 0;
        check(&run, 1, "histogram_difference", bin, compare(inside[1], inside[0], ITEMS, true));
    }
    assert_true(text_result(&run, 1, "histogram_difference")->integer);
    text_run_clear(&run);
}

/* ---- every tally ---- */

static bool is_difference(const char *name) {
    const char *end = strstr(name, "_difference");
    return end != NULL && strcmp(end, "_difference") == 0;
}

/* Each result with error bars has a difference of its kind, which is exactly that of the values. Returns how many. */
static int check_differences(const tsr_text_run *run, int64_t point) {
    const tsr_results *results = text_stage(run, 0)->results[point];
    int found = 0;
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i), *base = text_result(run, 0, result->name);
        char name[100];
        if (result->error == NULL || is_difference(result->name)) continue;
        snprintf(name, sizeof(name), "%s_difference", result->name);
        const tsr_result *difference = text_result(run, point, name);
        assert_int_equal(tsr_result_length(difference), tsr_result_length(result));
        assert_int_equal(difference->headline, result->headline);
        assert_string_equal(tsr_result_unit_at(difference, 0), tsr_result_unit_at(result, 0));
        for (int64_t j = 0; j < tsr_result_length(result); j++) {
            const double expected = result->value[j] - base->value[j];
            assert_true(difference->value[j] == expected || (isnan(difference->value[j]) && isnan(expected)));
            if (isfinite(result->error[j]) && isfinite(base->error[j])) assert_true(isfinite(difference->error[j]));
            found++;
        }
    }
    return found;
}

static void test_every_tally_has_differences(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog,
                                HEAD RANDOM "items: 20000\nsweep: {bend: [0, 0.5], differences: first}\ntallies:\n"
                                            "  - moments\n  - covariance\n  - function: ['m2 = mean(x) ^ 2']\n"
                                            "  - quantile: [0.1, 0.5]\n  - var_es: [0.9]\n"
                                            "  - histogram: {range: [0, 1], bins: 4}\n  - exceedance: [0.25, 0.5]\n",
                                2);
    assert_true(check_differences(&run, 0) > 15);
    assert_true(check_differences(&run, 1) > 15);
    text_run_clear(&run);
}

static void test_chains_are_compared_too(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog,
                                "name: test\nseed: 7\nsource: {ising: {size: 4, rows: 64, discard: 10}}\nitems: 96\n"
                                "tallies: [moments: {of: energy}, series: {of: energy}]\n"
                                "sweep: {temperature: [2.5, 2.6], differences: first}\n",
                                2);
    const tsr_result *mean = text_result(&run, 1, "mean"), *difference = text_result(&run, 1, "mean_difference");
    assert_true(difference->value[0] == mean->value[0] - text_result(&run, 0, "mean")->value[0]);
    assert_true(difference->error[0] > 0 && difference->error[0] < 2 * mean->error[0]);
    assert_non_null(text_result(&run, 1, "tau_difference"));
    text_run_clear(&run);
}

/* ---- the rest of a run does not notice ---- */

static void test_all_else_stays_as_it_is_on_any_number_of_threads(void **state) {
    (void)state;
    const char *job = HEAD RANDOM "items: 50000\ntallies: [moments, quantile: [0.5]]\nsweep: {bend: [0, 1], "
                                  "differences: %s}\n";
    char with[300], without[300];
    snprintf(with, sizeof(with), job, "first");
    snprintf(without, sizeof(without), job, "none");
    tsr_text_run one = text_run(&catalog, with, 1), three = text_run(&catalog, with, 3);
    tsr_text_run plain = text_run(&catalog, without, 2);
    const tsr_results *results = text_stage(&one, 0)->results[1], *less = text_stage(&plain, 0)->results[1];
    assert_true(tsr_results_count(less) < tsr_results_count(results));
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i), *other = text_result(&three, 1, result->name);
        const size_t bytes = (size_t)tsr_result_length(result) * sizeof(double);
        assert_memory_equal(result->value, other->value, bytes);
        if (result->error != NULL) assert_memory_equal(result->error, other->error, bytes);
        if (i >= tsr_results_count(less)) continue;
        assert_string_equal(tsr_results_at(less, i)->name, result->name);
        assert_memory_equal(tsr_results_at(less, i)->value, result->value, bytes);
        if (result->error != NULL) assert_memory_equal(tsr_results_at(less, i)->error, result->error, bytes);
    }
    text_run_clear(&one);
    text_run_clear(&three);
    text_run_clear(&plain);
}

/* ---- what is not known ---- */

static void test_points_with_other_items_have_no_error_bar(void **state) {
    (void)state;
    tsr_text_run run =
        text_run(&catalog, HEAD RANDOM MOMENTS "sweep: {items: [20000, 20001, 20000], differences: first}\n", 2);
    for (int64_t point = 0; point < 3; point++) {
        const tsr_result *difference = text_result(&run, point, "mean_difference");
        assert_true(difference->value[0] ==
                    text_result(&run, point, "mean")->value[0] - text_result(&run, 0, "mean")->value[0]);
        assert_int_equal(isnan(difference->error[0]), point == 1);
    }
    text_run_clear(&run);
}

static void test_cells_that_the_first_point_does_not_have_are_not_compared(void **state) {
    (void)state;
    tsr_text_run run = text_run(
        &catalog, HEAD RANDOM "items: 20000\ntallies: [histogram]\nsweep: {bend: [0, 9], differences: first}\n", 2);
    const tsr_result *difference = text_result(&run, 1, "histogram_difference");
    for (int64_t i = 0; i < tsr_result_length(difference); i++)
        assert_true(isnan(difference->value[i]) && isnan(difference->error[i]));
    text_run_clear(&run);
}

static void test_further_passes_leave_differences_without_error_bars(void **state) {
    (void)state;
    tsr_text_run run =
        text_run(&catalog,
                 HEAD RANDOM "items: 20000\ntallies: [moments, quantile: {probabilities: 0.5, exact: true}]\n"
                             "sweep: {bend: [0, 1], differences: first}\n",
                 2);
    const tsr_result *difference = text_result(&run, 1, "quantile_difference");
    assert_true(fabs(difference->value[0] - 0.25) < 0.02 && isnan(difference->error[0]));
    assert_true(isfinite(text_result(&run, 1, "mean_difference")->error[0]));
    text_run_clear(&run);
}

/* ---- refusals ---- */

#define SWEEP "sweep: {bend: [0, 1], differences: first}\n"

static void test_a_stage_without_replicates_is_refused(void **state) {
    (void)state;
    text_refused(&catalog, HEAD MOMENTS "items: 10\n" SWEEP, TSR_EUSAGE,
                 "j.yaml:6:23: the error bars of differences come from replicates, and stage bent has none; add "
                 "sampling: random (or another design) to the stage");
    text_refused(&catalog, "name: test\nseed: 7\nsource: table\n" MOMENTS SWEEP, TSR_EUSAGE,
                 "stage table has none, as it reads a dataset; leave differences out");
    text_refused(&catalog, HEAD RANDOM MOMENTS "items: 1e5\nuntil: {absolute_error: 1, of: mean_difference}\n" SWEEP,
                 TSR_EUSAGE, "no tally of the stage estimates 'mean_difference'");
}

static void test_a_stage_that_is_not_swept_needs_no_replicates(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog,
                                "name: test\nseed: 7\nstages:\n"
                                "  - {name: a, source: bent, items: 9000, tallies: [moments], sampling: random}\n"
                                "  - {name: b, source: bent, items: 9000, tallies: [moments]}\n"
                                "sweep: {a.bend: [0, 1], differences: first}\n",
                                2);
    assert_non_null(text_result(&run, 1, "mean_difference"));
    assert_null(tsr_results_find(text_stage(&run, 1)->results[0], "mean_difference"));
    text_run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_error_bar_is_the_one_of_the_formula),
        cmocka_unit_test(test_totals_are_compared_as_totals),
        cmocka_unit_test(test_every_tally_has_differences),
        cmocka_unit_test(test_chains_are_compared_too),
        cmocka_unit_test(test_all_else_stays_as_it_is_on_any_number_of_threads),
        cmocka_unit_test(test_points_with_other_items_have_no_error_bar),
        cmocka_unit_test(test_cells_that_the_first_point_does_not_have_are_not_compared),
        cmocka_unit_test(test_further_passes_leave_differences_without_error_bars),
        cmocka_unit_test(test_a_stage_without_replicates_is_refused),
        cmocka_unit_test(test_a_stage_that_is_not_swept_needs_no_replicates),
    };
    return cmocka_run_group_tests(tests, begin_tests, NULL);
}

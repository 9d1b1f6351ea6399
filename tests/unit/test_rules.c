/* The rules of a stage, through whole jobs: items that are not finite, stopping, replicates, chains. */
#include "engine/designs/designs.h"
#include "engine/kernel.h"
#include "engine/tallies/tallies.h"
#include "job_text.h"
#include "kernels/registry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- source "made": x is a uniform scaled and shifted; every so many items it is spoilt ---- */

typedef struct {
    double scale;
    double shift;
    double spoilt;
    int64_t every;
} made_model;

static const tsr_param made_params[] = {
    {.name = "scale", .type = TSR_REAL, .unit = "1", .preset = "1", .help = "factor"},
    {.name = "shift", .type = TSR_REAL, .unit = "1", .preset = "0", .help = "summand"},
    {.name = "every", .type = TSR_INTEGER, .unit = "1", .preset = "0", .help = "spoils items (0: none)"},
    {.name = "how", .type = TSR_CHOICE, .unit = "1", .preset = "nan", .choices = "nan|infinity", .help = "spoilt"},
    {0}};

static tsr_status made_create(const tsr_params *params, void **model) {
    made_model *made = malloc(sizeof(*made));
    *made = (made_model){.scale = tsr_params_real(params, "scale"),
                         .shift = tsr_params_real(params, "shift"),
                         .spoilt = tsr_params_choice(params, "how") == 0 ? NAN : INFINITY,
                         .every = tsr_params_integer(params, "every")};
    *model = made;
    return TSR_OK;
}

static tsr_status made_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const made_model *made = model;
    const double *u = tsr_uniform(draws, 0);
    double *x = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) x[i] = fma(made->scale, u[i], made->shift);
    for (int64_t i = 0; made->every > 0 && i < out->items; i++)
        if ((out->item + i + 1) % made->every == 0) x[i] = made->spoilt;
    return TSR_OK;
}

static tsr_demand made_demand(const void *model) {
    (void)model;
    return (tsr_demand){.uniforms = 3};
}

static const tsr_field made_fields[] = {{.name = "x", .unit = "m", .long_name = "made"}, {0}};
static const tsr_source made_source = {.name = "made",
                                       .summary = "made",
                                       .reference = "none",
                                       .params = made_params,
                                       .create = made_create,
                                       .destroy = free,
                                       .fields = made_fields,
                                       .fill = made_fill,
                                       .demand = made_demand,
                                       .tile_items = 1000};

/* ---- source "walk": a chain of 50 rows that begins anew at time 0 and counts its rows ---- */

enum { ROWS = 50 };

static int64_t walk_rows(const void *model) {
    (void)model;
    return ROWS;
}

static size_t walk_workspace(const void *model, int64_t items) {
    (void)model;
    (void)items;
    return sizeof(double);
}

/* Row t of chain c is c + t, known from the row before. */
static tsr_status walk_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    (void)model;
    double *last = tsr_workspace(draws);
    for (int64_t i = 0; i < out->items; i++) {
        const int64_t row = out->item + i;
        *last = row % ROWS == 0 ? (double)(row / ROWS) : *last + 1;
        tsr_column(out, 0)[i] = *last;
    }
    return TSR_OK;
}

static const tsr_param no_params[] = {{0}};
static const tsr_source walk_source = {.name = "walk",
                                       .summary = "walk",
                                       .reference = "none",
                                       .params = no_params,
                                       .fields = made_fields,
                                       .workspace = walk_workspace,
                                       .fill = walk_fill,
                                       .rows = walk_rows,
                                       .block_items = 16};

static const tsr_source *const sources[] = {&made_source, &walk_source, NULL};
static const tsr_map *const maps[] = {NULL};
static tsr_catalog catalog;

static int begin_tests(void **state) {
    (void)state;
    catalog = (tsr_catalog){.sources = sources, .maps = maps, .tallies = tsr_tallies, .designs = tsr_designs};
    return 0;
}

#define HEAD "name: test\nseed: 7\ntallies: [moments]\n"

/* ---- what is not finite ---- */

static void test_an_item_that_is_not_finite_ends_the_run_by_name(void **state) {
    (void)state;
    text_refused(&catalog, HEAD "source: {made: {every: 12345}}\nitems: 20000\n", TSR_ENUMERIC,
                 "stage made: column x of item 12344 is nan");
    text_refused(&catalog, HEAD "source: {made: {every: 777, how: infinity}}\nitems: 1000\n", TSR_ENUMERIC,
                 "column x of item 776 is inf");
}

static void test_skipped_items_are_left_out_and_counted(void **state) {
    (void)state;
    tsr_text_run run =
        text_run(&catalog, HEAD "source: {made: {every: 200}}\nitems: 20100\nnonfinite: {skip: 0.01}\n", 3);
    assert_int_equal(run.status, TSR_EUSAGE); /* the place of a share is `limit` */
    text_run_clear(&run);
    run = text_run(&catalog, HEAD "source: {made: {every: 200}}\nitems: 20100\nnonfinite: skip\n", 3);
    assert_true(text_result(&run, 0, "skipped")->value[0] == 100);
    assert_true(text_result(&run, 0, "skipped_item")->value[0] == 199);
    assert_true(text_result(&run, 0, "items")->value[0] == 20000);
    tsr_stream stream = tsr_stream_make(7, "made", 0);
    double sum = 0;
    for (int64_t i = 0; i < 20100; i++) sum += (i + 1) % 200 == 0 ? 0 : tsr_stream_uniform(&stream, i, 0);
    assert_true(fabs(text_result(&run, 0, "mean")->value[0] - sum / 20000) < 1e-14);
    text_run_clear(&run);
}

static void test_more_skipped_items_than_allowed_end_the_run(void **state) {
    (void)state;
    text_refused(&catalog, HEAD "source: {made: {every: 50}}\nitems: 5000\nnonfinite: skip\n", TSR_ENUMERIC,
                 "items are not finite, more than the share of 0.01 that may be skipped");
    tsr_text_run run = text_run(
        &catalog, HEAD "source: {made: {every: 50}}\nitems: 5000\nnonfinite: {policy: skip, limit: 0.02}\n", 1);
    assert_true(text_result(&run, 0, "skipped")->value[0] == 100);
    text_run_clear(&run);
}

/* The first of the eight rounds has nothing to tell of skipped items, the last one has. */
static void test_a_result_that_comes_late_has_no_place_in_the_history(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog, HEAD "source: {made: {every: 127999}}\nitems: 128000\nnonfinite: skip\n", 2);
    const tsr_history *history = &text_stage(&run, 0)->history;
    assert_true(text_result(&run, 0, "skipped")->headline);
    assert_int_equal(history->rounds, 8);
    assert_int_equal(history->quantities, 2);
    assert_true(history->value[7 * 2] == text_result(&run, 0, "mean")->value[0]);
    text_run_clear(&run);
}

static void test_kept_items_reach_the_tallies(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog, HEAD "source: {made: {every: 100}}\nitems: 5000\nnonfinite: keep\n", 2);
    assert_true(text_result(&run, 0, "nonfinite")->value[0] == 50);
    assert_true(isnan(text_result(&run, 0, "mean")->value[0]));
    text_run_clear(&run);
}

/* ---- stopping ---- */

static int64_t items_of(const char *text) {
    tsr_text_run run = text_run(&catalog, text, 2);
    const int64_t items = text_stage(&run, 0)->items;
    assert_true(text_result(&run, 0, "items")->value[0] == (double)items);
    text_run_clear(&run);
    return items;
}

static void test_a_run_stops_at_the_first_decision_that_is_precise_enough(void **state) {
    (void)state;
    /* sd of a uniform 0.2887; the error of 1e-3 takes 83,333 items; tiles of 1000: 16, 20, 25, 31, 38, ... 72, 90 */
    const char *precise = HEAD "source: {made: {shift: 1}}\nitems: 1e6\nuntil: {absolute_error: 1e-3, of: mean.x}\n";
    tsr_text_run run = text_run(&catalog, precise, 2);
    const tsr_stage_outcome *stage = text_stage(&run, 0);
    const tsr_history *history = &stage->history;
    assert_int_equal(stage->items, 90000);
    assert_true(stage->until_excess <= 1);
    for (int64_t i = 0; i < history->rounds; i++) /* quantities: mean.x, sd.x */
        assert_int_equal(history->error[i * history->quantities] <= 1e-3, i == history->rounds - 1);
    text_run_clear(&run);
    assert_int_equal(items_of(HEAD "source: {made: {shift: 1}}\nuntil: {absolute_error: 1e-3, of: mean, max_items: "
                                   "5e6}\n"),
                     90000);
    assert_int_equal(
        items_of(HEAD "source: {made: {shift: 1}}\nitems: 20500\nuntil: {absolute_error: 1e-3, of: mean}\n"), 20500);
}

static void test_each_bound_means_what_it_says(void **state) {
    (void)state;
    /* The same number of items, asked for in three ways; the mean is 1.5. */
    static const char *const bounds[] = {"absolute_error: 1.002e-3", "relative_error: 0.668e-3", "ci_width: 3.928e-3"};
    char text[300];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof(text), HEAD "source: {made: {shift: 1}}\nitems: 1e6\nuntil: {%s, of: mean.x}\n",
                 bounds[i]);
        assert_int_equal(items_of(text), 90000);
    }
}

static void test_nothing_seen_is_never_precise_enough(void **state) {
    (void)state;
    assert_int_equal(items_of(HEAD "source: {made: {scale: 0}}\nitems: 50000\nuntil: {absolute_error: 1, of: mean}\n"),
                     50000);
    assert_int_equal(
        items_of(HEAD "source: {made: {scale: 0, shift: 3}}\nitems: 50000\nuntil: {absolute_error: 1, of: mean}\n"),
        16000);
}

static void test_points_of_a_sweep_stop_by_themselves(void **state) {
    (void)state;
    tsr_text_run run = text_run(
        &catalog,
        HEAD "source: made\nitems: 1e5\nuntil: {absolute_error: 1e-3, of: mean}\nsweep: {scale: [0.1, 1, 9]}\n", 3);
    const tsr_stage_outcome *stage = text_stage(&run, 0);
    static const int64_t expected[] = {16000, 90000, 100000};
    for (int64_t point = 0; point < 3; point++) {
        assert_int_equal(stage->point_items[point], expected[point]);
        assert_true(text_result(&run, point, "items")->value[0] == (double)expected[point]);
    }
    assert_int_equal(stage->items_total, 206000);
    assert_true(stage->until_excess > 1);
    text_run_clear(&run);
}

static void test_wrong_rules_are_refused(void **state) {
    (void)state;
    text_refused(&catalog, HEAD "source: made\nitems: 10\nuntil: {absolute_error: 1, of: maen.x}\n", TSR_EUSAGE,
                 "until: no tally of the stage estimates 'maen.x' with an error bar; did you mean 'mean.x'?");
    text_refused(&catalog, HEAD "source: made\nitems: 10\nuntil: {absolute_error: 1, of: maximum.x}\n", TSR_EUSAGE,
                 "'maximum.x' with an error bar");
    text_refused(&catalog, HEAD "source: made\nitems: 10\nuntil: {of: mean}\n", TSR_EUSAGE,
                 "give relative_error, absolute_error or ci_width");
    text_refused(&catalog, HEAD "source: made\nuntil: {relative_error: 1e-3, of: mean}\n", TSR_EUSAGE,
                 "stage made needs items");
    text_refused(&catalog, HEAD "source: made\nitems: 1\nuntil: {relative_error: 1, of: mean, max_items: 5}\n",
                 TSR_EUSAGE, "keep one");
    text_refused(&catalog, HEAD "source: made\nitems: 1\nuntil: 3\n", TSR_EUSAGE, "until must be a map");
    text_refused(&catalog, HEAD "source: made\nitems: 1\nnonfinite: ignore\n", TSR_EUSAGE, "abort, skip, keep");
    text_refused(&catalog, "name: t\nseed: 1\nsource: made\nitems: 9\nsampling: vegas\ntallies: [quantile: 0.5]\n",
                 TSR_EUSAGE, "tally quantile would see columns that sampling vegas has weighed");
    text_refused(&catalog, HEAD "source: made\nitems: 9\nsampling: vegas\nmaps: [derive: [\"y = x^2\"]]\n", TSR_EUSAGE,
                 "unknown map");
    text_refused(&catalog, HEAD "source: walk\nitems: 9\nsampling: antithetic\n", TSR_EUSAGE, "sampling antithetic");
}

/* ---- replicates ---- */

/* The error bar that replicates of so many items give the mean of value [items]. */
static double spread_of(const double *value, int64_t items, int64_t unit, int replicates) {
    double sum[256] = {0}, all = 0, square = 0;
    int64_t count[256] = {0};
    int used = 0;
    for (int64_t i = 0; i < items; i++) {
        sum[i / unit % replicates] += value[i];
        count[i / unit % replicates]++;
        all += value[i];
    }
    for (int r = 0; r < replicates; r++) {
        if (count[r] == 0) continue;
        const double share = (double)count[r] / (double)items;
        square += pow(share * (sum[r] / (double)count[r] - all / (double)items), 2);
        used++;
    }
    return sqrt(square * used / (used - 1.0));
}

static void test_replicates_give_the_error_bar_of_the_mean(void **state) {
    (void)state;
    static const int64_t items[] = {1024 * 5 * 7, 1024 * 5 * 7 + 100, 2500};
    static double value[40000];
    tsr_stream stream = tsr_stream_make(7, "made", 0);
    for (int64_t i = 0; i < 40000; i++) value[i] = tsr_stream_uniform(&stream, i, 0);
    for (int n = 0; n < 3; n++) {
        char text[200];
        snprintf(text, sizeof(text), HEAD "source: made\nitems: %lld\nsampling: {random: {replicates: 5}}\n",
                 (long long)items[n]);
        tsr_text_run run = text_run(&catalog, text, 3);
        const double error = text_result(&run, 0, "mean")->error[0];
        assert_true(fabs(error / spread_of(value, items[n], 1024, 5) - 1) < 1e-9);
        assert_int_equal(text_stage(&run, 0)->parts, 6);
        text_run_clear(&run);
    }
}

static void test_one_replicate_knows_no_error(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog, HEAD "source: made\nitems: 1000\nsampling: random\n", 2);
    assert_true(isnan(text_result(&run, 0, "mean")->error[0]));
    text_run_clear(&run);
}

static void test_totals_and_further_passes_have_the_right_error_bars(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog,
                                "name: test\nseed: 7\nsource: made\nitems: 65536\nsampling: random\ntallies:\n"
                                "  - histogram: {range: [0, 1], bins: 4}\n  - quantile: {probabilities: 0.5, exact: "
                                "true}\n",
                                2);
    const tsr_result *bins = text_result(&run, 0, "histogram");
    for (int i = 0; i < 4; i++) { /* binomial: sqrt(65536 x 3 / 16) = 111; 31 degrees of freedom */
        assert_true(bins->error[i] > 111 * 0.6 && bins->error[i] < 111 * 1.5);
    }
    const tsr_result *quantile = text_result(&run, 0, "quantile");
    assert_true(fabs(quantile->value[0] - 0.5) < 0.01 && isnan(quantile->error[0]));
    text_run_clear(&run);
}

/* Squares that no double holds, and a bin that has all items. */
static void test_error_bars_of_replicates_neither_vanish_nor_appear(void **state) {
    (void)state;
    static const char *const scales[] = {"1e-200", "1", "1e200"};
    double relative[3];
    for (int i = 0; i < 3; i++) {
        char text[300];
        snprintf(text, sizeof(text),
                 "name: test\nseed: 7\nsource: {made: {scale: %s}}\nitems: 50181\ntallies: [moments: {order: 1}, "
                 "histogram: {range: [-1, 1e201], bins: 1}]\nsampling: {random: {replicates: 49}}\n",
                 scales[i]);
        tsr_text_run run = text_run(&catalog, text, 2);
        const tsr_result *mean = text_result(&run, 0, "mean");
        relative[i] = mean->error[0] / mean->value[0];
        assert_true(text_result(&run, 0, "histogram")->error[0] == 0);
        text_run_clear(&run);
    }
    assert_true(fabs(relative[0] / relative[1] - 1) < 1e-9 && fabs(relative[2] / relative[1] - 1) < 1e-9);
}

/* Antithetic uniforms add up to one, so that nothing is left to chance in their mean. */
/* What a tally knows of independent items is no interval here: its ends follow the error bar of the replicates. */
static void test_ends_of_intervals_follow_the_replicates(void **state) {
    (void)state;
    static const char *const names[] = {"quantile", "VaR", "ES", "P_above"};
    tsr_text_run run =
        text_run(&catalog,
                 "name: test\nseed: 7\nsource: made\nitems: 20000\nsampling: {random: {replicates: 5}}\ntallies:\n"
                 "  - quantile: [0.1, 0.5]\n  - var_es: [0.9]\n  - exceedance: [0.25, 2]\n",
                 2);
    for (size_t r = 0; r < sizeof(names) / sizeof(*names); r++) {
        char low[24], high[24];
        snprintf(low, sizeof(low), "%s_low", names[r]);
        snprintf(high, sizeof(high), "%s_high", names[r]);
        const tsr_result *middle = text_result(&run, 0, names[r]);
        for (int64_t i = 0; i < tsr_result_length(middle); i++) {
            const double half = 1.959963984540054 * middle->error[i];
            assert_true(text_result(&run, 0, low)->value[i] == middle->value[i] - half);
            assert_true(text_result(&run, 0, high)->value[i] == middle->value[i] + half);
        }
    }
    text_run_clear(&run);
}

static void test_a_design_reaches_the_draws(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog, HEAD "source: made\nitems: 65536\nsampling: antithetic\n", 2);
    assert_true(fabs(text_result(&run, 0, "mean")->value[0] - 0.5) < 1e-15);
    assert_true(text_result(&run, 0, "mean")->error[0] < 1e-15);
    assert_true(text_result(&run, 0, "sd")->error[0] > 1e-5);
    text_run_clear(&run);
}

/* ---- chains ---- */

static void test_chains_are_filled_in_order_and_are_the_replicates(void **state) {
    (void)state;
    enum { CHAINS = 70 };
    static double value[CHAINS * ROWS];
    for (int64_t i = 0; i < CHAINS * ROWS; i++) value[i] = (double)(i / ROWS + i % ROWS);
    static const char *const tiles[] = {"1", "3", "1000"};
    for (int t = 0; t < 3; t++) {
        char text[200];
        snprintf(text, sizeof(text), HEAD "source: walk\nitems: 70\ntile_items: %s\n", tiles[t]);
        tsr_text_run run = text_run(&catalog, text, 3);
        assert_int_equal(text_stage(&run, 0)->items, CHAINS * ROWS);
        assert_true(text_result(&run, 0, "mean")->value[0] == (CHAINS - 1) / 2.0 + (ROWS - 1) / 2.0);
        assert_true(text_result(&run, 0, "maximum")->value[0] == CHAINS + ROWS - 2);
        const double error = text_result(&run, 0, "mean")->error[0];
        assert_true(fabs(error / spread_of(value, CHAINS * ROWS, ROWS, 32) - 1) < 1e-9);
        text_run_clear(&run);
    }
}

/* ---- sweeps ---- */

/* The geometric average has another expectation at every spot. */
static void test_each_point_has_its_own_expectations(void **state) {
    (void)state;
    tsr_catalog kernels = catalog;
    kernels.sources = tsr_kernel_sources;
    tsr_text_run run = text_run(&kernels,
                                "name: test\nseed: 7\nsource: {asian: {fixings: 12}}\nitems: 20000\n"
                                "tallies: [moments: {of: arithmetic}, control: {of: arithmetic}]\n"
                                "sweep: {spot: [80, 100, 120]}\n",
                                2);
    for (int64_t point = 0; point < 3; point++) {
        const tsr_result *plain = text_result(&run, point, "mean");
        const tsr_result *controlled = text_result(&run, point, "controlled_mean");
        assert_true(controlled->error[0] < plain->error[0] / 5);
        assert_true(fabs(controlled->value[0] - plain->value[0]) < 4 * plain->error[0]);
    }
    text_run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_item_that_is_not_finite_ends_the_run_by_name),
        cmocka_unit_test(test_skipped_items_are_left_out_and_counted),
        cmocka_unit_test(test_more_skipped_items_than_allowed_end_the_run),
        cmocka_unit_test(test_a_result_that_comes_late_has_no_place_in_the_history),
        cmocka_unit_test(test_kept_items_reach_the_tallies),
        cmocka_unit_test(test_a_run_stops_at_the_first_decision_that_is_precise_enough),
        cmocka_unit_test(test_each_bound_means_what_it_says),
        cmocka_unit_test(test_nothing_seen_is_never_precise_enough),
        cmocka_unit_test(test_points_of_a_sweep_stop_by_themselves),
        cmocka_unit_test(test_wrong_rules_are_refused),
        cmocka_unit_test(test_replicates_give_the_error_bar_of_the_mean),
        cmocka_unit_test(test_one_replicate_knows_no_error),
        cmocka_unit_test(test_totals_and_further_passes_have_the_right_error_bars),
        cmocka_unit_test(test_ends_of_intervals_follow_the_replicates),
        cmocka_unit_test(test_error_bars_of_replicates_neither_vanish_nor_appear),
        cmocka_unit_test(test_a_design_reaches_the_draws),
        cmocka_unit_test(test_chains_are_filled_in_order_and_are_the_replicates),
        cmocka_unit_test(test_each_point_has_its_own_expectations),
    };
    return cmocka_run_group_tests(tests, begin_tests, NULL);
}

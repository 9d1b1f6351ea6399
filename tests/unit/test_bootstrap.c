/* Bootstrap: weights of the law they should have, replicates that are what they say, errors and intervals that cover.
 */
#include "engine/tallies/bootstrap.h"
#include "engine/tallies/function.h"
#include "engine/tallies/resample.h"
#include "passes.h"

#include <math.h>

static const tsr_field two_fields[] = {{.name = "x", .unit = "EUR", .long_name = "numbers"},
                                       {.name = "y", .unit = "1", .long_name = "others"},
                                       {.name = NULL}};

static tsr_setting *statistic_setting(const char *statistic, const char *replicates, const char *kind) {
    return tree(TSR_MAP, "test", keyed("statistic", tree(TSR_LIST, "test", scalar("test", statistic), NULL)),
                keyed("replicates", scalar("test", replicates)), keyed("kind", scalar("test", kind)), NULL);
}

/* splitmix64 as a uniform number in (0, 1). */
static double uniform(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ z >> 31) >> 12) + 0.5) * 0x1p-52;
}

/* A table of two columns: x exponential about an offset, y = x + noise. */
static double *sample(int64_t items, double offset, uint64_t seed) {
    double *value = malloc((size_t)(2 * items) * sizeof(*value));
    assert_non_null(value);
    for (int64_t i = 0; i < items; i++) {
        value[i] = offset - log(uniform(&seed));
        value[items + i] = value[i] + uniform(&seed);
    }
    return value;
}

static tsr_results *bootstrap_seeded(const double *value, int64_t items, tsr_setting *settings, uint64_t seed) {
    const tsr_table table = {.fields = two_fields, .columns = 2, .items = items, .value = value};
    tsr_folder folder;
    if (fold_open(&tsr_tally_bootstrap, settings, two_fields, &folder) != TSR_OK)
        fail_msg("%s", tsr_error_get()->message);
    folder.seed = seed;
    tsr_state *state = fold_state(&folder);
    for (int64_t tile = 0; tile < fold_tiles(&folder, &table); tile++) fold_tile(&folder, &table, tile, state);
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    return results;
}

static void assert_within(const char *what, double value, double expected, double bound) {
    if (!(fabs(value - expected) <= bound))
        fail_msg("%s: %.17g is not within %g of %.17g", what, value, bound, expected);
}

/* ---- weights ---- */

enum { GROUPS = 64 };

static const tsr_block thousand = {.items = TSR_BLOCK_ITEMS_MAX, .item = 5000};

/* 2^20 weights: bounds are five standard errors. */
static void test_weights_follow_the_law_of_poisson(void **unused) {
    (void)unused;
    static tsr_resample made;
    double count[TSR_RESAMPLE_LARGEST + 1] = {0}, moment[4] = {0}, law = exp(-1);
    const double n = (double)GROUPS * TSR_RESAMPLE_GROUP * TSR_BLOCK_ITEMS_MAX;
    const tsr_stream stream = tsr_resample_stream(1);
    for (int g = 0; g < GROUPS; g++) {
        tsr_resample_make(&stream, &thousand, g, &made);
        for (int w = 0; w < TSR_QUAD; w++)
            for (int i = 0; i < TSR_BLOCK_ITEMS_MAX; i++)
                for (int l = 0; l < TSR_RESAMPLE_LANES; l++) {
                    const int weight = made.weight[w][i][l];
                    assert_true(weight >= 0 && weight <= TSR_RESAMPLE_LARGEST);
                    count[weight]++;
                }
    }
    for (int k = 0; k <= TSR_RESAMPLE_LARGEST; law /= ++k) {
        assert_within("share", count[k] / n, law, 5 * sqrt(law / n) + 1e-4);
        for (int p = 1; p < 4; p++) moment[p] += count[k] * pow(k - 1.0, p) / n;
    }
    assert_within("mean", moment[1], 0, 5 / sqrt(n));
    assert_within("variance", moment[2], 1, 5 * sqrt(3 / n));
    assert_within("third moment", moment[3], 1, 5 * sqrt(30 / n));
}

static void test_weights_of_replicates_and_items_do_not_know_each_other(void **unused) {
    (void)unused;
    static tsr_resample made;
    static double weight[TSR_RESAMPLE_GROUP][TSR_BLOCK_ITEMS_MAX];
    const tsr_stream stream = tsr_resample_stream(1);
    tsr_resample_make(&stream, &thousand, 3, &made);
    for (int b = 0; b < TSR_RESAMPLE_GROUP; b++) tsr_resample_weights(&made, b, TSR_BLOCK_ITEMS_MAX, weight[b]);
    for (int a = 0; a < TSR_RESAMPLE_GROUP; a++)
        for (int b = 0; b < TSR_RESAMPLE_GROUP; b++) {
            double same = 0, next = 0;
            for (int i = 0; i + 1 < TSR_BLOCK_ITEMS_MAX; i++) {
                same += (weight[a][i] - 1) * (weight[b][i] - 1);
                next += (weight[a][i] - 1) * (weight[b][i + 1] - 1);
            }
            if (a != b) assert_within("correlation", same / TSR_BLOCK_ITEMS_MAX, 0, 5.0 / 32);
            assert_within("correlation of neighbours", next / TSR_BLOCK_ITEMS_MAX, 0, 5.0 / 32);
        }
}

static void test_an_item_has_its_weights_in_any_block(void **unused) {
    (void)unused;
    static tsr_resample whole, picked;
    static double all[TSR_BLOCK_ITEMS_MAX], some[TSR_BLOCK_ITEMS_MAX];
    const tsr_stream stream = tsr_resample_stream(9);
    const int64_t number[] = {5001, 5020, 5021, 6000};
    const tsr_block block = {.items = 4, .item = number[0], .number = number};
    tsr_resample_make(&stream, &thousand, 1, &whole);
    tsr_resample_make(&stream, &block, 1, &picked);
    for (int b = 0; b < TSR_RESAMPLE_GROUP; b++) {
        double sum = 0;
        const int64_t few = tsr_resample_weights(&picked, b, 4, some);
        assert_int_equal(few, (int64_t)(some[0] + some[1] + some[2] + some[3]));
        const int64_t told = tsr_resample_weights(&whole, b, TSR_BLOCK_ITEMS_MAX, all);
        for (int i = 0; i < TSR_BLOCK_ITEMS_MAX; i++) sum += all[i];
        assert_true(sum == (double)told);
        for (int i = 0; i < 4; i++) assert_true(some[i] == all[number[i] - thousand.item]);
    }
}

/* ---- what is told ---- */

enum { ITEMS = 3000, REPLICATES = 500 };

/* s / sqrt(n), and of a variance s^2 sqrt((kurtosis + 2) / n), 8 for an exponential law: within five Monte Carlo
 * errors, 1 / sqrt(2 B) each, and what the sample's own moments are off. */
static void test_errors_are_those_of_closed_forms(void **unused) {
    (void)unused;
    double *value = sample(ITEMS, 10, 3), mean = 0, moment[5] = {0};
    for (int i = 0; i < ITEMS; i++) mean += value[i] / ITEMS;
    for (int i = 0; i < ITEMS; i++)
        for (int k = 2; k <= 4; k += 2) moment[k] += pow(value[i] - mean, k) / ITEMS;
    tsr_results *found = bootstrap_seeded(value, ITEMS, statistic_setting("mean", "500", "percentile"), 1);
    const double chance = 5 / sqrt(2.0 * REPLICATES), error = sqrt(moment[2] / ITEMS);
    assert_within("mean", fold_value(found, "bootstrap_mean", 0), mean, 1e-13 * mean);
    assert_within("error", fold_error(found, "bootstrap_mean", 0) / error, 1, chance);
    assert_within("bias", fold_value(found, "bootstrap_mean_bias", 0) / error, 0, 5 / sqrt(REPLICATES));
    assert_within("low", (fold_value(found, "bootstrap_mean_low", 0) - mean) / error, -1.96,
                  5 * 2.7 / sqrt(REPLICATES));
    assert_within("high", (fold_value(found, "bootstrap_mean_high", 0) - mean) / error, 1.96,
                  5 * 2.7 / sqrt(REPLICATES));
    tsr_results_destroy(&found);
    found = bootstrap_seeded(value, ITEMS, statistic_setting("variance", "500", "percentile"), 1);
    const double square = moment[2] * moment[2];
    assert_within("variance", fold_value(found, "bootstrap_variance", 0), moment[2] * ITEMS / (ITEMS - 1), 1e-12);
    assert_within("error of a variance",
                  fold_error(found, "bootstrap_variance", 0) / sqrt((moment[4] - square) / ITEMS), 1, chance);
    tsr_results_destroy(&found);
    free(value);
}

/* A ratio of means, whose error the delta method knows. */
static void test_functions_of_means_agree_with_the_delta_method(void **unused) {
    (void)unused;
    double *value = sample(ITEMS, 1, 5);
    const tsr_table table = {.fields = two_fields, .columns = 2, .items = ITEMS, .value = value};
    tsr_results *found = bootstrap_seeded(value, ITEMS, statistic_setting("ratio = y / x", "500", "percentile"), 1);
    tsr_results *delta = fold_table(
        &tsr_tally_function,
        tree(TSR_MAP, "test", keyed("expressions", tree(TSR_LIST, "test", scalar("test", "r = y / x"), NULL)), NULL),
        &table);
    assert_within("ratio", fold_value(found, "bootstrap_ratio", 0), fold_value(delta, "function", 0), 1e-14);
    assert_within("error", fold_error(found, "bootstrap_ratio", 0) / fold_error(delta, "function", 0), 1,
                  5 / sqrt(2.0 * REPLICATES));
    tsr_results_destroy(&found);
    tsr_results_destroy(&delta);
    free(value);
}

/* A brute force over the weights: the sd of weighted means. */
static void test_replicates_are_weighted_means(void **unused) {
    (void)unused;
    enum { FEW = 40 };
    double *value = sample(FEW, 0, 8), mean[16], sum = 0, square = 0;
    static tsr_resample made;
    double weight[FEW];
    const tsr_stream stream = tsr_resample_stream(77);
    tsr_resample_make(&stream, &(tsr_block){.items = FEW}, 0, &made);
    for (int b = 0; b < 16; b++) {
        const double total = (double)tsr_resample_weights(&made, b, FEW, weight);
        mean[b] = 0;
        for (int i = 0; i < FEW; i++) mean[b] += weight[i] * value[i] / total;
        sum += mean[b] / 16;
    }
    for (int b = 0; b < 16; b++) square += (mean[b] - sum) * (mean[b] - sum) / 15;
    tsr_results *found = bootstrap_seeded(value, FEW, statistic_setting("mean", "16", "basic"), 77);
    assert_within("error", fold_error(found, "bootstrap_mean", 0), sqrt(square), 1e-13);
    assert_within("bias", fold_value(found, "bootstrap_mean_bias", 0), sum - fold_value(found, "bootstrap_mean", 0),
                  1e-13);
    tsr_results_destroy(&found);
    free(value);
}

/* Values of ten million and some tenths: nothing cancels. */
static void test_an_offset_changes_no_error(void **unused) {
    (void)unused;
    double *near = sample(ITEMS, 0, 4), *far = sample(ITEMS, 0, 4);
    for (int i = 0; i < 2 * ITEMS; i++) near[i] = floor(near[i] * 1024) / 1024;
    for (int i = 0; i < 2 * ITEMS; i++) far[i] = near[i] + 1e7;
    tsr_results *a = bootstrap_seeded(near, ITEMS, statistic_setting("sd", "100", "percentile"), 1);
    tsr_results *b = bootstrap_seeded(far, ITEMS, statistic_setting("sd", "100", "percentile"), 1);
    assert_true(fold_value(a, "bootstrap_sd", 0) == fold_value(b, "bootstrap_sd", 0));
    assert_true(fold_error(a, "bootstrap_sd", 0) == fold_error(b, "bootstrap_sd", 0));
    tsr_results_destroy(&a);
    tsr_results_destroy(&b);
    free(near);
    free(far);
}

/* Tiles in ascending order by one thread, and in descending order by three. */
static void test_any_order_of_tiles_gives_the_same_state(void **unused) {
    (void)unused;
    double *value = sample(ITEMS, 1e3, 4);
    const tsr_table table = {.fields = two_fields, .columns = 2, .items = ITEMS, .value = value};
    tsr_state *state[4];
    int64_t *words[2], count[2];
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_bootstrap, statistic_setting("sd", "50", "normal"), two_fields, &folder),
                     TSR_OK);
    folder.tile_items = 700;
    for (int s = 0; s < 4; s++) state[s] = fold_state(&folder);
    const int64_t tiles = fold_tiles(&folder, &table);
    for (int64_t tile = 0; tile < tiles; tile++) fold_tile(&folder, &table, tile, state[0]);
    for (int64_t tile = tiles; tile-- > 0;) fold_tile(&folder, &table, tile, state[1 + tile % 3]);
    for (int s = 0; s < 4; s++) tsr_tally_bootstrap.settle(folder.model, state[s]);
    assert_int_equal(tsr_state_add(state[1], state[2]), TSR_OK);
    assert_int_equal(tsr_state_add(state[1], state[3]), TSR_OK);
    for (int s = 0; s < 2; s++) {
        tsr_tally_bootstrap.settle(folder.model, state[s]);
        count[s] = tsr_state_packed_words(state[s]);
        words[s] = malloc((size_t)count[s] * sizeof(**words));
        tsr_state_pack(state[s], words[s]);
    }
    assert_int_equal(count[0], count[1]);
    assert_memory_equal(words[0], words[1], (size_t)count[0] * sizeof(**words));
    for (int s = 0; s < 4; s++) tsr_state_destroy(&state[s]);
    for (int s = 0; s < 2; s++) free(words[s]);
    fold_close(&folder);
    free(value);
}

/* 95 % intervals for the mean of an exponential law over 400 samples of 200: the count that holds 1 is binomial with a
 * standard error of 1.1 %; the intervals themselves are known to cover about a per cent less. */
static void test_intervals_cover_what_they_claim(void **unused) {
    (void)unused;
    enum { SAMPLES = 400, SMALL = 200 };
    static const char *const kinds[] = {"percentile", "basic", "normal"};
    for (int k = 0; k < 3; k++) {
        int inside = 0;
        for (uint64_t s = 0; s < SAMPLES; s++) {
            double *value = sample(SMALL, 0, 1000 * s);
            tsr_results *found = bootstrap_seeded(value, SMALL, statistic_setting("mean", "400", kinds[k]), s);
            inside +=
                fold_value(found, "bootstrap_mean_low", 0) <= 1 && fold_value(found, "bootstrap_mean_high", 0) >= 1;
            tsr_results_destroy(&found);
            free(value);
        }
        print_message("%-10s %.1f %% of 95 %%\n", kinds[k], 100.0 * inside / SAMPLES);
        assert_within(kinds[k], 100.0 * inside / SAMPLES, 94, 3.5);
    }
}

static void test_what_cannot_be_told_is_not_a_number(void **unused) {
    (void)unused;
    double value[] = {1, INFINITY, 3, 4, 5, 6};
    tsr_results *found = bootstrap_seeded(value, 3, statistic_setting("mean", "50", "normal"), 1);
    assert_true(isnan(fold_value(found, "bootstrap_mean", 0)) && isnan(fold_error(found, "bootstrap_mean", 0)));
    assert_true(fold_value(found, "bootstrap_mean", 1) == 5);
    tsr_results_destroy(&found);
}

static void test_statistics_that_do_not_exist_are_refused(void **unused) {
    (void)unused;
    assert_refused(&tsr_tally_bootstrap, statistic_setting("mode", "50", "normal"), "'mode' is not mean, variance, sd");
    assert_refused(&tsr_tally_bootstrap, statistic_setting("a = z", "50", "normal"), "character 5");
    assert_refused(&tsr_tally_bootstrap, statistic_setting("a = 3", "50", "normal"), "a function of no column");
    assert_refused(&tsr_tally_bootstrap, statistic_setting("mean", "5", "normal"), "10");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_follow_the_law_of_poisson),
        cmocka_unit_test(test_weights_of_replicates_and_items_do_not_know_each_other),
        cmocka_unit_test(test_an_item_has_its_weights_in_any_block),
        cmocka_unit_test(test_errors_are_those_of_closed_forms),
        cmocka_unit_test(test_functions_of_means_agree_with_the_delta_method),
        cmocka_unit_test(test_replicates_are_weighted_means),
        cmocka_unit_test(test_an_offset_changes_no_error),
        cmocka_unit_test(test_any_order_of_tiles_gives_the_same_state),
        cmocka_unit_test(test_intervals_cover_what_they_claim),
        cmocka_unit_test(test_what_cannot_be_told_is_not_a_number),
        cmocka_unit_test(test_statistics_that_do_not_exist_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

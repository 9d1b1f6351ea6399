/* batches and groups: every item in its batch, sums exact for any tiles, groups that add up, and nothing cancels. */
#include "engine/tallies/group.h"
#include "fold.h"
#include "samples.h"

#include <math.h>

enum { COLUMNS = 3, ITEMS = 5000 };

/* Folds a table [COLUMNS, items] in tiles and blocks of these sizes; words: [tsr_batches_words]. */
static int64_t *fold_batches(const double *value, int64_t items, int64_t tile_items, int64_t block_items) {
    int64_t *words = calloc((size_t)tsr_batches_words(COLUMNS), sizeof(*words));
    void *scratch = fold_memory(tsr_batches_scratch_bytes(COLUMNS));
    for (int64_t tile = 0; tile < items; tile += tile_items) {
        const int64_t end = tile + tile_items < items ? tile + tile_items : items;
        tsr_batches_begin(COLUMNS, scratch);
        for (int64_t item = tile; item < end; item += block_items) {
            const double *column[COLUMNS];
            for (int c = 0; c < COLUMNS; c++) column[c] = value + c * items + item;
            tsr_batches_add(COLUMNS, column, item, item + block_items < end ? block_items : end - item, scratch);
        }
        tsr_batches_end(COLUMNS, scratch, words);
    }
    tsr_batches_settle(COLUMNS, words);
    free(scratch);
    return words;
}

static tsr_groups *groups_of(const double *value, int64_t items) {
    int64_t *words = fold_batches(value, items, 1024, 1024);
    tsr_groups *groups = NULL;
    assert_int_equal(tsr_groups_create(COLUMNS, words, &groups), TSR_OK);
    free(words);
    return groups;
}

/* Whole numbers, whose sums are exact in any order. */
static double *whole_numbers(int64_t items) {
    double *value = sample_uniforms(5, COLUMNS * items);
    for (int64_t i = 0; i < COLUMNS * items; i++) value[i] = floor(2000.0 * value[i]) - 700.0;
    return value;
}

/* Counts are equal, sums up to the rounding of differences from a centre. */
static void assert_near(const int64_t *words, const int64_t *expected) {
    for (int b = 0; b < TSR_BATCHES; b++, words += tsr_batch_words(COLUMNS), expected += tsr_batch_words(COLUMNS)) {
        const tsr_exact *sum = (const tsr_exact *)(words + 1), *truth = (const tsr_exact *)(expected + 1);
        assert_int_equal(words[0], expected[0]);
        for (int s = 0; s < tsr_batch_sums(COLUMNS); s++) {
            const double is = tsr_exact_round(&sum[s]), should = tsr_exact_round(&truth[s]);
            if (fabs(is - should) > 1e-14 * fabs(should))
                fail_msg("batch %d, sum %d: %.17g, not %.17g", b, s, is, should);
        }
    }
}

static void test_every_item_counts_in_its_batch(void **state) {
    (void)state;
    double *value = whole_numbers(ITEMS);
    int64_t *expected = calloc((size_t)tsr_batches_words(COLUMNS), sizeof(*expected));
    for (int64_t i = 0; i < ITEMS; i++) {
        int64_t *batch = expected + i % TSR_BATCHES * tsr_batch_words(COLUMNS);
        tsr_exact *sum = (tsr_exact *)(batch + 1);
        batch[0]++;
        for (int a = 0; a < COLUMNS; a++) {
            tsr_exact_add(&sum[a], value[a * ITEMS + i]);
            for (int b = a; b < COLUMNS; b++)
                tsr_exact_add(&sum[tsr_batch_product(COLUMNS, a, b)], value[a * ITEMS + i] * value[b * ITEMS + i]);
        }
    }
    tsr_batches_settle(COLUMNS, expected);
    static const int64_t sizes[][2] = {{1024, 1024}, {5000, 1024}, {1000, 100}, {77, 33}, {1, 1}, {4096, 31}};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        int64_t *words = fold_batches(value, ITEMS, sizes[s][0], sizes[s][1]);
        assert_near(words, expected);
        free(words);
    }
    free(expected);
    free(value);
}

static void test_all_without_a_batch_are_the_others(void **state) {
    (void)state;
    double *value = whole_numbers(ITEMS);
    tsr_groups *groups = groups_of(value, ITEMS);
    assert_int_equal(groups->batches, TSR_BATCHES);
    for (int batch = 0; batch < TSR_BATCHES; batch += 7) {
        double sum[COLUMNS] = {0}, product = 0;
        int64_t items = 0;
        for (int64_t i = 0; i < ITEMS; i++) {
            if (i % TSR_BATCHES == batch) continue;
            items++;
            product += value[i] * value[2 * ITEMS + i];
            for (int c = 0; c < COLUMNS; c++) sum[c] += value[c * ITEMS + i];
        }
        const tsr_group *rest = &groups->rest[batch];
        assert_int_equal(rest->items, items);
        for (int c = 0; c < COLUMNS; c++)
            assert_true(fabs(tsr_group_mean(rest, c, 0) * (double)items / sum[c] - 1) < 1e-14);
        const double n = (double)items, covariance = (product - sum[0] * sum[2] / n) / (n - 1);
        assert_true(fabs(tsr_group_covariance(rest, 0, 2) / covariance - 1) < 1e-12);
        assert_true(tsr_group_covariance(rest, 2, 0) == tsr_group_covariance(rest, 0, 2));
        assert_true(fabs(tsr_group_ratio(rest, 0, 2) * sum[2] / sum[0] - 1) < 1e-14);
        assert_true(fabs(tsr_group_mean(rest, 1, 299.5) - (sum[1] / n - 299.5)) < 1e-12);
    }
    tsr_groups_destroy(&groups);
    free(value);
}

/* Columns far from zero, of which differences are taken: what is left has the digits that the squares leave it. */
static void test_variances_of_combinations_hardly_cancel(void **state) {
    (void)state;
    double *value = sample_normal(9, COLUMNS * ITEMS);
    for (int64_t i = 0; i < ITEMS; i++) {
        value[i] = 1e9 + floor(1024.0 * value[i]);
        value[ITEMS + i] = 3.0 * value[i] + floor(8.0 * value[ITEMS + i]);
        value[2 * ITEMS + i] = 0.1;
    }
    tsr_groups *groups = groups_of(value, ITEMS);
    const double apart[] = {-3.0, 1.0, 5.0};
    long double mean = 0, square = 0;
    for (int64_t i = 0; i < ITEMS; i++) mean += (long double)(value[ITEMS + i] - 3.0 * value[i]) / ITEMS;
    for (int64_t i = 0; i < ITEMS; i++) {
        const long double d = (long double)(value[ITEMS + i] - 3.0 * value[i]) - mean;
        square += d * d;
    }
    const double variance = (double)(square / (ITEMS - 1));
    assert_true(fabs(tsr_group_variance(&groups->total, apart) / variance - 1) < 1e-9);
    assert_true(tsr_group_covariance(&groups->total, 2, 2) == 0.0 && tsr_group_covariance(&groups->total, 0, 2) == 0.0);
    assert_true(tsr_group_mean(&groups->total, 2, 0) == 0.1 && tsr_group_mean(&groups->total, 2, 0.1) == 0.0);
    tsr_groups_destroy(&groups);
    free(value);
}

static void test_what_is_constant_but_for_rounding_has_no_variance(void **state) {
    (void)state;
    double *value = sample_normal(11, COLUMNS * ITEMS);
    for (int64_t i = 0; i < ITEMS; i++) {
        value[ITEMS + i] = value[i] / 3.0 + 1e6; /* rounded */
        value[2 * ITEMS + i] = value[i];
    }
    tsr_groups *groups = groups_of(value, ITEMS);
    const double third[] = {1.0, -3.0, 0.0}, same[] = {1.0, 0.0, -1.0}, nearly[] = {1.0, 0.0, -1.0 + 0x1p-20};
    assert_true(tsr_group_variance(&groups->total, third) == 0.0 && tsr_group_variance(&groups->total, same) == 0.0);
    assert_true(tsr_group_variance(&groups->total, nearly) > 0.0);
    tsr_groups_destroy(&groups);
    free(value);
}

static void test_what_is_not_finite_gives_nan_where_it_is_asked_for(void **state) {
    (void)state;
    double *value = sample_normal(13, COLUMNS * ITEMS);
    value[77] = NAN;
    value[ITEMS + 99] = INFINITY;
    tsr_groups *groups = groups_of(value, ITEMS);
    const double first[] = {1.0, 0.0, 1.0}, last[] = {0.0, 0.0, 2.0};
    for (int c = 0; c < 2; c++) assert_true(isnan(tsr_group_mean(&groups->total, c, 0)));
    assert_true(isnan(tsr_group_variance(&groups->total, first)) && tsr_group_variance(&groups->total, last) > 0.0);
    assert_true(isnan(tsr_group_mean(&groups->rest[77 % TSR_BATCHES], 0, 0)));
    tsr_groups_destroy(&groups);
    free(value);
    assert_int_equal(tsr_groups_create(COLUMNS, NULL, &groups), TSR_OK);
    assert_true(groups->batches == 0 && isnan(tsr_group_mean(&groups->total, 0, 0)));
    assert_true(isnan(tsr_group_variance(&groups->total, last)));
    tsr_groups_destroy(&groups);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_item_counts_in_its_batch),
        cmocka_unit_test(test_all_without_a_batch_are_the_others),
        cmocka_unit_test(test_variances_of_combinations_hardly_cancel),
        cmocka_unit_test(test_what_is_constant_but_for_rounding_has_no_variance),
        cmocka_unit_test(test_what_is_not_finite_gives_nan_where_it_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

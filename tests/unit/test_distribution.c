/* Weighted distributions: sums of weights in any order, places, and errors, against plain sums over sorted items. */
#include "engine/tallies/distribution.h"
#include "passes.h"
#include "samples.h"

enum { ITEMS = 4000 };

static tsr_state *make_state(void) {
    tsr_state *state = NULL;
    const tsr_layout layout = {.pages = tsr_distribution_pages(true), .page_words = TSR_SKETCH_PAGE_WORDS};
    assert_int_equal(tsr_state_create(layout, &state), TSR_OK);
    return state;
}

/* Blocks dealt in turn to `parts` states, which are settled and merged. */
static tsr_state *weigh(const double *values, const double *weights, int64_t size, int parts) {
    tsr_state *part[8];
    for (int p = 0; p < parts; p++) part[p] = make_state();
    for (int64_t i = 0, turn = 0; i < ITEMS; i += size, turn++) {
        const tsr_block block = {.item = i, .items = ITEMS - i < size ? ITEMS - i : size};
        tsr_sketch_fill fill;
        tsr_sketch_begin(&fill, part[turn % parts], 0);
        assert_int_equal(tsr_sketch_add(&fill, values + i, block.items), TSR_OK);
        assert_int_equal(tsr_distribution_weigh(part[turn % parts], 0, &block, values + i, weights + i), TSR_OK);
    }
    for (int p = parts - 1; p >= 0; p--) {
        tsr_distribution_settle(part[p], 0);
        if (p == parts - 1) continue;
        assert_int_equal(tsr_state_add(part[parts - 1], part[p]), TSR_OK);
        tsr_state_destroy(&part[p]);
    }
    tsr_distribution_settle(part[parts - 1], 0);
    return part[parts - 1];
}

/* Over all orders of magnitude that are kept, some zero. */
static double *wild_weights(uint64_t seed) {
    double *weights = sample_uniforms(seed, ITEMS);
    for (int i = 0; i < ITEMS; i++) weights[i] = i % 7 == 0 ? 0.0 : ldexp(weights[i], i * 13 % 110 - 70);
    return weights;
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    for (int kind = 0; kind < SAMPLES; kind += 3) {
        double *values = sample(kind, 3, ITEMS), *weights = wild_weights(4);
        tsr_state *whole = weigh(values, weights, 1000, 1), *parts = weigh(values, weights, 37, 8);
        assert_same_words(whole, parts);
        tsr_state_destroy(&whole);
        tsr_state_destroy(&parts);
        free(values);
        free(weights);
    }
}

typedef struct {
    double value;
    double weight;
} pair;

static int by_value(const void *a, const void *b) {
    const pair *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static pair *sorted_pairs(const double *values, const double *weights) {
    pair *pairs = malloc(ITEMS * sizeof(*pairs));
    for (int i = 0; i < ITEMS; i++) pairs[i] = (pair){values[i], weights[i]};
    qsort(pairs, ITEMS, sizeof(*pairs), by_value);
    return pairs;
}

static void test_sums_and_places_are_those_of_sorted_items(void **state) {
    (void)state;
    double *values = sample_normal(8, ITEMS), *weights = wild_weights(9);
    pair *pairs = sorted_pairs(values, weights);
    tsr_state *words = weigh(values, weights, 1000, 2);
    tsr_distribution *found = malloc(sizeof(*found));
    tsr_distribution_read(words, 0, true, found);
    double total = 0.0, squares = 0.0;
    for (int i = 0; i < ITEMS; i++) total += pairs[i].weight, squares += pairs[i].weight * pairs[i].weight;
    assert_true(fabs(found->total - total) <= 0x1p-24 * total);
    assert_true(fabs(found->squares - squares) <= 0x1p-23 * squares);
    double below = 0.0, square = 0.0;
    for (int i = 0; i < ITEMS; i++) {
        below += pairs[i].weight;
        square += pairs[i].weight * pairs[i].weight;
        if (pairs[i].weight < 1e-6 * total) continue;
        const double place = (below - 0.5 * pairs[i].weight) / total * found->total;
        const tsr_reach share = tsr_distribution_reach(found, place);
        assert_true(share.before < place && place <= share.before + share.amount);
        const double value = tsr_bucket_point(&share.bucket, 0.5);
        assert_true(fabs(value - pairs[i].value) <= 0x1p-9 * fabs(pairs[i].value));
    }
    tsr_state_destroy(&words);
    free(found);
    free(values);
    free(weights);
    free(pairs);
}

static void test_error_is_that_of_a_linearised_ratio(void **state) {
    (void)state;
    double *values = sample_normal(18, ITEMS), *weights = sample_uniforms(19, ITEMS);
    pair *pairs = sorted_pairs(values, weights);
    tsr_state *words = weigh(values, weights, 1000, 1);
    tsr_distribution *found = malloc(sizeof(*found));
    tsr_distribution_read(words, 0, true, found);
    for (int rank = 40; rank < ITEMS; rank += 391) {
        double below = 0.0, sum = 0.0;
        for (int i = 0; i <= rank; i++) below += pairs[i].weight;
        const double p = below / found->total;
        for (int i = 0; i < ITEMS; i++) {
            const double term = pairs[i].weight * ((i <= rank) - p);
            sum += term * term;
        }
        const double expected = sqrt(sum) / found->total, error = tsr_distribution_error(found, below);
        assert_true(fabs(error - expected) < 0.01 * expected);
    }
    tsr_state_destroy(&words);
    free(found);
    free(values);
    free(weights);
    free(pairs);
}

static void test_without_weights_the_error_is_binomial(void **state) {
    (void)state;
    double *values = sample_normal(28, ITEMS);
    tsr_state *words = make_state();
    tsr_sketch_fill fill;
    for (int64_t i = 0; i < ITEMS; i += 1000) {
        tsr_sketch_begin(&fill, words, 0);
        assert_int_equal(tsr_sketch_add(&fill, values + i, 1000), TSR_OK);
    }
    tsr_distribution *found = malloc(sizeof(*found));
    tsr_distribution_read(words, 0, false, found);
    for (int rank = 1; rank < ITEMS; rank += 97) {
        const double p = (double)rank / ITEMS;
        assert_true(fabs(tsr_distribution_error(found, rank) - sqrt(p * (1.0 - p) / ITEMS)) < 1e-12);
    }
    tsr_state_destroy(&words);
    free(found);
    free(values);
}

/* Units are cut off, never lost: a weight comes back within 2^-24, and sums of equal weights are multiples. One that is
 * too small is seen. */
static void test_single_weights_come_back(void **state) {
    (void)state;
    const tsr_masses masses = {.first = 0, .stride = 1, .classes = 3, .lowest = -80};
    for (int exponent = -85; exponent < 40; exponent++) {
        for (int k = 0; k < 5; k++) {
            const double weight = ldexp(1.0 + k / 4.0 * (1.0 - 0x1p-52), exponent);
            if (weight >= 0x1p40) continue;
            tsr_state *words = NULL;
            assert_int_equal(tsr_state_create((tsr_layout){.pages = 3, .page_words = TSR_MASS_PAGE_WORDS}, &words),
                             TSR_OK);
            for (int i = 1; i <= 3000; i++) {
                assert_int_equal(tsr_masses_add(&masses, words, 5, weight), TSR_OK);
                const double found = tsr_masses_get(&masses, words, 5);
                if (exponent < -80)
                    assert_true(found == i * 0x1p-104);
                else
                    assert_true(found <= i * weight * (1 + 1e-15) && found >= i * weight * (1.0 - 0x1p-23));
            }
            assert_true(tsr_masses_get(&masses, words, 6) == 0.0);
            tsr_state_destroy(&words);
        }
    }
}

static void test_too_large_weights_are_refused(void **state) {
    (void)state;
    const double values[2] = {1.0, 2.0}, weights[2] = {1.0, 0x1p40};
    const tsr_block block = {.item = 10, .items = 2};
    tsr_state *words = make_state();
    assert_int_equal(tsr_distribution_weigh(words, 0, &block, values, weights), TSR_ENUMERIC);
    assert_non_null(strstr(tsr_error_get()->message, "item 11"));
    tsr_state_destroy(&words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_sums_and_places_are_those_of_sorted_items),
        cmocka_unit_test(test_error_is_that_of_a_linearised_ratio),
        cmocka_unit_test(test_without_weights_the_error_is_binomial),
        cmocka_unit_test(test_single_weights_come_back),
        cmocka_unit_test(test_too_large_weights_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The tally top: what sorting gives, with items, for any split. */
#include "engine/tallies/top.h"
#include "passes.h"
#include "samples.h"

typedef struct {
    double value;
    int64_t item;
} entry;

static int descending(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? 1 : -1;
    return x->item < y->item ? -1 : 1;
}

/* The entries of one column that are numbers, the largest first; negated ones to look from the other end. */
static entry *ordered(const double *values, int64_t items, bool negated, int64_t *numbers) {
    entry *list = malloc((size_t)(items + 1) * sizeof(*list));
    *numbers = 0;
    for (int64_t i = 0; i < items; i++)
        if (!isnan(values[i])) list[(*numbers)++] = (entry){negated ? -values[i] : values[i], i};
    qsort(list, (size_t)*numbers, sizeof(*list), descending);
    return list;
}

/* Row 0 holds the values, row 1 their negatives. */
static void assert_list(const tsr_results *results, const char *name, int64_t count, const double *values,
                        int64_t items) {
    char item_name[40];
    snprintf(item_name, sizeof(item_name), "%s_item", name);
    const bool smallest = strcmp(name, "smallest") == 0;
    for (int row = 0; row < 2; row++) {
        int64_t numbers;
        const bool negated = smallest != (row == 1);
        entry *list = ordered(values, items, negated, &numbers);
        for (int64_t r = 0; r < count; r++) {
            double value = fold_value(results, name, row * count + r);
            double item = fold_value(results, item_name, row * count + r);
            if (r >= numbers) {
                assert_true(isnan(value) && isnan(item));
                continue;
            }
            assert_true(value == (smallest ? -list[r].value : list[r].value));
            assert_true(item == (double)list[r].item);
        }
        free(list);
    }
}

static void test_lists_are_what_sorting_gives(void **state) {
    (void)state;
    static const char *const text[] = {"1", "2", "37", "5000"};
    static const int64_t count[] = {1, 2, 37, 5000};
    for (int k = 0; k < 4; k++) {
        tsr_folder folder = passes_open(&tsr_tally_top, settings_of("count", text[k], "which", "both", NULL));
        for (int kind = 0; kind < SAMPLES; kind++) {
            int passes;
            double *values = sample(kind, 7, 3000);
            tsr_results *results = passes_solve(&folder, values, 3000, &passes);
            assert_int_equal(passes, 1);
            assert_list(results, "largest", count[k], values, 3000);
            assert_list(results, "smallest", count[k], values, 3000);
            tsr_results_destroy(&results);
            free(values);
        }
        fold_close(&folder);
    }
}

static void test_ten_thousand_of_sorted_items(void **state) {
    (void)state;
    enum { ITEMS = 200000, COUNT = 10000 };
    tsr_folder folder = passes_open(&tsr_tally_top, settings_of("count", "10000", NULL));
    for (int kind = SAMPLE_ASCENDING; kind <= SAMPLE_DESCENDING; kind++) {
        int passes;
        double *values = sample(kind, 7, ITEMS);
        tsr_results *results = passes_solve(&folder, values, ITEMS, &passes);
        assert_list(results, "largest", COUNT, values, ITEMS);
        assert_null(tsr_results_find(results, "smallest"));
        assert_false(tsr_results_find(results, "largest")->headline);
        tsr_results_destroy(&results);
        free(values);
    }
    fold_close(&folder);
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    tsr_folder folder = passes_open(&tsr_tally_top, settings_of("count", "100", "which", "both", NULL));
    for (int kind = 0; kind < SAMPLES; kind++) {
        double *values = sample(kind, 17, 6000);
        assert_any_split_is_the_same(&folder, values, 6000);
        free(values);
    }
    fold_close(&folder);
}

static void test_a_stored_list_can_be_extended(void **state) {
    (void)state;
    enum { ITEMS = 6000 };
    tsr_folder folder = passes_open(&tsr_tally_top, settings_of("count", "50", "which", "both", NULL));
    double *values = sample(SAMPLE_MIXED, 23, ITEMS), *both = mirrored(values, ITEMS);
    const tsr_table table = {.fields = mirror_fields, .columns = 2, .items = ITEMS, .value = both};
    folder.tile_items = 1000;
    tsr_state *whole = fold_state(&folder), *first = fold_state(&folder), *stored = fold_state(&folder);
    for (int tile = 0; tile < 6; tile++) {
        fold_tile(&folder, &table, tile, whole);
        fold_tile(&folder, &table, tile, tile < 3 ? first : stored);
    }
    passes_settle(&folder, whole);
    passes_settle(&folder, first);
    int64_t count = tsr_state_packed_words(first), *words = malloc((size_t)count * sizeof(*words));
    tsr_state_pack(first, words);
    assert_int_equal(tsr_state_unpack(stored, words, count), TSR_OK);
    passes_settle(&folder, stored);
    assert_same_words(whole, stored);
    free(words);
    tsr_state_destroy(&whole);
    tsr_state_destroy(&first);
    tsr_state_destroy(&stored);
    free(values);
    free(both);
    fold_close(&folder);
}

static void test_not_a_number_is_left_out_and_counted(void **state) {
    (void)state;
    const double values[4] = {NAN, 2.0, NAN, 3.0};
    int passes;
    tsr_folder folder = passes_open(&tsr_tally_top, settings_of("count", "3", "of", "x", NULL));
    tsr_results *results = passes_solve(&folder, values, 4, &passes);
    assert_true(fold_value(results, "largest", 0) == 3.0 && fold_value(results, "largest_item", 1) == 1.0);
    assert_true(isnan(fold_value(results, "largest", 2)));
    assert_true(fold_value(results, "top_nans", 0) == 2.0);
    assert_true(tsr_results_find(results, "largest")->headline);
    tsr_results_destroy(&results);
    fold_close(&folder);
}

static void test_bad_counts_are_refused(void **state) {
    (void)state;
    assert_refused(&tsr_tally_top, settings_of("count", "0", NULL), "count");
    assert_refused(&tsr_tally_top, settings_of("count", "10001", NULL), "10000");
    assert_refused(&tsr_tally_top, settings_of("which", "worst", NULL), "largest, smallest, both");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_are_what_sorting_gives),
        cmocka_unit_test(test_ten_thousand_of_sorted_items),
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_a_stored_list_can_be_extended),
        cmocka_unit_test(test_not_a_number_is_left_out_and_counted),
        cmocka_unit_test(test_bad_counts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

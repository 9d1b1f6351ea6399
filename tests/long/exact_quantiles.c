/* Exact quantiles of 1e8 normal numbers against a full sort of them, to the last bit; prints what the passes and the
 * sort take beside one pass. exact_quantiles [ITEMS] */
#include "engine/clock.h"
#include "engine/tallies/quantile.h"
#include "passes.h"
#include "samples.h"

static const double probability[] = {0.0, 1e-6, 0.01, 0.25, 0.5, 0.9, 0.99, 0.99999, 1.0};
static const char *const probability_text = "[0, 1e-6, 0.01, 0.25, 0.5, 0.9, 0.99, 0.99999, 1]";
enum { PROBABILITIES = sizeof(probability) / sizeof(probability[0]), DIGITS = 65536 };

static int64_t items = 100000000;

/* One pass of a radix sort, by 16 bits of the ordered keys. */
static void scatter(const double *from, int shift, double *to) {
    int64_t *place = calloc(DIGITS + 1, sizeof(*place));
    assert_non_null(place);
    for (int64_t i = 0; i < items; i++) place[(tsr_key_from_double(from[i]) >> shift & (DIGITS - 1)) + 1]++;
    for (int d = 1; d <= DIGITS; d++) place[d] += place[d - 1];
    for (int64_t i = 0; i < items; i++) to[place[tsr_key_from_double(from[i]) >> shift & (DIGITS - 1)]++] = from[i];
    free(place);
}

static double *full_sort(const double *values) {
    const size_t bytes = (size_t)items * sizeof(double);
    double *order = malloc(bytes), *other = malloc(bytes);
    assert_true(order != NULL && other != NULL);
    memcpy(order, values, bytes);
    for (int shift = 0; shift < 64; shift += 32) {
        scatter(order, shift, other);
        scatter(other, shift + 16, order);
    }
    free(other);
    for (int64_t i = 1; i < items; i++) assert_true(order[i - 1] <= order[i]);
    return order;
}

/* Type 7. */
static double sorted_quantile(const double *order, double p) {
    double h = p * (double)(items - 1), whole = rint(h);
    if (fabs(h - whole) <= 4.0 * DBL_EPSILON * h) h = whole;
    const int64_t low = (int64_t)floor(h);
    const double weight = h - floor(h);
    return weight == 0.0 ? order[low] : (1.0 - weight) * order[low] + weight * order[low + 1];
}

static void test_exact_quantiles_are_those_of_a_full_sort(void **state) {
    (void)state;
    static const tsr_field fields[] = {{.name = "x", .unit = "1"}, {.name = NULL}};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_quantile,
                               settings_of("probabilities", probability_text, "exact", "true", NULL), fields, &folder),
                     TSR_OK);
    double *values = sample_normal(2026, items);
    const tsr_table table = {.fields = fields, .columns = 1, .items = items, .value = values};
    const int64_t begun = tsr_clock_ns();
    tsr_state *total = passes_once(&folder, &table, 1);
    const int64_t first = tsr_clock_ns();
    const int passes = passes_refine(&folder, &table, 1, total);
    const int64_t all = tsr_clock_ns();
    tsr_results *results = fold_solve(&folder, total);
    double *order = full_sort(values);
    const int64_t sorted_at = tsr_clock_ns();
    print_message("%lld numbers, %d passes: %.2f times the first one (%.2f s); the sort %.2f times\n", (long long)items,
                  passes, (double)(all - begun) / (double)(first - begun), (double)(first - begun) * 1e-9,
                  (double)(sorted_at - all) / (double)(first - begun));
    for (int i = 0; i < PROBABILITIES; i++) {
        const double found = fold_value(results, "quantile", i), expected = sorted_quantile(order, probability[i]);
        print_message("p = %-8g %.17g, 95 %% interval %.9f .. %.9f\n", probability[i], found,
                      fold_value(results, "quantile_low", i), fold_value(results, "quantile_high", i));
        assert_true(found == expected);
    }
    tsr_results_destroy(&results);
    tsr_state_destroy(&total);
    fold_close(&folder);
    free(values);
    free(order);
}

int main(int count, char **words) {
    if (count > 1) items = (int64_t)atof(words[1]); // NOLINT(cert-err34-c)
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exact_quantiles_are_those_of_a_full_sort)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

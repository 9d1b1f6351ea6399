/* NIST's NumAcc patterns with 10^8 rows: as many right digits as their doubles hold, for any split into tiles. Prints
 * the number of right digits (LRE). nist_numacc */
#include "engine/tallies/moments.h"
#include "tests/fold.h"
#include "tests/nist.h"

static const tsr_field fields[] = {{.name = "x", .unit = "1", .long_name = ""}, {.name = NULL}};

enum { ROWS = 100000001 };

/* One block of the pattern from row `item` on. */
static void fill(const nist_pattern *pattern, int64_t item, tsr_block *out) {
    out->item = item;
    for (int64_t i = 0; i < out->items; i++) out->data[i] = pattern->value[item + i == 0 ? 0 : 1 + (item + i + 1) % 2];
}

static tsr_results *fold_rows(const nist_pattern *pattern, int64_t tile_items, int64_t block_items) {
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_moments, NULL, fields, &folder), TSR_OK);
    tsr_state *state = fold_state(&folder);
    const tsr_fold fold = {.model = folder.model, .scratch = folder.scratch, .state = state};
    static _Alignas(64) double memory[TSR_BLOCK_ITEMS_MAX];
    for (int64_t tile = (ROWS - 1) / tile_items; tile >= 0; tile--) {
        const int64_t begin = tile * tile_items, end = begin + tile_items < ROWS ? begin + tile_items : ROWS;
        assert_int_equal(tsr_tally_moments.begin_tile(&fold), TSR_OK);
        for (int64_t item = begin; item < end; item += block_items) {
            tsr_block block = {.stride = TSR_BLOCK_ITEMS_MAX, .columns = 1, .data = memory};
            block.items = end - item < block_items ? end - item : block_items;
            fill(pattern, item, &block);
            assert_int_equal(tsr_tally_moments.add_block(&fold, &block), TSR_OK);
        }
        assert_int_equal(tsr_tally_moments.end_tile(&fold), TSR_OK);
    }
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    return results;
}

static void test_numacc_keeps_its_digits_at_a_hundred_million_rows(void **unused) {
    (void)unused;
    static const int64_t splits[][2] = {{16384, 1024}, {1000, 1000}, {1234567, 511}};
    for (int set = 0; set < NIST_PATTERNS; set++) {
        const nist_pattern pattern = nist_numacc_pattern(set);
        mpq_t mean, variance;
        mpq_inits(mean, variance, NULL);
        nist_exact(&pattern, ROWS, mean, variance);
        for (size_t s = 0; s < sizeof(splits) / sizeof(splits[0]); s++) {
            tsr_results *results = fold_rows(&pattern, splits[s][0], splits[s][1]);
            const double found = fold_value(results, "mean", 0), sd = fold_value(results, "sd", 0);
            print_message("%s, tiles of %7lld: LRE mean %.1f sd %.1f, %.2f and %.2f ulp from exact\n", pattern.name,
                          (long long)splits[s][0], nist_lre(found, pattern.mean), nist_lre(sd, pattern.sd),
                          nist_distance(found, mean, false), nist_distance(sd, variance, true));
            assert_true(nist_distance(found, mean, false) <= 0.501);
            assert_true(nist_distance(sd, variance, true) <= 1.01);
            assert_true(nist_lre(found, pattern.mean) >= 15 && nist_lre(sd, pattern.sd) >= pattern.cap - 0.1);
            tsr_results_destroy(&results);
        }
        mpq_clears(mean, variance, NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numacc_keeps_its_digits_at_a_hundred_million_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* k-means: Lloyd's steps are those of a plain program, the same for any split of the items, and end where they must. */
#include "fold.h"
#include "kernels/learn/nearest.h"
#include "passes.h"
#include "samples.h"

#include <math.h>

extern const tsr_tally tsr_tally_k_means;

enum { ITEMS = 3000, CLUSTERS = 4 };

static const double middle[CLUSTERS][2] = {{0, 0}, {10, 0}, {0, 10}, {10, 10}};

static const tsr_field fields[] = {{.name = "x", .unit = "EUR"}, {.name = "y", .unit = "EUR"}, {.name = NULL}};

/* Four heaps of deviation `spread` in turn, `offset` away from the origin; to be freed. */
static double *heaps(double spread, double offset) {
    double *value = sample_normal(5, 2 * ITEMS);
    for (int64_t i = 0; i < ITEMS; i++)
        for (int64_t j = 0; j < 2; j++)
            value[j * ITEMS + i] = offset + middle[i % CLUSTERS][j] + spread * value[j * ITEMS + i];
    return value;
}

static tsr_results *cluster(const double *value, int64_t items, tsr_setting *settings, int *passes) {
    tsr_folder folder;
    const tsr_table table = {fields, 2, items, value};
    if (fold_open(&tsr_tally_k_means, settings, fields, &folder) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    tsr_state *state = passes_fold(&folder, &table, 3, passes);
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    return results;
}

/* The inertia once each heap is a cluster. */
static double inertia_of_heaps(const double *value) {
    double sum[CLUSTERS][2] = {{0}}, inertia = 0;
    for (int64_t i = 0; i < ITEMS; i++)
        for (int64_t j = 0; j < 2; j++) sum[i % CLUSTERS][j] += value[j * ITEMS + i];
    for (int64_t i = 0; i < ITEMS; i++)
        for (int64_t j = 0; j < 2; j++)
            inertia += pow(value[j * ITEMS + i] - sum[i % CLUSTERS][j] / (ITEMS / CLUSTERS), 2);
    return inertia;
}

static void test_heaps_are_found_from_every_start(void **state) {
    (void)state;
    static const char *const start[] = {"k_means_parallel", "first", "given"};
    double *value = heaps(0.5, 0);
    for (int s = 0; s < 3; s++) {
        int passes;
        tsr_setting *settings = settings_of("clusters", "4", "start", start[s], s == 2 ? "centroids" : NULL,
                                            "[1, 1, 9, 2, -2, 7, 12, 14]", NULL);
        tsr_results *results = cluster(value, ITEMS, settings, &passes);
        for (int c = 0; c < CLUSTERS; c++) assert_true(fold_value(results, "k_means_size", c) == ITEMS / CLUSTERS);
        const double inertia = inertia_of_heaps(value), is = fold_value(results, "k_means_inertia", 0);
        if (fabs(is - inertia) > 1e-12 * inertia) fail_msg("%s: %.17g, not %.17g", start[s], is, inertia);
        assert_true(fold_value(results, "k_means_converged", 0) == 1);
        assert_true(fold_value(results, "k_means_moved", 0) == 0);
        tsr_results_destroy(&results);
    }
    free(value);
}

/* Lloyd's algorithm as it is told: distances from differences, means from sums. */
static void plain_step(const double *value, double centroid[CLUSTERS][2]) {
    double sum[CLUSTERS][2] = {{0}}, size[CLUSTERS] = {0};
    for (int64_t i = 0; i < ITEMS; i++) {
        int best = 0;
        double least = INFINITY;
        for (int c = 0; c < CLUSTERS; c++) {
            const double square = pow(value[i] - centroid[c][0], 2) + pow(value[ITEMS + i] - centroid[c][1], 2);
            if (square < least) best = c;
            if (square < least) least = square;
        }
        size[best]++;
        for (int64_t j = 0; j < 2; j++) sum[best][j] += value[j * ITEMS + i];
    }
    for (int c = 0; c < CLUSTERS; c++)
        for (int j = 0; j < 2; j++) centroid[c][j] = sum[c][j] / size[c];
}

static void test_steps_are_those_of_a_plain_program(void **state) {
    (void)state;
    double *value = heaps(4, 100), centroid[CLUSTERS][2] = {{100, 100}, {101, 100}, {100, 101}, {103, 102}};
    for (int s = 0; s < 7; s++) plain_step(value, centroid);
    int passes;
    tsr_results *results = cluster(value, ITEMS,
                                   settings_of("clusters", "4", "start", "given", "centroids",
                                               "[100, 100, 101, 100, 100, 101, 103, 102]", "iterations", "7", NULL),
                                   &passes);
    assert_int_equal(passes, 8);
    assert_true(fold_value(results, "k_means_iterations", 0) == 7);
    assert_true(fold_value(results, "k_means_converged", 0) == 0);
    for (int c = 0; c < CLUSTERS; c++)
        for (int j = 0; j < 2; j++) {
            const double is = fold_value(results, "k_means_centroid", (int64_t)j * CLUSTERS + c);
            if (fabs(is - centroid[c][j]) > 1e-12 * fabs(centroid[c][j]))
                fail_msg("%.17g, not %.17g", is, centroid[c][j]);
        }
    tsr_results_destroy(&results);
    free(value);
}

static void test_a_tolerance_ends_it_sooner(void **state) {
    (void)state;
    double *value = heaps(4, 0);
    double iterations[2];
    for (int t = 0; t < 2; t++) {
        int passes;
        tsr_results *results =
            cluster(value, ITEMS,
                    settings_of("clusters", "4", "start", "first", "tolerance", t == 0 ? "0" : "0.05", NULL), &passes);
        iterations[t] = fold_value(results, "k_means_iterations", 0);
        assert_true(fold_value(results, "k_means_converged", 0) == 1);
        assert_true(t == 0 || fold_value(results, "k_means_moved", 0) > 0);
        tsr_results_destroy(&results);
    }
    assert_true(iterations[1] < iterations[0]);
    free(value);
}

static void test_an_empty_cluster_stays_where_it_was(void **state) {
    (void)state;
    double *value = heaps(0.1, 0);
    int passes;
    tsr_results *results =
        cluster(value, ITEMS,
                settings_of("clusters", "3", "start", "given", "centroids", "[0, 0, 1000, 1000, 9, 9]", NULL), &passes);
    assert_true(fold_value(results, "k_means_empty", 0) == 1);
    assert_true(fold_value(results, "k_means_size", 1) == 0);
    assert_true(fold_value(results, "k_means_centroid", 1) == 1000);
    tsr_results_destroy(&results);
    free(value);
}

/* The last cluster has two items in the first step, and none in the three that follow. */
static void test_a_cluster_that_loses_its_items_keeps_its_last_mean(void **state) {
    (void)state;
    static const double value[] = {1, 0, 1, 2, 2, 0, 4, 9, 4, 4, 7, 1, 3, 3, 6, 1};
    static const double mean[] = {1, 2.5, 9, 5.5, 3, 6.5, 1, 1}, size[] = {5, 2, 1, 0};
    int passes;
    tsr_results *results =
        cluster(value, 8, settings_of("clusters", "4", "start", "given", "centroids", "[0, 7, 1, 7, 8, 4, 7, 0]", NULL),
                &passes);
    assert_int_equal(passes, 4);
    for (int i = 0; i < 8; i++) assert_true(fold_value(results, "k_means_centroid", i) == mean[i]);
    for (int c = 0; c < 4; c++) assert_true(fold_value(results, "k_means_size", c) == size[c]);
    tsr_results_destroy(&results);
}

static void test_of_equally_near_centroids_the_lowest_takes_an_item(void **state) {
    (void)state;
    const double point[] = {3, 1, 3, 1, 9, 9, 3, 1}; /* their mean is a double */
    const int index[] = {0};
    double value[] = {2, 1, 3, 6, 8, 2, 2, 2}, origin[1], centred[8], square[8], distance[TSR_BLOCK_ITEMS_MAX];
    int label[TSR_BLOCK_ITEMS_MAX];
    tsr_nearest_prepare(8, 1, point, origin, centred, square);
    const tsr_points_near points = {8, 1, index, origin, centred, square};
    const tsr_block block = {.items = 8, .stride = 8, .columns = 1, .data = value};
    static const int expected[] = {0, 1, 0, 0, 4, 0, 0, 0};
    tsr_nearest_find(&points, &block, label, distance);
    for (int i = 0; i < 8; i++) assert_int_equal(label[i], expected[i]);
    assert_true(distance[3] == 9);
}

/* Far from the origin, |x|^2 has no digits left for the distances. */
static void test_heaps_far_from_the_origin_are_found(void **state) {
    (void)state;
    double *value = heaps(0.5, 1e9);
    int passes;
    tsr_results *results = cluster(value, ITEMS, settings_of("clusters", "4", NULL), &passes);
    for (int c = 0; c < CLUSTERS; c++) assert_true(fold_value(results, "k_means_size", c) == ITEMS / CLUSTERS);
    tsr_results_destroy(&results);
    free(value);
}

static void test_any_split_gives_the_same_choice(void **state) {
    (void)state;
    static const char *const start[] = {"k_means_parallel", "random", "first"};
    double *value = heaps(3, 0);
    for (int s = 0; s < 3; s++) {
        tsr_folder folder = passes_open(&tsr_tally_k_means, settings_of("clusters", "5", "start", start[s], NULL));
        static const int64_t blocks[] = {1024, 1, 100};
        tsr_state *first = NULL;
        double *both = mirrored(value, 1000);
        const tsr_table table = {.fields = mirror_fields, .columns = 2, .items = 1000, .value = both};
        for (int b = 0; b < 3; b++) {
            int passes;
            folder.tile_items = 100;
            folder.block_items = b == 2 ? 100 : blocks[0];
            tsr_state *found = passes_fold(&folder, &table, 1 + 3 * b, &passes);
            if (first == NULL) first = fold_state(&folder), assert_int_equal(tsr_state_add(first, found), TSR_OK);
            assert_same_words(first, found);
            tsr_state_destroy(&found);
        }
        tsr_state_destroy(&first);
        fold_close(&folder);
        free(both);
    }
    free(value);
}

/* The first pass can be gone on with: what the others found is made anew. */
static void test_more_items_give_what_all_of_them_would(void **state) {
    (void)state;
    static const char *const start[] = {"k_means_parallel", "given"};
    double *value = heaps(3, 0);
    for (int s = 0; s < 2; s++) {
        int passes;
        tsr_folder folder =
            passes_open(&tsr_tally_k_means, settings_of("clusters", "2", "start", start[s], s == 1 ? "centroids" : NULL,
                                                        "[0, 0, 1, -2]", NULL));
        double *both = mirrored(value, 900);
        const tsr_table table = {.fields = mirror_fields, .columns = 2, .items = 900, .value = both};
        tsr_state *once = passes_fold(&folder, &table, 2, &passes), *again = fold_state(&folder);
        assert_int_equal(tsr_state_add(again, once), TSR_OK);
        passes_settle(&folder, again);
        tsr_tally_k_means.rewind(folder.model, again);
        passes_refine(&folder, &table, 1, again);
        assert_same_words(once, again);
        tsr_state_destroy(&once);
        tsr_state_destroy(&again);
        fold_close(&folder);
        free(both);
    }
    free(value);
}

static void test_fewer_different_items_than_clusters_are_refused(void **state) {
    (void)state;
    static const double value[] = {1, 1, 1, 2, 5, 5, 5, 6};
    static const char *const start[] = {"k_means_parallel", "first"};
    for (int s = 0; s < 2; s++) {
        tsr_folder folder;
        const tsr_table table = {fields, 2, 4 - s, value};
        assert_int_equal(fold_open(&tsr_tally_k_means,
                                   settings_of("clusters", s == 0 ? "3" : "4", "start", start[s], NULL), fields,
                                   &folder),
                         TSR_OK);
        tsr_state *total = passes_once(&folder, &table, 1);
        tsr_status status = TSR_OK;
        for (folder.pass = 1; status == TSR_OK; folder.pass++) {
            assert_true(tsr_tally_k_means.unfinished(folder.model, total, folder.pass));
            folder.settled = total;
            const tsr_fold fold = {
                .model = folder.model, .scratch = folder.scratch, .settled = total, .pass = folder.pass};
            status = tsr_tally_k_means.begin_pass(&fold);
            if (status != TSR_OK) break;
            tsr_state *more = passes_once(&folder, &table, 1);
            assert_int_equal(tsr_state_add(total, more), TSR_OK);
            passes_settle(&folder, total);
            tsr_state_destroy(&more);
        }
        assert_int_equal(status, TSR_ENUMERIC);
        assert_non_null(strstr(tsr_error_get()->message, s == 0 ? "only 2 different items" : "only 3 different items"));
        tsr_state_destroy(&total);
        fold_close(&folder);
    }
}

static void test_no_items_have_no_clusters(void **state) {
    (void)state;
    int passes;
    tsr_results *results = cluster(NULL, 0, settings_of("clusters", "3", NULL), &passes);
    assert_int_equal(passes, 1);
    assert_true(isnan(fold_value(results, "k_means_inertia", 0)));
    tsr_results_destroy(&results);
}

static void test_items_that_are_not_finite_are_refused(void **state) {
    (void)state;
    tsr_folder folder =
        passes_open(&tsr_tally_k_means, settings_of("clusters", "1", "start", "given", "centroids", "[0, 0]", NULL));
    double data[16] = {1, 2, INFINITY};
    const tsr_block block = {.item = 40, .items = 3, .stride = 8, .columns = 2, .data = data};
    tsr_state *total = fold_state(&folder);
    const tsr_fold fold = {.model = folder.model, .scratch = folder.scratch, .state = total};
    assert_int_equal(tsr_tally_k_means.begin_pass(&fold), TSR_OK);
    assert_int_equal(tsr_tally_k_means.begin_tile(&fold), TSR_OK);
    assert_int_equal(tsr_tally_k_means.add_block(&fold, &block), TSR_ENUMERIC);
    assert_non_null(strstr(tsr_error_get()->message, "item 42 has a value that is not finite"));
    tsr_state_destroy(&total);
    fold_close(&folder);
}

static void test_wrong_settings_are_refused(void **state) {
    (void)state;
    assert_refused(&tsr_tally_k_means, settings_of("clusters", "2", "start", "given", "centroids", "[1, 2, 3]", NULL),
                   "3 numbers for 2 clusters of 2 columns: give 4");
    assert_refused(&tsr_tally_k_means, settings_of("clusters", "1", "centroids", "[1, 2]", NULL),
                   "these are read only with start: given");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heaps_are_found_from_every_start),
        cmocka_unit_test(test_steps_are_those_of_a_plain_program),
        cmocka_unit_test(test_a_tolerance_ends_it_sooner),
        cmocka_unit_test(test_an_empty_cluster_stays_where_it_was),
        cmocka_unit_test(test_a_cluster_that_loses_its_items_keeps_its_last_mean),
        cmocka_unit_test(test_of_equally_near_centroids_the_lowest_takes_an_item),
        cmocka_unit_test(test_heaps_far_from_the_origin_are_found),
        cmocka_unit_test(test_any_split_gives_the_same_choice),
        cmocka_unit_test(test_more_items_give_what_all_of_them_would),
        cmocka_unit_test(test_fewer_different_items_than_clusters_are_refused),
        cmocka_unit_test(test_no_items_have_no_clusters),
        cmocka_unit_test(test_items_that_are_not_finite_are_refused),
        cmocka_unit_test(test_wrong_settings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

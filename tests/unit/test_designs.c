/* designs: every coordinate lies where its design promises, whatever the blocks, and nothing hangs on who asks. */
#include "design.h"
#include "engine/draws.h"
#include "engine/normal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { GROUP = TSR_GROUP_ITEMS };

static tsr_sampling sampling_of(tsr_demand demand) {
    return (tsr_sampling){.stream = tsr_stream_make(11, "test", 0), .demand = demand};
}

/* A design with one setting of its own (key NULL: all defaults). */
static tsr_status open(const char *name, const char *key, const char *value, tsr_demand demand, tsr_sampling *out) {
    *out = sampling_of(demand);
    tsr_setting *settings = key ? tree(TSR_MAP, "test", keyed(key, scalar("test", value)), NULL) : NULL;
    tsr_error_clear();
    return design_open(name, settings, out);
}

static tsr_draws *draws_for(const tsr_sampling *sampling) {
    tsr_draws *draws = NULL;
    assert_int_equal(tsr_draws_create(0, &draws), TSR_OK);
    assert_int_equal(tsr_draws_reserve(draws, sampling), TSR_OK);
    return draws;
}

/* Coordinate `dimension` of a whole group. */
static void group_of(const tsr_sampling *sampling, int64_t group, int64_t dimension, double out[GROUP]) {
    const tsr_portion portion = {group * GROUP, GROUP, dimension, 1};
    sampling->design->coordinates(sampling->design_model, &portion, GROUP, out);
}

static void test_random_numbers_are_those_without_a_design(void **state) {
    (void)state;
    const tsr_sampling without = sampling_of((tsr_demand){.uniforms = 2, .normals = 1});
    tsr_sampling with;
    assert_int_equal(open("random", NULL, NULL, without.demand, &with), TSR_OK);
    tsr_draws *a = draws_for(&with), *b = draws_for(&without);
    tsr_draws_begin(a, &with, 5 * GROUP, GROUP);
    tsr_draws_begin(b, &without, 5 * GROUP, GROUP);
    assert_memory_equal(tsr_uniform(a, 1), tsr_uniform(b, 1), GROUP * sizeof(double));
    assert_memory_equal(tsr_normal(a, 0), tsr_normal(b, 0), GROUP * sizeof(double));
    tsr_draws_destroy(&a);
    tsr_draws_destroy(&b);
    design_close(&with);
}

static void test_antithetic_items_mirror_those_of_the_block_before(void **state) {
    (void)state;
    tsr_sampling sampling;
    tsr_draws *draws[2];
    assert_int_equal(open("antithetic", NULL, NULL, (tsr_demand){.uniforms = 3, .normals = 5}, &sampling), TSR_OK);
    for (int j = 0; j < 2; j++) {
        draws[j] = draws_for(&sampling);
        tsr_draws_begin(draws[j], &sampling, (6 + j) * GROUP, GROUP);
    }
    for (int64_t d = 0; d < 3; d++)
        for (int64_t i = 0; i < GROUP; i++)
            assert_true(tsr_uniform(draws[1], d)[i] == 1.0 - tsr_uniform(draws[0], d)[i]);
    for (int64_t d = 0; d < 5; d++)
        for (int64_t i = 0; i < GROUP; i++) assert_true(tsr_normal(draws[1], d)[i] == -tsr_normal(draws[0], d)[i]);
    for (int j = 0; j < 2; j++) tsr_draws_destroy(&draws[j]);
    design_close(&sampling);
}

/* Coordinates of one group, [dimensions] of them, divided into so many strata each, have one item in every cell. */
static void assert_one_in_each_cell(const tsr_sampling *sampling, int64_t group, int64_t first, int dimensions,
                                    int strata) {
    double u[GROUP];
    int cell[GROUP] = {0};
    bool seen[GROUP] = {false};
    for (int d = 0; d < dimensions; d++) {
        group_of(sampling, group, first + d, u);
        for (int i = 0; i < GROUP; i++) {
            assert_true(u[i] > 0.0 && u[i] < 1.0);
            cell[i] = cell[i] * strata + (int)(u[i] * strata);
        }
    }
    for (int i = 0; i < GROUP; i++) {
        assert_false(seen[cell[i]]);
        seen[cell[i]] = true;
    }
}

static void test_latin_hypercubes_have_one_item_in_each_stratum_of_every_coordinate(void **state) {
    (void)state;
    tsr_sampling sampling;
    assert_int_equal(open("latin_hypercube", NULL, NULL, (tsr_demand){.uniforms = 5, .normals = 50}, &sampling),
                     TSR_OK);
    for (int64_t group = 0; group < 30; group++)
        for (int64_t d = 0; d < 55; d++) assert_one_in_each_cell(&sampling, group, d, 1, GROUP);
    design_close(&sampling);
}

/* Places 3 and 4 of the permutations, over many groups: all pairs of strata as often, in 16 x 16 cells, apart from
 * those which two items cannot share. And neither dimensions nor groups know of each other. */
static void test_the_strata_of_latin_hypercubes_are_shuffled(void **state) {
    (void)state;
    enum { GROUPS = 40000, SIDE = 16 };
    static int count[3][SIDE * SIDE];
    tsr_sampling sampling;
    assert_int_equal(open("latin_hypercube", NULL, NULL, (tsr_demand){.uniforms = 2}, &sampling), TSR_OK);
    double last = 0.5;
    for (int64_t group = 0; group < GROUPS; group++) {
        double u[2][2];
        for (int64_t d = 0; d < 2; d++) {
            const tsr_portion portion = {group * GROUP + 3, 2, d, 1};
            sampling.design->coordinates(sampling.design_model, &portion, 2, u[d]);
        }
        count[0][(int)(u[0][0] * SIDE) * SIDE + (int)(u[0][1] * SIDE)]++;
        count[1][(int)(u[0][0] * SIDE) * SIDE + (int)(u[1][0] * SIDE)]++;
        count[2][(int)(u[0][0] * SIDE) * SIDE + (int)(last * SIDE)]++;
        last = u[0][0];
    }
    for (int kind = 0; kind < 3; kind++) {
        double square = 0;
        for (int cell = 0; cell < SIDE * SIDE; cell++) {
            const double own = GROUP / SIDE, pairs = own * (cell / SIDE == cell % SIDE ? own - 1 : own);
            const double expected = kind == 0 ? GROUPS * pairs / (GROUP * (GROUP - 1.0)) : GROUPS / 256.0;
            square += pow(count[kind][cell] - expected, 2) / expected;
        }
        assert_true(fabs(square - 255) < 4.5 * sqrt(2.0 * 255));
    }
    design_close(&sampling);
}

static void test_stratified_coordinates_fill_the_cells_together(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int dimensions, strata;
    } cuts[] = {{"1", 1, 1024}, {"2", 2, 32}, {"5", 5, 4}, {"10", 10, 2}};
    for (int c = 0; c < 4; c++) {
        tsr_sampling sampling;
        const tsr_demand demand = {.uniforms = 3, .normals = 9};
        assert_int_equal(open("stratified", "dimensions", cuts[c].text, demand, &sampling), TSR_OK);
        for (int64_t group = 0; group < 50; group++)
            assert_one_in_each_cell(&sampling, group, 0, cuts[c].dimensions, cuts[c].strata);
        design_close(&sampling);
    }
}

static const char *const scrambles[] = {"owen", "shift"};

/* Replicate r has the groups r, r + R, ...; group 0 and group R are the first 2048 points of replicate 0. */
static void test_sobol_points_of_a_replicate_are_a_net_whatever_makes_them_random(void **state) {
    (void)state;
    enum { DIMENSIONS = 40, R = 32 };
    for (int s = 0; s < 2; s++) {
        tsr_sampling sampling;
        assert_int_equal(open("sobol", "scramble", scrambles[s], (tsr_demand){.uniforms = DIMENSIONS}, &sampling),
                         TSR_OK);
        for (int64_t d = 0; d < DIMENSIONS; d++) {
            static double u[2][GROUP];
            bool seen[2 * GROUP] = {false};
            for (int64_t r = 0; r < R; r++) assert_one_in_each_cell(&sampling, r, d, 1, GROUP);
            for (int b = 0; b < 2; b++) group_of(&sampling, 7 + b * R, d, u[b]);
            for (int i = 0; i < 2 * GROUP; i++) {
                const int cell = (int)(u[i / GROUP][i % GROUP] * 2 * GROUP);
                assert_false(seen[cell]);
                seen[cell] = true;
            }
        }
        assert_one_in_each_cell(&sampling, 5, 0, 2, 32);
        design_close(&sampling);
    }
}

/* Means over a group in two replicates, or of two coordinates, have nothing to do with each other: the correlation of
 * the first item's coordinates over many groups. */
static void test_replicates_and_coordinates_are_made_random_independently(void **state) {
    (void)state;
    enum { REPLICATES = 256, SEEDS = 40, PAIRS = REPLICATES * SEEDS };
    for (int s = 0; s < 2; s++) {
        double sum = 0, replicates = 0, coordinates = 0, last = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            tsr_sampling sampling = sampling_of((tsr_demand){.uniforms = 2});
            sampling.stream = tsr_stream_make(seed, "replicates", 0);
            tsr_setting *settings = tree(TSR_MAP, "test", keyed("scramble", scalar("test", scrambles[s])),
                                         keyed("replicates", scalar("test", "256")), NULL);
            assert_int_equal(design_open("sobol", settings, &sampling), TSR_OK);
            for (int64_t r = 0; r < REPLICATES; r++) {
                double u[2];
                const tsr_portion portion = {r * GROUP, 1, 0, 2};
                sampling.design->coordinates(sampling.design_model, &portion, 1, u);
                sum += u[0] - 0.5;
                coordinates += (u[0] - 0.5) * (u[1] - 0.5);
                replicates += (u[0] - 0.5) * last;
                last = u[0] - 0.5;
            }
            design_close(&sampling);
        }
        assert_true(fabs(sum) < 4.0 * sqrt(PAIRS / 12.0));
        assert_true(fabs(coordinates) < 4.0 * sqrt(PAIRS) / 12.0);
        assert_true(fabs(replicates) < 4.0 * sqrt(PAIRS) / 12.0);
    }
}

/* After 2^32 points of a replicate they begin again, made random in another way. */
static void test_sobol_points_do_not_come_back(void **state) {
    (void)state;
    static double first[GROUP], later[GROUP];
    for (int s = 0; s < 2; s++) {
        tsr_sampling sampling;
        assert_int_equal(open("sobol", "scramble", scrambles[s], (tsr_demand){.uniforms = 1}, &sampling), TSR_OK);
        group_of(&sampling, 3, 0, first);
        group_of(&sampling, 3 + (INT64_C(32) << 22), 0, later);
        int equal = 0;
        for (int i = 0; i < GROUP; i++) equal += first[i] == later[i];
        assert_int_equal(equal, 0);
        assert_one_in_each_cell(&sampling, 3 + (INT64_C(32) << 22), 0, 1, GROUP);
        design_close(&sampling);
    }
}

/* Every design: a block cut anywhere, or one number of one item, gives the same numbers, all of them in (0, 1). */
static void assert_pure(const tsr_design *design, tsr_demand demand) {
    const int64_t item = 37 * GROUP;
    static double whole[9][GROUP];
    tsr_sampling sampling;
    assert_int_equal(open(design->name, NULL, NULL, demand, &sampling), TSR_OK);
    tsr_draws *draws = draws_for(&sampling);
    tsr_draws_begin(draws, &sampling, item, GROUP);
    for (int64_t d = 0; d < 9; d++)
        memcpy(whole[d], d < 3 ? tsr_uniform(draws, d) : tsr_normal(draws, d - 3), sizeof(whole[d]));
    for (int64_t begin = 0, items = 1; begin < GROUP; begin += items, items = items * 3 + 1) {
        if (items > GROUP - begin) items = GROUP - begin;
        tsr_draws_begin(draws, &sampling, item + begin, items);
        for (int64_t d = 8; d >= 0; d--) {
            const double *column = d < 3 ? tsr_uniform(draws, d) : tsr_normal(draws, d - 3);
            assert_memory_equal(column, &whole[d][begin], (size_t)items * sizeof(double));
            assert_true(whole[d][begin] == (d < 3 ? tsr_uniform_of(draws, 0, d) : tsr_normal_of(draws, 0, d - 3)));
            assert_true(d >= 3 || (whole[d][begin] > 0.0 && whole[d][begin] < 1.0));
        }
    }
    tsr_draws_destroy(&draws);
    design_close(&sampling);
}

static void test_the_numbers_of_an_item_do_not_hang_on_the_block(void **state) {
    (void)state;
    for (const tsr_design *const *design = tsr_designs; *design; design++) {
        assert_pure(*design, (tsr_demand){.uniforms = 3, .normals = 6});
        assert_pure(*design, (tsr_demand){.uniforms = 3, .normals = 6, .paths = 2});
    }
}

/* Two paths of four steps after three uniforms: what a kernel sees, against the coordinates and the textbook. */
static void test_the_first_coordinates_decide_where_paths_end(void **state) {
    (void)state;
    static double u[8][GROUP];
    tsr_sampling sampling;
    assert_int_equal(open("sobol", NULL, NULL, (tsr_demand){.uniforms = 3, .normals = 8, .paths = 2}, &sampling),
                     TSR_OK);
    tsr_draws *draws = draws_for(&sampling);
    tsr_draws_begin(draws, &sampling, 9 * GROUP, GROUP);
    for (int64_t k = 0; k < 8; k++) group_of(&sampling, 9, 3 + k, u[k]);
    for (int64_t p = 0; p < 2; p++)
        for (int64_t i = 0; i < GROUP; i++) {
            const double half = tsr_normal(draws, p)[i] + tsr_normal(draws, 2 + p)[i];
            const double end = half + tsr_normal(draws, 4 + p)[i] + tsr_normal(draws, 6 + p)[i];
            assert_true(fabs(end - 2.0 * tsr_normal_quantile(u[p][i])) < 1e-13);
            assert_true(fabs(half - (0.5 * end + tsr_normal_quantile(u[2 + p][i]))) < 1e-13);
        }
    tsr_draws_destroy(&draws);
    design_close(&sampling);
}

static void test_paths_can_be_left_as_they_are(void **state) {
    (void)state;
    static double u[GROUP];
    tsr_sampling sampling;
    assert_int_equal(open("sobol", "path", "increments", (tsr_demand){.normals = 4, .paths = 1}, &sampling), TSR_OK);
    tsr_draws *draws = draws_for(&sampling);
    tsr_draws_begin(draws, &sampling, 0, GROUP);
    group_of(&sampling, 0, 3, u);
    for (int64_t i = 0; i < GROUP; i++) assert_true(tsr_normal(draws, 3)[i] == tsr_normal_quantile(u[i]));
    tsr_draws_destroy(&draws);
    design_close(&sampling);
}

static void assert_refused(const char *name, const char *key, const char *value, tsr_demand demand, const char *word) {
    tsr_sampling sampling;
    assert_int_equal(open(name, key, value, demand, &sampling), TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, word));
    design_close(&sampling);
    tsr_error_clear();
}

static void test_what_does_not_fit_a_design_is_refused_in_words(void **state) {
    (void)state;
    for (const tsr_design *const *design = tsr_designs; *design; design++)
        if ((*design)->coordinates != NULL)
            assert_refused((*design)->name, NULL, NULL, (tsr_demand){0}, "as many draws as");
    assert_refused("sobol", NULL, NULL, (tsr_demand){.uniforms = 1000, .normals = 868}, "at most 1867");
    assert_refused("sobol", "path", "pca", (tsr_demand){.normals = 8}, "no Brownian path");
    assert_refused("stratified", "dimensions", "3", (tsr_demand){.normals = 8}, "1, 2, 5 or 10");
    assert_refused("stratified", "dimensions", "5", (tsr_demand){.normals = 4}, "has 4");
    assert_refused("antithetic", "path", "pca", (tsr_demand){.normals = 8, .paths = 1}, "path");
    assert_refused("sobol", "replicates", "1", (tsr_demand){.normals = 8}, "replicates");
}

static void test_sobol_takes_all_dimensions_of_its_table(void **state) {
    (void)state;
    tsr_sampling sampling;
    assert_int_equal(open("sobol", NULL, NULL, (tsr_demand){.uniforms = 1867}, &sampling), TSR_OK);
    assert_one_in_each_cell(&sampling, 77, 1866, 1, GROUP);
    design_close(&sampling);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_numbers_are_those_without_a_design),
        cmocka_unit_test(test_antithetic_items_mirror_those_of_the_block_before),
        cmocka_unit_test(test_latin_hypercubes_have_one_item_in_each_stratum_of_every_coordinate),
        cmocka_unit_test(test_the_strata_of_latin_hypercubes_are_shuffled),
        cmocka_unit_test(test_stratified_coordinates_fill_the_cells_together),
        cmocka_unit_test(test_sobol_points_of_a_replicate_are_a_net_whatever_makes_them_random),
        cmocka_unit_test(test_replicates_and_coordinates_are_made_random_independently),
        cmocka_unit_test(test_sobol_points_do_not_come_back),
        cmocka_unit_test(test_the_numbers_of_an_item_do_not_hang_on_the_block),
        cmocka_unit_test(test_the_first_coordinates_decide_where_paths_end),
        cmocka_unit_test(test_paths_can_be_left_as_they_are),
        cmocka_unit_test(test_what_does_not_fit_a_design_is_refused_in_words),
        cmocka_unit_test(test_sobol_takes_all_dimensions_of_its_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* designs: every coordinate lies where its design promises, whatever the blocks, and nothing hangs on who asks. */
#include "engine/designs/designs.h"
#include "engine/draws.h"

#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { GROUP = TSR_GROUP_ITEMS };

static const tsr_design *find(const char *name) {
    for (const tsr_design *const *design = tsr_designs; *design; design++)
        if (strcmp((*design)->name, name) == 0) return *design;
    fail_msg("no design '%s'", name);
    return NULL;
}

/* A design's sampling; settings (NULL: all defaults) are taken. */
static tsr_status open(const char *name, tsr_setting *settings, tsr_demand demand, uint64_t seed, tsr_sampling *out) {
    const tsr_design *design = find(name);
    tsr_params *params = NULL;
    *out = (tsr_sampling){.stream = tsr_stream_make(seed, "test", 0), .demand = demand, .design = design};
    tsr_status status = tsr_params_bind(design->params, settings, name, NULL, &params);
    void *model = NULL;
    if (status == TSR_OK) status = design->create(params, &demand, &out->stream, &model);
    out->design_model = model;
    tsr_params_destroy(&params);
    tsr_setting_destroy(&settings);
    return status;
}

static void close(tsr_sampling *sampling) {
    void *model;
    memcpy(&model, &sampling->design_model, sizeof(model));
    sampling->design->destroy(model);
}

static void test_random_numbers_are_those_without_a_design(void **state) {
    (void)state;
    tsr_sampling with, without = {.stream = tsr_stream_make(7, "test", 0), .demand = {.uniforms = 2, .normals = 1}};
    tsr_draws *a = NULL, *b = NULL;
    assert_int_equal(open("random", NULL, without.demand, 7, &with), TSR_OK);
    assert_int_equal(tsr_draws_create(0, &a), TSR_OK);
    assert_int_equal(tsr_draws_create(0, &b), TSR_OK);
    tsr_draws_begin(a, &with, 5 * GROUP, GROUP);
    tsr_draws_begin(b, &without, 5 * GROUP, GROUP);
    assert_memory_equal(tsr_uniform(a, 1), tsr_uniform(b, 1), GROUP * sizeof(double));
    assert_memory_equal(tsr_normal(a, 0), tsr_normal(b, 0), GROUP * sizeof(double));
    tsr_draws_destroy(&a);
    tsr_draws_destroy(&b);
    close(&with);
}

static void test_antithetic_items_mirror_those_of_the_block_before(void **state) {
    (void)state;
    tsr_sampling sampling;
    tsr_draws *draws[2] = {NULL};
    assert_int_equal(open("antithetic", NULL, (tsr_demand){.uniforms = 3, .normals = 5}, 7, &sampling), TSR_OK);
    for (int j = 0; j < 2; j++) {
        assert_int_equal(tsr_draws_create(0, &draws[j]), TSR_OK);
        tsr_draws_begin(draws[j], &sampling, (6 + j) * GROUP, GROUP);
    }
    for (int64_t d = 0; d < 3; d++)
        for (int64_t i = 0; i < GROUP; i++)
            assert_true(tsr_uniform(draws[1], d)[i] == 1.0 - tsr_uniform(draws[0], d)[i]);
    for (int64_t d = 0; d < 5; d++)
        for (int64_t i = 0; i < GROUP; i++) assert_true(tsr_normal(draws[1], d)[i] == -tsr_normal(draws[0], d)[i]);
    for (int j = 0; j < 2; j++) tsr_draws_destroy(&draws[j]);
    close(&sampling);
}

/* Every design: a block cut anywhere, or one number of one item, gives the same numbers, all of them in (0, 1). */
static void assert_pure(const tsr_design *design) {
    const tsr_demand demand = {.uniforms = 3, .normals = 6};
    const int64_t item = 37 * GROUP;
    static double whole[9][GROUP];
    tsr_sampling sampling;
    tsr_draws *draws = NULL;
    assert_int_equal(open(design->name, NULL, demand, 11, &sampling), TSR_OK);
    assert_int_equal(tsr_draws_create(0, &draws), TSR_OK);
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
    close(&sampling);
}

static void test_the_numbers_of_an_item_do_not_hang_on_the_block(void **state) {
    (void)state;
    for (const tsr_design *const *design = tsr_designs; *design; design++) assert_pure(*design);
}

static void test_a_source_of_any_number_of_draws_is_refused_in_words(void **state) {
    (void)state;
    for (const tsr_design *const *design = tsr_designs; *design; design++) {
        tsr_sampling sampling;
        tsr_error_clear();
        const tsr_status status = open((*design)->name, NULL, (tsr_demand){0}, 1, &sampling);
        assert_int_equal(status, (*design)->coordinates == NULL ? TSR_OK : TSR_EUSAGE);
        if (status != TSR_OK) assert_non_null(strstr(tsr_error_get()->message, "as many draws as"));
        close(&sampling);
    }
    tsr_error_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_numbers_are_those_without_a_design),
        cmocka_unit_test(test_antithetic_items_mirror_those_of_the_block_before),
        cmocka_unit_test(test_the_numbers_of_an_item_do_not_hang_on_the_block),
        cmocka_unit_test(test_a_source_of_any_number_of_draws_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

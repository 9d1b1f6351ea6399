/* The whole of the engine with a source, a map and a tally small enough to be known by heart. */
#include "engine/kernel.h"
#include "engine/run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* ---- source "steps": column x = scale * (item % 7) + shift of an earlier stage; fails at one item if asked to ---- */

typedef struct {
    double scale;
    double shift;
    int64_t failing_item;
} steps_model;

static const tsr_param steps_params[] = {
    {.name = "shift_by", .type = TSR_STAGE, .unit = "1", .preset = "", .help = "stage whose total shifts x"},
    {.name = "scale", .type = TSR_REAL, .unit = "m", .preset = "1", .help = "factor"},
    {.name = "failing_item", .type = TSR_INTEGER, .unit = "1", .preset = "-1", .help = "item that fails"},
    {0}};

static tsr_status steps_create(const tsr_params *params, void **model) {
    steps_model *steps = malloc(sizeof(*steps));
    const tsr_results *earlier = tsr_params_stage(params, "shift_by");
    *steps = (steps_model){.scale = tsr_params_real(params, "scale"),
                           .shift = earlier != NULL ? tsr_results_find(earlier, "total")->value[0] : 0.0,
                           .failing_item = tsr_params_integer(params, "failing_item")};
    *model = steps;
    return TSR_OK;
}

static tsr_status steps_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const steps_model *steps = model;
    (void)draws;
    for (int64_t i = 0; i < out->items; i++) {
        int64_t item = out->item + i;
        TSR_REQUIRE(item != steps->failing_item, TSR_ENUMERIC, "item %lld fails", (long long)item);
        tsr_column(out, 0)[i] = steps->scale * (double)(item % 7) + steps->shift;
    }
    return TSR_OK;
}

static const tsr_field steps_fields[] = {{.name = "x", .unit = "m", .long_name = "steps"}, {0}};
static const tsr_source steps_source = {.name = "steps",
                                        .summary = "steps",
                                        .reference = "none",
                                        .params = steps_params,
                                        .create = steps_create,
                                        .destroy = free,
                                        .fields = steps_fields,
                                        .fill = steps_fill,
                                        .tile_items = 64,
                                        .block_items = 16};

/* ---- map "sum_ahead": x[i] + x[i + 1] + ... + x[i + ahead] ---- */

static const tsr_param ahead_params[] = {
    {.name = "ahead", .type = TSR_INTEGER, .unit = "1", .preset = "1", .minimum = 1, .maximum = 100, .help = "rows"},
    {0}};

static tsr_status ahead_create(const tsr_params *params, const tsr_field *in, void **model) {
    (void)in;
    int64_t *ahead = malloc(sizeof(*ahead));
    *ahead = tsr_params_integer(params, "ahead");
    *model = ahead;
    return TSR_OK;
}

static const tsr_field *ahead_fields(const void *model) {
    (void)model;
    return steps_fields;
}

static int64_t ahead_halo(const void *model) { return *(const int64_t *)model; }

static tsr_status ahead_apply(const void *model, const tsr_block *in, tsr_block *out) {
    int64_t ahead = *(const int64_t *)model;
    for (int64_t i = 0; i < out->items; i++) {
        tsr_column(out, 0)[i] = 0.0;
        for (int64_t j = 0; j <= ahead; j++) tsr_column(out, 0)[i] += tsr_column(in, 0)[i + j];
    }
    return TSR_OK;
}

static const tsr_map ahead_map = {.name = "sum_ahead",
                                  .summary = "sum",
                                  .reference = "none",
                                  .params = ahead_params,
                                  .create = ahead_create,
                                  .destroy = free,
                                  .fields_of = ahead_fields,
                                  .halo = ahead_halo,
                                  .apply = ahead_apply};

/* ---- tally "total": count, sum of x (integers), a weight that would notice a lost or doubled item; and as many passes
 * as asked for, each adding the count again on its own page ---- */

static const tsr_param total_params[] = {
    {.name = "passes", .type = TSR_INTEGER, .unit = "1", .preset = "1", .help = "passes wanted"}, TSR_PARAM_OF, {0}};

static tsr_status total_create(const tsr_params *params, const tsr_field *fields, void **model) {
    (void)fields;
    int64_t *passes = malloc(sizeof(*passes));
    *passes = tsr_params_integer(params, "passes");
    *model = passes;
    return TSR_OK;
}

static tsr_layout total_layout(const void *model) {
    return (tsr_layout){.pages = *(const int64_t *)model, .page_words = 3, .records = 1};
}

static tsr_status total_add_block(const tsr_fold *fold, const tsr_block *block) {
    int64_t *words = tsr_state_page(fold->state, fold->pass);
    for (int64_t i = 0; i < block->items; i++) {
        int64_t item = block->item + i;
        words[0]++;
        words[1] += (int64_t)tsr_column(block, 0)[i];
        words[2] += item * item % 1000003;
        tsr_record_offer(tsr_state_records(fold->state), tsr_key_from_double(tsr_column(block, 0)[i]), item);
    }
    return TSR_OK;
}

static bool total_unfinished(const void *model, const tsr_state *state, int passes) {
    (void)state;
    return passes < *(const int64_t *)model;
}

static tsr_status total_solve(const void *model, const tsr_state *state, tsr_results *results) {
    (void)model;
    const int64_t *words = tsr_state_find(state, 0);
    double total = words == NULL ? 0.0 : (double)words[1];
    return tsr_results_add(
        results, &(tsr_result){.name = "total", .long_name = "sum", .unit = "m", .value = &total, .headline = true});
}

static const tsr_tally total_tally = {.name = "total",
                                      .summary = "total",
                                      .reference = "none",
                                      .params = total_params,
                                      .create = total_create,
                                      .destroy = free,
                                      .layout = total_layout,
                                      .add_block = total_add_block,
                                      .unfinished = total_unfinished,
                                      .solve = total_solve};

/* ---- jobs ---- */

static char place[] = "test:1:1";

static tsr_setting setting(const char *key, const char *text) {
    return (tsr_setting){
        .kind = TSR_SCALAR, .key = (char *)(uintptr_t)key, .text = (char *)(uintptr_t)text, .where = place};
}

typedef struct {
    tsr_setting source_value[2];
    tsr_setting *source_child[2];
    tsr_setting source_map;
    tsr_setting tally_passes; /* a bare value binds to the first row */
    tsr_map_use map;
    tsr_tally_use tally;
    tsr_stage stage[2];
    tsr_setting scale[3];
    tsr_setting *scales[3];
    tsr_axis axis;
    tsr_job job;
} job_fixture;

static void set_source(job_fixture *fixture, const char *key, const char *text) {
    size_t at = fixture->source_map.count++;
    fixture->source_value[at] = setting(key, text);
    fixture->source_child[at] = &fixture->source_value[at];
}

static void begin(job_fixture *fixture, int64_t items) {
    memset(fixture, 0, sizeof(*fixture));
    fixture->source_map = (tsr_setting){.kind = TSR_MAP, .child = fixture->source_child, .where = place};
    fixture->tally_passes = setting(NULL, "1");
    fixture->map = (tsr_map_use){.table = &ahead_map, .where = "test:3:3"};
    fixture->tally = (tsr_tally_use){&total_tally, &fixture->tally_passes, "test:4:3"};
    fixture->stage[0] = (tsr_stage){.name = "first",
                                    .where = "test:1:1",
                                    .source = {&steps_source, &fixture->source_map, "test:2:2"},
                                    .tallies = &fixture->tally,
                                    .tally_count = 1,
                                    .items = items};
    fixture->job = (tsr_job){.name = "test",
                             .file = "test",
                             .folder = "",
                             .seed = 1,
                             .stages = fixture->stage,
                             .stage_count = 1,
                             .axes = &fixture->axis,
                             .common_random_numbers = true};
}

static void sweep_scale(job_fixture *fixture) {
    static const char *const texts[] = {"1", "10", "100"};
    for (int i = 0; i < 3; i++) {
        fixture->scale[i] = setting(NULL, texts[i]);
        fixture->scales[i] = &fixture->scale[i];
    }
    fixture->axis = (tsr_axis){.name = "scale",
                               .stage = "first",
                               .param = "scale",
                               .where = "test:9:1",
                               .values = fixture->scales,
                               .length = 3};
    fixture->job.axis_count = 1;
}

typedef struct {
    tsr_plan *plan;
    tsr_comm *comm;
    tsr_outcome *outcome;
    tsr_status status;
} job_run;

static job_run run_job(const tsr_job *job, int threads, uint64_t shuffle) {
    job_run run = {0};
    tsr_error_clear();
    assert_int_equal(tsr_comm_self_open(&run.comm), TSR_OK);
    run.status = tsr_plan_create(job, &run.plan);
    if (run.status == TSR_OK)
        run.status = tsr_plan_run(run.plan, run.comm, &(tsr_run_options){.threads = threads, .tile_shuffle = shuffle},
                                  &run.outcome);
    return run;
}

static void end(job_run *run) {
    tsr_outcome_destroy(&run->outcome);
    tsr_plan_destroy(&run->plan);
    tsr_comm_close(&run->comm);
}

static int64_t word(const job_run *run, int stage, int64_t point, int64_t page, int index) {
    return tsr_state_find(tsr_outcome_stage(run->outcome, stage)->states[point], page)[index];
}

static double total(const job_run *run, int stage, int64_t point) {
    return tsr_results_find(tsr_outcome_stage(run->outcome, stage)->results[point], "total")->value[0];
}

/* What the tally must find, by the plainest loop. */
static int64_t sum_of_steps(int64_t items) {
    int64_t sum = 0;
    for (int64_t i = 0; i < items; i++) sum += i % 7;
    return sum;
}

static void every_item_is_folded_once_for_any_items_threads_and_order(void **state) {
    (void)state;
    static const int64_t items[] = {1, 15, 16, 63, 64, 65, 1000, 8192, 100003};
    for (size_t n = 0; n < sizeof(items) / sizeof(items[0]); n++)
        for (int threads = 1; threads <= 3; threads++) {
            job_fixture fixture;
            begin(&fixture, items[n]);
            job_run run = run_job(&fixture.job, threads, (uint64_t)threads * 12345);
            assert_int_equal(run.status, TSR_OK);
            int64_t check = 0;
            for (int64_t i = 0; i < items[n]; i++) check += i * i % 1000003;
            assert_int_equal(word(&run, 0, 0, 0, 0), items[n]);
            assert_int_equal(word(&run, 0, 0, 0, 1), sum_of_steps(items[n]));
            assert_int_equal(word(&run, 0, 0, 0, 2), check);
            end(&run);
        }
}

static void the_best_record_is_the_first_item_that_has_the_value(void **state) {
    (void)state;
    job_fixture fixture;
    begin(&fixture, 5000);
    job_run run = run_job(&fixture.job, 3, 99);
    assert_int_equal(tsr_state_records(tsr_outcome_stage(run.outcome, 0)->states[0])->item, 6);
    end(&run);
}

static void the_history_ends_with_the_result_and_its_counts_double(void **state) {
    (void)state;
    job_fixture fixture;
    begin(&fixture, 64 * 128);
    job_run run = run_job(&fixture.job, 2, 0);
    const tsr_history *history = &tsr_outcome_stage(run.outcome, 0)->history;
    assert_int_equal(history->rounds, 8);
    assert_string_equal(history->names[0], "total");
    for (int64_t i = 0; i < history->rounds; i++) {
        assert_int_equal(history->items[i], INT64_C(64) << i);
        assert_true(history->value[i] == (double)sum_of_steps(history->items[i]));
    }
    end(&run);
}

static void a_map_sees_its_halo_across_tiles_and_blocks(void **state) {
    (void)state;
    job_fixture fixture;
    begin(&fixture, 1000);
    fixture.stage[0].maps = &fixture.map;
    fixture.stage[0].map_count = 1;
    job_run run = run_job(&fixture.job, 2, 0);
    assert_int_equal(run.status, TSR_OK);
    int64_t sum = 0;
    for (int64_t i = 0; i < 1000; i++) sum += i % 7 + (i + 1) % 7;
    assert_int_equal(word(&run, 0, 0, 0, 1), sum);
    end(&run);
}

static void sweep_points_replace_a_parameter_and_stay_apart(void **state) {
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        job_fixture fixture;
        begin(&fixture, 700);
        sweep_scale(&fixture);
        job_run run = run_job(&fixture.job, threads, 7);
        const tsr_stage_outcome *row = tsr_outcome_stage(run.outcome, 0);
        assert_int_equal(row->points, 3);
        assert_string_equal(row->axis[0].unit, "m");
        for (int i = 0; i < 3; i++) {
            assert_true(row->axis[0].coordinates[i] == pow(10, i));
            assert_true(total(&run, 0, i) == pow(10, i) * (double)sum_of_steps(700));
        }
        end(&run);
    }
}

static void a_later_stage_reads_the_results_of_the_matching_point(void **state) {
    (void)state;
    job_fixture fixture;
    begin(&fixture, 70);
    sweep_scale(&fixture);
    tsr_setting shift = setting("shift_by", "first");
    tsr_setting *shifts[] = {&shift};
    tsr_setting map = {.kind = TSR_MAP, .child = shifts, .count = 1, .where = place};
    fixture.stage[1] = fixture.stage[0];
    fixture.stage[1].name = "second";
    fixture.stage[1].source.settings = &map;
    fixture.job.stage_count = 2;
    job_run run = run_job(&fixture.job, 2, 0);
    assert_int_equal(run.status, TSR_OK);
    assert_int_equal(tsr_outcome_stage(run.outcome, 1)->points, 3);
    for (int i = 0; i < 3; i++) {
        double first = pow(10, i) * (double)sum_of_steps(70);
        assert_true(total(&run, 1, i) == (double)sum_of_steps(70) + 70.0 * first);
    }
    end(&run);
}

static void a_bare_word_can_name_the_earlier_stage(void **state) {
    (void)state;
    job_fixture fixture;
    begin(&fixture, 70);
    tsr_setting word = setting(NULL, "first");
    fixture.stage[1] = fixture.stage[0];
    fixture.stage[1].name = "second";
    fixture.stage[1].source.settings = &word;
    fixture.job.stage_count = 2;
    job_run run = run_job(&fixture.job, 1, 0);
    assert_int_equal(run.status, TSR_OK);
    assert_true(total(&run, 1, 0) == 71.0 * (double)sum_of_steps(70));
    end(&run);
}

static void a_tally_that_is_unfinished_reads_all_items_again(void **state) {
    (void)state;
    job_fixture fixture;
    begin(&fixture, 3000);
    fixture.tally_passes = setting(NULL, "4");
    job_run run = run_job(&fixture.job, 2, 0);
    assert_int_equal(tsr_outcome_stage(run.outcome, 0)->passes, 4);
    for (int64_t page = 0; page < 4; page++) assert_int_equal(word(&run, 0, 0, page, 0), 3000);
    end(&run);
}

static void a_failing_item_ends_the_run_with_its_sentence(void **state) {
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        job_fixture fixture;
        begin(&fixture, 100000);
        set_source(&fixture, "failing_item", "77777");
        job_run run = run_job(&fixture.job, threads, 0);
        assert_int_equal(run.status, TSR_ENUMERIC);
        assert_string_equal(tsr_error_get()->message, "item 77777 fails");
        assert_null(run.outcome);
        end(&run);
    }
}

static void a_sampler_without_items_is_refused_before_work(void **state) {
    (void)state;
    job_fixture fixture;
    begin(&fixture, 0);
    tsr_error_clear();
    tsr_plan *plan = NULL;
    assert_int_equal(tsr_plan_create(&fixture.job, &plan), TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "items is missing"));
    assert_null(plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_folded_once_for_any_items_threads_and_order),
        cmocka_unit_test(the_best_record_is_the_first_item_that_has_the_value),
        cmocka_unit_test(the_history_ends_with_the_result_and_its_counts_double),
        cmocka_unit_test(a_map_sees_its_halo_across_tiles_and_blocks),
        cmocka_unit_test(sweep_points_replace_a_parameter_and_stay_apart),
        cmocka_unit_test(a_later_stage_reads_the_results_of_the_matching_point),
        cmocka_unit_test(a_bare_word_can_name_the_earlier_stage),
        cmocka_unit_test(a_tally_that_is_unfinished_reads_all_items_again),
        cmocka_unit_test(a_failing_item_ends_the_run_with_its_sentence),
        cmocka_unit_test(a_sampler_without_items_is_refused_before_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

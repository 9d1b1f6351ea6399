#include "io/job/job.h"

#include "catalog.h"
#include "io/job/spacing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Up to three overrides; the job is named j.yaml and lies in the folder jobs. */
static tsr_status parse(const char *text, const char *const overrides[3], tsr_job **out) {
    int count = 0;
    while (overrides != NULL && count < 3 && overrides[count] != NULL) count++;
    tsr_error_clear();
    return tsr_job_parse(text, strlen(text), "j.yaml", "jobs", overrides, count, &catalog, out);
}

static tsr_job *accept(const char *text, const char *const overrides[3]) {
    tsr_job *job = NULL;
    if (parse(text, overrides, &job) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return job;
}

static void refuse(const char *text, const char *const overrides[3], const char *message) {
    tsr_job *job = NULL;
    tsr_status status = parse(text, overrides, &job);
    if (status == TSR_OK) fail_msg("accepted, should say: %s", message);
    assert_string_equal(tsr_error_get()->message, message);
    assert_int_equal(status, TSR_EUSAGE);
    assert_null(job);
}

/* ---- jobs that are right ---- */

static void test_every_key_of_a_job_arrives(void **state) {
    (void)state;
    tsr_job *job = accept(whole_job, NULL);
    assert_string_equal(job->name, "market-risk");
    assert_string_equal(job->title, "Ten-day loss: four indices");
    assert_string_equal(job->file, "j.yaml");
    assert_string_equal(job->folder, "jobs");
    assert_int_equal(job->seed, 20261121);
    assert_int_equal(job->stage_count, 2);
    const tsr_stage *returns = &job->stages[0], *loss = &job->stages[1];
    assert_string_equal(returns->name, "returns");
    assert_string_equal(returns->where, "j.yaml:5:5");
    assert_ptr_equal(returns->source.table, &csv);
    assert_string_equal(returns->source.where, "j.yaml:6:14");
    assert_string_equal(tsr_setting_find(returns->source.settings, "file")->text, "data/indices.csv");
    assert_int_equal(returns->items, 0);
    assert_int_equal(returns->tile_items, 0);
    assert_int_equal(returns->map_count, 2);
    assert_ptr_equal(returns->maps[0].table, &log_return);
    assert_null(returns->maps[0].settings);
    assert_ptr_equal(returns->maps[1].table, &portfolio_loss);
    assert_int_equal(returns->maps[1].settings->kind, TSR_MAP);
    assert_int_equal(returns->tally_count, 2);
    assert_ptr_equal(returns->tallies[1].table, &quantile);
    assert_int_equal(returns->tallies[1].settings->kind, TSR_LIST);
    assert_string_equal(loss->name, "loss");
    assert_int_equal(loss->items, 1000000);
    assert_int_equal(loss->tile_items, 4096);
    tsr_job_destroy(&job);
    assert_null(job);
}

static void test_every_key_of_a_sweep_arrives(void **state) {
    (void)state;
    tsr_job *job = accept(whole_job, NULL);
    assert_int_equal(job->axis_count, 2);
    assert_int_equal(job->sweep_mode, TSR_SWEEP_PRODUCT);
    assert_false(job->common_random_numbers);
    const tsr_axis *dof = &job->axes[0], *factor = &job->axes[1];
    assert_string_equal(dof->name, "dof");
    assert_string_equal(dof->stage, "loss");
    assert_string_equal(dof->param, "dof");
    assert_string_equal(dof->where, "j.yaml:20:3");
    assert_int_equal(dof->length, 3);
    assert_string_equal(dof->values[1]->text, "4");
    assert_string_equal(dof->values[1]->where, "j.yaml:20:9");
    assert_string_equal(factor->name, "factor");
    assert_string_equal(factor->stage, "returns");
    assert_int_equal(factor->length, 2);
    assert_string_equal(factor->values[1]->text, "2");
    tsr_job_destroy(&job);
}

static void test_differences_are_told_where_they_are_asked_for(void **state) {
    (void)state;
    tsr_job *job = accept(whole_job, NULL);
    assert_null(job->differences);
    tsr_job_destroy(&job);
    job = accept(whole_job, (const char *[3]){"sweep.differences=none"});
    assert_null(job->differences);
    tsr_job_destroy(&job);
    job = accept(whole_job, (const char *[3]){"sweep.differences=first"});
    assert_string_equal(job->differences, "--set sweep.differences");
    tsr_job_destroy(&job);
}

static const char short_job[] = "{name: p, seed: 1, source: european, items: 1000, tallies: [moments]}";

static void test_a_single_stage_needs_no_list_and_is_called_like_its_source(void **state) {
    (void)state;
    tsr_job *job = accept(short_job, NULL);
    assert_int_equal(job->stage_count, 1);
    assert_string_equal(job->name, "p");
    assert_string_equal(job->stages[0].name, "european");
    assert_int_equal(job->stages[0].items, 1000);
    assert_null(job->title);
    assert_int_equal(job->axis_count, 0);
    assert_true(job->common_random_numbers);
    tsr_job_destroy(&job);
}

static void test_seeds_use_all_64_bits(void **state) {
    (void)state;
    tsr_job *job = accept(short_job, (const char *[3]){"seed=18446744073709551615"});
    assert_true(job->seed == UINT64_MAX);
    tsr_job_destroy(&job);
}

static void test_a_missing_seed_is_drawn_and_recorded(void **state) {
    (void)state;
    static const char text[] = "name: p\nsource: pi\nitems: 10\ntallies: [moments]\n";
    tsr_job *first = accept(text, NULL), *second = accept(text, NULL);
    assert_true(first->seed != second->seed);
    char expected[128];
    snprintf(expected, sizeof(expected), "name: p\nseed: %llu\nsource: pi\nitems: 10\ntallies: [moments]\n",
             (unsigned long long)first->seed);
    assert_string_equal(first->resolved, expected);
    tsr_job *again = accept(first->resolved, NULL);
    assert_true(again->seed == first->seed);
    tsr_job_destroy(&first);
    tsr_job_destroy(&second);
    tsr_job_destroy(&again);
}

static void test_the_resolved_job_is_the_same_job(void **state) {
    (void)state;
    const char *overrides[3] = {"loss.dof=[3]", "loss.items=5", "returns.quantile.exact=true"};
    overrides[0] = "sweep.dof=[3, 4]";
    tsr_job *job = accept(whole_job, overrides);
    assert_string_equal(job->resolved, "name: market-risk\n"
                                       "title: 'Ten-day loss: four indices'\n"
                                       "seed: 20261121\n"
                                       "stages:\n"
                                       "- name: returns\n"
                                       "  source:\n"
                                       "    csv:\n"
                                       "      file: data/indices.csv\n"
                                       "      columns: [DAX, SMI]\n"
                                       "  maps:\n"
                                       "  - log_return\n"
                                       "  - portfolio_loss:\n"
                                       "      weights: [0.5, 0.5]\n"
                                       "  tallies:\n"
                                       "  - moments\n"
                                       "  - quantile:\n"
                                       "      probabilities: [0.01, 0.99]\n"
                                       "      exact: true\n"
                                       "- name: loss\n"
                                       "  source:\n"
                                       "    portfolio_t:\n"
                                       "      returns: returns\n"
                                       "      weights:\n"
                                       "      - [0.5]\n"
                                       "      - [0.5]\n"
                                       "  items: 5\n"
                                       "  tile_items: 4096\n"
                                       "  tallies: [moments]\n"
                                       "sweep:\n"
                                       "  dof: [3, 4]\n"
                                       "  portfolio_loss.factor: [1, 2]\n"
                                       "  common_random_numbers: false\n");
    tsr_job *again = accept(job->resolved, NULL);
    assert_string_equal(again->resolved, job->resolved);
    assert_int_equal(again->stages[1].items, 5);
    assert_int_equal(again->axes[0].length, 2);
    tsr_job_destroy(&job);
    tsr_job_destroy(&again);
}

/* ---- sweeps ---- */

static const char sweep_job[] = "name: p\nseed: 1\nsource: {european: {type: call}}\nmaps: [portfolio_loss]\n"
                                "items: 1000\ntallies: [moments]\nsweep:\n  ";

static tsr_job *accept_sweep(const char *sweep) {
    char text[512];
    snprintf(text, sizeof(text), "%s%s", sweep_job, sweep);
    return accept(text, NULL);
}

static void check_values(const char *sweep, const char *const *expected) {
    tsr_job *job = accept_sweep(sweep);
    int64_t length = 0;
    while (expected[length] != NULL) length++;
    assert_int_equal(job->axes[0].length, length);
    for (int64_t i = 0; i < length; i++) assert_string_equal(job->axes[0].values[i]->text, expected[i]);
    tsr_job_destroy(&job);
}

static void test_values_come_as_lists_or_evenly_spaced(void **state) {
    (void)state;
    check_values("strike: [90, 1e2, x]", (const char *[]){"90", "1e2", "x", NULL});
    check_values("strike: {list: [90]}", (const char *[]){"90", NULL});
    check_values("strike: {linspace: [80, 120, 5]}", (const char *[]){"80", "90", "100", "110", "120", NULL});
    check_values("strike: {linspace: [0.1, 0.5, 5]}",
                 (const char *[]){"0.1", "0.2", "0.30000000000000004", "0.4", "0.5", NULL});
    check_values("strike: {linspace: [1, -1, 3]}", (const char *[]){"1", "0", "-1", NULL});
    check_values("strike: {logspace: [1, 1000, 4]}", (const char *[]){"1", "10", "100", "1000", NULL});
    check_values("strike: {logspace: [1e3, 1e-3, 3]}", (const char *[]){"1000", "1", "0.001", NULL});
    check_values("type: [call, put]", (const char *[]){"call", "put", NULL});
}

static void test_evenly_spaced_values_meet_both_ends_exactly(void **state) {
    (void)state;
    static const double ends[][2] = {{0.1, 0.7}, {1.0 / 3, 2.0 / 3}, {1e-300, 1e300}, {5e-324, 1}};
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        for (int64_t count = 2; count < 50; count++) {
            assert_true(tsr_spacing_linear(ends[i][0], ends[i][1], count, 0) == ends[i][0]);
            assert_true(tsr_spacing_linear(ends[i][0], ends[i][1], count, count - 1) == ends[i][1]);
            assert_true(tsr_spacing_geometric(ends[i][0], ends[i][1], count, 0) == ends[i][0]);
            assert_true(tsr_spacing_geometric(ends[i][0], ends[i][1], count, count - 1) == ends[i][1]);
        }
}

static void test_numbers_are_the_shortest_text_that_reads_back(void **state) {
    (void)state;
    assert_string_equal(tsr_number_text_make(0.1).text, "0.1");
    assert_string_equal(tsr_number_text_make(0.1 + 0.2).text, "0.30000000000000004");
    assert_string_equal(tsr_number_text_make(100000).text, "100000");
    assert_string_equal(tsr_number_text_make(-80).text, "-80");
    assert_string_equal(tsr_number_text_make(1e22).text, "1e+22");
    uint64_t bits = 1;
    for (int i = 0; i < 10000; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        double value = 0;
        memcpy(&value, &bits, sizeof(value));
        if (value == value) assert_true(strtod(tsr_number_text_make(value).text, NULL) == value);
    }
}

static void test_zip_goes_through_the_lists_together(void **state) {
    (void)state;
    tsr_job *job = accept_sweep("{strike: [90, 100], volatility: {linspace: [0.1, 0.2, 2]}, mode: zip}");
    assert_int_equal(job->sweep_mode, TSR_SWEEP_ZIP);
    assert_int_equal(job->axis_count, 2);
    tsr_job_destroy(&job);
}

static void test_items_can_be_swept_and_need_not_be_given_otherwise(void **state) {
    (void)state;
    tsr_job *job = accept("{name: p, seed: 1, source: pi, tallies: [moments], sweep: {items: [1e3, 1e4]}}", NULL);
    assert_string_equal(job->axes[0].param, "items");
    assert_string_equal(job->axes[0].stage, "pi");
    assert_int_equal(job->stages[0].items, 1000);
    tsr_job_destroy(&job);
}

static const char two_options[] = "name: p\nseed: 1\nstages:\n"
                                  "- {name: a, source: european, items: 10, tallies: [moments]}\n"
                                  "- {name: b, source: european, items: 10, tallies: [moments]}\n";

static void test_axes_of_one_name_carry_the_name_of_their_stage(void **state) {
    (void)state;
    tsr_job *job =
        accept(two_options, (const char *[3]){"sweep={a.strike: [1, 2], b.european.strike: [3], a.spot: [4]}"});
    assert_string_equal(job->axes[0].name, "a.strike");
    assert_string_equal(job->axes[1].name, "b.strike");
    assert_string_equal(job->axes[1].param, "strike");
    assert_string_equal(job->axes[1].stage, "b");
    assert_string_equal(job->axes[2].name, "spot");
    tsr_job_destroy(&job);
}

/* ---- overrides ---- */

static void check_override(const char *text, const char *override, const char *expected) {
    tsr_job *job = accept(text, (const char *[3]){override});
    if (strstr(job->resolved, expected) == NULL) fail_msg("%s: no '%s' in:\n%s", override, expected, job->resolved);
    tsr_job_destroy(&job);
}

static void test_overrides_reach_every_place(void **state) {
    (void)state;
    check_override(whole_job, "name=other", "name: other\n");
    check_override(whole_job, "title=A new one", "title: A new one\n");
    check_override(whole_job, "seed=7", "seed: 7\n");
    check_override(whole_job, "loss.items=1e9", "  items: 1e9\n");
    check_override(whole_job, "returns.items=100", "  items: 100\n");
    check_override(whole_job, "loss.tile_items=64", "tile_items: 64\n");
    check_override(whole_job, "returns.maps=[portfolio_loss]", "maps: [portfolio_loss]\n");
    check_override(whole_job, "loss.tallies=[quantile: [0.5]]", "- quantile: [0.5]\n");
    check_override(whole_job, "file=x.csv", "file: x.csv\n");
    check_override(whole_job, "csv.file=x.csv", "file: x.csv\n");
    check_override(whole_job, "returns.csv.file=x.csv", "file: x.csv\n");
    check_override(whole_job, "loss.weights=[1, 0]", "weights: [1, 0]\n");
    check_override(whole_job, "portfolio_loss.weights=[1, 0]", "- portfolio_loss:\n      weights: [1, 0]\n");
    check_override(whole_job, "returns.probabilities=[0.5]", "- quantile:\n      probabilities: [0.5]\n");
    check_override(whole_job, "exact=yes", "probabilities: [0.01, 0.99]\n      exact: yes\n");
    check_override(whole_job, "returns.moments.of=DAX", "- moments:\n      of: DAX\n");
    check_override(short_job, "items=5", "items: 5\n");
    check_override(short_job, "strike=95", "european:\n    strike: 95\n");
    check_override(short_job, "source=pi", "source: pi\n");
    check_override(short_job, "maps=[log_return]", "maps: [log_return]\n");
}

static void test_overrides_reach_sweeps(void **state) {
    (void)state;
    check_override(short_job, "sweep.strike=[90, 100]", "sweep:\n  strike: [90, 100]\n");
    check_override(short_job, "sweep={strike: [90, 100]}", "sweep:\n  strike: [90, 100]\n");
    check_override(whole_job, "sweep.mode=product", "mode: product\n");
    check_override(whole_job, "sweep.differences=first", "differences: first\n");
    check_override(whole_job, "sweep.common_random_numbers=true", "common_random_numbers: true\n");
    check_override(whole_job, "sweep.loss.dof=[5]", "sweep:\n  dof: [5]\n  portfolio_loss.factor: [1, 2]\n");
    check_override(whole_job, "sweep.returns.factor={linspace: [1, 2, 5]}",
                   "portfolio_loss.factor:\n    linspace: [1, 2, 5]\n");
    check_override(whole_job, "sweep={}", "sweep: {}\n");
}

static void test_the_last_override_of_a_place_counts(void **state) {
    (void)state;
    tsr_job *job = accept(short_job, (const char *[3]){"items=5", "items=6", "european.items=7"});
    assert_int_equal(job->stages[0].items, 7);
    tsr_job_destroy(&job);
}

static void test_overridden_values_stand_at_set(void **state) {
    (void)state;
    tsr_job *job = accept(short_job, (const char *[3]){"strike=95"});
    assert_string_equal(tsr_setting_find(job->stages[0].source.settings, "strike")->where, "--set strike");
    tsr_job_destroy(&job);
}

static void test_a_full_path_wins_over_a_short_one(void **state) {
    (void)state;
    static const char text[] = "name: p\nseed: 1\nstages:\n"
                               "- {name: european, source: {csv: {file: x}}, tallies: [moments]}\n"
                               "- {name: b, source: european, items: 10, tallies: [moments]}\n";
    tsr_job *job = accept(text, (const char *[3]){"european.items=5", "european.strike=7"});
    assert_int_equal(job->stages[0].items, 5);
    assert_int_equal(job->stages[1].items, 10);
    assert_string_equal(tsr_setting_find(job->stages[1].source.settings, "strike")->text, "7");
    tsr_job_destroy(&job);
}

/* ---- what is refused ---- */

typedef struct {
    const char *text;
    const char *message;
} refusal;

#define HEAD   "name: p\nseed: 1\n"
#define TAIL   "items: 10\ntallies: [moments]\n"
#define STAGES HEAD "stages:\n- "

static void test_wrong_jobs_are_refused_with_place_and_remedy(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"", "j.yaml: the job is empty; it needs at least name, source, items and tallies"},
        {"- a\n", "j.yaml:1:1: a job must be a map of keys such as name: and source:, not a list"},
        {"pi\n", "j.yaml:1:1: a job must be a map of keys such as name: and source:, not a single value"},
        {"source: pi\n" TAIL, "j.yaml:1:1: the job has no name; for example name: market-risk"},
        {"name: [a]\n", "j.yaml:1:1: name must be a single value, not a list; for example name: market-risk"},
        {"name: a b\n", "j.yaml:1:1: the name 'a b' may only hold letters, digits, - and _"},
        {"name: ../x\n", "j.yaml:1:1: the name '../x' may only hold letters, digits, - and _"},
        {"name: ''\n", "j.yaml:1:1: the name '' may only hold letters, digits, - and _"},
        {"name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
         "j.yaml:1:1: the name 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' is longer than 64 "
         "characters"},
        {HEAD "title: \"a\\nb\"\nsource: pi\n" TAIL, "j.yaml:3:1: the title must be one line"},
        {"name: p\nseed: -1\n", "j.yaml:2:1: seed must be a whole number from 0 to 18446744073709551615 in plain "
                                "digits, not '-1'"},
        {"name: p\nseed: 18446744073709551616\n", "j.yaml:2:1: seed must be a whole number from 0 to "
                                                  "18446744073709551615 in plain digits, not '18446744073709551616'"},
        {"name: p\nseed: 1e3\n", "j.yaml:2:1: seed must be a whole number from 0 to 18446744073709551615 in plain "
                                 "digits, not '1e3'"},
        {HEAD "sourse: pi\n" TAIL, "j.yaml:3:1: unknown key of a job 'sourse'; did you mean 'source'? (known: name, "
                                   "title, seed, stages, sweep, source, maps, tallies, items, tile_items, "
                                   "sampling, until, nonfinite, where, group_by, sink)"},
        {HEAD TAIL, "j.yaml:1:1: a job without stages needs a source; for example source: pi"},
        {HEAD "source: pie\n" TAIL,
         "j.yaml:3:1: unknown source 'pie'; did you mean 'pi'? (known: pi, european, csv, portfolio_t)"},
        {HEAD "source: [pi]\n" TAIL, "j.yaml:3:1: expected the name of a source, or {NAME: settings}, not a list"},
        {HEAD "source: {}\n" TAIL, "j.yaml:3:1: expected the name of a source, or {NAME: settings}, not an empty map"},
        {HEAD "source: {csv: x.csv, columns: [a]}\n" TAIL,
         "j.yaml:3:22: 'columns' stands beside 'csv'; settings go inside: csv: {columns: ...}"},
        {HEAD "source: pi\nitems: 10\n",
         "j.yaml:1:1: stage pi has no tallies, so nothing would come out of it; for example tallies: [moments]"},
        {HEAD "source: pi\nitems: 10\ntallies: []\n",
         "j.yaml:5:1: stage pi has no tallies, so nothing would come out of it; for example tallies: [moments]"},
        {HEAD "source: pi\nitems: 10\ntallies: moments\n",
         "j.yaml:5:1: tallies must be a list, not a single value; for example tallies: [moments]"},
        {HEAD "source: pi\nmaps: log_return\n" TAIL,
         "j.yaml:4:1: maps must be a list, not a single value; for example maps: [log_return]"},
        {HEAD "source: pi\nitems: 10\ntallies: [moment]\n",
         "j.yaml:5:11: unknown tally 'moment'; did you mean 'moments'? (known: moments, quantile)"},
        {HEAD "source: pi\nmaps: [{lag_return: {a: 1}}]\n" TAIL, "j.yaml:4:9: unknown map 'lag_return'; did you mean "
                                                                 "'log_return'? (known: log_return, portfolio_loss, "
                                                                 "bump)"},
        {HEAD "source: pi\ntallies: [moments]\n",
         "j.yaml:1:1: stage pi needs items, the number of samples to draw; for example items: 1e6"},
        {HEAD "source: pi\nitems: 0\ntallies: [moments]\n",
         "j.yaml:4:1: items must lie between 1 and 1000000000000000, and 0 does not"},
        {HEAD "source: pi\nitems: -5\ntallies: [moments]\n",
         "j.yaml:4:1: items must lie between 1 and 1000000000000000, and -5 does not"},
        {HEAD "source: pi\nitems: 1e99\ntallies: [moments]\n",
         "j.yaml:4:1: items must lie between 1 and 1000000000000000, and 1e99 does not"},
        {HEAD "source: pi\nitems: many\ntallies: [moments]\n",
         "j.yaml:4:1: items must be a whole number such as 1000000 or 1e6, not 'many'"},
        {HEAD "source: pi\nitems: 1.5\ntallies: [moments]\n",
         "j.yaml:4:1: items must be a whole number such as 1000000 or 1e6, not '1.5'"},
        {HEAD "source: pi\nitems: [1]\ntallies: [moments]\n", "j.yaml:4:1: items must be a whole number, not a list"},
        {HEAD "source: pi\ntile_items: 16777217\n" TAIL,
         "j.yaml:4:1: tile_items must lie between 1 and 16777216, and 16777217 does not"},
        {HEAD "stages: []\n", "j.yaml:3:1: a job has 1 to 64 stages, not 0"},
        {HEAD "stages: pi\n", "j.yaml:3:1: stages must be a list, not a single value; for example stages: [{source: "
                              "pi, items: 1e6, tallies: [moments]}]"},
        {HEAD "items: 10\nstages: []\n", "j.yaml:3:1: items stands beside stages; it belongs into one of them"},
        {STAGES "pi\n", "j.yaml:4:3: this must be a map, not a single value; for example - {source: pi, items: 1e6, "
                        "tallies: [moments]}"},
        {STAGES "{source: pi, seed: 2}\n",
         "j.yaml:4:16: unknown key of a stage 'seed' (known: name, source, maps, "
         "tallies, items, tile_items, sampling, until, nonfinite, where, group_by, sink)"},
        {STAGES "{name: a}\n", "j.yaml:4:3: a stage needs a source; for example source: pi"},
        {STAGES "{name: a.b, source: pi}\n", "j.yaml:4:4: the name 'a.b' may only hold letters, digits, - and _"},
        {STAGES "{name: sweep, source: pi}\n", "j.yaml:4:4: a stage cannot be called sweep; give it another name"},
        {STAGES "{source: pi, items: 1, tallies: [moments]}\n- {source: pi}\n",
         "j.yaml:5:3: a second stage is called pi, the first one stands at j.yaml:4:3; give each a name"},
        {STAGES "{source: pi, items: 1, tallies: [moments]}\n- {name: pi, source: csv}\n",
         "j.yaml:5:4: a second stage is called pi, the first one stands at j.yaml:4:3; give it another name"},
        {HEAD "source: {portfolio_t: {returns: r}}\n" TAIL,
         "j.yaml:3:24: no stage stands before this one, so 'r' cannot be used here"},
        {STAGES "{source: pi, items: 1, tallies: [moments]}\n- {source: {portfolio_t: {returns: p}}}\n",
         "j.yaml:5:27: unknown earlier stage 'p' (known: pi)"},
        {STAGES "{source: pi, items: 1, tallies: [moments]}\n- {name: b, source: {portfolio_t: b}}\n",
         "j.yaml:5:22: unknown earlier stage 'b' (known: pi)"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        refuse(refusals[i].text, NULL, refusals[i].message);
}

static void test_wrong_sweeps_are_refused_with_place_and_remedy(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"[1]", "j.yaml:7:1: sweep must be a map, not a list; for example sweep: {strike: [90, 100, 110]}"},
        {"strik: [1]", "j.yaml:8:3: unknown parameter 'strik'; did you mean 'strike'? (known: items, spot, strike, "
                       "volatility, type, weights, factor)"},
        {"european.strik: [1]",
         "j.yaml:8:3: unknown parameter 'european.strik'; did you mean 'european.strike'? (known: "
         "european.items, european.spot, european.strike, european.volatility, european.type, "
         "european.weights, portfolio_loss.weights, european.factor, portfolio_loss.factor)"},
        {"seed: [1]", "j.yaml:8:3: unknown parameter 'seed' (known: items, spot, strike, volatility, "
                      "type, weights, factor)"},
        {"weights: [1]", "j.yaml:8:3: weights cannot be swept because its value is a list"},
        {"strike: 1", "j.yaml:8:3: strike must be a list, not a single value; for example [90, 100, 110]"},
        {"strike: []", "j.yaml:8:3: the list of values of strike is empty; give at least one"},
        {"strike: [1, [2]]", "j.yaml:8:15: every value of a swept parameter must be a single one, not a list"},
        {"strike: {linspac: [1]}",
         "j.yaml:8:12: unknown way to give values 'linspac'; did you mean 'linspace'? (known: list, "
         "linspace, logspace)"},
        {"strike: {list: [1], linspace: [1, 2, 3]}",
         "j.yaml:8:3: give the values in one way: list, linspace or logspace"},
        {"strike: {linspace: [1, 2]}", "j.yaml:8:12: linspace takes three numbers: [first, last, count]"},
        {"strike: {linspace: [a, 2, 3]}", "j.yaml:8:23: an end of a linspace must be a number, not 'a'"},
        {"strike: {linspace: [[], 2, 3]}", "j.yaml:8:23: an end of a linspace must be a number, not a list"},
        {"strike: {linspace: [1, 2, 1]}", "j.yaml:8:29: this must lie between 2 and 1000000, and 1 does not"},
        {"strike: {linspace: [-1e308, 1e308, 3]}",
         "j.yaml:8:12: the ends of this linspace are too far apart for a double"},
        {"strike: {logspace: [0, 2, 3]}", "j.yaml:8:23: the ends of a logspace must be positive, and 0 is not"},
        {"{strike: [1], european.strike: [2]}",
         "j.yaml:8:17: european.strike is swept twice, first at j.yaml:8:4; keep one"},
        {"items: [10, 0]", "j.yaml:8:15: this must lie between 1 and 1000000000000000, and 0 does not"},
        {"mode: both", "j.yaml:8:3: unknown mode 'both' (known: product, zip)"},
        {"common_random_numbers: maybe", "j.yaml:8:3: common_random_numbers must be true or false, not 'maybe'"},
        {"differences: fist", "j.yaml:8:3: unknown kind of differences 'fist'; did you mean 'first'? (known: none, "
                              "first)"},
        {"differences: [first]", "j.yaml:8:3: differences must be a single value, not a list; for example differences: "
                                 "first"},
        {"{mode: zip, strike: [1, 2], spot: [1]}",
         "j.yaml:8:31: mode zip needs lists of one length, but strike has 2 values and spot has 1"},
        {"{strike: {linspace: [1, 2, 1001]}, spot: {linspace: [1, 2, 1000]}}",
         "j.yaml:7:1: the sweep has more than 1000000 points"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        char text[512];
        snprintf(text, sizeof(text), "%s%s", sweep_job, refusals[i].text);
        refuse(text, NULL, refusals[i].message);
    }
}

static void test_ambiguous_sweeps_name_the_candidates(void **state) {
    (void)state;
    refuse(two_options, (const char *[3]){"sweep={strike: [1]}"},
           "--set sweep: 'strike' is ambiguous, it could be a.european.strike at j.yaml:4:13 or b.european.strike at "
           "j.yaml:5:13; say which, or change the job file");
    refuse("{name: p, seed: 1, source: european, maps: [bump], items: 1, tallies: [moments], sweep: "
           "{european.european.strike: [1]}}",
           NULL,
           "j.yaml:1:90: strike cannot be swept because the source and the maps of stage european have more than one "
           "parameter of that name");
}

static void test_wrong_overrides_are_refused_with_place_and_remedy(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"items", "--set items: expected PATH=VALUE, for example --set items=1e6"},
        {"=3", "--set =3: expected PATH=VALUE, for example --set items=1e6"},
        {"loss.items=", "--set loss.items: no value stands after the =; an empty text is written \"\""},
        {"los.items=1", "--set los.items: unknown path 'los.items'; did you mean 'loss.items'? (known: "
                        "returns.source, returns.maps, returns.tallies, returns.items, returns.tile_items, "
                        "returns.sampling, returns.until, returns.nonfinite, returns.where, returns.group_by, "
                        "returns.sink, returns.file, csv.file, returns.columns, csv.columns, returns.weights, "
                        "portfolio_loss.weights, returns.factor, portfolio_loss.factor, returns.of, moments.of, "
                        "returns.probabilities, quantile.probabilities, returns.exact, quantile.exact, quantile.of, "
                        "loss.source, loss.maps, loss.tallies, ...)"},
        {"stages=[]", "--set stages: unknown path 'stages' (known: name, title, seed, sweep, source, maps, tallies, "
                      "items, tile_items, sampling, until, nonfinite, where, group_by, sink, file, columns, "
                      "weights, factor, of, "
                      "probabilities, exact, returns, dof)"},
        {"items=5", "--set items: 'items' is ambiguous, it could be returns.items at j.yaml:5:5 or loss.items at "
                    "j.yaml:11:5; say which, or change the job file"},
        {"dof=3", "--set dof: dof is swept at j.yaml:20:3; set its values with --set sweep.dof=[...]"},
        {"loss.dof=3", "--set loss.dof: dof is swept at j.yaml:20:3; set its values with --set sweep.dof=[...]"},
        {"sweep.dif=[1]", "--set sweep.dif: unknown parameter 'dif'; did you mean 'dof'? (known: items, file, columns, "
                          "weights, factor, returns, dof)"},
        {"sweep.dof=1", "--set sweep.dof: dof must be a list, not a single value; for example [90, 100, 110]"},
        {"sweep.returns.returns=[a]", "--set sweep.returns.returns: unknown parameter 'returns.returns' (known: "
                                      "returns.items, returns.file, csv.file, returns.columns, csv.columns, "
                                      "returns.weights, portfolio_loss.weights, returns.factor, "
                                      "portfolio_loss.factor, loss.items, loss.returns, portfolio_t.returns, "
                                      "loss.weights, portfolio_t.weights, loss.dof, portfolio_t.dof)"},
        {"sweep.loss.returns=[a]", "--set sweep.loss.returns: returns cannot be swept because its value is a stage"},
        {"loss.items=0", "--set loss.items: items must lie between 1 and 1000000000000000, and 0 does not"},
        {"loss.returns=loss", "--set loss.returns: unknown earlier stage 'loss' (known: returns)"},
        {"seed=[1", "--set seed: not valid YAML: a comma is missing before this place, or a list [ is not closed"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        refuse(whole_job, (const char *[3]){refusals[i].text}, refusals[i].message);
}

static void test_an_unknown_source_is_said_before_unknown_parameters(void **state) {
    (void)state;
    refuse("{name: p, source: europan, items: 1, tallies: [moments]}", (const char *[3]){"strike=3"},
           "j.yaml:1:11: unknown source 'europan'; did you mean 'european'? (known: pi, european, csv, portfolio_t)");
    tsr_job *job = accept("{name: p, source: europan, items: 1, tallies: [moments]}",
                          (const char *[3]){"source=european", "strike=3"});
    tsr_job_destroy(&job);
}

/* ---- files ---- */

static void write_file(const char *path, const char *text, size_t bytes) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static void check_file(const char *path, const char *message) {
    tsr_job *job = NULL;
    tsr_error_clear();
    assert_int_equal(tsr_job_read(path, NULL, 0, &catalog, &job), TSR_EUSAGE);
    assert_string_equal(tsr_error_get()->message, message);
}

static void test_files_are_read_and_refused(void **state) {
    (void)state;
    char folder[] = "/tmp/tessera-job-XXXXXX", home[4096];
    assert_non_null(getcwd(home, sizeof(home)));
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("sub", 0700), 0);
    write_file("sub/a.yaml", short_job, strlen(short_job));
    tsr_job *job = NULL;
    assert_int_equal(tsr_job_read("sub/a.yaml", NULL, 0, &catalog, &job), TSR_OK);
    assert_string_equal(job->file, "sub/a.yaml");
    assert_string_equal(job->folder, "sub");
    tsr_job_destroy(&job);
    check_file("b.yaml", "b.yaml: cannot open the job file: No such file or directory");
    check_file("sub", "sub: a folder, not a job file; give the path of a file in it");
    char *large = calloc(TSR_JOB_BYTES_MAX + 1, 1);
    memset(large, '#', TSR_JOB_BYTES_MAX + 1);
    write_file("large.yaml", large, TSR_JOB_BYTES_MAX + 1);
    check_file("large.yaml", "large.yaml: larger than 1048576 bytes, so hardly a job file; data belong in files of "
                             "their own");
    write_file("large.yaml", large, TSR_JOB_BYTES_MAX);
    check_file("large.yaml", "large.yaml: the job is empty; it needs at least name, source, items and tallies");
    free(large);
    write_file("result.h5", "\x89HDF\r\n\x1a\n\0\0", 10);
    check_file("result.h5", "result.h5: not a text file (byte 9 is zero); a job is plain text in UTF-8");
    assert_int_equal(unlink("sub/a.yaml") | unlink("large.yaml") | unlink("result.h5") | rmdir("sub"), 0);
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* ---- nothing that people write makes it crash ---- */

static uint64_t next(uint64_t *random) {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

/* Deletes, doubles, swaps or overwrites a few pieces. */
static size_t mutate(char *text, size_t length, size_t capacity, uint64_t *random) {
    static const char bytes[] = "{}[]:,-#&*!|>'\"%@`?\t\n\r 01.eE\\\x01\xff";
    for (uint64_t changes = 1 + next(random) % 4; changes > 0 && length > 8; changes--) {
        size_t at = next(random) % length, count = 1 + next(random) % 8;
        if (at + count > length) count = length - at;
        switch (next(random) % 3) {
        case 0:
            memmove(text + at, text + at + count, length - at - count);
            length -= count;
            break;
        case 1:
            if (length + count > capacity) break;
            memmove(text + at + count, text + at, length - at);
            length += count;
            break;
        default: text[at] = bytes[next(random) % (sizeof(bytes) - 1)];
        }
    }
    return length;
}

static void test_mutated_jobs_are_read_or_refused_in_one_sentence(void **state) {
    (void)state;
    static const char *const overrides[] = {"sweep.loss.dof=[1, 2]"};
    uint64_t random = 20261121;
    int accepted = 0;
    for (int i = 0; i < 20000; i++) {
        char text[2 * sizeof(whole_job)];
        memcpy(text, whole_job, sizeof(whole_job));
        size_t length = mutate(text, sizeof(whole_job) - 1, sizeof(text) - 1, &random);
        tsr_job *job = NULL, *again = NULL;
        tsr_error_clear();
        if (tsr_job_parse(text, length, "j.yaml", "", overrides, i % 2, &catalog, &job) == TSR_OK) {
            accepted++;
            if (parse(job->resolved, NULL, &again) != TSR_OK)
                fail_msg("%s in:\n%s", tsr_error_get()->message, job->resolved);
            assert_string_equal(again->resolved, job->resolved);
        } else {
            const char *message = tsr_error_get()->message;
            assert_true(strlen(message) > 10 && strchr(message, '\n') == NULL);
            assert_true(message[strlen(message) - 1] != '.');
        }
        tsr_job_destroy(&job);
        tsr_job_destroy(&again);
    }
    assert_in_range(accepted, 1000, 19000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_of_a_job_arrives),
        cmocka_unit_test(test_every_key_of_a_sweep_arrives),
        cmocka_unit_test(test_differences_are_told_where_they_are_asked_for),
        cmocka_unit_test(test_a_single_stage_needs_no_list_and_is_called_like_its_source),
        cmocka_unit_test(test_seeds_use_all_64_bits),
        cmocka_unit_test(test_a_missing_seed_is_drawn_and_recorded),
        cmocka_unit_test(test_the_resolved_job_is_the_same_job),
        cmocka_unit_test(test_values_come_as_lists_or_evenly_spaced),
        cmocka_unit_test(test_evenly_spaced_values_meet_both_ends_exactly),
        cmocka_unit_test(test_numbers_are_the_shortest_text_that_reads_back),
        cmocka_unit_test(test_zip_goes_through_the_lists_together),
        cmocka_unit_test(test_items_can_be_swept_and_need_not_be_given_otherwise),
        cmocka_unit_test(test_axes_of_one_name_carry_the_name_of_their_stage),
        cmocka_unit_test(test_overrides_reach_every_place),
        cmocka_unit_test(test_overrides_reach_sweeps),
        cmocka_unit_test(test_the_last_override_of_a_place_counts),
        cmocka_unit_test(test_overridden_values_stand_at_set),
        cmocka_unit_test(test_a_full_path_wins_over_a_short_one),
        cmocka_unit_test(test_wrong_jobs_are_refused_with_place_and_remedy),
        cmocka_unit_test(test_wrong_sweeps_are_refused_with_place_and_remedy),
        cmocka_unit_test(test_ambiguous_sweeps_name_the_candidates),
        cmocka_unit_test(test_wrong_overrides_are_refused_with_place_and_remedy),
        cmocka_unit_test(test_an_unknown_source_is_said_before_unknown_parameters),
        cmocka_unit_test(test_files_are_read_and_refused),
        cmocka_unit_test(test_mutated_jobs_are_read_or_refused_in_one_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

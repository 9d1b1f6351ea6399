/* A run that is extended leaves the bits of one that had all items from the start. */
#include "job_run.h"
#include "same_prints.h"
#include "stored.h"

#include <stdio.h>

/* From some items to more, in one step or two. */
static void extends(const char *text, const char *key, int64_t from, int64_t to) {
    char first[64], last[64];
    snprintf(first, sizeof(first), "%s=%lld", key, (long long)from);
    snprintf(last, sizeof(last), "%s=%lld", key, (long long)to);
    job_run shorter = must(TSR_OK, run_job(text, first, NULL, NULL, 1)),
            direct = must(TSR_OK, run_job(text, last, NULL, NULL, 2));
    tsr_stored_stage *stored = stored_stages(shorter.outcome);
    job_run extended = must(TSR_OK, run_job(text, last, stored, NULL, 3));
    if (strcmp(extended.digest, direct.digest) != 0)
        print_error("%.60s: from %lld to %lld\n", text, (long long)from, (long long)to);
    assert_string_equal(extended.digest, direct.digest);
    assert_true(same_prints(extended.outcome, direct.outcome));
    const tsr_stage_outcome *stage = tsr_outcome_stage(extended.outcome, 0);
    assert_int_equal(stage->items_total, tsr_outcome_stage(direct.outcome, 0)->items_total);
    assert_int_equal(stage->items_before, tsr_outcome_stage(shorter.outcome, 0)->items_total);
    stored_destroy(stored, tsr_outcome_stages(shorter.outcome));
    end(&shorter);
    end(&direct);
    end(&extended);
}

/* Ragged tiles of any kind; 64 items to a tile. */
static void extends_anywhere(const char *text) {
    static const int64_t steps[][2] = {{1, 2}, {63, 64}, {64, 65}, {100, 101}, {257, 1000}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) extends(text, "items", steps[i][0], steps[i][1]);
}

#define HEAD     "name: t\nseed: 5\ntile_items: 64\n"
#define EUROPEAN HEAD "source: {european: {strike: 110}}\n"

static void every_statistic_of_independent_items_can_be_extended(void **unused) {
    (void)unused;
    static const char *const tallies[] = {"moments: {order: 4}",
                                          "covariance",
                                          "function: ['f = payoff^2 / (1 + payoff)']",
                                          "quantile: [0.1, 0.5, 0.99]",
                                          "quantile: {probabilities: [0.3, 0.7, 0.999], exact: true}",
                                          "var_es: {levels: [0.9, 0.99], exact: true}",
                                          "histogram: {range: [0, 50], bins: 20}",
                                          "histogram",
                                          "exceedance: {above: [0, 10, 100]}",
                                          "top: {count: 7, which: both}",
                                          "top: {count: 500}"};
    char text[512];
    for (size_t i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++) {
        snprintf(text, sizeof(text), EUROPEAN "tallies: [{%s}]\n", tallies[i]);
        if (strchr(tallies[i], ':') == NULL) snprintf(text, sizeof(text), EUROPEAN "tallies: [%s]\n", tallies[i]);
        extends_anywhere(text);
    }
}

static void several_tallies_weights_and_a_grid_can_be_extended(void **unused) {
    (void)unused;
    extends_anywhere(HEAD
                     "source: {shifted_normal: {threshold: 3}}\n"
                     "tallies: [moments: {of: x, weight: weight}, histogram_2d: {of: [x, weight], range: [[-1, 7], "
                     "[0, 2]]}, histogram: {of: x, weight: weight}, quantile: {of: x, exact: true, probabilities: "
                     "[0.5]}, exceedance: {of: x, above: 3, weight: weight}]\n");
}

static void designs_can_be_extended(void **unused) {
    (void)unused;
    static const char *const designs[] = {"sobol: {replicates: 4}", "latin_hypercube: {replicates: 3}",
                                          "antithetic: {replicates: 2}", "random: {replicates: 4}",
                                          "vegas: {replicates: 3, trainings: 2, training_items: 2048}"};
    char text[512];
    for (size_t i = 0; i < sizeof(designs) / sizeof(designs[0]); i++) {
        const bool weighs = strncmp(designs[i], "vegas", 5) == 0; /* means alone make sense of it */
        snprintf(text, sizeof(text),
                 "name: t\nseed: 5\ntile_items: 700\nsource: european\nsampling: {%s}\ntallies: [moments%s]\n",
                 designs[i], weighs ? "" : ", quantile: {probabilities: [0.5], exact: true}, histogram, top");
        extends(text, "items", 1, 701);
        extends(text, "items", 700, 5000);
        extends(text, "items", 3001, 3002);
        extends(text, "items", 9999, 20000);
    }
}

static void chains_can_be_extended(void **unused) {
    (void)unused;
    static const char text[] = "name: t\nseed: 5\ntile_items: 3\nsource: {ising: {size: 4, rows: 70, discard: 3}}\n"
                               "tallies: [series: {lags: 10}, moments, top]\n";
    static const int64_t steps[][2] = {{1, 2}, {2, 3}, {3, 4}, {4, 40}, {32, 33}, {41, 80}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) extends(text, "items", steps[i][0], steps[i][1]);
}

/* So many that a print is of two tiles, one of which was left unfinished; and from one tile to two. */
static void very_many_tiles_can_be_extended(void **unused) {
    (void)unused;
    static const char text[] = "name: t\nseed: 5\ntile_items: 2\nsource: pi\ntallies: [moments]\n";
    extends(text, "items", 140003, 140011);
    extends(text, "items", 100001, 140003);
}

static void a_sweep_can_be_extended(void **unused) {
    (void)unused;
    extends(EUROPEAN "tallies: [moments, histogram, top]\nsweep: {volatility: [0.1, 0.2, 0.3]}\n", "items", 100, 1001);
    extends(EUROPEAN "sampling: {random: {replicates: 4}}\ntallies: [moments, quantile: [0.5]]\n"
                     "sweep: {volatility: [0.1, 0.2, 0.3], differences: first}\n",
            "items", 9000, 20001);
}

static void items_that_are_left_out_are_counted_once(void **unused) {
    (void)unused;
    extends(HEAD "source: normal\nmaps: [derive: ['y = log(x)']]\nnonfinite: {policy: skip, limit: 1}\n"
                 "tallies: [moments, top]\n",
            "items", 1000, 4099);
}

static void a_dataset_of_which_only_a_part_was_read_can_be_extended(void **unused) {
    (void)unused;
    char text[1024];
    snprintf(text, sizeof(text),
             "name: t\nseed: 5\nsource: {csv: {file: %s/jobs/data/eustockmarkets.csv, columns: [DAX, SMI]}}\n"
             "tile_items: 64\nmaps: [log_return]\ntallies: [moments, quantile: {exact: true, probabilities: [0.5]}]\n",
             TSR_SOURCE_FOLDER);
    extends(text, "items", 100, 1859);
}

/* ---- stopping ---- */

#define STOPS(error) EUROPEAN "until: {relative_error: " error ", of: mean.payoff}\ntallies: [moments, histogram]\n"

static void a_stage_that_was_not_precise_enough_goes_on_as_if_it_had_not_stopped(void **unused) {
    (void)unused;
    static const int64_t most[] = {1, 64, 1000, 1024, 1025, 1279, 1280, 1281, 3000, 20000};
    const size_t count = sizeof(most) / sizeof(most[0]);
    for (size_t i = 0; i + 1 < count; i++) extends(STOPS("0.03"), "items", most[i], most[i + 1]);
    for (size_t i = 0; i + 1 < count; i++) extends(STOPS("0.03"), "items", most[i], 1000000);
    extends(EUROPEAN "until: {relative_error: 0.02, of: mean.payoff, max_items: 1}\ntallies: [moments]\n",
            "until.max_items", 1500, 1000000);
}

static void points_that_were_precise_enough_stay_as_they_are(void **unused) {
    (void)unused;
    static const char text[] = STOPS("0.05") "sweep: {spot: [90, 100, 140]}\n";
    extends(text, "items", 2000, 1000000);
    extends(text, "items", 3333, 4444);
}

/* An estimate that is precise enough only where the most items end it, but not at the decision after, must go on. */
static void an_end_that_the_most_items_set_is_no_decision(void **unused) {
    (void)unused;
    for (int64_t most = 1024; most < 6000; most += 357) extends(STOPS("0.06"), "items", most, 1000000);
}

static void the_history_of_a_sweep_that_stops_is_that_of_its_points(void **unused) {
    (void)unused;
    job_run run = must(TSR_OK, run_job(STOPS("0.05") "sweep: {spot: [90, 100, 140]}\n", "items=1e6", NULL, NULL, 1));
    const tsr_stage_outcome *stage = tsr_outcome_stage(run.outcome, 0);
    const tsr_history *history = &stage->history;
    for (int64_t p = 0; p < stage->points; p++) {
        const int64_t last = (p * history->rounds + history->rounds - 1) * history->quantities;
        assert_string_equal(history->names[0], "mean.payoff");
        assert_true(history->value[last] == tsr_results_find(stage->results[p], "mean")->value[0]);
        assert_true(history->error[last] == tsr_results_find(stage->results[p], "mean")->error[0]);
    }
    end(&run);
}

/* ---- stages ---- */

static const char two_stages[] =
    "name: t\nseed: 5\nstages:\n"
    "  - {name: one, source: {normal: {sd: 0.01}}, items: 500, tile_items: 64, tallies: [moments, covariance]}\n"
    "  - {name: other, source: normal, items: 300, tile_items: 64, tallies: [moments, histogram]}\n"
    "  - {name: two, source: {portfolio_t: {returns: one, weights: [1], dof: 5}}, items: 700, tile_items: 64,\n"
    "     tallies: [moments]}\n";

static void check_stages(const char *set, const int64_t before[3]) {
    job_run shorter = must(TSR_OK, run_job(two_stages, NULL, NULL, NULL, 1)),
            direct = must(TSR_OK, run_job(two_stages, set, NULL, NULL, 1));
    tsr_stored_stage *stored = stored_stages(shorter.outcome);
    job_run extended = must(TSR_OK, run_job(two_stages, set, stored, NULL, 2));
    assert_string_equal(extended.digest, direct.digest);
    assert_true(same_prints(extended.outcome, direct.outcome));
    for (int s = 0; s < 3; s++) {
        const tsr_stage_outcome *a = tsr_outcome_stage(extended.outcome, s), *b = tsr_outcome_stage(direct.outcome, s);
        assert_int_equal(a->items_before, before[s]);
        assert_int_equal(a->passes, b->passes);
        const tsr_result *x = tsr_results_find(a->results[0], "mean"), *y = tsr_results_find(b->results[0], "mean");
        assert_true(x->value[0] == y->value[0] && x->error[0] == y->error[0]);
    }
    stored_destroy(stored, 3);
    end(&shorter);
    end(&direct);
    end(&extended);
}

static void only_what_an_extended_stage_feeds_is_computed_anew(void **unused) {
    (void)unused;
    check_stages("one.items=501", (const int64_t[]){500, 300, 0});
    check_stages("two.items=1000", (const int64_t[]){500, 300, 700});
    check_stages("other.items=301", (const int64_t[]){500, 300, 700});
    check_stages("two.items=700", (const int64_t[]){500, 300, 700});
}

static void a_sum_over_levels_is_told_again(void **unused) {
    (void)unused;
    static const char text[] = "name: t\nseed: 5\nsource: gbm_euler\ntile_items: 300\nitems: 1e6\n"
                               "until: {absolute_error: 0.1, of: mean.difference, sum_over: level}\n"
                               "tallies: [moments]\nsweep: {level: [0, 1, 2, 3, 4, 5, 6]}\n";
    job_run first = must(TSR_OK, run_job(text, NULL, NULL, NULL, 1));
    tsr_stored_stage *stored = stored_stages(first.outcome);
    job_run again = must(TSR_OK, run_job(text, NULL, stored, NULL, 1));
    const tsr_results *a = tsr_outcome_stage(first.outcome, 0)->whole, *b = tsr_outcome_stage(again.outcome, 0)->whole;
    assert_string_equal(first.digest, again.digest);
    assert_true(same_prints(first.outcome, again.outcome));
    assert_int_equal(tsr_results_count(a), tsr_results_count(b));
    for (int i = 0; i < tsr_results_count(a); i++)
        assert_true(tsr_results_at(a, i)->value[0] == tsr_results_at(b, i)->value[0]);
    stored_destroy(stored, 1);
    end(&first);
    end(&again);
}

/* ---- refusals ---- */

static void refuses(const char *set, tsr_stored_stage *stored, tsr_status code, const char *sentence) {
    job_run run = run_job(EUROPEAN "items: 200\ntallies: [top]\n", set, stored, NULL, 1);
    if (run.status != code || strstr(tsr_error_get()->message, sentence) == NULL)
        print_error("%s\n", tsr_error_get()->message);
    assert_int_equal(run.status, code);
    assert_non_null(strstr(tsr_error_get()->message, sentence));
    assert_null(run.outcome);
    end(&run);
}

static void what_does_not_fit_is_refused(void **unused) {
    (void)unused;
    job_run run = must(TSR_OK, run_job(EUROPEAN "items: 200\ntallies: [top]\n", NULL, NULL, NULL, 1));
    tsr_stored_stage *stored = stored_stages(run.outcome);
    refuses("items=199", stored, TSR_EUSAGE, "200 items are there already, and 199 are asked for");
    refuses("tallies=[covariance]", stored, TSR_ECHECKPOINT, "other tallies");
    refuses("tallies=[top, covariance]", stored, TSR_ECHECKPOINT, "other tallies");
    refuses("tallies=[top: 11]", stored, TSR_ECHECKPOINT, "tally top has another layout");
    refuses("sampling=sobol", stored, TSR_ECHECKPOINT, "other points or replicates");
    refuses("tile_items=65", stored, TSR_ECHECKPOINT, "other tiles");
    stored->tally[0].words[0]++;
    refuses("items=300", stored, TSR_ECHECKPOINT, "does not fit its tally");
    stored_destroy(stored, 1);
    end(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statistic_of_independent_items_can_be_extended),
        cmocka_unit_test(several_tallies_weights_and_a_grid_can_be_extended),
        cmocka_unit_test(designs_can_be_extended),
        cmocka_unit_test(chains_can_be_extended),
        cmocka_unit_test(very_many_tiles_can_be_extended),
        cmocka_unit_test(a_sweep_can_be_extended),
        cmocka_unit_test(items_that_are_left_out_are_counted_once),
        cmocka_unit_test(a_dataset_of_which_only_a_part_was_read_can_be_extended),
        cmocka_unit_test(a_stage_that_was_not_precise_enough_goes_on_as_if_it_had_not_stopped),
        cmocka_unit_test(points_that_were_precise_enough_stay_as_they_are),
        cmocka_unit_test(an_end_that_the_most_items_set_is_no_decision),
        cmocka_unit_test(the_history_of_a_sweep_that_stops_is_that_of_its_points),
        cmocka_unit_test(only_what_an_extended_stage_feeds_is_computed_anew),
        cmocka_unit_test(a_sum_over_levels_is_told_again),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

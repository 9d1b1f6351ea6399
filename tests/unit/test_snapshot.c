/* A run that is stopped anywhere, any number of times, and taken up by another number of threads leaves the bits of one
 * that was never stopped: digest, prints, results and history. */
#include "job_run.h"
#include "same_prints.h"
#include "stored.h"

#include <stdio.h>
#include <stdlib.h>

/* A keeper that stops after so many looks, or keeps at each. */
typedef struct {
    int looks;
    int stop_at; /* 0: never */
    bool keeps;
    int kept;
    int stages;
    tsr_stored_stage *stage;
} stopper;

static tsr_wish wish(void *data) {
    stopper *self = data;
    self->looks++;
    if (self->stop_at > 0 && self->looks >= self->stop_at) return TSR_WISH_STOP;
    return self->keeps ? TSR_WISH_KEEP : TSR_WISH_GO_ON;
}

/* One look in three, else there would be no progress. */
static tsr_wish wish_in_turn(void *data) {
    stopper *self = data;
    self->looks++;
    return self->looks % 3 == 0 ? TSR_WISH_KEEP : TSR_WISH_GO_ON;
}

static tsr_status keep(const tsr_snapshot *snapshot, bool stops, void *data) {
    stopper *self = data;
    self->kept++;
    assert_true(snapshot->share >= 0 && snapshot->share <= 1);
    if (!stops) return TSR_OK;
    self->stages = snapshot->stages;
    self->stage = stored_copies(snapshot->stage, snapshot->stages);
    return TSR_FAIL(TSR_ESTOPPED, "stopped by the test");
}

/* Stops after about `looks` looks, again and again, with 1, 2, 3 threads in turn (1: after each tile of one thread),
 * until the run comes to its end. Returns how
 * often it was stopped. */
static int run_in_parts(const char *text, const char *set, tsr_stored_stage *stored, int count, int looks,
                        job_run *out) {
    const int threads = looks == 1 ? 1 : 3; /* beside others thread 0, which looks, may find nothing left to do */
    for (int part = 0;; part++) {
        stopper self = {.stop_at = looks == 1 ? 2 : looks + part % 3};
        const tsr_keeper keeper = {.wish = wish, .keep = keep, .data = &self};
        *out = run_job(text, set, stored, &keeper, 1 + part % threads);
        if (stored != NULL) stored_destroy(stored, count);
        stored = self.stage;
        count = self.stages;
        if (out->status == TSR_OK) return part;
        must(TSR_ESTOPPED, *out);
        assert_non_null(stored);
        assert_true(part < 2000); /* every life must get on */
        end(out);
    }
}

static void same_results(const tsr_results *a, const tsr_results *b) {
    assert_int_equal(tsr_results_count(a), tsr_results_count(b));
    for (int i = 0; i < tsr_results_count(a); i++) {
        const tsr_result *x = tsr_results_at(a, i), *y = tsr_results_find(b, x->name);
        assert_non_null(y);
        const size_t bytes = (size_t)tsr_result_length(x) * sizeof(double);
        assert_memory_equal(x->value, y->value, bytes);
        assert_int_equal(x->error == NULL, y->error == NULL);
        if (x->error != NULL) assert_memory_equal(x->error, y->error, bytes);
    }
}

static void same_history(const tsr_stage_outcome *a, const tsr_stage_outcome *b) {
    const size_t cells = (size_t)(b->points * b->history.rounds * b->history.quantities);
    assert_int_equal(a->history.rounds, b->history.rounds);
    assert_int_equal(a->history.quantities, b->history.quantities);
    if (cells == 0) return;
    assert_memory_equal(a->history.items, b->history.items, (size_t)b->history.rounds * sizeof(int64_t));
    assert_memory_equal(a->history.value, b->history.value, cells * sizeof(double));
    assert_memory_equal(a->history.error, b->history.error, cells * sizeof(double));
    for (int64_t i = 0; i < b->history.quantities; i++) assert_string_equal(a->history.names[i], b->history.names[i]);
}

static void same_outcome(const job_run *a, const job_run *b, bool also_history) {
    assert_string_equal(a->digest, b->digest);
    assert_true(same_prints(a->outcome, b->outcome));
    for (int s = 0; s < tsr_outcome_stages(b->outcome); s++) {
        const tsr_stage_outcome *x = tsr_outcome_stage(a->outcome, s), *y = tsr_outcome_stage(b->outcome, s);
        assert_int_equal(x->items_total, y->items_total);
        assert_int_equal(x->passes, y->passes);
        assert_true(x->until_excess == y->until_excess || (x->until_excess != x->until_excess));
        for (int64_t p = 0; p < y->points; p++) {
            assert_int_equal(x->point_items[p], y->point_items[p]);
        }
        assert_int_equal(x->sets, y->sets);
        for (int64_t p = 0; p < y->sets; p++) same_results(x->results[p], y->results[p]);
        if (y->whole != NULL) same_results(x->whole, y->whole);
        if (also_history) same_history(x, y);
    }
}

/* Stopped after every `looks` looks for a few numbers of them; at least once in all. */
static void survives(const char *text) {
    static const int looks[] = {2, 3, 5, 8, 13, 40, 200};
    job_run direct = must(TSR_OK, run_job(text, NULL, NULL, NULL, 2));
    int stops = 0;
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        job_run parts;
        stops += run_in_parts(text, NULL, NULL, 0, looks[i], &parts);
        same_outcome(&parts, &direct, true);
        end(&parts);
    }
    if (stops == 0) print_error("never stopped: %s\n", text);
    assert_true(stops > 0);
    end(&direct);
}

#define HEAD     "name: t\nseed: 5\ntile_items: 64\n"
#define EUROPEAN HEAD "source: {european: {strike: 110}}\n"

static void one_reading(void **unused) {
    (void)unused;
    survives(EUROPEAN "items: 5000\ntallies: [moments: {order: 4}, covariance, histogram: {range: [0, 50], bins: 20}, "
                      "quantile: [0.5, 0.99], exceedance: {above: [0, 10]}, top: {count: 7, which: both}]\n");
}

static void further_readings(void **unused) {
    (void)unused;
    survives(EUROPEAN "items: 3000\ntallies: [quantile: {probabilities: [0.3, 0.999], exact: true}, histogram, "
                      "var_es: {levels: [0.9, 0.99], exact: true}]\n");
}

#define HESTON                                                                                                         \
    HEAD "source: heston\nmaps: [derive: [\"paid = payoff > 5\", \"weight = 1 + abs(sin(terminal))\", \"decade = "     \
         "floor(terminal / 10)\"]]\n"

/* Methods whose passes hang on each other: stopped in the midst of choosing, fetching, and steps. */
static void iterations(void **unused) {
    (void)unused;
    survives(HESTON "items: 200\ntallies: [k_means: {clusters: 3, of: [payoff, terminal], iterations: 3}]\n");
    survives(HESTON
             "items: 700\ntallies: [k_means: {clusters: 3, of: [payoff, terminal], start: first, iterations: 4}, "
             "logistic: {of: paid, on: [weight]}, regression: {of: payoff, on: terminal, weight: weight}, "
             "pca: {of: [payoff, terminal]}, anova: {of: payoff, by: decade}, distinct]\n");
}

static void replicates_and_designs(void **unused) {
    (void)unused;
    survives("name: t\nseed: 5\ntile_items: 700\nitems: 20000\nsource: european\nsampling: {sobol: {replicates: 4}}\n"
             "tallies: [moments, quantile: {probabilities: [0.5], exact: true}]\n");
    survives("name: t\nseed: 5\ntile_items: 1\nitems: 40\nsource: {ising: {size: 4, rows: 70, discard: 3}}\n"
             "tallies: [series: {lags: 10}, moments]\n");
}

static void training(void **unused) {
    (void)unused;
    survives("name: t\nseed: 5\ntile_items: 300\nitems: 9000\nsource: european\n"
             "sampling: {vegas: {replicates: 3, trainings: 3, training_items: 2048}}\ntallies: [moments]\n"
             "sweep: {strike: [90, 110]}\n");
}

static void sweeps_and_items_left_out(void **unused) {
    (void)unused;
    survives(EUROPEAN "items: 1000\ntallies: [moments, histogram, top]\nsweep: {volatility: [0.1, 0.2, 0.3]}\n");
    survives(HEAD "items: 3000\nsource: normal\nmaps: [derive: ['y = log(x)']]\nnonfinite: {policy: skip, limit: 1}\n"
                  "tallies: [moments, top]\n");
}

static void precision(void **unused) {
    (void)unused;
    survives(EUROPEAN "items: 1e6\nuntil: {relative_error: 0.05, of: mean.payoff}\ntallies: [moments, quantile: "
                      "{probabilities: [0.3], exact: true}]\nsweep: {spot: [90, 100, 140]}\n");
    survives("name: t\nseed: 5\nsource: gbm_euler\ntile_items: 300\nitems: 1e6\n"
             "until: {absolute_error: 0.1, of: mean.difference, sum_over: level}\n"
             "tallies: [moments, histogram: {of: difference}]\nsweep: {level: [0, 1, 2, 3, 4, 5, 6]}\n");
}

static const char two_stages[] =
    "name: t\nseed: 5\nstages:\n"
    "  - {name: one, source: {normal: {sd: 0.01}}, items: 500, tile_items: 64, tallies: [moments, covariance]}\n"
    "  - {name: other, source: normal, items: 300, tile_items: 64, tallies: [moments, histogram]}\n"
    "  - {name: two, source: {portfolio_t: {returns: one, weights: [1], dof: 5}}, items: 700, tile_items: 64,\n"
    "     tallies: [moments]}\n";

static void stages_that_read_each_other(void **unused) {
    (void)unused;
    survives(two_stages);
    char text[1024];
    snprintf(text, sizeof(text),
             "name: t\nseed: 5\nsource: {csv: {file: %s/jobs/data/eustockmarkets.csv, columns: [DAX, SMI]}}\n"
             "tile_items: 64\nmaps: [log_return]\ntallies: [moments, quantile: {exact: true, probabilities: [0.5]}]\n",
             TSR_SOURCE_FOLDER);
    survives(text);
}

/* A run that extends an earlier one is stopped too. */
static void extends_in_parts(const char *text, const char *from, const char *to) {
    static const int looks[] = {1, 2, 3, 7, 30};
    job_run shorter = must(TSR_OK, run_job(text, from, NULL, NULL, 1));
    job_run direct = must(TSR_OK, run_job(text, to, NULL, NULL, 1));
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        const int count = tsr_outcome_stages(shorter.outcome);
        job_run parts;
        run_in_parts(text, to, stored_stages(shorter.outcome), count, looks[i], &parts);
        same_outcome(&parts, &direct, false);
        end(&parts);
    }
    end(&shorter);
    end(&direct);
}

static void runs_that_extend_others(void **unused) {
    (void)unused;
    extends_in_parts(EUROPEAN "tallies: [moments, histogram, quantile: {probabilities: [0.3], exact: true}]\n",
                     "items=1000", "items=5001");
    extends_in_parts(two_stages, "one.items=100", "one.items=777");
    extends_in_parts(HESTON
                     "tallies: [k_means: {clusters: 2, of: [payoff, terminal], start: given, centroids: [0, 50, 9, "
                     "150], iterations: 3}, logistic: {of: paid, on: [weight]}, distinct, pca: {of: [payoff, "
                     "terminal]}, anova: {of: payoff, by: decade}, regression: {of: payoff, on: terminal}]\n",
                     "items=100", "items=301");
    extends_in_parts(HESTON "tallies: [k_means: {clusters: 3, of: [payoff, terminal], iterations: 3}]\n", "items=100",
                     "items=222");
    extends_in_parts(two_stages, "two.items=100", "two.items=777");
    extends_in_parts("name: t\nseed: 5\ntile_items: 300\nsource: european\n"
                     "sampling: {vegas: {replicates: 3, trainings: 3, training_items: 2048}}\ntallies: [moments]\n",
                     "items=1000", "items=9000");
    extends_in_parts(EUROPEAN "until: {relative_error: 0.05, of: mean.payoff}\ntallies: [moments, histogram]\n"
                              "sweep: {spot: [90, 100, 140]}\n",
                     "items=3333", "items=1e6");
}

/* The last tile of every point was unfinished, and is taken back first: in several lives if need be. */
static void what_is_taken_back_is_taken_back_in_parts(void **unused) {
    (void)unused;
    extends_in_parts(EUROPEAN "tallies: [moments, top]\nsweep: {strike: {linspace: [80, 120, 12]}}\n", "items=100",
                     "items=500");
    extends_in_parts("name: t\nseed: 3\nsource: {ising: {size: 4, rows: 70, discard: 20}}\ntile_items: 3\n"
                     "tallies: [moments, series: {lags: 20}]\n",
                     "items=10", "items=15");
    extends_in_parts("name: t\nseed: 3\nsource: {ising: {size: 4, rows: 70, discard: 20}}\ntile_items: 3\n"
                     "until: {relative_error: 1e-9, of: mean.energy}\ntallies: [moments, series: {lags: 20}]\n",
                     "items=10", "items=15");
}

static void groups(void **unused) {
    (void)unused;
    survives(HEAD "items: 3000\nsource: normal\nmaps: [derive: ['k = floor(x)']]\ngroup_by: {k: [-2, 1]}\n"
                  "tallies: [moments, quantile: {probabilities: [0.3], exact: true, of: x}, histogram: {of: x}]\n");
    extends_in_parts(HEAD "source: normal\nmaps: [derive: ['k = floor(x)']]\ngroup_by: {k: [-2, 1]}\n"
                          "tallies: [moments, quantile: {probabilities: [0.3], exact: true, of: x}]\n",
                     "items=1000", "items=5001");
}

static char *contents_of(const char *path, size_t *bytes) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *bytes = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*bytes + 1);
    assert_int_equal(fread(text, 1, *bytes, file), *bytes);
    fclose(file);
    return text;
}

/* Rows that go to a file: its bytes. */
static void deliveries(void **unused) {
    (void)unused;
    static const int looks[] = {2, 7, 30, 60, 90, 110};
    char text[1024], folder[] = "/tmp/test_snapshot.XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/rows.h5", folder);
    snprintf(text, sizeof(text),
             HEAD
             "items: 4000\nsource: normal\nwhere: x > 0\ntallies: [moments, quantile: {probabilities: [0.3], exact: "
             "true}]\nsink: {hdf5: {file: %s, compression: 1, chunk: 100}}\n",
             path);
    size_t bytes, wanted_bytes;
    job_run direct = must(TSR_OK, run_job(text, NULL, NULL, NULL, 2));
    char *wanted = contents_of(path, &wanted_bytes);
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        job_run parts;
        assert_int_equal(remove(path), 0);
        assert_true(run_in_parts(text, NULL, NULL, 0, looks[i], &parts) > 0 || looks[i] > 50);
        same_outcome(&parts, &direct, true);
        end(&parts);
        char *found = contents_of(path, &bytes);
        assert_int_equal(bytes, wanted_bytes);
        assert_memory_equal(found, wanted, bytes);
        free(found);
    }
    free(wanted);
    end(&direct);
    assert_int_equal(remove(path), 0);
    assert_int_equal(remove(folder), 0); /* empty: nothing is left behind */
}

static void pauses_change_nothing(void **unused) {
    (void)unused;
    static const char text[] = EUROPEAN "items: 3000\ntallies: [moments, histogram, quantile: [0.5]]\n";
    job_run direct = must(TSR_OK, run_job(text, NULL, NULL, NULL, 1));
    for (int threads = 1; threads <= 3; threads++) {
        stopper self = {.keeps = true};
        const tsr_keeper keeper = {.wish = wish_in_turn, .keep = keep, .data = &self};
        job_run kept = must(TSR_OK, run_job(text, NULL, NULL, &keeper, threads));
        assert_true(threads > 1 || self.kept > 3); /* beside others thread 0 may find nothing left to do */
        same_outcome(&kept, &direct, true);
        end(&kept);
    }
    end(&direct);
}

/* ---- refusals ---- */

static tsr_stored_stage *stop(const char *text, int looks) {
    stopper self = {.stop_at = looks};
    const tsr_keeper keeper = {.wish = wish, .keep = keep, .data = &self};
    job_run run = must(TSR_ESTOPPED, run_job(text, NULL, NULL, &keeper, 1));
    end(&run);
    return self.stage;
}

static void refuses(const char *text, tsr_stored_stage *stored, const char *sentence) {
    job_run run = must(TSR_ECHECKPOINT, run_job(text, NULL, stored, NULL, 1));
    assert_non_null(strstr(tsr_error_get()->message, sentence));
    end(&run);
}

static void what_is_of_another_pass_is_refused(void **unused) {
    (void)unused;
    static const char text[] = EUROPEAN "items: 3000\ntallies: [moments]\n";
    tsr_stored_stage *stored = stop(text, 20);
    assert_int_equal(stored->progress, TSR_STORED_AT_HAND);
    assert_true(stored->partial.tiles > 0);
    stored->partial.tiles++;
    refuses(text, stored, "of another one");
    stored->partial.tiles--;
    stored->partial.rows++;
    refuses(text, stored, "of another one");
    stored->partial.rows--;
    stored->partial.number = -1;
    refuses(text, stored, "of another one");
    stored->partial.number = 0;
    stored->partial.tally[0].layout[0]++;
    refuses(text, stored, "another layout");
    stored->partial.tally[0].layout[0]--;
    stored->history.headlines[0] = '\n';
    refuses(text, stored, "history is damaged");
    stored_destroy(stored, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_reading),
        cmocka_unit_test(further_readings),
        cmocka_unit_test(iterations),
        cmocka_unit_test(replicates_and_designs),
        cmocka_unit_test(training),
        cmocka_unit_test(sweeps_and_items_left_out),
        cmocka_unit_test(precision),
        cmocka_unit_test(stages_that_read_each_other),
        cmocka_unit_test(runs_that_extend_others),
        cmocka_unit_test(what_is_taken_back_is_taken_back_in_parts),
        cmocka_unit_test(groups),
        cmocka_unit_test(deliveries),
        cmocka_unit_test(pauses_change_nothing),
        cmocka_unit_test(what_is_of_another_pass_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

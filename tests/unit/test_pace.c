/* When to keep a checkpoint and when to stop, on made-up times: the published optimum, the share of time it costs, and
 * that a stop leaves the time it needs. */
#include "engine/pace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static tsr_pace begun(double every_s, double failure_s, double end_s, double now_s) {
    tsr_pace pace;
    const tsr_pace_terms terms = {.every_s = every_s, .failure_s = failure_s, .end_s = end_s};
    tsr_pace_begin(&pace, &terms, now_s);
    return pace;
}

static void assert_near(double value, double expected, double allowed) {
    if (!(fabs(value - expected) <= allowed)) fail_msg("%.12g, expected %.12g", value, expected);
}

/* A checkpoint that stood still until now_s, and was durable written_s later. */
static void keep(tsr_pace *pace, double now_s, double still_s, double written_s) {
    tsr_pace_note_taken(pace, now_s, still_s);
    tsr_pace_note_written(pace, now_s + written_s);
}

/* Daly (2006), figures 3 to 5: 5 min a dump; 117, 57 and 9.1 min for 24 h, 6 h and 15 min between failures. */
static void test_the_optimum_is_that_of_daly(void **state) {
    (void)state;
    assert_near(tsr_pace_optimum_s(300, 24 * 3600) / 60, 117, 0.5);
    assert_near(tsr_pace_optimum_s(300, 6 * 3600) / 60, 57, 0.5);
    assert_near(tsr_pace_optimum_s(300, 900) / 60, 9.1, 0.05);
    assert_near(tsr_pace_optimum_s(1000, 400), 400, 0); /* dumps longer than twice the time between failures */
    assert_near(tsr_pace_optimum_s(800, 400), 400, 1e-9);
}

/* Expected time per second of work, T = M exp(R/M) (exp((t + d)/M) - 1) / t (Daly's complete model): its least value
 * lies where the formula says, to what one interval in a hundred changes. */
static void test_the_optimum_is_the_least_of_the_complete_model(void **state) {
    (void)state;
    for (double cost = 0.1; cost < 200; cost *= 3) {
        const double failure = 20000, best = tsr_pace_optimum_s(cost, failure);
        const double here = expm1((best + cost) / failure) / best;
        assert_true(here <= expm1((best * 1.03 + cost) / failure) / (best * 1.03));
        assert_true(here <= expm1((best * 0.97 + cost) / failure) / (best * 0.97));
    }
}

static void test_the_interval_is_as_asked_or_a_minute_or_never(void **state) {
    (void)state;
    tsr_pace pace = begun(0, 0, INFINITY, -100);
    assert_int_equal(tsr_pace_wish(&pace, -40.001), TSR_WISH_GO_ON);
    assert_int_equal(tsr_pace_wish(&pace, -40), TSR_WISH_KEEP);
    pace = begun(5, 1e6, INFINITY, 0); /* what is asked for comes before what is best */
    assert_int_equal(tsr_pace_wish(&pace, 4.999), TSR_WISH_GO_ON);
    assert_int_equal(tsr_pace_wish(&pace, 5), TSR_WISH_KEEP);
    keep(&pace, 5, 0.01, 1);
    assert_int_equal(tsr_pace_wish(&pace, 9.999), TSR_WISH_GO_ON);
    assert_int_equal(tsr_pace_wish(&pace, 10), TSR_WISH_KEEP);
    pace = begun(-1, 1e6, INFINITY, 0);
    assert_int_equal(tsr_pace_wish(&pace, 1e9), TSR_WISH_GO_ON);
    assert_true(isinf(tsr_pace_interval_s(&pace)));
}

static void test_the_optimum_is_taken_once_a_cost_is_known(void **state) {
    (void)state;
    tsr_pace pace = begun(0, 86400, INFINITY, 0);
    assert_near(tsr_pace_interval_s(&pace), 60, 0);
    keep(&pace, 60, 2, 0.5);
    assert_near(tsr_pace_interval_s(&pace), tsr_pace_optimum_s(2, 86400), 0);
    keep(&pace, 700, 0, 0.5); /* for nothing, but not all the time */
    assert_near(tsr_pace_interval_s(&pace), 1, 0);
}

static void test_no_checkpoint_begins_while_one_is_written(void **state) {
    (void)state;
    tsr_pace pace = begun(1, 0, INFINITY, 0);
    tsr_pace_note_taken(&pace, 1, 0.001);
    assert_int_equal(tsr_pace_wish(&pace, 50), TSR_WISH_GO_ON);
    tsr_pace_note_written(&pace, 49);
    assert_int_equal(tsr_pace_wish(&pace, 50), TSR_WISH_KEEP);
}

/* A fixed sequence in [0, 1). */
static double next(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) * 0x1p-53;
}

/* Costs that change by a factor of a hundred from one to the next, and intervals that ask for far too many. */
static void test_checkpoints_cost_at_most_a_hundredth_of_a_long_run(void **state) {
    (void)state;
    uint64_t seed = 4;
    for (int run = 0; run < 40; run++) {
        double now = -1e4, still = 0, most = 0;
        tsr_pace pace = begun(run % 2 ? 0.01 : 0, run % 4 ? 0 : 10, INFINITY, now);
        while (now < 1e5) {
            now += 2 * next(&seed);
            tsr_pace_note_look(&pace, now);
            if (tsr_pace_wish(&pace, now) != TSR_WISH_KEEP) continue;
            const double cost = 0.05 * exp(4.6 * next(&seed));
            now += cost;
            still += cost;
            most = fmax(most, cost);
            keep(&pace, now, cost, 0.1);
        }
        assert_true(still > 0);
        assert_true(still - most <= 0.01 * (now + 1e4)); /* the last one has not been worked off yet */
    }
}

typedef struct {
    double tile_s; /* the longest */
    double cost_s; /* the longest, of one checkpoint with its writing */
    double every_s;
    double limit_s;
} made_run;

/* When the last checkpoint of a run is durable, relative to its end (<= 0: in time). *used: share of the limit that was
 * computed in. Times of tiles and checkpoints jump, but never above twice the longest so far. */
static double overtime_of(const made_run *run, uint64_t *seed, double *used) {
    const double begin = -1e6 * next(seed), end = begin + run->limit_s;
    double now = begin, tile_most = run->tile_s / 2, cost_most = run->cost_s / 2;
    tsr_pace pace = begun(run->every_s, 0, end, now);
    tsr_wish wish = TSR_WISH_GO_ON;
    now += tile_most;
    tsr_pace_note_look(&pace, now);
    keep(&pace, now + cost_most / 2, cost_most / 2, cost_most / 2);
    now += cost_most;
    while (wish != TSR_WISH_STOP) {
        now += fmin(run->tile_s, 2 * tile_most) * next(seed);
        tsr_pace_note_look(&pace, now);
        wish = tsr_pace_wish(&pace, now);
        if (wish == TSR_WISH_GO_ON) continue;
        const double cost = run->cost_s * next(seed), share = next(seed);
        *used = (now - begin) / run->limit_s;
        now += cost * share;
        keep(&pace, now, cost * share, cost * (1 - share));
        if (wish == TSR_WISH_STOP) now += cost * (1 - share);
    }
    return now - end;
}

static void test_a_stop_is_durable_before_the_end(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 3000; i++) {
        const double limit = 10 * exp(9 * next(&seed));
        const made_run run = {.tile_s = 0.04 * limit * next(&seed),
                              .cost_s = 0.04 * limit * next(&seed),
                              .every_s = i % 3 ? 0.05 * limit : -1,
                              .limit_s = limit};
        double used = 0;
        const double late = overtime_of(&run, &seed, &used);
        if (!(late <= 0))
            fail_msg("%g s late of %g s (tiles %g s, checkpoints %g s)", late, limit, run.tile_s, run.cost_s);
    }
}

static void test_a_stop_is_not_earlier_than_its_reserve(void **state) {
    (void)state;
    uint64_t seed = 9;
    for (int i = 0; i < 1000; i++) {
        const double limit = 100 + 1e5 * next(&seed);
        const made_run run = {.tile_s = 0.01 * limit, .cost_s = 0.01 * limit, .every_s = 0.1 * limit, .limit_s = limit};
        double used = 0;
        overtime_of(&run, &seed, &used);
        assert_true(used > 1 - 0.02 - 0.02 - 0.05 - 1e-9);
    }
}

static void test_the_reserve_is_what_the_manual_says(void **state) {
    (void)state;
    tsr_pace pace = begun(0, 0, 1000, 0);
    assert_near(tsr_pace_reserve_s(&pace, 0), 50, 1e-9);
    tsr_pace_note_look(&pace, 3);
    tsr_pace_note_look(&pace, 10);
    tsr_pace_note_look(&pace, 12);
    assert_near(tsr_pace_reserve_s(&pace, 12), 50 + 2 * 7, 1e-9);
    assert_near(tsr_pace_reserve_s(&pace, 32), 50 + 2 * 20, 1e-9); /* the look that has not come yet */
    tsr_pace_note_look(&pace, 12);
    keep(&pace, 20, 8, 5); /* standing still is no time between looks, but part of the cost */
    tsr_pace_note_look(&pace, 21);
    assert_near(tsr_pace_reserve_s(&pace, 21), 50 + 2 * 7 + 2 * 13, 1e-9);
    keep(&pace, 21.5, 0.5, 0.5); /* a faster one changes nothing */
    assert_near(tsr_pace_reserve_s(&pace, 21.5), 50 + 2 * 7 + 2 * 13, 1e-9);
    tsr_pace_note_taken(&pace, 22, 0.5);
    tsr_pace_note_look(&pace, 22);
    for (int now = 23; now <= 42; now++) tsr_pace_note_look(&pace, now);
    assert_near(tsr_pace_reserve_s(&pace, 42), 50 + 2 * 7 + 2 * 20.5, 1e-9); /* still being written */

    pace = begun(0, 0, 1e6, 0);
    assert_near(tsr_pace_reserve_s(&pace, 0), 60, 0);
    pace = begun(0, 0, 10, 0);
    assert_near(tsr_pace_reserve_s(&pace, 0), 1, 0);
    assert_int_equal(tsr_pace_wish(&pace, 0), TSR_WISH_GO_ON);
    assert_int_equal(tsr_pace_wish(&pace, 9.5), TSR_WISH_STOP);
    assert_int_equal(tsr_pace_wish(&pace, 11), TSR_WISH_STOP);
}

static void test_without_an_end_nothing_stops(void **state) {
    (void)state;
    tsr_pace pace = begun(-1, 0, INFINITY, 0);
    tsr_pace_note_look(&pace, 1e8);
    assert_int_equal(tsr_pace_wish(&pace, 2e8), TSR_WISH_GO_ON);
}

static void test_looks_that_are_far_apart_are_worth_a_warning(void **state) {
    (void)state;
    tsr_pace pace;
    const tsr_pace_terms terms = {.end_s = INFINITY, .grace_s = 30};
    tsr_pace_begin(&pace, &terms, 5);
    tsr_pace_note_look(&pace, 20);
    assert_false(tsr_pace_is_coarse(&pace));
    tsr_pace_note_look(&pace, 35.1);
    assert_true(tsr_pace_is_coarse(&pace));
    pace = begun(0, 0, INFINITY, 0); /* of an unknown grace time nothing can be said */
    tsr_pace_note_look(&pace, 1e6);
    assert_false(tsr_pace_is_coarse(&pace));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_optimum_is_that_of_daly),
        cmocka_unit_test(test_the_optimum_is_the_least_of_the_complete_model),
        cmocka_unit_test(test_the_interval_is_as_asked_or_a_minute_or_never),
        cmocka_unit_test(test_the_optimum_is_taken_once_a_cost_is_known),
        cmocka_unit_test(test_no_checkpoint_begins_while_one_is_written),
        cmocka_unit_test(test_checkpoints_cost_at_most_a_hundredth_of_a_long_run),
        cmocka_unit_test(test_a_stop_is_durable_before_the_end),
        cmocka_unit_test(test_a_stop_is_not_earlier_than_its_reserve),
        cmocka_unit_test(test_the_reserve_is_what_the_manual_says),
        cmocka_unit_test(test_without_an_end_nothing_stops),
        cmocka_unit_test(test_looks_that_are_far_apart_are_worth_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Groups: of each what a job of its own with `where` says, for every key, size of tiles and policy. */
#include "job_run.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_BYTES = 2048 };

/* A grid of whole numbers k in 0 .. 6 and real numbers, with missing values and items outside all groups. */
#define SOURCE                                                                                                         \
    "name: t\nseed: 4\nitems: 20011\nsource: {normal: {sd: 2}}\n"                                                      \
    "maps: [derive: ['k = floor(3 + x)', 'y = sqrt(x + 5.5)']]\n"
#define TALLIES                                                                                                        \
    "tallies: [moments: {order: 4}, quantile: {probabilities: [0, 0.1, 0.5, 1], exact: true}, top: {count: 3}, "       \
    "histogram: {bins: 8}]\n"

static job_run run_text(const char *head, const char *where, const char *rest) {
    char text[TEXT_BYTES];
    snprintf(text, sizeof(text), "%s%s%s%s%s", head, where[0] != '\0' ? "where: '" : "", where,
             where[0] != '\0' ? "'\n" : "", rest);
    return must(TSR_OK, run_job(text, NULL, NULL, NULL, 2));
}

/* Extremes, counts and exact quantiles to the last bit; sums of floating-point numbers that tiles of other lengths have
 * added up nearly. */
static bool same_value(double a, double b, bool is_exact) {
    const double bound = is_exact ? 0 : 1e-11 * (1 + fabs(b));
    return fabs(a - b) <= bound || a == b || (isnan(a) && isnan(b));
}

static bool is_exact(const char *name) {
    static const char *const words[] = {"count", "min", "max", "quantile", "top", "histogram"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strncmp(name, words[i], strlen(words[i])) == 0) return true;
    return false;
}

/* All results of one set, by their names; those of the engine's own tallies are only there for the whole. */
static void same_results(const tsr_results *group, const tsr_results *alone) {
    int compared = 0;
    for (int i = 0; i < tsr_results_count(alone); i++) {
        const tsr_result *wanted = tsr_results_at(alone, i), *found = tsr_results_find(group, wanted->name);
        if (found == NULL || wanted->total) continue;
        assert_int_equal(tsr_result_length(found), tsr_result_length(wanted));
        for (int64_t k = 0; k < tsr_result_length(wanted); k++)
            if (!same_value(found->value[k], wanted->value[k], is_exact(wanted->name)))
                fail_msg("%s[%lld]: %.17g, alone %.17g", wanted->name, (long long)k, found->value[k], wanted->value[k]);
        compared++;
    }
    assert_true(compared >= 8);
}

typedef struct {
    int64_t set;
    const char *where;
} group_case;

static void are_jobs_of_their_own(const char *head, const char *group_by, const group_case *cases, int count) {
    char rest[TEXT_BYTES];
    snprintf(rest, sizeof(rest), "%s" TALLIES, group_by);
    job_run grouped = run_text(head, "", rest);
    for (int i = 0; i < count; i++) {
        job_run alone = run_text(head, cases[i].where, TALLIES);
        const tsr_stage_outcome *stage = tsr_outcome_stage(grouped.outcome, 0);
        assert_true(cases[i].set < stage->sets);
        same_results(stage->results[cases[i].set], tsr_outcome_stage(alone.outcome, 0)->results[0]);
        end(&alone);
    }
    end(&grouped);
}

static void groups_of_whole_numbers(void **unused) {
    (void)unused;
    static const group_case cases[] = {{0, "k == 1"}, {1, "k == 2"}, {3, "k == 4"}};
    are_jobs_of_their_own(SOURCE "tile_items: 700\nnonfinite: keep\n", "group_by: {k: [1, 4]}\n", cases, 3);
}

static void bins_hold_their_last_edge_too(void **unused) {
    (void)unused;
    static const group_case cases[] = {{0, "k >= 0 and k < 2"}, {1, "k >= 2 and k <= 4"}};
    are_jobs_of_their_own(SOURCE "tile_items: 4096\nnonfinite: keep\n", "group_by: {k: {edges: [0, 2, 4]}}\n", cases,
                          2);
}

static void two_keys_are_row_major(void **unused) {
    (void)unused;
    static const group_case cases[] = {{0, "k == 2 and x >= -1 and x < 0"},
                                       {1, "k == 2 and x >= 0 and x < 0.25"},
                                       {5, "k == 3 and x >= 0.25 and x <= 3"}};
    are_jobs_of_their_own(SOURCE "tile_items: 333\nnonfinite: keep\n",
                          "group_by: [{k: [2, 3]}, {x: {edges: [-1, 0, 0.25, 3]}}]\n", cases, 3);
}

static void what_is_not_finite_is_left_out_of_its_group(void **unused) {
    (void)unused;
    static const group_case cases[] = {{0, "k == 0"}, {1, "k == 1"}};
    are_jobs_of_their_own(SOURCE "tile_items: 512\nnonfinite: {policy: skip, limit: 1}\n", "group_by: {k: [0, 1]}\n",
                          cases, 2);
}

/* An item that no group wants, or that `where` leaves out, may be anything. */
static void only_what_is_wanted_must_be_finite(void **unused) {
    (void)unused;
    job_run run = run_text(SOURCE, "", "group_by: {k: [0, 6]}\ntallies: [moments]\n");
    end(&run);
    run = run_text(SOURCE, "k >= -2", "tallies: [moments]\n");
    end(&run);
    run = must(TSR_ENUMERIC, run_job(SOURCE "group_by: {k: [-6, 6]}\ntallies: [moments]\n", NULL, NULL, NULL, 2));
    assert_non_null(strstr(tsr_error_get()->message, "column y of item "));
    end(&run);
}

static void digests_do_not_depend_on_tiles_of_other_threads(void **unused) {
    (void)unused;
    static const char text[] = SOURCE "tile_items: 100\nnonfinite: keep\ngroup_by: [{k: [0, 6]}]\n" TALLIES;
    job_run one = must(TSR_OK, run_job(text, NULL, NULL, NULL, 1));
    for (int threads = 2; threads <= 4; threads++) {
        job_run other = must(TSR_OK, run_job(text, NULL, NULL, NULL, threads));
        assert_string_equal(one.digest, other.digest);
        end(&other);
    }
    end(&one);
}

static void refused(const char *rest, const char *sentence) {
    char text[TEXT_BYTES];
    snprintf(text, sizeof(text), SOURCE "%stallies: [moments]\n", rest);
    job_run run = must(TSR_EUSAGE, run_job(text, NULL, NULL, NULL, 1));
    if (strstr(tsr_error_get()->message, sentence) == NULL) fail_msg("%s", tsr_error_get()->message);
    end(&run);
}

static void keys_that_are_none_are_refused(void **unused) {
    (void)unused;
    refused("group_by: kk\n", "there is no column 'kk'");
    refused("group_by: k\n", "say which whole numbers");
    refused("group_by: {k: [4, 1]}\n", "not whole numbers");
    refused("group_by: {k: [0.5, 4]}\n", "not whole numbers");
    refused("group_by: {k: [1, 2, 3]}\n", "by the first and the last");
    refused("group_by: {k: {edges: [1]}}\n", "two or more edges");
    refused("group_by: [{k: [0, 1]}, {k: [0, 1]}]\n", "given twice");
    refused("group_by: [{k: [0, 9999]}, {x: [0, 9999]}]\n", "more than 10000000 groups");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_of_whole_numbers),
        cmocka_unit_test(bins_hold_their_last_edge_too),
        cmocka_unit_test(two_keys_are_row_major),
        cmocka_unit_test(what_is_not_finite_is_left_out_of_its_group),
        cmocka_unit_test(only_what_is_wanted_must_be_finite),
        cmocka_unit_test(digests_do_not_depend_on_tiles_of_other_threads),
        cmocka_unit_test(keys_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

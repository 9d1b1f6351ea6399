/* The digest: equal for equal states, different for any difference, and the same in all versions of Tessera. */
#include "io/result/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TALLIES = 2, POINTS = 2 };

typedef struct {
    tsr_state *states[POINTS * TALLIES];
    const char *names[TALLIES];
    tsr_stage_outcome stage;
} fixture;

static void fill(tsr_state *state, int64_t page, int64_t value) {
    int64_t *words = tsr_state_page(state, page);
    assert_non_null(words);
    words[0] = value;
    words[1] = -value;
}

static int set_up(void **state) {
    fixture *made = calloc(1, sizeof(*made));
    for (int i = 0; i < POINTS * TALLIES; i++) {
        assert_int_equal(tsr_state_create((tsr_layout){.pages = 8, .page_words = 2, .records = 1}, &made->states[i]),
                         TSR_OK);
        fill(made->states[i], 3, 100 + i);
        fill(made->states[i], 5, 200 + i);
        tsr_record_offer(tsr_state_records(made->states[i]), 7, i);
    }
    made->names[0] = "moments";
    made->names[1] = "extremes";
    made->stage = (tsr_stage_outcome){.name = "price",
                                      .points = POINTS,
                                      .parts = 1,
                                      .tallies = TALLIES,
                                      .tally_names = made->names,
                                      .states = made->states};
    *state = made;
    return 0;
}

static int tear_down(void **state) {
    fixture *made = *state;
    for (int i = 0; i < POINTS * TALLIES; i++) tsr_state_destroy(&made->states[i]);
    free(made);
    return 0;
}

static const char *digest_of(const tsr_stage_outcome *stage) {
    static char hex[2][TSR_DIGEST_CHARS];
    static int turn;
    char *out = hex[turn++ % 2];
    assert_int_equal(tsr_digest_stage(stage, out), TSR_OK);
    assert_int_equal(strlen(out), TSR_DIGEST_CHARS - 1);
    return out;
}

/* The number was computed by another program (Python's hashlib) from the rule in the header. */
static void test_digest_is_the_one_of_the_rule(void **state) {
    const fixture *made = *state;
    assert_string_equal(digest_of(&made->stage), "1b689eea28ae2d64f223f1af8ece07b7df3e254145d47a5b90eb43806ee360b3");
}

static void test_digest_forgets_how_the_state_came_about(void **state) {
    fixture *made = *state;
    const char *before = digest_of(&made->stage);
    tsr_state *other = NULL;
    assert_int_equal(tsr_state_create((tsr_layout){.pages = 8, .page_words = 2, .records = 1}, &other), TSR_OK);
    fill(other, 5, 200);
    fill(other, 1, 0); /* touched, but all zero */
    fill(other, 3, 100);
    tsr_record_offer(tsr_state_records(other), 7, 0);
    tsr_state_destroy(&made->states[0]);
    made->states[0] = other;
    assert_string_equal(digest_of(&made->stage), before);
}

static void test_digest_sees_every_difference(void **state) {
    fixture *made = *state;
    const char *before = digest_of(&made->stage);
    tsr_stage_outcome other = made->stage;
    other.name = "prices";
    assert_string_not_equal(digest_of(&other), before);

    other = made->stage;
    const char *const renamed[] = {"moments", "extreme"};
    other.tally_names = renamed;
    before = digest_of(&made->stage);
    assert_string_not_equal(digest_of(&other), before);

    other = made->stage;
    other.points = 1;
    before = digest_of(&made->stage);
    assert_string_not_equal(digest_of(&other), before);

    tsr_state *swapped[] = {made->states[1], made->states[0], made->states[2], made->states[3]};
    other = made->stage;
    other.states = swapped;
    before = digest_of(&made->stage);
    assert_string_not_equal(digest_of(&other), before);
}

static void test_digest_sees_one_bit(void **state) {
    fixture *made = *state;
    const char *before = digest_of(&made->stage);
    tsr_state_page(made->states[POINTS * TALLIES - 1], 5)[1] ^= 1;
    assert_string_not_equal(digest_of(&made->stage), before);
}

static void test_digest_of_long_rows_is_the_one_of_their_pieces(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    int64_t words[COUNT];
    for (int i = 0; i < COUNT; i++) words[i] = i * INT64_C(0x123456789);
    char hex[TSR_DIGEST_CHARS];
    tsr_digest *digest = NULL;
    assert_int_equal(tsr_digest_create(&digest), TSR_OK);
    tsr_digest_add_state(digest, "a", words, COUNT);
    tsr_digest_end(digest, hex);
    tsr_digest_destroy(&digest);
    assert_string_equal(hex, "451a15db34ad61855b7bdc9887a46341afc62142c7d6df15bd00e1d00d89fad6");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_digest_is_the_one_of_the_rule, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_digest_forgets_how_the_state_came_about, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_digest_sees_every_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_digest_sees_one_bit, set_up, tear_down),
        cmocka_unit_test(test_digest_of_long_rows_is_the_one_of_their_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

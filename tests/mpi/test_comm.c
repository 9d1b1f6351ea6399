/* The ranks, as a conformance suite of engine/comm.h: run it as it is (one process) and under mpirun with any number of
 * ranks. Every check knows its answer from rank and size alone. */
#include "engine/comm.h"
#include "engine/reduce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tsr_comm *comm;

static void sum_adds_words_of_all_ranks(void **state) {
    (void)state;
    enum { WORDS = 1000 };
    int64_t words[WORDS];
    for (int i = 0; i < WORDS; i++) words[i] = (int64_t)(comm->rank + 1) * i - (INT64_C(1) << 40);
    comm->sum(comm, words, WORDS);
    int64_t ranks = comm->size, triangle = ranks * (ranks + 1) / 2;
    for (int i = 0; i < WORDS; i++) assert_int_equal(words[i], triangle * i - ranks * (INT64_C(1) << 40));
}

static void either_joins_bits(void **state) {
    (void)state;
    uint64_t bits[2] = {UINT64_C(1) << comm->rank, UINT64_C(1) << 63};
    comm->either(comm, bits, 2);
    assert_true(bits[0] == (UINT64_C(1) << comm->size) - 1);
    assert_true(bits[1] == UINT64_C(1) << 63);
}

static void best_keeps_the_larger_key_and_then_the_lower_item(void **state) {
    (void)state;
    tsr_record records[3] = {{.key = (uint64_t)comm->rank + 1, .item = comm->rank},
                             {.key = UINT64_MAX, .item = 100 - comm->rank},
                             {.key = 0}};
    comm->best(comm, records, 3, 1);
    assert_int_equal(records[0].key, comm->size);
    assert_int_equal(records[0].item, comm->size - 1);
    assert_int_equal(records[1].item, 100 - (comm->size - 1));
    assert_int_equal(records[2].key, 0);
}

/* Every rank has the items that leave its rank as remainder, in any order; ties go to the lower item. */
static void best_of_groups_are_those_of_all_ranks(void **state) {
    (void)state;
    enum { GROUPS = 3, GROUP = 50, ITEMS = 1000 };
    tsr_record records[GROUPS * GROUP] = {0};
    for (int64_t i = comm->rank; i < ITEMS; i += comm->size)
        for (int64_t g = 0; g < GROUPS; g++)
            tsr_records_offer(records + g * GROUP, GROUP, (uint64_t)(1 + (i * 619 % ITEMS + g) / 7), i);
    for (int64_t g = 0; g < GROUPS; g++) tsr_records_settle(records + g * GROUP, GROUP);
    comm->best(comm, records, GROUPS, GROUP);
    tsr_record all[GROUPS * GROUP] = {0};
    for (int64_t g = 0; g < GROUPS; g++) {
        for (int64_t i = ITEMS - 1; i >= 0; i--)
            tsr_records_offer(all + g * GROUP, GROUP, (uint64_t)(1 + (i * 619 % ITEMS + g) / 7), i);
        tsr_records_settle(all + g * GROUP, GROUP);
    }
    assert_memory_equal(records, all, sizeof(all));
    assert_true(all[GROUP - 1].key == 1 + (ITEMS - 1) / 7);
}

static void gather_keeps_rank_order(void **state) {
    (void)state;
    char mine[16], *all = calloc((size_t)comm->size, sizeof(mine));
    memset(mine, 'a' + comm->rank, sizeof(mine));
    comm->gather(comm, mine, sizeof(mine), all);
    for (int i = 0; i < comm->size; i++)
        for (size_t j = 0; j < sizeof(mine); j++) assert_int_equal(all[(size_t)i * sizeof(mine) + j], 'a' + i);
    free(all);
}

static void broadcast_reaches_all_from_any_root(void **state) {
    (void)state;
    for (int root = 0; root < comm->size; root++) {
        char text[64] = "";
        if (comm->rank == root) snprintf(text, sizeof(text), "from %d", root);
        comm->broadcast(comm, text, sizeof(text), root);
        char expected[64];
        snprintf(expected, sizeof(expected), "from %d", root);
        assert_string_equal(text, expected);
    }
}

static void agree_gives_the_verdict_of_the_lowest_failing_rank(void **state) {
    (void)state;
    for (int lowest = 0; lowest < comm->size; lowest++) {
        tsr_error_clear();
        tsr_status mine = TSR_OK;
        if (comm->rank == lowest) mine = TSR_FAIL(TSR_EDATA, "rank %d has no data", comm->rank);
        if (comm->rank > lowest) mine = TSR_FAIL(TSR_EIO, "rank %d has no disk", comm->rank);
        assert_int_equal(tsr_comm_agree(comm, mine), TSR_EDATA);
        char expected[64];
        snprintf(expected, sizeof(expected), "rank %d has no data", lowest);
        assert_string_equal(tsr_error_get()->message, expected);
        assert_int_equal(tsr_error_get()->status, comm->rank == lowest ? TSR_EDATA : TSR_EPEER);
    }
    tsr_error_clear();
    assert_int_equal(tsr_comm_agree(comm, TSR_OK), TSR_OK);
    assert_int_equal(tsr_error_get()->status, TSR_OK);
}

/* Also where the sentence leaves no room for it, or is agreed on twice. */
static void agree_names_the_rank_that_has_no_memory(void **state) {
    (void)state;
    for (int lowest = 0; lowest < comm->size; lowest++) {
        char expected[32];
        snprintf(expected, sizeof(expected), " (rank %d, host ", lowest);
        tsr_error_clear();
        tsr_status mine = TSR_OK;
        if (comm->rank == lowest) mine = TSR_FAIL(TSR_ERUNTIME, "no memory %0*d", lowest % 2 * 2000, 7);
        mine = tsr_comm_agree(comm, tsr_comm_agree(comm, mine));
        assert_int_equal(mine, TSR_ERUNTIME);
        const char *found = strstr(tsr_error_get()->message, expected);
        assert_int_equal(found != NULL, comm->size > 1);
        if (found == NULL) continue;
        assert_true(found[strlen(found) - 1] == ')');
        assert_null(strstr(found + 1, expected));
    }
    tsr_error_clear();
}

/* More messages than there are send buffers, to every other rank; all arrive, in order from each. */
static void messages_arrive_in_order_and_none_is_lost(void **state) {
    (void)state;
    enum { MESSAGES = 500 };
    int64_t *next = calloc((size_t)comm->size, sizeof(*next));
    int64_t expected = (int64_t)MESSAGES * (comm->size - 1), arrived = 0;
    tsr_message message;
    for (int i = 0; i < MESSAGES; i++)
        for (int rank = 0; rank < comm->size; rank++) {
            if (rank != comm->rank) comm->send(comm, &(tsr_message){.rank = rank, .word = {i, comm->rank, -1, 7}});
            while (comm->receive(comm, &message)) {
                assert_int_equal(message.word[0], next[message.rank]++);
                arrived++;
            }
        }
    while (arrived < expected)
        if (comm->receive(comm, &message)) {
            assert_int_equal(message.word[0], next[message.rank]++);
            assert_int_equal(message.word[1], message.rank);
            assert_int_equal(message.word[3], 7);
            arrived++;
        }
    comm->barrier(comm);
    assert_false(comm->receive(comm, &message));
    free(next);
}

/* Sparse states: each rank has a page of its own, one that all share, and one that only rank 0 touched. */
static void states_of_all_ranks_become_one(void **state) {
    (void)state;
    enum { STATES = 5, PAGES = 300, WORDS = 700 };
    tsr_state *states[STATES];
    for (int s = 0; s < STATES; s++) {
        assert_int_equal(
            tsr_state_create((tsr_layout){.pages = PAGES, .page_words = WORDS, .records = 4, .group = 4}, &states[s]),
            TSR_OK);
        for (int w = 0; w < WORDS; w++) {
            tsr_state_page(states[s], 10 + comm->rank)[w] = s + w;
            tsr_state_page(states[s], 200)[w] = w;
        }
        if (comm->rank == 0) tsr_state_page(states[s], 299)[WORDS - 1] = -5;
        tsr_records_offer(tsr_state_records(states[s]), 4, (uint64_t)comm->rank + 1, s);
    }
    assert_int_equal(tsr_reduce_states(comm, states, STATES), TSR_OK);
    for (int s = 0; s < STATES; s++) {
        for (int rank = 0; rank < comm->size; rank++)
            assert_int_equal(tsr_state_find(states[s], 10 + rank)[WORDS - 1], s + WORDS - 1);
        assert_int_equal(tsr_state_find(states[s], 200)[3], 3 * comm->size);
        assert_int_equal(tsr_state_find(states[s], 299)[WORDS - 1], -5);
        assert_null(tsr_state_find(states[s], 0));
        for (int best = 0; best < 4; best++)
            assert_int_equal(tsr_state_records(states[s])[3 - best].key, comm->size > best ? comm->size - best : 0);
        tsr_state_destroy(&states[s]);
    }
}

/* Each rank writes its part of the memory of a host and reads that of all; two such memories do not meet. */
static void memory_of_a_host_is_seen_by_its_ranks(void **state) {
    (void)state;
    enum { BYTES = 192 };
    unsigned char *first = comm->shared(comm, BYTES), *second = comm->shared(comm, BYTES);
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal((uintptr_t)first % 64, 0);
    for (int i = 0; i < BYTES; i++) assert_int_equal(first[comm->host_rank * BYTES + i], 0);
    memset(first + comm->host_rank * BYTES, 1 + comm->host_rank, BYTES);
    memset(second + comm->host_rank * BYTES, 255, BYTES);
    comm->barrier(comm);
    for (int i = 0; i < BYTES * comm->host_size; i++) assert_int_equal(first[i], 1 + i / BYTES);
}

static void ranks_of_one_host_know_each_other(void **state) {
    (void)state;
    assert_int_equal(comm->hosts, 1);
    assert_int_equal(comm->host_size, comm->size);
    assert_int_equal(comm->host_rank, comm->rank);
}

int main(void) {
    if (tsr_comm_open(&comm) != TSR_OK) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sum_adds_words_of_all_ranks),
        cmocka_unit_test(either_joins_bits),
        cmocka_unit_test(best_keeps_the_larger_key_and_then_the_lower_item),
        cmocka_unit_test(best_of_groups_are_those_of_all_ranks),
        cmocka_unit_test(gather_keeps_rank_order),
        cmocka_unit_test(broadcast_reaches_all_from_any_root),
        cmocka_unit_test(agree_gives_the_verdict_of_the_lowest_failing_rank),
        cmocka_unit_test(agree_names_the_rank_that_has_no_memory),
        cmocka_unit_test(messages_arrive_in_order_and_none_is_lost),
        cmocka_unit_test(states_of_all_ranks_become_one),
        cmocka_unit_test(memory_of_a_host_is_seen_by_its_ranks),
        cmocka_unit_test(ranks_of_one_host_know_each_other),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed > 0) comm->abort(comm, 1);
    tsr_comm_close(&comm);
    return 0;
}

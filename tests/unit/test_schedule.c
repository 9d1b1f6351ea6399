/* The schedule among ranks that live in one process: a little world whose messages wait in queues, so that every
 * interleaving can be tried without mpirun. */
#include "engine/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS_MAX = 8, QUEUE_MAX = 256 };

typedef struct {
    tsr_message message[QUEUE_MAX];
    int count;
} queue;

/* comm is the first member, so that a comm's address is its rank's address. */
typedef struct {
    tsr_comm comm;
    queue *inbox; /* [ranks] of the world */
} world_rank;

static void world_send(tsr_comm *comm, const tsr_message *message) {
    queue *inbox = &((world_rank *)comm)->inbox[message->rank];
    assert_true(inbox->count < QUEUE_MAX);
    inbox->message[inbox->count] = *message;
    inbox->message[inbox->count++].rank = comm->rank;
}

static bool world_receive(tsr_comm *comm, tsr_message *message) {
    queue *inbox = &((world_rank *)comm)->inbox[comm->rank];
    if (inbox->count == 0) return false;
    *message = inbox->message[0];
    memmove(inbox->message, inbox->message + 1, (size_t)--inbox->count * sizeof(*message));
    return true;
}

typedef struct {
    int ranks;
    queue inbox[RANKS_MAX];
    world_rank rank[RANKS_MAX];
    tsr_schedule *schedule[RANKS_MAX];
    int64_t total;
    int *handed; /* [total] how often each tile was handed out */
    int64_t taken[RANKS_MAX];
} small_world;

static void world_begin(small_world *world, int ranks, int64_t total, uint64_t shuffle) {
    memset(world, 0, sizeof(*world));
    world->ranks = ranks;
    world->total = total;
    world->handed = calloc((size_t)total + 1, sizeof(int));
    for (int i = 0; i < ranks; i++) {
        world->rank[i] = (world_rank){.comm = {.rank = i, .size = ranks, .send = world_send, .receive = world_receive},
                                      .inbox = world->inbox};
        assert_int_equal(tsr_schedule_create(&world->rank[i].comm, total, 2, shuffle, &world->schedule[i]), TSR_OK);
    }
}

/* One step of a rank's thread 0: attend, then take at most one tile. True when the rank is over. */
static bool world_step(small_world *world, int rank) {
    int64_t tile = -1;
    tsr_schedule_poll(world->schedule[rank]);
    tsr_take take = tsr_schedule_take(world->schedule[rank], &tile);
    if (take == TSR_TAKE_TILE) {
        assert_in_range(tile, 0, world->total - 1);
        world->handed[tile]++;
        world->taken[rank]++;
    }
    return take == TSR_TAKE_DONE && tsr_schedule_is_over(world->schedule[rank]);
}

static uint64_t next_random(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Ranks step in random order, some of them `slow` times more rarely, until all are over. */
static void world_run(small_world *world, uint64_t seed, int slow) {
    bool over[RANKS_MAX] = {false};
    int left = world->ranks;
    for (int64_t steps = 0; left > 0; steps++) {
        assert_true(steps < 1000000); /* a protocol that stalls fails here, not by hanging */
        int rank = (int)(next_random(&seed) % (uint64_t)world->ranks);
        if (over[rank] || (rank == world->ranks - 1 && next_random(&seed) % (uint64_t)slow != 0)) continue;
        over[rank] = world_step(world, rank);
        left -= over[rank];
    }
}

static void world_end(small_world *world) {
    for (int i = 0; i < world->ranks; i++) tsr_schedule_destroy(&world->schedule[i]);
    free(world->handed);
}

static void assert_each_once(const small_world *world) {
    for (int64_t i = 0; i < world->total; i++) assert_int_equal(world->handed[i], 1);
    for (int i = 0; i < world->ranks; i++) assert_int_equal(world->inbox[i].count, 0);
}

static void every_tile_is_handed_out_once_for_any_ranks_and_totals(void **state) {
    (void)state;
    static const int64_t totals[] = {0, 1, 2, 5, 7, 64, 1000, 4097};
    for (int ranks = 1; ranks <= RANKS_MAX; ranks++)
        for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++)
            for (uint64_t seed = 1; seed <= 5; seed++) {
                small_world world;
                world_begin(&world, ranks, totals[i], 0);
                world_run(&world, seed, 1);
                assert_each_once(&world);
                world_end(&world);
            }
}

static void a_shuffled_order_hands_out_every_tile_once(void **state) {
    (void)state;
    static const int64_t totals[] = {997, 1000, 1024}; /* a prime shares no factor with any multiplier; the others do */
    for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++)
        for (uint64_t shuffle = 2; shuffle < UINT64_C(1) << 60; shuffle *= 6) {
            small_world world;
            world_begin(&world, 3, totals[i], shuffle);
            world_run(&world, shuffle, 1);
            assert_each_once(&world);
            world_end(&world);
        }
}

static void a_slow_rank_leaves_its_part_of_the_tail_to_the_others(void **state) {
    (void)state;
    small_world world;
    world_begin(&world, 4, 4000, 0);
    world_run(&world, 11, 4);
    assert_each_once(&world);
    assert_true(world.taken[3] < 700); /* an equal share is 1000 */
    assert_true(world.taken[1] > 1000);
    world_end(&world);
}

static void a_cancelled_pass_ends_on_every_rank_with_no_more_tiles(void **state) {
    (void)state;
    for (int failing = 0; failing < 4; failing++) {
        small_world world;
        world_begin(&world, 4, 100000, 0);
        for (int i = 0; i < 40; i++) world_step(&world, i % 4);
        tsr_schedule_cancel(world.schedule[failing]);
        world_run(&world, 3, 1);
        int64_t taken = 0;
        for (int i = 0; i < 4; i++) taken += world.taken[i];
        assert_true(taken < 1000);
        world_end(&world);
    }
}

/* A rank that had nothing left to do when all were told to stop meets that message in the next pass. */
static void a_cancellation_that_comes_late_leaves_the_next_pass_alone(void **state) {
    (void)state;
    for (int failing = 0; failing < 3; failing++) {
        small_world world;
        world_begin(&world, 3, 40, 0);
        bool over[3] = {false};
        for (int step = 0; !over[0] || !over[1] || !over[2]; step++) {
            const int rank = step % 3;
            if (over[(failing + 1) % 3]) tsr_schedule_cancel(world.schedule[failing]);
            if (!over[rank]) over[rank] = world_step(&world, rank);
        }
        memset(world.handed, 0, 40 * sizeof(int));
        for (int i = 0; i < 3; i++) tsr_schedule_destroy(&world.schedule[i]);
        for (int i = 0; i < 3; i++)
            assert_int_equal(tsr_schedule_create(&world.rank[i].comm, 40, 2, 0, &world.schedule[i]), TSR_OK);
        world_run(&world, 5, 1);
        for (int i = 0; i < 40; i++) assert_int_equal(world.handed[i], 1);
        world_end(&world);
    }
}

static void what_was_handed_out_is_noted(void **state) {
    (void)state;
    small_world world;
    world_begin(&world, 3, 1000, 12345);
    for (int i = 0; i < 300; i++) world_step(&world, i % 3);
    for (int64_t tile = 0; tile < 1000; tile++) {
        int noted = 0;
        for (int i = 0; i < 3; i++) noted += (tsr_schedule_bits(world.schedule[i])[tile / 64] >> (tile % 64) & 1) != 0;
        assert_int_equal(noted, world.handed[tile]);
    }
    world_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tile_is_handed_out_once_for_any_ranks_and_totals),
        cmocka_unit_test(a_shuffled_order_hands_out_every_tile_once),
        cmocka_unit_test(a_slow_rank_leaves_its_part_of_the_tail_to_the_others),
        cmocka_unit_test(a_cancelled_pass_ends_on_every_rank_with_no_more_tiles),
        cmocka_unit_test(a_cancellation_that_comes_late_leaves_the_next_pass_alone),
        cmocka_unit_test(what_was_handed_out_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Placement is judged from rows of made-up hosts: nothing here depends on the machine that runs the test. */
#include "engine/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { RANKS_MAX = 8 };

typedef struct {
    tsr_placement placement;
    tsr_rank_place place[RANKS_MAX];
} scenario;

static void add_rank(scenario *scene, const char *host, int first_cpu, int last_cpu, int host_cpus, int host_cores) {
    tsr_rank_place *place = &scene->place[scene->placement.ranks++];
    snprintf(place->host, sizeof(place->host), "%s", host);
    for (int cpu = first_cpu; cpu <= last_cpu; cpu++) tsr_cpus_set(&place->mask, cpu);
    place->host_cpus = host_cpus;
    place->host_cores = host_cores;
}

static const tsr_placement *judge(scenario *scene, tsr_launcher launcher, int threads) {
    const tsr_launch launch = {.launcher = launcher, .command = "tessera run pi.yaml", .threads = threads};
    scene->placement.place = scene->place;
    tsr_placement_judge(&scene->placement, &launch);
    return &scene->placement;
}

static void assert_verdict(const tsr_placement *placement, bool threads, bool host, bool overlapping, bool idle) {
    assert_int_equal(placement->oversubscribed_threads, threads);
    assert_int_equal(placement->oversubscribed_host, host);
    assert_int_equal(placement->overlapping, overlapping);
    assert_int_equal(placement->idle, idle);
    assert_int_equal(placement->advice[0] != '\0', threads || host || overlapping || idle);
}

static void assert_advice(const tsr_placement *placement, const char *part) {
    if (!strstr(placement->advice, part)) assert_string_equal(placement->advice, part);
}

static void test_one_process_uses_all_its_cpus(void **state) {
    (void)state;
    scenario scene = {0};
    add_rank(&scene, "a", 0, 7, 8, 4);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_NONE, 0);
    assert_verdict(placement, false, false, false, false);
    assert_int_equal(placement->place[0].threads, 8);
    assert_string_equal(placement->place[0].cpus, "0-7");
}

static void test_unbound_ranks_share_their_mask_equally(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 3; rank++) add_rank(&scene, "a", 0, 7, 8, 8);
    add_rank(&scene, "b", 0, 7, 8, 8);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 0);
    assert_verdict(placement, false, false, false, false);
    for (int rank = 0; rank < 3; rank++) assert_int_equal(placement->place[rank].threads, 2);
    assert_int_equal(placement->place[3].threads, 8);
}

static void test_more_threads_than_cpus_of_one_process_names_the_right_number(void **state) {
    (void)state;
    scenario scene = {0};
    add_rank(&scene, "a", 0, 1, 2, 2);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_NONE, 8);
    assert_verdict(placement, true, true, false, false);
    assert_string_equal(placement->advice, "this process may use 2 CPUs but was given 8 threads; start it with: "
                                           "tessera run pi.yaml --threads 2");
}

static void test_mpirun_bound_each_rank_to_one_core_but_two_threads_were_asked_for(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 2; rank++) add_rank(&scene, "a", rank, rank, 8, 8);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 2);
    assert_verdict(placement, true, true, false, false);
    assert_string_equal(placement->advice, "rank 0 on a may use 1 CPU but was given 2 threads; start the run with: "
                                           "mpirun --map-by slot:PE=2 -n 2 tessera run pi.yaml --threads 2");
}

static void test_ranks_on_several_hosts_are_mapped_per_host(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 4; rank++) add_rank(&scene, rank % 2 ? "b" : "a", rank / 2, rank / 2, 8, 8);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 4);
    assert_int_equal(placement->place[2].host_first, 0);
    assert_int_equal(placement->place[3].host_first, 1);
    assert_int_equal(placement->place[3].host_end, 4);
    for (int rank = 0; rank < 4; rank++) assert_int_equal(placement->place[rank].group, rank); /* nobody shares */
    assert_advice(placement, "mpirun --map-by ppr:2:node:PE=4 -n 4 tessera run pi.yaml --threads 4");
}

static void test_where_only_hardware_threads_suffice_ranks_are_left_unbound(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 2; rank++) add_rank(&scene, "a", 2 * rank, 2 * rank + 1, 8, 4);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 4);
    assert_advice(placement, ": mpirun --bind-to none -n 2 tessera run pi.yaml --threads 4");
}

static void test_a_host_without_enough_cpus_gets_fewer_threads(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 2; rank++) add_rank(&scene, "a", rank, rank, 4, 4);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 3);
    assert_advice(placement, ": mpirun --map-by slot:PE=2 -n 2 tessera run pi.yaml --threads 2");
}

static void test_under_srun_the_fix_is_cpus_per_task(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 4; rank++) add_rank(&scene, rank < 2 ? "a" : "b", rank % 2, rank % 2, 16, 16);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_SRUN, 4);
    assert_verdict(placement, true, true, false, false);
    assert_advice(placement, "srun -n 4 -c 4 --cpu-bind=cores tessera run pi.yaml --threads 4");
}

static void test_one_core_binding_leaves_a_machine_idle(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 2; rank++) add_rank(&scene, "a", 2 * rank, 2 * rank + 1, 16, 8);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 0);
    assert_verdict(placement, false, false, false, true);
    assert_string_equal(placement->advice, "the launcher lets 2 ranks use 4 of the 16 CPUs of a; to use all: "
                                           "mpirun --map-by slot:PE=4 -n 2 tessera run pi.yaml");
}

static void test_a_host_that_cannot_be_divided_better_is_not_idle(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 5; rank++) add_rank(&scene, "a", rank, rank, 8, 8); /* 8 / 5 is 1: nothing to gain */
    assert_verdict(judge(&scene, TSR_LAUNCHER_MPIRUN, 0), false, false, false, false);
}

static void test_threads_asked_for_are_a_decision_not_idleness(void **state) {
    (void)state;
    scenario scene = {0};
    add_rank(&scene, "a", 0, 0, 8, 8);
    assert_verdict(judge(&scene, TSR_LAUNCHER_MPIRUN, 1), false, false, false, false);
}

static void test_overlap_with_enough_cpus_in_the_union_is_fine(void **state) {
    (void)state;
    scenario scene = {0};
    add_rank(&scene, "a", 0, 3, 8, 8);
    add_rank(&scene, "a", 2, 7, 8, 8);
    assert_verdict(judge(&scene, TSR_LAUNCHER_MPIRUN, 4), false, false, false, false);
}

static void test_ranks_crowding_on_one_cpu_of_a_large_host_overlap(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 2; rank++) add_rank(&scene, "a", 0, 0, 8, 8);
    add_rank(&scene, "b", 0, 0, 8, 8); /* the same CPU of another host is another CPU */
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_SRUN, 1);
    assert_int_equal(placement->place[2].group, 2);
    assert_verdict(placement, false, true, true, false);
    assert_string_equal(placement->advice,
                        "2 ranks on a with 2 threads crowd on CPU 0 although the host has 8 CPUs; start the run with: "
                        "srun -n 3 -c 1 --cpu-bind=cores tessera run pi.yaml --threads 1");
}

static void test_overlap_through_a_third_rank_is_found(void **state) {
    (void)state;
    scenario scene = {0};
    add_rank(&scene, "a", 0, 1, 16, 16);
    add_rank(&scene, "a", 3, 4, 16, 16);
    add_rank(&scene, "a", 1, 3, 16, 16); /* joins the other two: 6 threads on 5 CPUs */
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 2);
    assert_int_equal(placement->place[1].group, 0);
    assert_int_equal(placement->place[2].group, 0);
    assert_verdict(placement, false, true, true, false);
}

static void test_more_ranks_than_cpus_is_an_oversubscribed_host(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 4; rank++) add_rank(&scene, "a", 0, 1, 2, 2);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 0);
    assert_verdict(placement, false, true, false, false);
    assert_string_equal(placement->advice, "a has 2 CPUs for 4 ranks with 4 threads in all, so the times of this run "
                                           "say nothing about scaling; start at most 2 ranks on this host");
}

static void test_too_many_threads_for_a_host_of_unbound_ranks(void **state) {
    (void)state;
    scenario scene = {0};
    for (int rank = 0; rank < 2; rank++) add_rank(&scene, "a", 0, 3, 4, 4);
    const tsr_placement *placement = judge(&scene, TSR_LAUNCHER_MPIRUN, 4);
    assert_verdict(placement, false, true, false, false);
    assert_advice(placement, "mpirun --map-by slot:PE=2 -n 2 tessera run pi.yaml --threads 2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_process_uses_all_its_cpus),
        cmocka_unit_test(test_unbound_ranks_share_their_mask_equally),
        cmocka_unit_test(test_more_threads_than_cpus_of_one_process_names_the_right_number),
        cmocka_unit_test(test_mpirun_bound_each_rank_to_one_core_but_two_threads_were_asked_for),
        cmocka_unit_test(test_ranks_on_several_hosts_are_mapped_per_host),
        cmocka_unit_test(test_where_only_hardware_threads_suffice_ranks_are_left_unbound),
        cmocka_unit_test(test_a_host_without_enough_cpus_gets_fewer_threads),
        cmocka_unit_test(test_under_srun_the_fix_is_cpus_per_task),
        cmocka_unit_test(test_one_core_binding_leaves_a_machine_idle),
        cmocka_unit_test(test_a_host_that_cannot_be_divided_better_is_not_idle),
        cmocka_unit_test(test_threads_asked_for_are_a_decision_not_idleness),
        cmocka_unit_test(test_overlap_with_enough_cpus_in_the_union_is_fine),
        cmocka_unit_test(test_ranks_crowding_on_one_cpu_of_a_large_host_overlap),
        cmocka_unit_test(test_overlap_through_a_third_rank_is_found),
        cmocka_unit_test(test_more_ranks_than_cpus_is_an_oversubscribed_host),
        cmocka_unit_test(test_too_many_threads_for_a_host_of_unbound_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

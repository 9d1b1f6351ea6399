#include "engine/placement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ranks taken together: those of a host, or those that share CPUs. */
typedef struct {
    int first; /* lowest rank */
    int ranks;
    int threads; /* sum over ranks */
    int threads_most;
    tsr_cpus mask; /* union over ranks */
} tsr_crowd;

static int smaller(int a, int b) { return a < b ? a : b; }
static int larger(int a, int b) { return a > b ? a : b; }
static const char *plural(int count) { return count == 1 ? "" : "s"; }

tsr_launcher tsr_launcher_find(void) {
    /* mpirun may use srun to start its daemons, so its own variables are asked first. */
    if (getenv("OMPI_COMM_WORLD_SIZE")) return TSR_LAUNCHER_MPIRUN;
    if (!getenv("PMIX_RANK") && !getenv("PMI_RANK")) return TSR_LAUNCHER_NONE;
    return getenv("SLURM_PROCID") ? TSR_LAUNCHER_SRUN : TSR_LAUNCHER_MPIRUN;
}

/* ---- who shares what ---- */

static void find_hosts(tsr_placement *placement) {
    tsr_rank_place *place = placement->place;
    for (int rank = 0; rank < placement->ranks; rank++) {
        int first = rank ? place[rank - 1].host_first : 0; /* ranks of a host mostly stand together */
        if (strcmp(place[first].host, place[rank].host) != 0)
            for (first = 0; first < rank; first++)
                if (place[first].host_first == first && strcmp(place[first].host, place[rank].host) == 0) break;
        place[rank].host_first = first;
        place[first].host_end = rank + 1;
    }
    for (int rank = 0; rank < placement->ranks; rank++) place[rank].host_end = place[place[rank].host_first].host_end;
}

/* Gives rank's number as group to all ranks of its host that share CPUs with it, directly or through others. */
static void find_group(tsr_placement *placement, int rank) {
    tsr_rank_place *place = placement->place;
    tsr_cpus mask = place[rank].mask;
    place[rank].group = rank;
    for (bool grown = true; grown;) {
        grown = false;
        for (int other = rank + 1; other < place[rank].host_end; other++) {
            bool free = place[other].group < 0 && place[other].host_first == place[rank].host_first;
            if (!free || !tsr_cpus_overlap(&place[other].mask, &mask)) continue;
            place[other].group = rank;
            tsr_cpus_add(&mask, &place[other].mask);
            grown = true;
        }
    }
}

/* Divides every CPU of a group equally among the ranks that may use it; each rank gets at least one thread. */
static void share_group(tsr_placement *placement, int group) {
    tsr_rank_place *place = placement->place;
    int users[TSR_CPUS_MAX] = {0};
    for (int rank = group; rank < place[group].host_end; rank++)
        for (int cpu = 0; cpu < TSR_CPUS_MAX && place[rank].group == group; cpu++)
            users[cpu] += tsr_cpus_has(&place[rank].mask, cpu);
    for (int rank = group; rank < place[group].host_end; rank++) {
        if (place[rank].group != group) continue;
        double cpus = 1e-6;
        for (int cpu = 0; cpu < TSR_CPUS_MAX; cpu++)
            if (tsr_cpus_has(&place[rank].mask, cpu)) cpus += 1.0 / users[cpu];
        place[rank].threads = larger(1, (int)cpus);
    }
}

static void describe(tsr_placement *placement, int threads) {
    tsr_rank_place *place = placement->place;
    find_hosts(placement);
    for (int rank = 0; rank < placement->ranks; rank++) {
        place[rank].cpu_count = tsr_cpus_count(&place[rank].mask);
        tsr_cpus_write(&place[rank].mask, place[rank].cpus, sizeof(place[rank].cpus));
        place[rank].group = -1;
        place[rank].threads = threads;
    }
    for (int rank = 0; rank < placement->ranks; rank++) {
        if (place[rank].group >= 0) continue;
        find_group(placement, rank);
        if (!threads) share_group(placement, rank);
    }
}

static void crowd_add(tsr_crowd *crowd, const tsr_rank_place *place) {
    crowd->ranks++;
    crowd->threads += place->threads;
    crowd->threads_most = larger(crowd->threads_most, place->threads);
    tsr_cpus_add(&crowd->mask, &place->mask);
}

static tsr_crowd crowd_of_host(const tsr_placement *placement, int first) {
    tsr_crowd crowd = {.first = first};
    for (int rank = first; rank < placement->place[first].host_end; rank++)
        if (placement->place[rank].host_first == first) crowd_add(&crowd, &placement->place[rank]);
    return crowd;
}

static tsr_crowd crowd_of_group(const tsr_placement *placement, int first) {
    tsr_crowd crowd = {.first = first};
    for (int rank = first; rank < placement->place[first].host_end; rank++)
        if (placement->place[rank].group == first) crowd_add(&crowd, &placement->place[rank]);
    return crowd;
}

/* ---- advice ---- */

static void say(tsr_placement *placement, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(tsr_placement *placement, const char *format, ...) {
    size_t used = strlen(placement->advice);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(placement->advice + used, sizeof(placement->advice) - used, format, arguments);
    va_end(arguments);
}

static bool one_host(const tsr_placement *placement) {
    return placement->place[placement->ranks - 1].host_first == 0 && placement->place[0].host_end == placement->ranks;
}

/* The launcher's words that give each rank `threads` CPUs of its own. PE counts cores, so where only hardware threads
 * suffice the ranks are left unbound. */
static void say_launcher(tsr_placement *placement, const tsr_launch *launch, const tsr_crowd *host, int threads) {
    const tsr_rank_place *place = &placement->place[host->first];
    if (launch->launcher == TSR_LAUNCHER_SRUN)
        say(placement, "srun -n %d -c %d --cpu-bind=cores ", placement->ranks, threads);
    else if (launch->launcher == TSR_LAUNCHER_MPIRUN && host->ranks * threads > place->host_cores)
        say(placement, "mpirun --bind-to none -n %d ", placement->ranks);
    else if (launch->launcher == TSR_LAUNCHER_MPIRUN && one_host(placement))
        say(placement, "mpirun --map-by slot:PE=%d -n %d ", threads, placement->ranks);
    else if (launch->launcher == TSR_LAUNCHER_MPIRUN)
        say(placement, "mpirun --map-by ppr:%d:node:PE=%d -n %d ", host->ranks, threads, placement->ranks);
}

/* The whole command line: as many threads as wanted if the host has the CPUs, else as many as it has. */
static void say_command(tsr_placement *placement, const tsr_launch *launch, const tsr_crowd *host, int threads) {
    int fit = larger(1, placement->place[host->first].host_cpus / larger(1, host->ranks));
    say_launcher(placement, launch, host, smaller(threads, fit));
    say(placement, "%s", launch->command);
    if (launch->threads || fit < threads) say(placement, " --threads %d", smaller(threads, fit));
}

static void advise_threads(tsr_placement *placement, const tsr_launch *launch, int rank) {
    const tsr_rank_place *place = &placement->place[rank];
    tsr_crowd host = crowd_of_host(placement, place->host_first);
    if (placement->ranks == 1)
        say(placement, "this process may use %d CPU%s but was given %d threads; start it with: ", place->cpu_count,
            plural(place->cpu_count), place->threads);
    else
        say(placement, "rank %d on %s may use %d CPU%s but was given %d threads; start the run with: ", rank,
            place->host, place->cpu_count, plural(place->cpu_count), place->threads);
    say_command(placement, launch, &host, place->threads);
}

static void advise_overlap(tsr_placement *placement, const tsr_launch *launch, const tsr_crowd *group) {
    const tsr_rank_place *place = &placement->place[group->first];
    tsr_crowd host = crowd_of_host(placement, place->host_first);
    char cpus[64];
    tsr_cpus_write(&group->mask, cpus, sizeof(cpus));
    int count = tsr_cpus_count(&group->mask);
    say(placement,
        "%d ranks on %s with %d threads crowd on CPU%s %s although the host has %d CPUs; start the run with: ",
        group->ranks, place->host, group->threads, plural(count), cpus, place->host_cpus);
    say_command(placement, launch, &host, host.threads_most);
}

static void advise_host(tsr_placement *placement, const tsr_launch *launch, const tsr_crowd *host) {
    const tsr_rank_place *place = &placement->place[host->first];
    int cpus = tsr_cpus_count(&host->mask);
    say(placement,
        "%s has %d CPU%s for %d rank%s with %d threads in all, so the times of this run say nothing about scaling; ",
        place->host, cpus, plural(cpus), host->ranks, plural(host->ranks), host->threads);
    if (place->host_cpus >= host->ranks) {
        say(placement, "start it with: ");
        say_command(placement, launch, host, host->threads_most);
    } else {
        say(placement, "start at most %d rank%s on this host", place->host_cpus, plural(place->host_cpus));
    }
}

static void advise_idle(tsr_placement *placement, const tsr_launch *launch, const tsr_crowd *host, int threads) {
    const tsr_rank_place *place = &placement->place[host->first];
    int cpus = tsr_cpus_count(&host->mask);
    say(placement, "the launcher lets %d rank%s use %d of the %d CPUs of %s; to use all: ", host->ranks,
        plural(host->ranks), cpus, place->host_cpus, place->host);
    say_launcher(placement, launch, host, threads);
    say(placement, "%s", launch->command);
}

/* ---- judgement ---- */

static void judge_threads(tsr_placement *placement, const tsr_launch *launch) {
    for (int rank = 0; rank < placement->ranks && !placement->oversubscribed_threads; rank++) {
        if (placement->place[rank].threads <= placement->place[rank].cpu_count) continue;
        placement->oversubscribed_threads = true;
        advise_threads(placement, launch, rank);
    }
}

/* Unbound ranks share CPUs legitimately; it is a fault only if there are too few for their threads. */
static void judge_group(tsr_placement *placement, const tsr_launch *launch, int first) {
    tsr_crowd group = crowd_of_group(placement, first);
    if (placement->overlapping || group.ranks < 2 || group.threads <= tsr_cpus_count(&group.mask)) return;
    tsr_crowd host = crowd_of_host(placement, placement->place[first].host_first);
    if (host.threads > placement->place[first].host_cpus) return;
    placement->overlapping = true;
    if (!placement->advice[0]) advise_overlap(placement, launch, &group);
}

static void judge_host(tsr_placement *placement, const tsr_launch *launch, const tsr_crowd *host) {
    if (placement->oversubscribed_host || host->threads <= tsr_cpus_count(&host->mask)) return;
    placement->oversubscribed_host = true;
    if (!placement->advice[0]) advise_host(placement, launch, host);
}

/* A launcher that binds each rank to one core wastes a machine silently. Whoever asks for threads, or binds by hand,
 * has decided. */
static void judge_idle(tsr_placement *placement, const tsr_launch *launch, const tsr_crowd *host) {
    const tsr_rank_place *place = &placement->place[host->first];
    if (placement->idle || launch->launcher == TSR_LAUNCHER_NONE || launch->threads) return;
    bool by_core = launch->launcher == TSR_LAUNCHER_MPIRUN;
    int units = by_core ? place->host_cores : place->host_cpus;
    int threads = units / larger(1, host->ranks); /* what each rank could have, in units of the launcher */
    int cpus = by_core ? threads * (place->host_cpus / larger(1, place->host_cores)) : threads;
    if (host->ranks * cpus <= tsr_cpus_count(&host->mask)) return;
    placement->idle = true;
    if (!placement->advice[0]) advise_idle(placement, launch, host, threads);
}

void tsr_placement_judge(tsr_placement *placement, const tsr_launch *launch) {
    describe(placement, launch->threads);
    judge_threads(placement, launch);
    for (int rank = 0; rank < placement->ranks; rank++)
        if (placement->place[rank].group == rank) judge_group(placement, launch, rank);
    for (int rank = 0; rank < placement->ranks; rank++) {
        if (placement->place[rank].host_first != rank) continue;
        tsr_crowd host = crowd_of_host(placement, rank);
        judge_host(placement, launch, &host);
        judge_idle(placement, launch, &host);
    }
}

/* ---- gathering ---- */

static tsr_rank_place here(void) {
    tsr_rank_place place = {0};
    tsr_cpus available;
    tsr_cpus_allowed(&place.mask);
    tsr_cpus_available(&available);
    tsr_cpus_add(&available, &place.mask);
    place.host_cpus = tsr_cpus_count(&available);
    place.host_cores = tsr_cpus_cores(&available);
    if (gethostname(place.host, sizeof(place.host)) != 0) strcpy(place.host, "this host");
    place.host[sizeof(place.host) - 1] = '\0';
    return place;
}

tsr_status tsr_placement_check(tsr_comm *comm, const tsr_launch *launch, tsr_placement **out) {
    tsr_placement *placement = calloc(1, sizeof(*placement));
    if (placement) placement->place = calloc((size_t)comm->size, sizeof(*placement->place));
    tsr_status status = TSR_OK;
    if (!placement || !placement->place)
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for a table of %d ranks", comm->size);
    status = tsr_comm_agree(comm, status);
    if (status != TSR_OK || !placement || !placement->place) {
        tsr_placement_destroy(&placement);
        return status;
    }
    placement->ranks = comm->size;
    const tsr_rank_place mine = here();
    comm->gather(comm, &mine, sizeof(mine), placement->place);
    tsr_placement_judge(placement, launch);
    *out = placement;
    return TSR_OK;
}

void tsr_placement_destroy(tsr_placement **placement) {
    if (!*placement) return;
    free((*placement)->place);
    free(*placement);
    *placement = NULL;
}

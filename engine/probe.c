#include "engine/probe.h"

#include "engine/team.h"

#include <stdlib.h>
#include <string.h>

/* ---- where a group is ---- */

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t tiles_of(const tsr_stored_stage *stored, int64_t point) {
    return (stored->point_items[point] + stored->tile_items - 1) / stored->tile_items;
}

tsr_range tsr_probe_tiles(const tsr_stored_stage *stored, const tsr_probe *probe) {
    const int64_t begin = probe->group * stored->prints.group_tiles;
    return (tsr_range){begin, smaller(begin + stored->prints.group_tiles, tiles_of(stored, probe->point))};
}

tsr_range tsr_probe_items(const tsr_stored_stage *stored, const tsr_probe *probe) {
    const tsr_range tiles = tsr_probe_tiles(stored, probe);
    return (tsr_range){tiles.begin * stored->tile_items,
                       smaller(tiles.end * stored->tile_items, stored->point_items[probe->point])};
}

/* ---- computing ---- */

/* One computation of some groups. */
typedef struct {
    tsr_bound_stage stage; /* without tallies, and with the items that are stored */
    const tsr_stored_stage *stored;
    const tsr_probe *probe; /* [count] */
    int64_t count;
    int64_t workers; /* threads of all ranks */
    int64_t first;   /* which of them is thread 0 here */
    bool again;      /* only those that differ, by other threads */
    tsr_prints found;
} probing;

static tsr_status make_stage(const tsr_bound_stage *stage, const tsr_stored_stage *stored, tsr_bound_stage *out) {
    *out = *stage;
    out->tally_count = 0;
    out->skipped = out->selected = out->places = -1;
    out->filter = NULL;
    out->groups = (tsr_groups){.count = 1};
    out->point = calloc((size_t)stage->span.points, sizeof(*out->point));
    TSR_REQUIRE(out->point != NULL, TSR_ERUNTIME, "no memory for %lld sweep points", (long long)stage->span.points);
    memcpy(out->point, stage->point, (size_t)stage->span.points * sizeof(*out->point));
    for (int64_t p = 0; p < stored->points; p++) out->point[p].items = stored->point_items[p];
    return TSR_OK;
}

static tsr_status print_tiles(probing *work, tsr_worker *worker, int64_t turn) {
    int64_t number = 0; /* of the tile, among all that are to be computed */
    for (int64_t i = 0; i < work->count; i++) {
        const tsr_probe *probe = &work->probe[i];
        const tsr_range tiles = tsr_probe_tiles(work->stored, probe);
        if (work->again && !probe->differs) continue;
        for (int64_t tile = tiles.begin; tile < tiles.end; tile++, number++) {
            if ((number + work->again) % work->workers != turn) continue;
            TSR_TRY(
                tsr_worker_fold(worker, &(tsr_tile_task){.point = probe->point, .tile = tile, .prints = &work->found}));
        }
    }
    return TSR_OK;
}

static tsr_status probe_thread(int thread, void *data) {
    probing *work = data;
    tsr_worker *worker = NULL;
    tsr_status status = tsr_worker_create(&work->stage, 1, &worker);
    if (status == TSR_OK) status = print_tiles(work, worker, work->first + thread);
    tsr_worker_destroy(&worker);
    return status;
}

static tsr_status compute(probing *work, tsr_comm *comm, int threads) {
    tsr_prints_clear(&work->found);
    tsr_status status = tsr_prints_create_like(&work->stored->prints, &work->found);
    if (status == TSR_OK) status = tsr_team_run(threads, probe_thread, work);
    status = tsr_comm_agree(comm, status);
    if (status == TSR_OK) comm->sum(comm, (int64_t *)work->found.sum, work->found.offset[work->found.points]);
    return status;
}

/* ---- comparing ---- */

/* Groups that differ stay in `found` as they came out first. */
static bool compare(const probing *work, tsr_probe *probe) {
    bool any = false;
    for (int64_t i = 0; i < work->count; i++) {
        const uint64_t stored = tsr_prints_at(&work->stored->prints, probe[i].point, probe[i].group);
        probe[i].differs = tsr_prints_at(&work->found, probe[i].point, probe[i].group) != stored;
        any |= probe[i].differs;
    }
    return any;
}

static tsr_status compute_again(probing *work, tsr_comm *comm, int threads, tsr_probe *probe) {
    tsr_prints first = {0};
    TSR_TRY(tsr_comm_agree(comm, tsr_prints_copy(&work->found, &first)));
    work->again = true;
    const tsr_status status = compute(work, comm, threads);
    for (int64_t i = 0; i < work->count && status == TSR_OK; i++)
        probe[i].is_steady = probe[i].differs && tsr_prints_at(&first, probe[i].point, probe[i].group) ==
                                                     tsr_prints_at(&work->found, probe[i].point, probe[i].group);
    tsr_prints_clear(&first);
    return status;
}

/* Which threads of all are those of this rank; ranks may have different numbers of them. */
static tsr_status number_workers(tsr_comm *comm, int threads, probing *work) {
    const int64_t mine = threads;
    int64_t *all = calloc((size_t)comm->size, sizeof(*all));
    tsr_status status = all != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for the ranks");
    TSR_TRY_OUT(tsr_comm_agree(comm, status));
    comm->gather(comm, &mine, (int64_t)sizeof(mine), all);
    for (int rank = 0; rank < comm->size; rank++) {
        if (rank < comm->rank) work->first += all[rank];
        work->workers += all[rank];
    }
out:
    free(all);
    return status;
}

static tsr_status probe_all(probing *work, tsr_comm *comm, int threads, tsr_probe *probe) {
    TSR_TRY(number_workers(comm, threads, work));
    TSR_TRY(compute(work, comm, threads));
    return compare(work, probe) ? compute_again(work, comm, threads, probe) : TSR_OK;
}

tsr_status tsr_probe_run(const tsr_bound_stage *stage, const tsr_stored_stage *stored, tsr_comm *comm, int threads,
                         tsr_probe *probe, int64_t count) {
    probing work = {.stored = stored, .probe = probe, .count = count};
    tsr_status status = tsr_comm_agree(comm, make_stage(stage, stored, &work.stage));
    if (status == TSR_OK) status = probe_all(&work, comm, threads, probe);
    tsr_prints_clear(&work.found);
    free(work.stage.point);
    return status;
}

/* ---- before going on ---- */

static tsr_status refuse(const tsr_stage_run *run, const tsr_probe *probe) {
    const tsr_stage *spec = run->stage->spec;
    const tsr_range tiles = tsr_probe_tiles(run->stored, probe);
    return TSR_FAIL(TSR_ECHECKPOINT,
                    "kernel %s gives other numbers than when this was written (stage %s, point %lld, tiles %lld to "
                    "%lld): another version of the program, another input, or a faulty machine%s",
                    spec->source.table->name, spec->name, (long long)probe->point, (long long)tiles.begin,
                    (long long)tiles.end - 1,
                    probe->is_steady ? "" : "; this one, since it gives other numbers each time");
}

/* Spread over all groups there are, the first of them for rank 0. */
static int64_t choose(const tsr_stored_stage *stored, int64_t ranks, tsr_probe *probe) {
    const int64_t groups = stored->prints.offset[stored->prints.points];
    const int64_t count = smaller(ranks, groups);
    int64_t point = 0;
    for (int64_t i = 0; i < count; i++) {
        const int64_t place = i * (groups / count);
        while (stored->prints.offset[point + 1] <= place) point++;
        probe[i] = (tsr_probe){.point = point, .group = place - stored->prints.offset[point]};
    }
    return count;
}

tsr_status tsr_probe_restored(const tsr_stage_run *run) {
    const tsr_stored_stage *stored = run->stored;
    tsr_probe *probe = calloc((size_t)run->comm->size, sizeof(*probe));
    tsr_status status = probe != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory to look at a few tiles");
    status = tsr_comm_agree(run->comm, status);
    const int64_t count = status == TSR_OK ? choose(stored, run->comm->size, probe) : 0;
    if (count > 0) status = tsr_probe_run(run->stage, stored, run->comm, 1, probe, count);
    for (int64_t i = 0; i < count && status == TSR_OK; i++)
        if (probe[i].differs) status = tsr_comm_agree(run->comm, refuse(run, &probe[i]));
    free(probe);
    return status;
}

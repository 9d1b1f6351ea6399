/* What the engine costs: a sampler with its moments, run by the engine, against the same fill in a bare OpenMP loop
 * that keeps a sum and a sum of squares per thread. Interleaved; medians of CPU time and of ratios within a round are
 * printed, nothing is judged. bench_engine [ITEMS [THREADS [REPEATS [SOURCE...]]]]; the sources are pi and european if
 * none is named. */
#include "engine/kernel.h"
#include "engine/run.h"
#include "engine/stage.h"
#include "engine/tallies/moments.h"
#include "kernels/registry.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEATS_MAX = 1001, LANES = 32, BLOCK = 1024 };

/* CPU time of all threads: on a shared machine the only clock that tells the work from the waiting. */
static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The plain statistics of the bare loop: 32 lanes, so that the addition's latency is hidden. */
static void plain_sums(const double *x, int64_t items, double *sum, double *square) {
    double s[LANES] = {0}, q[LANES] = {0};
    for (int64_t i = 0; i + LANES <= items; i += LANES)
        for (int j = 0; j < LANES; j++) {
            s[j] += x[i + j];
            q[j] += x[i + j] * x[i + j];
        }
    for (int j = 0; j < LANES; j++) {
        *sum += s[j];
        *square += q[j];
    }
}

static double bare_loop(const tsr_source *source, const void *model, int64_t items, int threads) {
    double sum = 0, square = 0;
    double begun = cpu_seconds();
#pragma omp parallel num_threads(threads) reduction(+ : sum, square)
    {
        tsr_draws *draws = NULL;
        double *data = aligned_alloc(64, BLOCK * sizeof(double));
        tsr_sampling sampling = {.stream = tsr_stream_make(1, "bench", 0)};
        if (source->demand != NULL) sampling.demand = source->demand(model);
        int64_t step = source->block_items > 0 ? source->block_items : BLOCK;
        size_t workspace = source->workspace != NULL ? source->workspace(model, step) : 0;
        if (tsr_draws_create(workspace, &draws) != TSR_OK) abort();
#pragma omp for schedule(static)
        for (int64_t item = 0; item < items; item += step) {
            tsr_block block = {.item = item, .items = step, .stride = BLOCK, .columns = 1, .data = data};
            tsr_draws_begin(draws, &sampling, item, step);
            if (source->fill(model, draws, &block) != TSR_OK) abort();
            plain_sums(data, step, &sum, &square);
        }
        tsr_draws_destroy(&draws);
        free(data);
    }
    double seconds = cpu_seconds() - begun;
    if (sum == 12345.678) printf("%g\n", square); /* keeps both alive */
    return seconds;
}

typedef struct {
    tsr_job job;
    tsr_stage stage;
    tsr_tally_use tally;
    tsr_setting order;
    tsr_setting *orders[1];
    tsr_setting settings;
    char order_text[2];
} bench_job;

static char place[] = "bench", order_key[] = "order";

static void make_job(bench_job *bench, const tsr_source *source, int64_t items, char order, tsr_nonfinite nonfinite) {
    bench->order_text[0] = order;
    bench->order = (tsr_setting){.kind = TSR_SCALAR, .key = order_key, .text = bench->order_text, .where = place};
    bench->orders[0] = &bench->order;
    bench->settings = (tsr_setting){.kind = TSR_MAP, .where = place, .count = 1, .child = bench->orders};
    bench->tally = (tsr_tally_use){.table = &tsr_tally_moments, .settings = &bench->settings, .where = place};
    bench->stage = (tsr_stage){.name = "bench",
                               .where = place,
                               .source = {.table = source, .where = place},
                               .tallies = &bench->tally,
                               .tally_count = 1,
                               .items = items,
                               .nonfinite = nonfinite};
    bench->job = (tsr_job){.name = "bench",
                           .file = place,
                           .folder = "",
                           .seed = 1,
                           .stages = &bench->stage,
                           .stage_count = 1,
                           .common_random_numbers = true};
}

static double engine_run(const tsr_source *source, int64_t items, int threads, char order, tsr_nonfinite nonfinite) {
    bench_job bench = {0};
    tsr_plan *plan = NULL;
    tsr_comm *comm = NULL;
    tsr_outcome *outcome = NULL;
    make_job(&bench, source, items, order, nonfinite);
    if (tsr_comm_open(&comm) != TSR_OK || tsr_plan_create(&bench.job, &plan) != TSR_OK) abort();
    double begun = cpu_seconds();
    if (tsr_plan_run(plan, comm, &(tsr_run_options){.threads = threads}, &outcome) != TSR_OK) abort();
    double seconds = cpu_seconds() - begun;
    tsr_outcome_destroy(&outcome);
    tsr_plan_destroy(&plan);
    tsr_comm_close(&comm);
    return seconds;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof(*values), by_value);
    return values[count / 2];
}

/* What the engine is asked for. Order 2 has two more sums of powers than order 1; `keep` does not look for what is not
 * finite. */
static const struct {
    const char *name;
    char order;
    tsr_nonfinite nonfinite;
} ways[] = {{"order 1", '1', TSR_NONFINITE_ABORT},
            {"order 1, keep", '1', TSR_NONFINITE_KEEP},
            {"order 2", '2', TSR_NONFINITE_ABORT}};
enum { WAYS = sizeof(ways) / sizeof(*ways) };

static void bench(const tsr_source *source, int64_t items, int threads, int repeats) {
    double bare[REPEATS_MAX], seconds[WAYS][REPEATS_MAX], ratio[WAYS][REPEATS_MAX];
    tsr_params *params = NULL;
    void *model = NULL;
    tsr_binding binding = {.folder = ""};
    if (tsr_params_bind(source->params, NULL, source->name, &binding, &params) != TSR_OK) return;
    if (source->create != NULL && source->create(params, &model) != TSR_OK) abort();
    for (int r = 0; r < repeats; r++) {
        for (int turn = 0; turn <= WAYS; turn++) { /* each in its turn comes first */
            const int w = (turn + r) % (WAYS + 1);
            if (w == WAYS)
                bare[r] = bare_loop(source, model, items, threads);
            else
                seconds[w][r] = engine_run(source, items, threads, ways[w].order, ways[w].nonfinite);
        }
        for (int w = 0; w < WAYS; w++) ratio[w][r] = seconds[w][r] / bare[r];
    }
    const double scale = 1e9 / (double)items;
    printf("%-12s %d threads  bare loop      %6.3f ns\n", source->name, threads, scale * median(bare, repeats));
    for (int w = 0; w < WAYS; w++)
        printf("%-12s %d threads  %-14s %6.3f ns  ratio %.3f\n", source->name, threads, ways[w].name,
               scale * median(seconds[w], repeats), median(ratio[w], repeats));
    if (source->destroy != NULL) source->destroy(model);
    tsr_params_destroy(&params);
}

static const tsr_source *find_source(const char *name) {
    for (const tsr_source *const *source = tsr_kernel_sources; *source != NULL; source++)
        if (strcmp((*source)->name, name) == 0 && (*source)->fields != NULL) return *source;
    fprintf(stderr, "no source %s with fixed columns\n", name);
    exit(64);
}

int main(int count, char **argument) {
    int64_t items = count > 1 ? (int64_t)strtod(argument[1], NULL) : 100000000;
    int threads = count > 2 ? atoi(argument[2]) : 1;
    int repeats = count > 3 ? atoi(argument[3]) : 7;
    items -= items % BLOCK;
    printf("%s, %lld items, medians of %d, CPU nanoseconds per item\n", tsr_stream_generator(), (long long)items,
           repeats);
    if (count <= 4) {
        bench(find_source("pi"), items, threads, repeats);
        bench(find_source("european"), items, threads, repeats);
    }
    for (int i = 4; i < count; i++) bench(find_source(argument[i]), items, threads, repeats);
    return 0;
}

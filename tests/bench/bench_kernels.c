/* What one item costs in each built-in sampler: nanoseconds of its fill, random numbers included, on one core.
 * Every round times every source once, so that the machine's moods hit all alike, and for so short a time that other
 * programs seldom cut in; the fastest round counts. */
#include "drive.h"
#include "engine/clock.h"
#include "engine/vmath.h"

#include <stdio.h>

enum { ROUNDS = 200, TURN_NS = 300000, SOURCES_MAX = 64, SEED = 1 };

typedef struct {
    tsr_drive drive;
    tsr_block block;
    double best_ns;
} runner;

static double *zeros(int64_t values) {
    double *data = aligned_alloc(64, (size_t)values * sizeof(double));
    for (int64_t i = 0; i < values; i++) data[i] = 0.0;
    return data;
}

/* Four assets over ten days. */
static tsr_setting *portfolio_settings(void) {
    const double weights[] = {0.25, 0.25, 0.25, 0.25}, mean[] = {6e-4, 8e-4, 4e-4, 4e-4};
    const double covariance[] = {1.06e-4, 6.7e-5, 8.3e-5, 5.3e-5, 6.7e-5, 8.6e-5, 6.3e-5, 4.3e-5,
                                 8.3e-5,  6.3e-5, 1.2e-4, 5.7e-5, 5.3e-5, 4.3e-5, 5.7e-5, 6.3e-5};
    return tree(TSR_MAP, "bench", numbers("weights", 4, weights), numbers("mean", 4, mean),
                numbers("covariance", 16, covariance), number("dof", 4.5), NULL);
}

static bool runner_open(const tsr_source *source, runner *out) {
    tsr_setting *settings = strcmp(source->name, "portfolio_t") == 0 ? portfolio_settings() : NULL;
    if (source->items || drive_open(source, settings, NULL, SEED, &out->drive) != TSR_OK) return false;
    out->block = (tsr_block){.items = out->drive.block_items,
                             .stride = out->drive.block_items,
                             .columns = out->drive.columns,
                             .data = zeros(out->drive.columns * out->drive.block_items)};
    out->best_ns = INFINITY;
    return true;
}

static void runner_time(runner *self) {
    const int64_t begin_ns = tsr_clock_ns();
    int64_t items = 0, elapsed_ns = 0;
    while (elapsed_ns < TURN_NS) {
        if (drive_block(&self->drive, self->drive.draws, &self->block) != TSR_OK) abort();
        self->block.item += self->block.items;
        items += self->block.items;
        elapsed_ns = tsr_clock_ns() - begin_ns;
    }
    self->best_ns = fmin(self->best_ns, (double)elapsed_ns / (double)items);
}

/* A source that only asks for numbers: what the others pay for theirs. */
static tsr_status ask_uniforms(const void *model, tsr_draws *draws, tsr_block *out) {
    (void)model;
    for (int64_t draw = 0; draw < 40; draw += TSR_QUAD) tsr_column(out, 0)[0] = tsr_uniform(draws, draw)[0];
    return TSR_OK;
}

static tsr_status ask_normals(const void *model, tsr_draws *draws, tsr_block *out) {
    (void)model;
    for (int64_t draw = 0; draw < 40; draw += TSR_QUAD) tsr_column(out, 0)[0] = tsr_normal(draws, draw)[0];
    return TSR_OK;
}

static const tsr_param no_params[] = {{.name = NULL}};
static const tsr_field one_field[] = {{.name = "number", .unit = "1", .long_name = "one"}, {.name = NULL}};
static const tsr_source uniforms = {
    .name = "40 uniforms", .params = no_params, .fields = one_field, .fill = ask_uniforms, .block_items = 256};
static const tsr_source normals = {
    .name = "40 normals", .params = no_params, .fields = one_field, .fill = ask_normals, .block_items = 256};

int main(void) {
    static runner runners[SOURCES_MAX];
    int count = 0;
    if (runner_open(&uniforms, &runners[count])) count++;
    if (runner_open(&normals, &runners[count])) count++;
    for (const tsr_source *const *source = tsr_kernel_sources; *source && count < SOURCES_MAX; source++)
        if (runner_open(*source, &runners[count])) count++;
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < count; i++) runner_time(&runners[i]);
    printf("%-16s %12s %14s\n", "source", "block items", "ns per item");
    for (int i = 0; i < count; i++) {
        printf("%-16s %12lld %14.2f\n", runners[i].drive.source->name, (long long)runners[i].block.items,
               runners[i].best_ns);
        drive_close(&runners[i].drive);
        free(runners[i].block.data);
    }
    return 0;
}

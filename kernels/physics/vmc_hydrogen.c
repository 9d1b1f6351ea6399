/* Variational Monte Carlo of the hydrogen atom: a Metropolis walker in the trial density exp(-2 a r). */
#include "engine/kernel.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"a", TSR_REAL, "1/bohr", "0.9", 1e-3, 1e3, false, false, NULL, "decay of the trial function exp(-a r)"},
    {"step", TSR_REAL, "bohr", "1.5", 0, 1e6, true, false, NULL, "largest proposed displacement along each axis"},
    {"rows", TSR_INTEGER, "1", "1000", 2, 1e12, false, false, NULL, "measurements of a chain, one after each step"},
    {"discard", TSR_INTEGER, "1", "100", 0, 1e9, false, false, NULL, "steps before the first measurement"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "energy", .unit = "hartree", .long_name = "local energy -a^2/2 + (a - 1)/r"},
    {.name = "r", .unit = "bohr", .long_name = "distance from the nucleus; its mean is 3 / (2 a)"},
    {.name = "accepted", .unit = "1", .long_name = "1 if the step was taken, else 0; its mean is the acceptance"},
    {.name = NULL},
};

/* START_SIDE: half the side of the cube that chains begin in, in units of 1/a. */
enum { STEP_DRAWS = 4, STEPS_AT_ONCE = 64, START_SIDE = 3 };

typedef struct {
    double a;
    double step;
    int64_t rows;
    int64_t discard;
} hydrogen;

/* Carried from block to block. */
typedef struct {
    double x, y, z, r;
    bool accepted;
} walker;

static tsr_status create(const tsr_params *given, void **model) {
    hydrogen *atom = malloc(sizeof(*atom));
    TSR_REQUIRE(atom, TSR_ERUNTIME, "no memory for the model of a hydrogen atom");
    *atom = (hydrogen){
        .a = tsr_params_real(given, "a"),
        .step = tsr_params_real(given, "step"),
        .rows = tsr_params_integer(given, "rows"),
        .discard = tsr_params_integer(given, "discard"),
    };
    *model = atom;
    return TSR_OK;
}

static int64_t rows(const void *model) { return ((const hydrogen *)model)->rows; }

static size_t workspace(const void *model, int64_t items) {
    (void)model;
    return sizeof(walker) + (size_t)items * sizeof(double);
}

static double length(double x, double y, double z) { return sqrt(fma(x, x, fma(y, y, z * z))); }

/* Uniform in a cube: further out than the density, so that chains begin apart. */
static walker begin_walker(const hydrogen *atom, const tsr_draws *draws, int64_t index) {
    double u[STEP_DRAWS];
    tsr_uniforms_of(draws, index, STEP_DRAWS * (atom->discard + 1), STEP_DRAWS, u);
    const double side = 2.0 * START_SIDE / atom->a;
    const double x = side * (u[0] - 0.5), y = side * (u[1] - 0.5), z = side * (u[2] - 0.5);
    return (walker){.x = x, .y = y, .z = z, .r = length(x, y, z)};
}

/* How much further from the nucleus a step may lead: the density's ratio exp(-2 a (r' - r)) is above a uniform u. */
TSR_INLINE double reach_of(const hydrogen *atom, double u) { return -tsr_log_of_normal(u) / (2.0 * atom->a); }

TSR_INLINE void step_walker(double side, double u, double v, double w, double reach, walker *at) {
    const double x = fma(side, u - 0.5, at->x), y = fma(side, v - 0.5, at->y), z = fma(side, w - 0.5, at->z);
    const double r = length(x, y, z);
    at->accepted = r - at->r < reach;
    at->x = at->accepted ? x : at->x;
    at->y = at->accepted ? y : at->y;
    at->z = at->accepted ? z : at->z;
    at->r = at->accepted ? r : at->r;
}

/* Steps before the first row take its further draws; those of the rows are draws 0 to 3. */
static void discard_steps(const hydrogen *atom, const tsr_draws *draws, int64_t index, walker *at) {
    double u[STEP_DRAWS * STEPS_AT_ONCE];
    for (int64_t done = 0; done < atom->discard; done += STEPS_AT_ONCE) {
        const int64_t steps = atom->discard - done < STEPS_AT_ONCE ? atom->discard - done : STEPS_AT_ONCE;
        tsr_uniforms_of(draws, index, STEP_DRAWS * (done + 1), STEP_DRAWS * steps, u);
        for (int64_t s = 0; s < steps; s++) {
            const double *four = u + STEP_DRAWS * s;
            step_walker(2.0 * atom->step, four[0], four[1], four[2], reach_of(atom, four[3]), at);
        }
    }
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const hydrogen *atom = model;
    walker *at = tsr_workspace(draws);
    double *reach = (double *)(at + 1);
    const double *u = tsr_uniform(draws, 0), *v = tsr_uniform(draws, 1), *w = tsr_uniform(draws, 2);
    const double *chance = tsr_uniform(draws, 3);
    double *energy = tsr_column(out, 0), *r = tsr_column(out, 1), *accepted = tsr_column(out, 2);
    for (int64_t i = 0; i < out->items; i++) reach[i] = reach_of(atom, chance[i]);
    for (int64_t i = 0; i < out->items; i++) {
        if ((out->item + i) % atom->rows == 0) {
            *at = begin_walker(atom, draws, i);
            discard_steps(atom, draws, i, at);
        }
        step_walker(2.0 * atom->step, u[i], v[i], w[i], reach[i], at);
        r[i] = at->r;
        accepted[i] = at->accepted ? 1.0 : 0.0;
    }
    const double kinetic = -0.5 * atom->a * atom->a, excess = atom->a - 1.0;
    for (int64_t i = 0; i < out->items; i++) energy[i] = kinetic + excess / r[i];
    return TSR_OK;
}

const tsr_source tsr_source_vmc_hydrogen = {
    .name = "vmc_hydrogen",
    .summary = "hydrogen atom by variational Monte Carlo: local energy along a Metropolis walk for each item",
    .reference = "W. L. McMillan, Phys. Rev. 138 (1965) A442 (the method); local energy of exp(-a r): mean a^2/2 - a, "
                 "variance a^2 (1 - a)^2",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .workspace = workspace,
    .fill = fill,
    .rows = rows,
};

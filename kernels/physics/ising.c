/* The Ising magnet on a square lattice: a Markov chain of Metropolis sweeps, measured every few sweeps. */
#include "engine/kernel.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"size", TSR_INTEGER, "1", "16", 4, 4096, false, false, NULL,
     "sites along each side of the periodic lattice, even"},
    {"temperature", TSR_REAL, "J/k", "2.5", 0, 1e6, true, false, NULL, "of the heat bath; 2.269 is critical"},
    {"rows", TSR_INTEGER, "1", "1000", 2, 1e12, false, false, NULL, "measurements of a chain"},
    {"stride", TSR_INTEGER, "sweep", "1", 1, 1e9, false, false, NULL, "sweeps from one measurement to the next"},
    {"discard", TSR_INTEGER, "sweep", "1000", 0, 1e9, false, false, NULL, "sweeps before the first stride"},
    {"start", TSR_CHOICE, "1", "cold", 0, 0, false, false, "cold|hot", "all spins up, or each up or down at random"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "energy", .unit = "J", .long_name = "energy per site"},
    {.name = "energy2",
     .unit = "J^2",
     .long_name = "its square: N (<energy2> - <energy>^2) / T^2 is the heat capacity"},
    {.name = "m", .unit = "1", .long_name = "magnetisation per site"},
    {.name = "abs_m", .unit = "1", .long_name = "magnitude of the magnetisation per site"},
    {.name = "m2", .unit = "1", .long_name = "its square: N (<m2> - <abs_m>^2) / T is the susceptibility"},
    {.name = "m4", .unit = "1", .long_name = "its fourth power: 1 - <m4> / (3 <m2>^2) is the Binder cumulant"},
    {.name = NULL},
};

/* Draws of a whole number of lattice rows; so many that making them costs little beyond the numbers. */
enum { PIECE_DRAWS = 2048, PIECE_ROWS = 4, ALIGNMENT = 64, DRAW_BITS = 48 };

typedef struct {
    int64_t size;
    int64_t rows;
    int64_t stride;
    int64_t discard;
    bool hot;
    double accept_half; /* chance to flip a spin that agrees with three neighbours and not the fourth: exp(-4 / T) */
    double accept_none; /* with all four: exp(-8 / T) */
} ising;

/* A sweep visits the even sites and then the odd ones: sites of one colour do not see each other. Spins of a colour,
 * +-1, lie side by side: column j of lattice row r is the site 2 j + (r + colour) % 2. Each row has a copy of its last
 * spin before it and of its first one behind it. */
typedef struct {
    double *colour[2]; /* [size, stride], column 0 of row 0 */
    int64_t stride;
    double *buffer; /* of draws: [piece_rows, size / 2] */
} lattice;

static tsr_status create(const tsr_params *given, void **model) {
    const int64_t size = tsr_params_integer(given, "size"), stride = tsr_params_integer(given, "stride");
    const int64_t discard = tsr_params_integer(given, "discard");
    const double temperature = tsr_params_real(given, "temperature");
    if (size % 2 != 0)
        return tsr_params_fail(given, "size", "%lld is odd; the two colours of a periodic lattice need an even size",
                               (long long)size);
    if (stride + discard >= ((int64_t)1 << DRAW_BITS) / (size * size) - 1)
        return tsr_params_fail(given, "discard",
                               "%lld sweeps before the first measurement need more random numbers than a row has; "
                               "take fewer",
                               (long long)stride + discard);
    ising *magnet = malloc(sizeof(*magnet));
    TSR_REQUIRE(magnet, TSR_ERUNTIME, "no memory for the model of an Ising magnet");
    *magnet = (ising){
        .size = size,
        .rows = tsr_params_integer(given, "rows"),
        .stride = stride,
        .discard = discard,
        .hot = tsr_params_choice(given, "start") == 1,
        .accept_half = tsr_exp(-4.0 / temperature),
        .accept_none = tsr_exp(-8.0 / temperature),
    };
    *model = magnet;
    return TSR_OK;
}

static int64_t rows(const void *model) { return ((const ising *)model)->rows; }

/* ---- the lattice in the workspace ---- */

static int64_t row_stride(int64_t size) { return (size / 2 + 2 + 7) / 8 * 8; }

static int64_t piece_rows(int64_t size) {
    const int64_t fitting = PIECE_DRAWS / (size / 2) / PIECE_ROWS * PIECE_ROWS;
    return fitting > PIECE_ROWS ? fitting : PIECE_ROWS;
}

static size_t workspace(const void *model, int64_t items) {
    (void)items;
    const int64_t size = ((const ising *)model)->size;
    return (size_t)(2 * size * row_stride(size) + piece_rows(size) * size / 2 + ALIGNMENT) * sizeof(double);
}

static lattice lattice_in(const ising *magnet, double *memory) {
    const int64_t stride = row_stride(magnet->size), spins = magnet->size * stride;
    return (lattice){.colour = {memory + 1, memory + spins + 1}, .stride = stride, .buffer = memory + 2 * spins};
}

static void close_row(double *row, int64_t width) {
    row[-1] = row[width - 1];
    row[width] = row[0];
}

/* Draws one lattice row after the other; they are made in pieces of many rows. */
typedef struct {
    const tsr_draws *from;
    int64_t index;
    int64_t width;
    int64_t next; /* draw */
    int64_t end;
    int64_t piece; /* draws made at once: a multiple of TSR_QUAD and of width */
    double *buffer;
} supply;

static const double *take_row(supply *draws) {
    const int64_t place = draws->next % draws->piece;
    const int64_t left = draws->end - draws->next, count = left < draws->piece ? left : draws->piece;
    if (place == 0) tsr_uniforms_of(draws->from, draws->index, draws->next, count, draws->buffer);
    draws->next += draws->width;
    return draws->buffer + place;
}

static void begin_chain(const ising *magnet, supply *draws, const lattice *at) {
    for (int colour = 0; colour < 2; colour++)
        for (int64_t r = 0; r < magnet->size; r++) {
            double *row = at->colour[colour] + r * at->stride;
            const double *u = magnet->hot ? take_row(draws) : NULL;
            for (int64_t j = 0; j < draws->width; j++) row[j] = magnet->hot && u[j] < 0.5 ? -1.0 : 1.0;
            close_row(row, draws->width);
        }
}

/* ---- a sweep ---- */

/* The rows of the other colour that a row sees, and its own. */
typedef struct {
    const double *above;
    const double *below;
    const double *left; /* neighbours within the row: left[j], left[j + 1] */
    double *own;
} sight;

static sight sight_of(const lattice *at, int64_t size, int colour, int64_t r) {
    const double *other = at->colour[1 - colour];
    return (sight){.above = other + (r + size - 1) % size * at->stride,
                   .below = other + (r + 1) % size * at->stride,
                   .left = other + r * at->stride - 1 + (r + colour) % 2,
                   .own = at->colour[colour] + r * at->stride};
}

TSR_INLINE double field_at(const sight *row, int64_t j) {
    return (row->above[j] + row->below[j]) + (row->left[j] + row->left[j + 1]);
}

/* Metropolis: a flip that costs no energy is made, any other with chance exp(-cost / T). */
static void update_row(const ising *magnet, const sight *where, const double *draws, int64_t width) {
    const sight row = *where;
    const double half = magnet->accept_half, none = magnet->accept_none;
    double *restrict own = row.own;
    for (int64_t j = 0; j < width; j++) {
        const double spin = own[j], agreement = spin * field_at(&row, j);
        const double costly = agreement > 2.0 ? none : half;
        const double chance = agreement > 0.0 ? costly : 1.0;
        own[j] = draws[j] < chance ? -spin : spin;
    }
    close_row(own, width);
}

static void sweep(const ising *magnet, supply *draws, const lattice *at) {
    for (int colour = 0; colour < 2; colour++)
        for (int64_t r = 0; r < magnet->size; r++) {
            const sight where = sight_of(at, magnet->size, colour, r);
            update_row(magnet, &where, take_row(draws), draws->width);
        }
}

/* ---- measurements ---- */

/* Column by column, so that it becomes vector code. */
static void add_row(const sight *where, const double *other, int64_t width, double *restrict agreement,
                    double *restrict spins) {
    const sight row = *where;
    for (int64_t j = 0; j < width; j++) {
        agreement[j] += row.own[j] * field_at(&row, j);
        spins[j] += row.own[j] + other[j];
    }
}

/* Every bond joins the two colours, so that the even sites know all. Sums of whole numbers are exact in any order. */
static void measure(const ising *magnet, const lattice *at, double *energy, double *total) {
    const int64_t width = magnet->size / 2;
    double *agreement = at->buffer, *spins = at->buffer + width;
    for (int64_t j = 0; j < 2 * width; j++) at->buffer[j] = 0.0;
    for (int64_t r = 0; r < magnet->size; r++) {
        const sight row = sight_of(at, magnet->size, 0, r);
        add_row(&row, at->colour[1] + r * at->stride, width, agreement, spins);
    }
    *energy = *total = 0.0;
    for (int64_t j = 0; j < width; j++) {
        *energy -= agreement[j];
        *total += spins[j];
    }
}

static void write_row(double energy, double m, int64_t index, tsr_block *out) {
    const double m2 = m * m;
    const double value[] = {energy, energy * energy, m, fabs(m), m2, m2 * m2};
    for (int c = 0; c < (int)(sizeof(value) / sizeof(*value)); c++) tsr_column(out, c)[index] = value[c];
}

/* The sweeps before a chain's first row take the further draws of that row. */
static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const ising *magnet = model;
    const lattice at = lattice_in(magnet, tsr_workspace(draws));
    const int64_t sites = magnet->size * magnet->size, width = magnet->size / 2;
    for (int64_t i = 0; i < out->items; i++) {
        const bool begins = (out->item + i) % magnet->rows == 0;
        const int64_t sweeps = magnet->stride + (begins ? magnet->discard : 0);
        supply row = {.from = draws,
                      .index = i,
                      .width = width,
                      .end = (sweeps + (begins && magnet->hot)) * sites,
                      .piece = piece_rows(magnet->size) * width,
                      .buffer = at.buffer};
        if (begins) begin_chain(magnet, &row, &at);
        for (int64_t s = 0; s < sweeps; s++) sweep(magnet, &row, &at);
        double energy, total;
        measure(magnet, &at, &energy, &total);
        write_row(energy / (double)sites, total / (double)sites, i, out);
    }
    return TSR_OK;
}

const tsr_source tsr_source_ising = {
    .name = "ising",
    .summary = "Ising magnet on a periodic square lattice: a chain of Metropolis sweeps for each item",
    .reference = "N. Metropolis et al., J. Chem. Phys. 21 (1953) 1087; exact energies of finite lattices: B. Kaufman, "
                 "Phys. Rev. 76 (1949) 1232",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .workspace = workspace,
    .fill = fill,
    .tile_items = 1,
    .rows = rows,
};

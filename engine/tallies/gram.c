#include "engine/tallies/gram.h"

#include <math.h>
#include <string.h>

/* ---- places ---- */

tsr_gram tsr_gram_make(const tsr_columns *columns, bool errors) {
    tsr_gram gram = {.columns = columns, .errors = errors, .weighted = columns->weight >= 0};
    gram.apart = gram.errors && gram.weighted;
    gram.singles = 1 + gram.apart;
    gram.crosses = errors ? TSR_PRODUCTS + gram.apart : 1;
    return gram;
}

static int64_t pair_at(const tsr_gram *gram, int64_t a, int64_t b) {
    const int64_t columns = gram->columns->count;
    return columns * gram->singles + (a * columns - a * (a - 1) / 2 + b - a) * gram->crosses;
}

int64_t tsr_gram_sums(const tsr_gram *gram) { return pair_at(gram, gram->columns->count, gram->columns->count); }

int64_t tsr_gram_place(const tsr_gram *gram, int p, int a, int b, int i, int j) {
    if (i == 0) return tsr_gram_place(gram, p, b, b, j, 0);
    const int apart = p == 2 ? gram->apart : 0;
    if (j == 0 && i == 1) return (int64_t)a * gram->singles + apart;
    if (j == 0) return tsr_gram_place(gram, p, a, a, i - i / 2, i / 2);
    int k = 0;
    while (tsr_products_power[k][0] != i || tsr_products_power[k][1] != j) k++;
    return pair_at(gram, a, b) + apart + k;
}

size_t tsr_gram_bytes(const tsr_gram *gram) {
    const size_t columns = (size_t)gram->columns->count;
    return ((columns + TSR_PATCH_ROWS) * TSR_GRAM_STRIDE + columns) * sizeof(double) +
           (size_t)tsr_gram_sums(gram) * sizeof(tsr_pair) + sizeof(tsr_weight_tile) + sizeof(int64_t);
}

tsr_gram_tile tsr_gram_tile_of(const tsr_gram *gram, void *scratch) {
    tsr_gram_tile at = {.centred = scratch};
    at.weighted = at.centred + (int64_t)gram->columns->count * TSR_GRAM_STRIDE;
    at.centre = at.weighted + TSR_PATCH_ROWS * TSR_GRAM_STRIDE;
    at.sum = (tsr_pair *)(at.centre + gram->columns->count);
    at.weight = (tsr_weight_tile *)(at.sum + tsr_gram_sums(gram));
    at.items = (int64_t *)(at.weight + 1);
    return at;
}

void tsr_gram_begin(const tsr_gram *gram, const tsr_gram_tile *tile) {
    memset(tile->sum, 0, (size_t)tsr_gram_sums(gram) * sizeof(tsr_pair));
    *tile->weight = (tsr_weight_tile){0};
    *tile->items = 0;
}

/* ---- a block ---- */

typedef struct {
    const tsr_gram *gram;
    const tsr_gram_tile *tile;
    const double *weight;
    int64_t items;
} slice;

static double *centred(const slice *of, int c) { return of->tile->centred + (int64_t)c * TSR_GRAM_STRIDE; }

static double *weighted(const slice *of, int k) { return of->tile->weighted + (int64_t)k * TSR_GRAM_STRIDE; }

static double sum_of(const double *value, int64_t items) {
    double lane[TSR_LANES] = {0};
    for (int64_t i = 0; i < items; i += TSR_LANES) {
        const int64_t width = items - i < TSR_LANES ? items - i : TSR_LANES;
        for (int64_t l = 0; l < width; l++) lane[l] += value[i + l];
    }
    return tsr_lanes_fold(lane);
}

static void multiply(int64_t items, const double *a, const double *b, double *out) {
    for (int64_t i = 0; i < items; i++) out[i] = a[i] * b[i];
}

/* Differences from the centre; an item of weight 0 is not there. Returns their sum. */
static double centre_column(const slice *of, int c, const double *restrict value) {
    const double centre = of->tile->centre[c];
    double *restrict out = centred(of, c);
    if (of->weight == NULL) {
        for (int64_t i = 0; i < of->items; i++) out[i] = value[i] - centre;
    } else {
        for (int64_t i = 0; i < of->items; i++) out[i] = of->weight[i] > 0 ? value[i] - centre : 0;
    }
    return sum_of(out, of->items);
}

static int64_t count_nonfinite(const slice *of, const double *value) {
    int64_t count = 0;
    for (int64_t i = 0; i < of->items; i++) count += !isfinite(value[i]) && (of->weight == NULL || of->weight[i] > 0);
    return count;
}

/* The sums of columns a on with columns b on, p = 1. At the ends of either side a patch repeats a column rather than be
 * smaller, and below the diagonal sums are dropped. */
static void add_patch(const slice *of, int a, int b) {
    const int columns = of->gram->columns->count;
    const int last = columns - b < TSR_PATCH_COLUMNS ? columns - b - 1 : TSR_PATCH_COLUMNS - 1;
    const double *row[TSR_PATCH_ROWS], *column[TSR_PATCH_COLUMNS];
    double sum[TSR_PATCH_ROWS][TSR_PATCH_COLUMNS];
    for (int i = 0; i < TSR_PATCH_ROWS; i++) {
        const int at = a + i < columns ? i : 0;
        /* Sums of many columns lie far away; those of the first columns came with the patch before. */
        __builtin_prefetch(&of->tile->sum[pair_at(of->gram, a + at, b + last)], 1);
        row[i] = of->weight == NULL ? centred(of, a + at) : weighted(of, at);
    }
    for (int k = 0; k < TSR_PATCH_COLUMNS; k++) column[k] = centred(of, k <= last ? b + k : b);
    tsr_products_patch(of->items, row, column, sum);
    for (int i = 0; i < TSR_PATCH_ROWS && a + i < columns; i++)
        for (int k = a + i > b ? a + i - b : 0; k <= last; k++)
            tsr_pair_add(&of->tile->sum[pair_at(of->gram, a + i, b + k)], sum[i][k]);
}

/* All sums of a pair and p = 2. */
static void add_products(const slice *of, int a, int b) {
    tsr_pair *into = &of->tile->sum[pair_at(of->gram, a, b) + of->gram->apart];
    double sum[TSR_PRODUCTS];
    tsr_products_fold(of->items, centred(of, a), centred(of, b), of->weight, sum);
    for (int k = 0; k < TSR_PRODUCTS; k++) tsr_pair_add(&into[k], sum[k]);
}

static void add_weighted_column(const slice *of, int a) {
    tsr_pair *single = &of->tile->sum[(int64_t)a * of->gram->singles];
    double *product = weighted(of, 0);
    multiply(of->items, of->weight, centred(of, a), product);
    tsr_pair_add(&single[0], sum_of(product, of->items));
    if (!of->gram->apart) return;
    multiply(of->items, of->weight, product, product);
    tsr_pair_add(&single[1], sum_of(product, of->items));
}

static void weigh_rows(const slice *of, int a) {
    for (int i = 0; i < TSR_PATCH_ROWS && a + i < of->gram->columns->count; i++)
        multiply(of->items, of->weight, centred(of, a + i), weighted(of, i));
}

/* Columns that stay in L2 while all columns before them pass by. */
enum { BAND = 48 };

_Static_assert(BAND % TSR_PATCH_ROWS == 0 && BAND % TSR_PATCH_COLUMNS == 0, "patches do not cross the ends of a band");

/* All pairs with p = 1 whose second column is in a band. */
static void add_band(const slice *of, int begin) {
    const int columns = of->gram->columns->count, end = begin + BAND < columns ? begin + BAND : columns;
    for (int a = 0; a < end; a += TSR_PATCH_ROWS) {
        const int before = a > begin ? (a - begin) / TSR_PATCH_COLUMNS * TSR_PATCH_COLUMNS : 0;
        if (of->weight != NULL) weigh_rows(of, a);
        for (int b = begin + before; b < end; b += TSR_PATCH_COLUMNS) add_patch(of, a, b);
    }
}

static void add_pairs(const slice *of) {
    const int columns = of->gram->columns->count;
    for (int a = 0; of->weight != NULL && a < columns; a++) add_weighted_column(of, a);
    for (int begin = 0; (of->weight != NULL || !of->gram->errors) && begin < columns; begin += BAND)
        add_band(of, begin);
    for (int a = 0; of->gram->errors && a < columns; a++)
        for (int b = a; b < columns; b++) add_products(of, a, b);
}

void tsr_gram_add(const tsr_gram *gram, const tsr_gram_tile *tile, const tsr_gram_block *block, bool begin,
                  int64_t *nonfinite) {
    const slice of = {.gram = gram, .tile = tile, .weight = block->weight, .items = block->block->items};
    for (int c = 0; c < gram->columns->count; c++) {
        const double *value = tsr_column(block->block, gram->columns->index[c]);
        if (begin)
            tile->centre[c] =
                of.weight == NULL ? tsr_lanes_centre(value, of.items) : tsr_weight_centre(value, of.weight, of.items);
        const double sum = centre_column(&of, c, value);
        if (!isfinite(sum)) nonfinite[c] += count_nonfinite(&of, value);
        if (of.weight == NULL) tsr_pair_add(&tile->sum[(int64_t)c * gram->singles], sum);
    }
    add_pairs(&of);
}

/* ---- the end of a tile ---- */

static const int BINOMIAL[5][5] = {{1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}, {1, 4, 6, 4, 1}};

/* The sum of w^p for i = j = 0, otherwise of w^p (a - m_a)^i (b - m_b)^j. */
static tsr_pair tile_sum(const tsr_gram *gram, const tsr_gram_tile *tile, int p, int a, int b, int i, int j) {
    if (i + j > 0) return tile->sum[tsr_gram_place(gram, p, a, b, i, j)];
    if (!gram->weighted) return (tsr_pair){.high = (double)*tile->items};
    return p == 1 ? tile->weight->sum : tile->weight->square;
}

/* sum += coefficient * first^i * second^j * term */
static void add_term(tsr_exact *sum, int coefficient, double first, int i, double second, int j, double term) {
    if (term == 0) return;
    double factor[TSR_EXACT_FACTORS_MAX];
    int count = 0;
    factor[count++] = term;
    if (coefficient != 1) factor[count++] = coefficient;
    for (; i > 0; i--) factor[count++] = first;
    for (; j > 0; j--) factor[count++] = second;
    tsr_exact_add_product(sum, factor, count);
}

/* With a = m_a + d_a: the sum of w^p a^i b^j by the binomial theorem, each term added exactly. */
static void add_power(const tsr_gram *gram, const tsr_gram_tile *tile, int p, int a, int b, int i, int j,
                      tsr_exact *into) {
    for (int k = 0; k <= i; k++)
        for (int l = 0; l <= j; l++) {
            const tsr_pair term = tile_sum(gram, tile, p, a, b, k, l);
            const int coefficient = BINOMIAL[i][k] * BINOMIAL[j][l];
            add_term(into, coefficient, tile->centre[a], i - k, tile->centre[b], j - l, term.high);
            add_term(into, coefficient, tile->centre[a], i - k, tile->centre[b], j - l, term.low);
        }
}

static void end_power(const tsr_gram *gram, const tsr_gram_tile *tile, int p, int a, int b, int i, int j,
                      tsr_exact *sum) {
    add_power(gram, tile, p, a, b, i, j, &sum[tsr_gram_place(gram, p, a, b, i, j)]);
}

void tsr_gram_end(const tsr_gram *gram, const tsr_gram_tile *tile, tsr_exact *sum) {
    const int columns = gram->columns->count;
    for (int a = 0; a < columns; a++) {
        for (int p = 1; p <= gram->singles; p++) end_power(gram, tile, p, a, a, 1, 0, sum);
        for (int b = a; b < columns; b++) {
            if (gram->apart || !gram->errors) end_power(gram, tile, 1, a, b, 1, 1, sum);
            for (int k = 0; gram->errors && k < TSR_PRODUCTS; k++)
                end_power(gram, tile, 2, a, b, tsr_products_power[k][0], tsr_products_power[k][1], sum);
        }
    }
}

/* Centres of which no product overflows or loses a bit. */
static bool is_moderate(double centre) { return centre == 0 || (fabs(centre) > 0x1p-400 && fabs(centre) < 0x1p400); }

static void add_two(tsr_exact *sum, double a, double b) {
    if (a != 0 && b != 0) tsr_exact_add_product(sum, (const double[2]){a, b}, 2);
}

/* Without weights the sum of a b is d_ab + m_a (d_b + n m_b) + m_b d_a, the product with n as two doubles. */
static void add_cross(const tsr_gram *gram, const tsr_gram_tile *tile, int a, int b, tsr_exact *into) {
    const double first = tile->centre[a], second = tile->centre[b], items = (double)*tile->items;
    if (gram->weighted || !is_moderate(first) || !is_moderate(second)) {
        add_power(gram, tile, 1, a, b, 1, 1, into);
        return;
    }
    const tsr_pair both = tile->sum[pair_at(gram, a, b)];
    const tsr_pair of_a = tile->sum[(int64_t)a * gram->singles], of_b = tile->sum[(int64_t)b * gram->singles];
    const double many = items * second, rest = fma(items, second, -many);
    tsr_exact_add(into, both.high);
    tsr_exact_add(into, both.low);
    add_two(into, first, of_b.high);
    add_two(into, first, of_b.low);
    add_two(into, second, of_a.high);
    add_two(into, second, of_a.low);
    add_two(into, first, many);
    add_two(into, first, rest);
}

static tsr_status end_in_bank(const tsr_gram *gram, const tsr_gram_tile *tile, int a, int b, int j, tsr_state *state,
                              tsr_bank bank) {
    tsr_exact sum = {0};
    if (j == 1) {
        add_cross(gram, tile, a, b, &sum);
    } else {
        add_power(gram, tile, 1, a, b, 1, 0, &sum);
    }
    if (tsr_exact_is_finite(&sum)) return tsr_bank_add(state, bank, tsr_gram_place(gram, 1, a, b, 1, j), &sum);
    int64_t *spoilt = tsr_state_page(state, bank.first + TSR_BANK_PAGES);
    TSR_REQUIRE(spoilt != NULL, TSR_ERUNTIME, "no memory for %lld exact sums", (long long)bank.count);
    spoilt[tsr_gram_place(gram, 1, a, b, 1, j)]++;
    return TSR_OK;
}

void tsr_gram_get(const tsr_gram *gram, const tsr_state *state, tsr_bank bank, int a, int b, int j, tsr_exact *out) {
    const int64_t place = tsr_gram_place(gram, 1, a, b, 1, j);
    const int64_t *spoilt = tsr_state_find(state, bank.first + TSR_BANK_PAGES);
    tsr_bank_get(state, bank, place, out);
    if (spoilt != NULL) out->nans = spoilt[place];
}

tsr_status tsr_gram_end_in_bank(const tsr_gram *gram, const tsr_gram_tile *tile, tsr_state *state, tsr_bank bank) {
    for (int a = 0; a < gram->columns->count; a++) {
        TSR_TRY(end_in_bank(gram, tile, a, a, 0, state, bank));
        for (int b = a; b < gram->columns->count; b++) TSR_TRY(end_in_bank(gram, tile, a, b, 1, state, bank));
    }
    return TSR_OK;
}

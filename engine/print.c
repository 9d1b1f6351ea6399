#include "engine/print.h"

#include "engine/tallies/lanes.h"
#include "engine/vmath.h"

#include <string.h>

enum { ROWS = 8, STEP = ROWS * TSR_PRINT_LANES, STEPS = 4 };

_Static_assert((int)TSR_PRINT_LANES == (int)TSR_LANES, "both are added up by tsr_lanes_fold");
_Static_assert(ROWS % 2 == 0, "rows are taken in pairs");

/* The finalizer of SplitMix64: a bijection that no bit passes unmixed. Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014. */
TSR_UNROLLED uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static const uint64_t golden = 0x9e3779b97f4a7c15u;

/* What is known of one lane. */
typedef struct {
    uint64_t bits;
    uint64_t sum;
    double finite;
} lane_work;

/* Both answers from one look at the values: a product is not finite where a factor is not, and so is its sum from then
 * on. Sums begin at 1, so that tiny products cost no more than others. */
TSR_UNROLLED void add_rows(lane_work *lane, const double *value) {
    for (int row = 0; row < ROWS; row += 2) {
        const double x = value[row * TSR_PRINT_LANES], y = value[(row + 1) * TSR_PRINT_LANES];
        lane->bits ^= tsr_bits_from_double(x) ^ tsr_bits_from_double(y);
        lane->finite = fma(x, y, lane->finite);
    }
    lane->sum += lane->bits;
}

TSR_UNROLLED void add_step(tsr_print_lanes *lanes, const double *value, double *finite) {
    for (int l = 0; l < TSR_PRINT_LANES; l++) {
        lane_work lane = {lanes->lane[l], lanes->sum[l], finite[l]};
        add_rows(&lane, value + l);
        lanes->lane[l] = lane.bits;
        lanes->sum[l] = lane.sum;
        finite[l] = lane.finite;
    }
}

/* Four steps, as a full block has them, with fewer visits of the lanes. */
TSR_UNROLLED void add_steps(tsr_print_lanes *lanes, const double *value, double *finite) {
    for (int l = 0; l < TSR_PRINT_LANES; l++) {
        lane_work lane = {lanes->lane[l], lanes->sum[l], finite[l]};
        add_rows(&lane, value + l);
        add_rows(&lane, value + STEP + l);
        add_rows(&lane, value + 2 * STEP + l);
        add_rows(&lane, value + 3 * STEP + l);
        lanes->lane[l] = lane.bits;
        lanes->sum[l] = lane.sum;
        finite[l] = lane.finite;
    }
}

static void add_rest(tsr_print_lanes *lanes, const double *value, int64_t items, double *finite) {
    for (int64_t i = 0; i < items; i += TSR_PRINT_LANES) {
        const int64_t width = items - i < TSR_PRINT_LANES ? items - i : TSR_PRINT_LANES;
        for (int64_t l = 0; l < width; l++) {
            lanes->lane[l] ^= tsr_bits_from_double(value[i + l]);
            finite[l] += value[i + l];
        }
    }
    for (int l = 0; l < TSR_PRINT_LANES; l++) lanes->sum[l] += lanes->lane[l];
}

/* False: perhaps a value is not finite. */
static bool add_values(tsr_print_lanes *lanes, const double *value, int64_t items) {
    double finite[TSR_PRINT_LANES];
    int64_t i = 0;
    for (int l = 0; l < TSR_PRINT_LANES; l++) finite[l] = 1;
    for (; i + STEPS * STEP <= items; i += STEPS * STEP) add_steps(lanes, value + i, finite);
    for (; i + STEP <= items; i += STEP) add_step(lanes, value + i, finite);
    if (i < items) add_rest(lanes, value + i, items - i, finite);
    return isfinite(tsr_lanes_fold(finite));
}

/* Products of finite values can be out of range, too. */
static bool are_finite(const double *value, int64_t items) {
    for (int64_t i = 0; i < items; i++)
        if (!isfinite(value[i])) return false;
    return true;
}

/* Takes back what add_values did: lanes are their own inverse, and sums grew by what they grow by once more. */
static void take_values(tsr_print_lanes *lanes, const double *value, int64_t items) {
    tsr_print_lanes part = {0};
    add_values(&part, value, items);
    for (int l = 0; l < TSR_PRINT_LANES; l++) part.lane[l] = lanes->lane[l] ^= part.lane[l];
    memset(part.sum, 0, sizeof(part.sum));
    add_values(&part, value, items);
    for (int l = 0; l < TSR_PRINT_LANES; l++) lanes->sum[l] -= part.sum[l];
}

bool tsr_print_add(tsr_print_lanes *lanes, const double *value, int64_t items) {
    double plain[TSR_BLOCK_ITEMS_MAX];
    if (add_values(lanes, value, items) || are_finite(value, items)) return true;
    take_values(lanes, value, items);
    for (int64_t i = 0; i < items; i++) plain[i] = isnan(value[i]) ? NAN : value[i];
    add_values(lanes, plain, items);
    return false;
}

/* A lane and its sum one after the other, each lane with a number of its own. */
static uint64_t fold_lanes(const tsr_print_lanes *lanes) {
    uint64_t mixed[TSR_PRINT_LANES], total = 0;
    for (int l = 0; l < TSR_PRINT_LANES; l++) {
        const uint64_t lane = mix(lanes->lane[l] ^ (golden * (uint64_t)(l + 1)));
        mixed[l] = mix(lane ^ lanes->sum[l]);
    }
    for (int l = 0; l < TSR_PRINT_LANES; l++) total += mixed[l];
    return total;
}

uint64_t tsr_print_end(const tsr_print_lanes *lanes, int columns, int64_t items, int64_t tile) {
    uint64_t print = mix((uint64_t)items + golden);
    for (int c = 0; c < columns; c++) print = mix(print ^ fold_lanes(&lanes[c])) + golden;
    return mix(print ^ mix((uint64_t)tile + golden));
}

#include "engine/tallies/weight.h"

#include "engine/rational.h"

#include <math.h>

/* Error bars rest on fewer items than this, or one item has more than this of the sum of squares: what they tell is
 * rough. */
static const double ITEMS_FEW = 100, SQUARE_SHARE_MANY = 0.1;

/* ---- fold ---- */

typedef struct {
    double sum[TSR_LANES];
    double square[TSR_LANES];
    double positive[TSR_LANES]; /* a count */
    double greatest[TSR_LANES];
} lanes;

TSR_UNROLLED void fold_row(int width, const double *weight, lanes *restrict out) {
    for (int l = 0; l < width; l++) {
        const double w = weight[l];
        out->sum[l] += w;
        out->square[l] = fma(w, w, out->square[l]);
        out->positive[l] += w > 0 ? 1.0 : 0.0;
        out->greatest[l] = w > out->greatest[l] ? w : out->greatest[l];
    }
}

static void fold(const double *weight, int64_t items, double *greatest, tsr_weights *out) {
    lanes lane = {0};
    int64_t i = 0;
    for (; i + TSR_LANES <= items; i += TSR_LANES) fold_row(TSR_LANES, weight + i, &lane);
    fold_row((int)(items - i), weight + i, &lane);
    *greatest = 0;
    for (int l = 0; l < TSR_LANES; l++) *greatest = fmax(*greatest, lane.greatest[l]);
    *out = (tsr_weights){.sum = tsr_lanes_fold(lane.sum),
                         .square = tsr_lanes_fold(lane.square),
                         .positive = (int64_t)tsr_lanes_fold(lane.positive)};
}

tsr_status tsr_weight_add(const tsr_columns *columns, const tsr_block *block, tsr_weight_tile *tile,
                          tsr_record *greatest, tsr_weights *out) {
    const double *weight;
    double largest;
    TSR_TRY(tsr_columns_weights(columns, block, &weight));
    fold(weight, block->items, &largest, out);
    tsr_pair_add(&tile->sum, out->sum);
    tsr_pair_add(&tile->square, out->square);
    tile->positive += out->positive;
    const uint64_t key = tsr_key_from_double(largest);
    const bool at_stake = key > greatest->key || (key == greatest->key && block->item < greatest->item);
    if (out->positive == 0 || !at_stake) return TSR_OK;
    int64_t i = 0;
    while (weight[i] < largest) i++;
    tsr_record_offer(greatest, key, tsr_block_item(block, i));
    return TSR_OK;
}

double tsr_weight_centre(const double *value, const double *weight, int64_t items) {
    int64_t first = 0;
    while (first < items && !(weight[first] > 0)) first++;
    if (first == items) return 0;
    const double origin = value[first];
    double distance[TSR_LANES] = {0}, sum[TSR_LANES] = {0};
    for (int64_t i = 0; i < items; i += TSR_LANES) {
        const int64_t width = items - i < TSR_LANES ? items - i : TSR_LANES;
        for (int64_t l = 0; l < width; l++) {
            const double w = weight[i + l];
            distance[l] += w > 0 ? w * (value[i + l] - origin) : 0;
            sum[l] += w;
        }
    }
    const double centre = origin + tsr_lanes_fold(distance) / tsr_lanes_fold(sum);
    return isfinite(centre) ? centre : 0;
}

/* ---- state ---- */

void tsr_weight_end(const tsr_weight_tile *tile, int64_t *words) {
    tsr_exact *sum = (tsr_exact *)(words + 1);
    words[0] += tile->positive;
    tsr_exact_add(&sum[0], tile->sum.high);
    tsr_exact_add(&sum[0], tile->sum.low);
    tsr_exact_add(&sum[1], tile->square.high);
    tsr_exact_add(&sum[1], tile->square.low);
}

void tsr_weight_settle(int64_t *words) {
    tsr_exact *sum = (tsr_exact *)(words + 1);
    tsr_exact_settle(&sum[0]);
    tsr_exact_settle(&sum[1]);
}

const tsr_exact *tsr_weight_sums(const int64_t *words) { return (const tsr_exact *)(words + 1); }

/* ---- results ---- */

/* W^2 / V; 0 without items. */
static double effective_items(const int64_t *words) {
    if (words == NULL || words[0] == 0) return 0;
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    tsr_exact_to_integer(&tsr_weight_sums(words)[0], numerator);
    tsr_exact_to_integer(&tsr_weight_sums(words)[1], denominator);
    mpz_mul(numerator, numerator, numerator);
    const double effective =
        mpz_sgn(denominator) > 0 ? tsr_ratio_round(numerator, denominator, -(long)TSR_EXACT_BIAS) : NAN;
    mpz_clears(numerator, denominator, NULL);
    return effective;
}

static double greatest_share(const int64_t *words, const tsr_record *greatest) {
    if (words == NULL || words[0] == 0) return NAN;
    return tsr_key_to_double(greatest->key) / tsr_exact_round(&tsr_weight_sums(words)[0]);
}

tsr_status tsr_weight_tell_effective(const char *name, const int64_t *words, const tsr_record *greatest,
                                     tsr_results *results) {
    const double effective = effective_items(words), share = greatest_share(words, greatest);
    const bool is_broad = effective >= ITEMS_FEW && share * share * effective <= SQUARE_SHARE_MANY;
    const tsr_result form = {
        .name = name,
        .long_name = is_broad ? "effective number of items, (sum of weights)^2 / sum of squares"
                              : "effective number of items, (sum of weights)^2 / sum of squares; WARNING: a few items "
                                "dominate, error bars are rough and mostly too small",
        .unit = "1",
        .value = &effective,
        .headline = true,
    };
    return tsr_results_add(results, &form);
}

tsr_status tsr_weight_tell_sums(const int64_t *words, const tsr_record *greatest, tsr_results *results) {
    const double sum = words == NULL ? 0 : tsr_exact_round(&tsr_weight_sums(words)[0]),
                 share = greatest_share(words, greatest);
    const double item = greatest->key == 0 ? -1 : (double)greatest->item;
    const tsr_result forms[] = {
        {.name = "weight_sum", .long_name = "sum of the weights", .value = &sum},
        {.name = "largest_weight_share", .long_name = "largest weight, part of their sum", .value = &share},
        {.name = "largest_weight_item",
         .long_name = "first item with the largest weight, -1 if none",
         .value = &item,
         .integer = true},
    };
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) TSR_TRY(tsr_results_add(results, &forms[f]));
    return TSR_OK;
}

#include "engine/tallies/share.h"

#include "engine/tallies/survey.h"

#include <float.h>
#include <math.h>

enum { GREATEST = 0, LEAST = 1 }; /* LEAST: the largest inverted key */

static const double SQUARE_MIN = 0x1p-1000; /* below, squares have lost what made them small */

void tsr_share_offer_weights(const double *weight, int64_t items, tsr_record *records) {
    double least, greatest;
    tsr_survey_extremes(weight, items, &least, &greatest);
    tsr_record_offer(&records[GREATEST], tsr_key_from_double(greatest), 0);
    tsr_record_offer(&records[LEAST], ~tsr_key_from_double(least), 0);
}

double tsr_share_weight(const tsr_record *records) {
    const bool equal = records[LEAST].key != 0 && records[GREATEST].key == ~records[LEAST].key;
    return equal ? tsr_key_to_double(records[GREATEST].key) : NAN;
}

/* c items of n, each of the same weight. */
static tsr_share share_of_equal(double items, double all, double weight) {
    const double share = all > 0.0 ? items / all : 0.0, error = sqrt(items * (1.0 - share));
    return (tsr_share){.value = weight * items,
                       .error = weight * error,
                       .share = weight > 0.0 ? share : 0.0,
                       .share_error = weight > 0.0 && all > 0.0 ? error / all : 0.0};
}

tsr_share tsr_share_of(const tsr_slot *slot, const tsr_slot *all, double constant) {
    if (!isnan(constant)) return share_of_equal(slot->items, all->items, constant);
    tsr_share out = {.value = slot->weight};
    if (!(all->weight > 0.0)) return out;
    const double p = slot->weight / all->weight, inside = slot->square, outside = fmax(all->square - inside, 0.0);
    out.error = sqrt(fmax(inside - slot->weight * (slot->weight / all->items), 0.0));
    out.share = p;
    out.share_error = sqrt((1.0 - p) * (1.0 - p) * inside + p * p * outside) / all->weight;
    const bool told = all->square >= SQUARE_MIN && all->square <= DBL_MAX;
    if (!told) out.error = out.share_error = NAN;
    return out;
}

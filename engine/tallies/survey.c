#include "engine/tallies/survey.h"

#include "engine/tallies/rank.h"

#include <math.h>

enum { LANES = 16, GREATEST = 0, LEAST = 1 }; /* LEAST: the largest inverted key */

static const double TAIL = 0.001;     /* left out on either side */
static const double LIMIT = 0x1p1022; /* of an edge: distances are finite */

/* In lanes, so that it vectorises. A NaN is never less nor greater. */
void tsr_survey_extremes(const double *values, int64_t items, double *least, double *greatest) {
    double low[LANES], high[LANES];
    for (int l = 0; l < LANES; l++) {
        low[l] = INFINITY;
        high[l] = -INFINITY;
    }
    for (int64_t i = 0; i < items; i += LANES) {
        const int width = items - i < LANES ? (int)(items - i) : LANES;
        for (int l = 0; l < width; l++) {
            low[l] = values[i + l] < low[l] ? values[i + l] : low[l];
            high[l] = values[i + l] > high[l] ? values[i + l] : high[l];
        }
    }
    *least = INFINITY;
    *greatest = -INFINITY;
    for (int l = 0; l < LANES; l++) {
        *least = fmin(*least, low[l]);
        *greatest = fmax(*greatest, high[l]);
    }
}

tsr_status tsr_survey_add(tsr_sketch_fill *fill, tsr_record *records, const double *values, int64_t items) {
    double least, greatest;
    tsr_survey_extremes(values, items, &least, &greatest);
    if (least <= greatest) { /* not all NaN */
        tsr_record_offer(&records[GREATEST], tsr_key_from_double(greatest), 0);
        tsr_record_offer(&records[LEAST], ~tsr_key_from_double(least), 0);
    }
    return tsr_sketch_add(fill, values, items);
}

/* The edge of an automatic range at a probability: the extreme itself where the tail holds no item. */
static double range_edge(const tsr_sketch *sketch, double probability, double least, double greatest) {
    int64_t rank = tsr_rank_inverse(probability, sketch->numbers).low;
    if (rank == 1) return least;
    if (rank == sketch->numbers) return greatest;
    tsr_bucket bucket = tsr_sketch_find(sketch, rank);
    double edge = tsr_bucket_value(&bucket, rank - bucket.below);
    return fmin(fmax(edge, least), greatest);
}

/* As wide as its bins need, and finite. */
static tsr_bins bins_between(double begin, double end, int32_t count) {
    begin = fmin(fmax(begin, -LIMIT), LIMIT);
    end = fmin(fmax(end, -LIMIT), LIMIT);
    double margin = begin < end ? 0.0 : 0.5;
    while (!tsr_bins_fit(begin - margin, end + margin, count)) margin = fmax(2.0 * margin, 0x1p-1000);
    begin -= margin;
    end += margin;
    return tsr_bins_make(begin, end, count);
}

tsr_bins tsr_survey_bins(const tsr_state *settled, int64_t first, const tsr_record *records, int32_t count) {
    tsr_sketch sketch;
    tsr_sketch_read(settled, first, &sketch);
    if (sketch.numbers == 0) return tsr_bins_make(0.0, 1.0, count);
    double least = tsr_key_to_double(~records[LEAST].key), greatest = tsr_key_to_double(records[GREATEST].key);
    return bins_between(range_edge(&sketch, TAIL, least, greatest), range_edge(&sketch, 1.0 - TAIL, least, greatest),
                        count);
}

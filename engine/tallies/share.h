/* A share: what a sum of weights says of a part of all items, with its error bar.
 * Layer 2. */
#ifndef TSR_ENGINE_SHARE_H
#define TSR_ENGINE_SHARE_H

#include "engine/state.h"
#include "engine/tallies/slots.h"

enum { TSR_SHARE_RECORDS = 2 }; /* the least and the greatest */

/* Offers the least and the greatest of weights [items], which are finite and not negative, to the records. */
void tsr_share_offer_weights(const double *weight, int64_t items, tsr_record *records);

/* The weight that all items have, or NaN. */
double tsr_share_weight(const tsr_record *records);

/* An estimate of how much falls into a slot: the sum of weights, and its share of the sum of all. */
typedef struct {
    double value;
    double error;
    double share;
    double share_error;
} tsr_share;

/* For independent items, of which the slot holds some and `all` holds the slot too. With n items, sums of weights W_i
 * and W and of squares Q_i and Q:
 *     value W_i +- sqrt(Q_i - W_i^2 / n),    share p = W_i / W +- sqrt((1 - p)^2 Q_i + p^2 (Q - Q_i)) / W,
 * the second by linearising the ratio (W. Cochran, Sampling Techniques, 3rd ed., 2.11). Without weights, both are those
 * of a binomial count, and so they are where all weights are equal: constant is that weight (1 without weights), or
 * NaN. Nothing weighed: share 0 +- 0. Squares that overflow or underflow: errors are NaN. */
tsr_share tsr_share_of(const tsr_slot *slot, const tsr_slot *all, double constant);

#endif

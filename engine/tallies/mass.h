/* Masses: sums of weights in many cells, as integers that merge by adding, precise over 120 or more binary orders of
 * magnitude.
 * Layer 2.
 *
 * A weight belongs to the class of 2^40 that holds its size; in class k it counts floor(weight / unit) units of
 * 2^(lowest + 40 k - 24), at least 2^24 of them: it is known to 2^-24 or better, cut off towards zero. A cell
 * has two words for each class, units modulo 2^44 and the rest, and overflows at 2^43 additions. Weights below 2^lowest
 * count as one unit of class 0, so that a cell is zero only if no weight in it is positive; those of
 * 2^(lowest + 40 classes) or more are not allowed. */
#ifndef TSR_ENGINE_MASS_H
#define TSR_ENGINE_MASS_H

#include "engine/state.h"

enum { TSR_MASS_CELLS = 1024, TSR_MASS_PAGE_WORDS = 2048, TSR_MASS_CLASS_BITS = 40 };

/* Where the masses of some cells are: cell i of class k is cell i mod 1024 of page first + k stride + i / 1024. A value
 * type. */
typedef struct {
    int64_t first;
    int64_t stride;
    int classes;
    int lowest;
} tsr_masses;

/* Adds a weight to a cell. 0 <= weight < 2^(lowest + 40 classes). TSR_ERUNTIME: no memory. */
tsr_status tsr_masses_add(const tsr_masses *masses, tsr_state *state, int64_t cell, double weight);

/* The sum of a cell. A pure function of the words; rounded. */
double tsr_masses_get(const tsr_masses *masses, const tsr_state *state, int64_t cell);

/* The sums of a page's cells, which begin with this one (a multiple of 1024): the same bits. */
void tsr_masses_get_page(const tsr_masses *masses, const tsr_state *state, int64_t cell, double out[TSR_MASS_CELLS]);

/* Carries in all cells: the canonical form, after which 2^18 states can be added. cells: how many there are. */
void tsr_masses_settle(const tsr_masses *masses, tsr_state *state, int64_t cells);

#endif

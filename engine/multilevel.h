/* Multilevel Monte Carlo: an estimate as the sum of the means of differences between levels, of which the coarse ones
 * are cheap and the fine ones hardly vary. Layer 0. Pure arithmetic; nothing allocates or fails; thread-safe. Source:
 * M. B. Giles, Multilevel Monte Carlo path simulation, Operations Research 56 (2008) 607, sections 3 and 5; Acta
 * Numerica 24 (2015) 259, algorithm 1. */
#ifndef TSR_ENGINE_MULTILEVEL_H
#define TSR_ENGINE_MULTILEVEL_H

/* What is known of a level: the mean of its difference, its standard error from so many items, the cost of an item. */
typedef struct {
    double mean;
    double error;
    double items;
    double cost;
} tsr_level;

typedef struct {
    double value;
    double error;  /* standard error: root of the sum of squared errors of the levels */
    double bias;   /* what the levels that are missing may add */
    double cost;   /* of all items */
    double saving; /* cost of plain sampling at the last level for the same standard error, over this one */
} tsr_multilevel;

/* Fewer levels tell nothing of the bias. */
enum { TSR_LEVELS_MIN = 3 };

/* level: [levels], coarse to fine, levels >= 1. The bias is extrapolated from the means m of the last two levels,
 * max(|m_(L-1)| / 2^a, |m_L|) / (2^a - 1), where the means fall as 2^-a from level to level: a by least squares over
 * levels 1 .. L, at least 1/2 and at most 1, as means that fall faster at first need not go on. Infinite for fewer than
 * TSR_LEVELS_MIN levels. The saving takes the variance of the first level for that of plain sampling. */
void tsr_multilevel_solve(const tsr_level *level, int levels, tsr_multilevel *out);

/* Items that every level needs, [levels], for a standard error of the sum at the least cost:
 * sqrt(V_l / C_l) sum over k of sqrt(V_k C_k) / error^2, with V_l = error_l^2 items_l. None where V_l = 0; infinite
 * where the error is too small for a double, NaN where a V is. */
void tsr_multilevel_allocate(const tsr_level *level, int levels, double error, double *items);

#endif

/* Replicates: independent repetitions of a stage's sampling. The estimate comes from all items; its error bar comes
 * from the spread of the replicates, whatever the statistic and however the items within a replicate depend on each
 * other. Layer 4. Method: sectioning (Asmussen and Glynn, Stochastic Simulation (2007), III.5). */
#ifndef TSR_ENGINE_REPLICATES_H
#define TSR_ENGINE_REPLICATES_H

#include "engine/stage.h"
#include "engine/states.h"

/* A part of the states of a stage: of a point, a replicate (0: all of them), and a group of items. */
typedef struct {
    int64_t point;
    int part;
    int64_t group;
} tsr_slice;

/* Solves one slice: the results of all tallies, in their order; of a stage with groups those of the job only. ends:
 * [tally_count] how many results there are after each tally, or NULL. Not collective; allocates *out. TSR_EUSAGE,
 * TSR_ENUMERIC from tallies, TSR_ERUNTIME.
 */
tsr_status tsr_part_solve(const tsr_bound_stage *stage, const tsr_states *states, tsr_slice slice, int *ends,
                          tsr_results **out);

/* What the engine itself has counted of all groups of a point. As above. */
tsr_status tsr_own_solve(const tsr_bound_stage *stage, const tsr_states *states, int64_t point, tsr_results **out);

/* Solves every point, of which items [points] have been read. states: [points, 1 + replicates, tallies], part 0 being
 * the total, or [points, 1, tallies]. out: [points, groups]. With replicates, every error bar e of a tally that has
 * read its items once and does not read chains becomes e^2 = R / (R - 1) sum over r of (n_r / n)^2 (value_r - value)^2
 * (of totals, which grow with the items: n times that of value / n), with R replicates of n_r > 0 items each, n in all;
 * NaN for R <
 * 2. Error bars of tallies that read further passes become NaN. Ends of intervals become the value -+ 1.96 errors.
 *
 * Where the stage compares its points, every result NAME that has error bars is followed, after all others, by a result
 * NAME_difference: the value less that of the first point, which is NaN where the first point has no such cell (bins
 * found from the data). Its error bar, also for tallies that read chains, is the one above with the difference of the
 * two points in place of the value, both for the whole and for every replicate: what replicates of one number have in
 * common cancels. NaN where the two points have not read the same number of items. As above. */
tsr_status tsr_replicates_solve(const tsr_bound_stage *stage, const tsr_states *states, const int64_t *items,
                                tsr_results **out);

#endif

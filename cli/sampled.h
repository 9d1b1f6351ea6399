/* Which tiles a check looks at: a random sample, spread over the stages of a run and the points of each. */
#ifndef TSR_CLI_SAMPLED_H
#define TSR_CLI_SAMPLED_H

#include "engine/refold.h"

/* How many groups of each stage, [stages]: `wanted` in all (or all there are), at least one of each stage that has any
 * where that is possible, the rest by size. chosen: what the caller leaves out has no groups. */
void tsr_sampled_share(const tsr_stored_stage *stage, const bool *chosen, int stages, int64_t wanted, int64_t *count);

/* `count` groups of a stage, at most those it has, each once, one from each of `count` equal stretches over points and
 * groups: out [count]. A pure function of the seed. */
void tsr_sampled_choose(const tsr_stored_stage *stage, uint64_t seed, int64_t count, tsr_probe *out);

/* Groups of a stage. */
int64_t tsr_sampled_groups(const tsr_stored_stage *stage);

#endif

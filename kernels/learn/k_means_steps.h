/* k-means: what each pass is for, and where the state keeps it.
 * Layer 2. */
#ifndef TSR_KERNELS_K_MEANS_STEPS_H
#define TSR_KERNELS_K_MEANS_STEPS_H

#include "engine/tallies/bank.h"
#include "engine/tallies/columns.h"

typedef enum { TSR_START_PARALLEL, TSR_START_FIRST, TSR_START_RANDOM, TSR_START_GIVEN } tsr_k_means_start;

/* Rounds of k-means||, each of which chooses as many candidates as there are clusters. */
enum { TSR_K_MEANS_ROUNDS = 5 };

/* What was asked for; immutable. */
typedef struct {
    tsr_columns *columns;
    int clusters;
    tsr_k_means_start start;
    int64_t iterations;
    double tolerance;
    double *given; /* [clusters, columns], or NULL */
} tsr_k_means;

/* A pass chooses candidates by records, fetches their columns, weighs them by the items nearest to them, or assigns all
 * items to centroids (Lloyd's step). number: of the round, or of the step. */
typedef enum { TSR_STEP_CHOOSE, TSR_STEP_FETCH, TSR_STEP_WEIGH, TSR_STEP_ASSIGN } tsr_k_means_what;
typedef struct {
    tsr_k_means_what what;
    int number;
} tsr_k_means_step;

/* None of these functions allocates or can fail; all are thread-safe. */

tsr_k_means_step tsr_k_means_step_of(const tsr_k_means *self, int pass);

/* Passes before the first assignment. */
int tsr_k_means_passes_before(const tsr_k_means *self);

/* Records stand in groups of `clusters`, one for each round. Candidates are counted through: the best record of the
 * first round, then all of each further one; or all of the only one. */
int tsr_k_means_rounds(const tsr_k_means *self);
int tsr_k_means_candidates(const tsr_k_means *self, int rounds); /* of so many rounds */
const tsr_record *tsr_k_means_record(const tsr_k_means *self, const tsr_state *state, int candidate);

tsr_layout tsr_k_means_layout(const tsr_k_means *self);

/* A word of the candidates: the bits of column j, or with j = columns the weight. Written by tsr_state_page. */
typedef struct {
    int64_t page;
    int64_t word;
} tsr_k_means_place;
tsr_k_means_place tsr_k_means_candidate_at(const tsr_k_means *self, int candidate, int j);

/* Pages of assignment s: a head of words, and a bank of the sums [clusters, columns]. */
enum { TSR_ASSIGNED_ITEMS, TSR_ASSIGNED_TILES, TSR_ASSIGNED_INERTIA, TSR_ASSIGNED_SIZES = 2 + TSR_EXACT_WORDS };
int64_t tsr_k_means_head(const tsr_k_means *self, int64_t s);
tsr_bank tsr_k_means_bank(const tsr_k_means *self, int64_t s);

#endif

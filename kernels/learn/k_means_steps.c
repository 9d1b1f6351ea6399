#include "kernels/learn/k_means_steps.h"

int tsr_k_means_rounds(const tsr_k_means *self) {
    if (self->start == TSR_START_GIVEN) return 0;
    return self->start == TSR_START_PARALLEL ? 1 + TSR_K_MEANS_ROUNDS : 1;
}

int tsr_k_means_passes_before(const tsr_k_means *self) {
    return 2 * tsr_k_means_rounds(self) + (self->start == TSR_START_PARALLEL);
}

tsr_k_means_step tsr_k_means_step_of(const tsr_k_means *self, int pass) {
    const int rounds = tsr_k_means_rounds(self), before = tsr_k_means_passes_before(self);
    if (pass >= before) return (tsr_k_means_step){TSR_STEP_ASSIGN, pass - before};
    if (pass >= 2 * rounds) return (tsr_k_means_step){TSR_STEP_WEIGH, 0};
    return (tsr_k_means_step){pass % 2 == 0 ? TSR_STEP_CHOOSE : TSR_STEP_FETCH, pass / 2};
}

int tsr_k_means_candidates(const tsr_k_means *self, int rounds) {
    if (rounds == 0) return 0;
    return self->start == TSR_START_PARALLEL ? 1 + (rounds - 1) * self->clusters : self->clusters;
}

const tsr_record *tsr_k_means_record(const tsr_k_means *self, const tsr_state *state, int candidate) {
    const int ahead = self->start == TSR_START_PARALLEL && candidate > 0 ? self->clusters - 1 : 0;
    const int round = (candidate + ahead) / self->clusters, place = (candidate + ahead) % self->clusters;
    return &tsr_state_records_get(state)[round * self->clusters + self->clusters - 1 - place];
}

static int64_t page_words(const tsr_k_means *self) {
    const int64_t sums = (int64_t)self->clusters * self->columns->count;
    const int64_t head = TSR_ASSIGNED_SIZES + self->clusters;
    return sums > head ? sums : head;
}

static int64_t candidate_pages(const tsr_k_means *self) {
    const int64_t words = (int64_t)tsr_k_means_candidates(self, tsr_k_means_rounds(self)) * (self->columns->count + 1);
    return (words + page_words(self) - 1) / page_words(self);
}

tsr_layout tsr_k_means_layout(const tsr_k_means *self) {
    return (tsr_layout){.pages = tsr_k_means_head(self, self->iterations + 1),
                        .page_words = page_words(self),
                        .records = (int64_t)tsr_k_means_rounds(self) * self->clusters,
                        .group = tsr_k_means_rounds(self) == 0 ? 0 : self->clusters};
}

tsr_k_means_place tsr_k_means_candidate_at(const tsr_k_means *self, int candidate, int j) {
    const int64_t word = (int64_t)candidate * (self->columns->count + 1) + j;
    return (tsr_k_means_place){.page = word / page_words(self), .word = word % page_words(self)};
}

int64_t tsr_k_means_head(const tsr_k_means *self, int64_t s) {
    return candidate_pages(self) + s * (1 + TSR_BANK_PAGES);
}

tsr_bank tsr_k_means_bank(const tsr_k_means *self, int64_t s) {
    return (tsr_bank){.first = tsr_k_means_head(self, s) + 1, .count = (int64_t)self->clusters * self->columns->count};
}

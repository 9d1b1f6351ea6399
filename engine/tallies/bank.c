#include "engine/tallies/bank.h"

#include <stdbool.h>
#include <stddef.h>

enum { LIMB_BITS = 32, TOP = TSR_EXACT_LIMBS - 1 };

static const int64_t HALF_LIMB = (int64_t)1 << (LIMB_BITS - 1);

enum { RUN = 8 };

static bool is_zero(const int64_t limb[RUN]) {
    int64_t any = 0;
    for (int i = 0; i < RUN; i++) any |= limb[i];
    return any == 0;
}

/* The page above the highest limb receives the carry, so that settling needs no memory before 2^31 additions. */
static int touched_end(const tsr_exact *sum) {
    int end = TSR_EXACT_LIMBS;
    while (end >= RUN && is_zero(sum->limb + end - RUN)) end -= RUN;
    while (end > 0 && sum->limb[end - 1] == 0) end--;
    return end == 0 || end == TSR_EXACT_LIMBS ? end : end + 1;
}

tsr_status tsr_bank_add(tsr_state *state, tsr_bank bank, int64_t index, const tsr_exact *sum) {
    const int end = touched_end(sum);
    int begin = 0;
    while (begin + RUN <= end && is_zero(sum->limb + begin)) begin += RUN;
    while (begin < end && sum->limb[begin] == 0) begin++;
    for (int p = begin; p < end; p++) {
        int64_t *page = tsr_state_page(state, bank.first + p);
        TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for %lld exact sums", (long long)bank.count);
        page[index] += sum->limb[p];
    }
    return TSR_OK;
}

/* To the nearest multiple of 2^32: what is left has either sign. Counts up to 2^62 leave a carry below 2^31. */
static void carry_page(int64_t count, int64_t *restrict limb, int64_t *restrict above) {
    for (int64_t i = 0; i < count; i++) {
        const int64_t carry = (limb[i] + HALF_LIMB) >> LIMB_BITS;
        limb[i] -= carry * ((int64_t)1 << LIMB_BITS);
        above[i] += carry;
    }
}

static bool is_settled(int64_t count, const int64_t *limb) {
    for (int64_t i = 0; i < count; i++)
        if (limb[i] < -HALF_LIMB || limb[i] >= HALF_LIMB) return false;
    return true;
}

void tsr_bank_settle(tsr_state *state, tsr_bank bank) {
    for (int p = 0; p < TOP; p++) {
        if (tsr_state_find(state, bank.first + p) == NULL) continue;
        int64_t *limb = tsr_state_page(state, bank.first + p);
        if (is_settled(bank.count, limb)) continue;
        int64_t *above = tsr_state_page(state, bank.first + p + 1); /* almost always there: see touched_end */
        if (above == NULL) tsr_memory_failed("for the carry of a sum");
        carry_page(bank.count, limb, above);
    }
}

void tsr_bank_get(const tsr_state *state, tsr_bank bank, int64_t index, tsr_exact *out) {
    *out = (tsr_exact){0};
    for (int p = 0; p < TSR_BANK_PAGES; p++) {
        const int64_t *page = tsr_state_find(state, bank.first + p);
        if (page != NULL) out->limb[p] = page[index];
    }
}

#include "engine/tallies/binned.h"

#include "engine/exact.h"

#include <math.h>

static tsr_slot read_slot(const tsr_binned *binned, int64_t slot) {
    return tsr_slots_read(&binned->slots, binned->state, binned->first, slot);
}

static bool is_number(const tsr_binned *binned, int64_t slot) {
    return slot < binned->cells || (binned->not_numbers >> (slot - binned->cells) & 1) == 0;
}

/* All numbers together; each sum is rounded once more. */
static tsr_slot read_all(const tsr_binned *binned) {
    tsr_exact weight = {0}, square = {0};
    tsr_slot all = {0};
    for (int64_t s = 0; s < binned->slots.count; s++) {
        if (!is_number(binned, s)) continue;
        const tsr_slot slot = read_slot(binned, s);
        all.items += slot.items;
        if (!binned->slots.weighted || slot.items == 0.0) continue;
        tsr_exact_add(&weight, slot.weight);
        tsr_exact_add(&square, slot.square);
    }
    all.weight = tsr_exact_round(&weight);
    all.square = tsr_exact_round(&square);
    return all;
}

double tsr_binned_solve(const tsr_binned *binned, const tsr_binned_values *out) {
    const tsr_slot all = read_all(binned);
    for (int64_t s = 0; s < binned->slots.count; s++) {
        const tsr_slot slot = read_slot(binned, s);
        const tsr_share found = tsr_share_of(&slot, &all, binned->weight);
        if (s >= binned->cells) {
            out->outside[s - binned->cells] = found.value;
            continue;
        }
        out->value[s] = found.value;
        out->error[s] = found.error;
        if (out->share != NULL) out->share[s] = found.share;
        if (out->share != NULL) out->share_error[s] = found.share_error;
    }
    return isnan(binned->weight) ? all.weight * (all.weight / all.square) : all.items;
}

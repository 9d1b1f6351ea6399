#include "cli/sampled.h"

int64_t tsr_sampled_groups(const tsr_stored_stage *stage) {
    return stage->prints.points > 0 ? stage->prints.offset[stage->prints.points] : 0;
}

void tsr_sampled_share(const tsr_stored_stage *stage, const bool *chosen, int stages, int64_t wanted, int64_t *count) {
    int64_t total = 0, left = wanted, groups_left = 0;
    for (int s = 0; s < stages; s++) total += chosen[s] ? tsr_sampled_groups(&stage[s]) : 0;
    groups_left = total;
    for (int s = 0; s < stages; s++) {
        const int64_t groups = chosen[s] ? tsr_sampled_groups(&stage[s]) : 0;
        const double share = groups_left > 0 ? (double)left * (double)groups / (double)groups_left : 0;
        count[s] = left >= groups_left ? groups : (int64_t)(share + 0.5);
        if (count[s] == 0 && groups > 0 && left > 0) count[s] = 1;
        if (count[s] > groups) count[s] = groups;
        if (count[s] > left) count[s] = left;
        left -= count[s];
        groups_left -= groups;
    }
}

/* SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
static uint64_t next(uint64_t *state) {
    uint64_t x = *state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Stretch i of n begins at i * groups / n, which no product of 64 bits need overflow: groups are few. None is empty. */
void tsr_sampled_choose(const tsr_stored_stage *stage, uint64_t seed, int64_t count, tsr_probe *out) {
    const int64_t groups = tsr_sampled_groups(stage);
    int64_t point = 0;
    TSR_ASSERT(count <= groups);
    for (int64_t i = 0; i < count; i++) {
        const int64_t begin = i * groups / count, end = (i + 1) * groups / count;
        const int64_t place = begin + (int64_t)(next(&seed) % (uint64_t)(end - begin));
        while (stage->prints.offset[point + 1] <= place) point++;
        out[i] = (tsr_probe){.point = point, .group = place - stage->prints.offset[point]};
    }
}

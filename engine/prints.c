#include "engine/prints.h"

#include <stdlib.h>

static int64_t groups_of(int64_t tiles, int64_t group_tiles) { return (tiles + group_tiles - 1) / group_tiles; }

int64_t tsr_prints_group(int64_t points, const int64_t *end) {
    for (int64_t group_tiles = 1;; group_tiles *= 2) {
        int64_t groups = 0;
        for (int64_t p = 0; p < points && groups <= TSR_PRINTS_GROUPS_MAX + points; p++)
            groups += groups_of(end[p], group_tiles);
        if (groups <= TSR_PRINTS_GROUPS_MAX + points) return group_tiles;
    }
}

tsr_status tsr_prints_create(int64_t points, const int64_t *begin, const int64_t *end, int64_t group_tiles,
                             tsr_prints *out) {
    if (group_tiles == 0) group_tiles = tsr_prints_group(points, end);
    *out = (tsr_prints){.points = points, .group_tiles = group_tiles};
    out->first = calloc((size_t)points + 1, sizeof(*out->first));
    out->offset = calloc((size_t)points + 1, sizeof(*out->offset));
    TSR_REQUIRE(out->first != NULL && out->offset != NULL, TSR_ERUNTIME, "no memory for the prints of %lld points",
                (long long)points);
    for (int64_t p = 0; p < points; p++) {
        out->first[p] = begin != NULL ? begin[p] / group_tiles : 0;
        const int64_t last = groups_of(end[p], group_tiles);
        out->offset[p + 1] = out->offset[p] + (last > out->first[p] ? last - out->first[p] : 0);
    }
    out->sum = calloc((size_t)out->offset[points] + 1, sizeof(*out->sum));
    TSR_REQUIRE(out->sum != NULL, TSR_ERUNTIME, "no memory for %lld prints", (long long)out->offset[points]);
    return TSR_OK;
}

void tsr_prints_clear(tsr_prints *prints) {
    free(prints->first);
    free(prints->offset);
    free(prints->sum);
    *prints = (tsr_prints){0};
}

static uint64_t *place_of(const tsr_prints *prints, int64_t point, int64_t group) {
    const int64_t place = prints->offset[point] + group - prints->first[point];
    TSR_ASSERT(group >= prints->first[point] && place < prints->offset[point + 1]);
    return &prints->sum[place];
}

void tsr_prints_add(tsr_prints *prints, int64_t point, int64_t tile, uint64_t print) {
    __atomic_fetch_add(place_of(prints, point, tile / prints->group_tiles), print, __ATOMIC_RELAXED);
}

/* sign: 1, or -1 modulo 2^64. */
static void merge(tsr_prints *into, const tsr_prints *part, uint64_t sign) {
    const int64_t ratio = into->group_tiles / part->group_tiles;
    TSR_ASSERT(into->points == part->points && ratio >= 1);
    for (int64_t p = 0; p < part->points; p++)
        for (int64_t i = part->offset[p]; i < part->offset[p + 1]; i++) {
            const int64_t group = part->first[p] + i - part->offset[p];
            *place_of(into, p, group / ratio) += sign * part->sum[i];
        }
}

void tsr_prints_merge(tsr_prints *into, const tsr_prints *part) { merge(into, part, 1); }

void tsr_prints_subtract(tsr_prints *into, const tsr_prints *part) { merge(into, part, UINT64_MAX); }

tsr_status tsr_prints_grow(tsr_prints *prints, int64_t points, const int64_t *end) {
    tsr_prints larger = {0};
    TSR_ASSERT(prints->points == 0 || prints->points == points);
    const tsr_status status = tsr_prints_create(points, NULL, end, 0, &larger);
    if (status != TSR_OK) {
        tsr_prints_clear(&larger);
        return status;
    }
    if (prints->points > 0) tsr_prints_merge(&larger, prints);
    tsr_prints_clear(prints);
    *prints = larger;
    return TSR_OK;
}

uint64_t tsr_prints_at(const tsr_prints *prints, int64_t point, int64_t group) {
    return *place_of(prints, point, group);
}

int64_t tsr_prints_groups(const tsr_prints *prints, int64_t point) {
    return prints->first[point] + prints->offset[point + 1] - prints->offset[point];
}

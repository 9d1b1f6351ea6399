#include "engine/prints.h"

#include <stdlib.h>
#include <string.h>

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
    if (group_tiles == 0) group_tiles = end != NULL ? tsr_prints_group(points, end) : 1;
    *out = (tsr_prints){.points = points, .group_tiles = group_tiles};
    out->first = calloc((size_t)points + 1, sizeof(*out->first));
    out->offset = calloc((size_t)points + 1, sizeof(*out->offset));
    TSR_REQUIRE(out->first != NULL && out->offset != NULL, TSR_ERUNTIME, "no memory for the prints of %lld points",
                (long long)points);
    for (int64_t p = 0; p < points; p++) {
        out->first[p] = begin != NULL ? begin[p] / group_tiles : 0;
        const int64_t last = end != NULL ? groups_of(end[p], group_tiles) : 0;
        out->offset[p + 1] = out->offset[p] + (last > out->first[p] ? last - out->first[p] : 0);
    }
    out->sum = calloc((size_t)out->offset[points] + 1, sizeof(*out->sum));
    TSR_REQUIRE(out->sum != NULL, TSR_ERUNTIME, "no memory for %lld prints", (long long)out->offset[points]);
    return TSR_OK;
}

tsr_status tsr_prints_create_like(const tsr_prints *model, tsr_prints *out) {
    const size_t points = (size_t)model->points;
    TSR_TRY(tsr_prints_create(model->points, NULL, NULL, model->group_tiles, out));
    memcpy(out->first, model->first, points * sizeof(*out->first));
    memcpy(out->offset, model->offset, (points + 1) * sizeof(*out->offset));
    free(out->sum);
    out->sum = calloc((size_t)out->offset[points] + 1, sizeof(*out->sum));
    TSR_REQUIRE(out->sum != NULL, TSR_ERUNTIME, "no memory for %lld prints", (long long)out->offset[points]);
    return TSR_OK;
}

tsr_status tsr_prints_copy(const tsr_prints *from, tsr_prints *out) {
    TSR_TRY(tsr_prints_create_like(from, out));
    memcpy(out->sum, from->sum, (size_t)from->offset[from->points] * sizeof(*out->sum));
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

int64_t tsr_prints_groups(const tsr_prints *prints, int64_t point) {
    return prints->first[point] + prints->offset[point + 1] - prints->offset[point];
}

void tsr_prints_add(tsr_prints *prints, int64_t point, int64_t tile, uint64_t print) {
    __atomic_fetch_add(place_of(prints, point, tile / prints->group_tiles), print, __ATOMIC_RELAXED);
}

/* sign: 1, or -1 modulo 2^64. Tiles that are not kept are left out. */
static void merge(tsr_prints *into, const tsr_prints *part, uint64_t sign) {
    const int64_t ratio = into->group_tiles / part->group_tiles;
    TSR_ASSERT(into->points == part->points && ratio >= 1);
    for (int64_t p = 0; p < part->points; p++)
        for (int64_t i = part->offset[p]; i < part->offset[p + 1]; i++) {
            const int64_t group = (part->first[p] + i - part->offset[p]) / ratio;
            if (group < tsr_prints_groups(into, p)) *place_of(into, p, group) += sign * part->sum[i];
        }
}

void tsr_prints_merge(tsr_prints *into, const tsr_prints *part) { merge(into, part, 1); }

void tsr_prints_subtract(tsr_prints *into, const tsr_prints *part) { merge(into, part, UINT64_MAX); }

tsr_status tsr_prints_fit(tsr_prints *prints, const int64_t *end) {
    tsr_prints other = {0};
    const int64_t enough = tsr_prints_group(prints->points, end);
    const int64_t group_tiles = enough > prints->group_tiles ? enough : prints->group_tiles;
    const tsr_status status = tsr_prints_create(prints->points, NULL, end, group_tiles, &other);
    if (status == TSR_OK) {
        merge(&other, prints, 1);
        tsr_prints_clear(prints);
        *prints = other;
    } else {
        tsr_prints_clear(&other);
    }
    return status;
}

uint64_t tsr_prints_at(const tsr_prints *prints, int64_t point, int64_t group) {
    return *place_of(prints, point, group);
}

bool tsr_prints_are_sound(const tsr_prints *prints) {
    const bool is_power = prints->group_tiles >= 1 && (prints->group_tiles & (prints->group_tiles - 1)) == 0;
    if (!is_power || prints->points < 1 || prints->offset[0] != 0) return false;
    for (int64_t p = 0; p < prints->points; p++) {
        const int64_t groups = prints->offset[p + 1] - prints->offset[p];
        if (prints->offset[p + 1] < prints->offset[p] || prints->first[p] < 0) return false;
        if (groups > INT64_MAX / prints->group_tiles - prints->first[p]) return false;
    }
    return true;
}

bool tsr_prints_are_alike(const tsr_prints *a, const tsr_prints *b) {
    if (a->points != b->points || a->group_tiles != b->group_tiles) return false;
    const size_t points = (size_t)a->points;
    return memcmp(a->first, b->first, points * sizeof(*a->first)) == 0 &&
           memcmp(a->offset, b->offset, (points + 1) * sizeof(*a->offset)) == 0;
}

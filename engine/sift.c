#include "engine/sift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tsr_sift {
    const tsr_bound_stage *stage;
    double *data; /* [columns, TSR_BLOCK_ITEMS_MAX] of the items that go on */
    int64_t number[TSR_BLOCK_ITEMS_MAX];
    int64_t group[TSR_BLOCK_ITEMS_MAX];
    int32_t kept[TSR_BLOCK_ITEMS_MAX]; /* indices of the items that go on */
};

tsr_status tsr_sift_create(const tsr_bound_stage *stage, tsr_sift **out) {
    tsr_sift *sift = aligned_alloc(64, (sizeof(*sift) + 63) / 64 * 64);
    TSR_REQUIRE(sift != NULL, TSR_ERUNTIME, "no memory for a thread");
    const size_t columns = (size_t)stage->link[stage->spec->map_count].columns;
    sift->stage = stage;
    sift->data = aligned_alloc(64, columns * TSR_BLOCK_ITEMS_MAX * sizeof(double));
    *out = sift;
    TSR_REQUIRE(sift->data != NULL, TSR_ERUNTIME, "no memory for a block");
    return TSR_OK;
}

void tsr_sift_destroy(tsr_sift **sift) {
    if (*sift == NULL) return;
    free((*sift)->data);
    free(*sift);
    *sift = NULL;
}

int tsr_sift_spoilt_column(const tsr_bound_stage *stage, const tsr_block *block, int64_t index) {
    for (int c = 0; c < block->columns; c++) {
        const double value = tsr_column(block, c)[index];
        if (stage->takes_missing ? isinf(value) : !isfinite(value)) return c;
    }
    return -1;
}

/* Missing values go on to tallies that take them; most blocks of a column with some have nothing worse. */
static bool has_infinity(const tsr_block *block) {
    int64_t count = 0;
    for (int c = 0; c < block->columns; c++) {
        const double *value = tsr_column(block, c);
        for (int64_t i = 0; i < block->items; i++) count += fabs(value[i]) == INFINITY;
    }
    return count > 0;
}

/* Keeps those for which the filter is true, which a NaN is not. */
static int64_t keep_wanted(tsr_sift *sift, const tsr_block *block) {
    double wanted[TSR_BLOCK_ITEMS_MAX];
    int64_t count = 0;
    tsr_expression_apply(sift->stage->filter, block, wanted);
    for (int64_t i = 0; i < block->items; i++) {
        sift->kept[count] = (int32_t)i;
        count += wanted[i] < 0 || wanted[i] > 0;
    }
    return count;
}

static int64_t keep_all(tsr_sift *sift, const tsr_block *block) {
    for (int64_t i = 0; i < block->items; i++) sift->kept[i] = (int32_t)i;
    return block->items;
}

static int64_t keep_grouped(tsr_sift *sift, const tsr_block *block, int64_t count) {
    int64_t group[TSR_BLOCK_ITEMS_MAX], left = 0;
    tsr_groups_find(&sift->stage->groups, block, group);
    for (int64_t k = 0; k < count; k++) {
        sift->kept[left] = sift->kept[k];
        sift->group[left] = group[sift->kept[k]];
        left += sift->group[left] >= 0;
    }
    return left;
}

/* Leaves out what is not finite, or tells which item it is that ends the stage. */
static int64_t keep_finite(tsr_sift *sift, const tsr_block *block, int64_t count, tsr_sifted *out) {
    const bool skips = sift->stage->spec->nonfinite == TSR_NONFINITE_SKIP;
    int64_t left = 0;
    for (int64_t k = 0; k < count; k++) {
        const int64_t i = sift->kept[k];
        sift->kept[left] = (int32_t)i;
        sift->group[left] = sift->group[k];
        if (tsr_sift_spoilt_column(sift->stage, block, i) < 0) {
            left++;
            continue;
        }
        if (!skips && out->spoilt < 0) out->spoilt = i;
        if (out->dropped++ == 0) out->first = tsr_block_item(block, i);
    }
    return left;
}

static void pick(tsr_sift *sift, const tsr_block *block, int64_t count, tsr_block *out) {
    for (int c = 0; c < block->columns; c++) {
        const double *from = tsr_column(block, c);
        double *to = sift->data + (int64_t)c * TSR_BLOCK_ITEMS_MAX;
        for (int64_t k = 0; k < count; k++) to[k] = from[sift->kept[k]];
    }
    for (int64_t k = 0; k < count; k++) sift->number[k] = tsr_block_item(block, sift->kept[k]);
    *out = (tsr_block){.item = count > 0 ? sift->number[0] : block->item,
                       .items = count,
                       .stride = TSR_BLOCK_ITEMS_MAX,
                       .columns = block->columns,
                       .data = sift->data,
                       .number = sift->number};
}

void tsr_sift_block(tsr_sift *sift, const tsr_block *block, bool is_finite, tsr_sifted *out) {
    const tsr_bound_stage *stage = sift->stage;
    const bool groups = stage->groups.keys > 0;
    bool minds = !is_finite && stage->spec->nonfinite != TSR_NONFINITE_KEEP;
    if (minds && stage->takes_missing) minds = has_infinity(block);
    *out = (tsr_sifted){.block = *block, .spoilt = -1};
    if (stage->filter == NULL && !groups && !minds) return;
    int64_t count = stage->filter != NULL ? keep_wanted(sift, block) : keep_all(sift, block);
    if (groups) count = keep_grouped(sift, block, count);
    if (minds) count = keep_finite(sift, block, count, out);
    if (groups) out->group = sift->group;
    if (count < block->items) pick(sift, block, count, &out->block);
}

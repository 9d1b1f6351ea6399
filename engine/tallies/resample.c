#include "engine/tallies/resample.h"

#include "engine/tallies/lanes.h"

/* Of 2^16 draws so many are below 1, below 2, ... The law's probabilities, rounded so that sum k (k - 1) is as exact as
 * sum k, and sum k (k - 1) (k - 2) is off by 2. */
static const uint16_t upto[TSR_RESAMPLE_LARGEST] = {24108, 48222, 60271, 64292, 65296, 65497, 65531, 65535};

/* Not the name of a stage: those have no blanks. */
tsr_stream tsr_resample_stream(uint64_t seed) { return tsr_stream_make(seed, "resampled items", 0); }

/* Bits become weights in place. Signed, for which every vector unit has a comparison. */
static void weigh(int64_t count, int16_t *half) {
    int16_t first[TSR_RESAMPLE_LARGEST];
    for (int k = 0; k < TSR_RESAMPLE_LARGEST; k++) first[k] = (int16_t)(upto[k] - 1 - 0x8000);
    for (int64_t i = 0; i < count; i++) {
        const int16_t draw = half[i];
        int16_t weight = 0;
        for (int k = 0; k < TSR_RESAMPLE_LARGEST; k++) weight = (int16_t)(weight + (draw > first[k]));
        half[i] = weight;
    }
}

void tsr_resample_make(const tsr_stream *stream, const tsr_block *block, int64_t group, tsr_resample *out) {
    int64_t own[TSR_BLOCK_ITEMS_MAX];
    const int64_t *item = block->number;
    for (int64_t i = 0; block->number == NULL && i < block->items; i++) own[i] = block->item + i;
    if (block->number == NULL) item = own;
    tsr_stream_bits_of(stream, item, block->items, group, TSR_BLOCK_ITEMS_MAX, out->word[0]);
    for (int w = 0; w < TSR_QUAD; w++) weigh(block->items * TSR_RESAMPLE_LANES, out->weight[w][0]);
}

static const uint64_t TWO_TO_52 = 0x4330000000000000u; /* as a double */

int64_t tsr_resample_weights(const tsr_resample *made, int replicate, int64_t items, double *restrict out) {
    const uint64_t *word = made->word[replicate / TSR_RESAMPLE_LANES];
    const int shift = replicate % TSR_RESAMPLE_LANES * 16;
    uint64_t sum = 0;
    for (int64_t i = 0; i < items; i++) {
        const uint64_t weight = word[i] >> shift & 0xffff;
        sum += weight;
        out[i] = tsr_double_from_bits(weight | TWO_TO_52) - 0x1p52;
    }
    return (int64_t)sum;
}

/* Random words for batteries of tests, binary, until nobody reads on: stream_words items|blocks|draws | dieharder -g
 * 200
 *
 *     items   word 0 of quad 0 of items 0, 1, 2, ...
 *     blocks  what kernels see: 64 columns of items 0 .. 1023, then of items 1024 .. 2047, ...
 *     draws   draws 0 .. 4095 of item 0, then of item 1, ... */
#include "engine/block.h"
#include "engine/stream.h"

#include <stdio.h>
#include <string.h>

enum { ITEMS = TSR_BLOCK_ITEMS_MAX, WORDS = TSR_QUAD * ITEMS, BLOCK_QUADS = 16 };
static _Alignas(64) uint64_t words[WORDS];

/* Each fills in the next words; step: 0, 1, 2, ... Returns how many. */
typedef size_t (*layout_fn)(const tsr_stream *stream, int64_t step);

static size_t fill_items(const tsr_stream *stream, int64_t step) {
    tsr_stream_bits(stream, step * ITEMS, ITEMS, 0, ITEMS, words);
    return ITEMS;
}

static size_t fill_blocks(const tsr_stream *stream, int64_t step) {
    tsr_stream_bits(stream, step / BLOCK_QUADS * ITEMS, ITEMS, step % BLOCK_QUADS, ITEMS, words);
    return WORDS;
}

static size_t fill_draws(const tsr_stream *stream, int64_t step) {
    for (int64_t quad = 0; quad < WORDS / TSR_QUAD; quad++)
        tsr_stream_quad(stream, TSR_KIND_BITS, step, quad, &words[TSR_QUAD * quad]);
    return WORDS;
}

static const struct {
    const char *name;
    layout_fn fill;
} layouts[] = {{"items", fill_items}, {"blocks", fill_blocks}, {"draws", fill_draws}};

int main(int count, char **arguments) {
    const tsr_stream stream = tsr_stream_make(20261121, "words", 0);
    for (int i = 0; i < 3; i++) {
        if (count != 2 || strcmp(arguments[1], layouts[i].name) != 0) continue;
        for (int64_t step = 0;; step++) {
            const size_t filled = layouts[i].fill(&stream, step);
            if (fwrite(words, sizeof(words[0]), filled, stdout) != filled) return 0;
        }
    }
    fprintf(stderr, "usage: stream_words items|blocks|draws\n");
    return 64;
}

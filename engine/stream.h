/* Random numbers as a pure function of (seed, purpose, point, kind, item, draw): nothing to seed per thread, no stride
 * to exceed, no state to save, and a block of draws vectorises across items.
 * Layer 1. Hides the generator. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC'11. */
#ifndef TSR_ENGINE_STREAM_H
#define TSR_ENGINE_STREAM_H

#include "engine/vmath.h"

#include <stdint.h>

/* Draws come in quads: one counter gives four 64-bit words. Kinds never share a counter. */
enum { TSR_QUAD = 4 };
typedef enum { TSR_KIND_UNIFORM = 0, TSR_KIND_NORMAL = 1, TSR_KIND_BITS = 2 } tsr_kind;

/* A value type. */
typedef struct {
    uint64_t key[4];
    uint64_t point; /* sweep point; 0 when points share their numbers */
} tsr_stream;

/* purpose: a name such as the stage's; two purposes give independent streams. */
tsr_stream tsr_stream_make(uint64_t seed, const char *purpose, uint64_t point);

/* The name of the generator, for provenance: "threefry4x64-16". */
const char *tsr_stream_generator(void);

/* The uniform of a word: exactly (k + 1/2) 2^-52 from its upper 52 bits k, so in (0, 1) and symmetric under 1 - u. */
TSR_INLINE double tsr_uniform_from_bits(uint64_t bits) {
    return tsr_double_from_bits(bits >> 12 | 0x3ff0000000000000u) - (1.0 - 0x1p-53);
}

/* The four words of one counter. Thread-safe, allocates nothing. Same bits as the block forms below. */
void tsr_stream_quad(const tsr_stream *stream, tsr_kind kind, int64_t item, int64_t quad, uint64_t out[TSR_QUAD]);

/* Blocks: for items item .. item + items - 1, draw 4*quad + w of item item + i goes to out[w * stride + i].
 * stride >= items; fastest when out is 64-byte aligned and stride a multiple of 8. Thread-safe, allocate nothing.
 * normals: standard normal by Box and Muller from word pairs (0, 1) and (2, 3) of the same item; |z| <= 8.57. */
void tsr_stream_bits(const tsr_stream *stream, int64_t item, int64_t items, int64_t quad, int64_t stride,
                     uint64_t *out);
void tsr_stream_uniforms(const tsr_stream *stream, int64_t item, int64_t items, int64_t quad, int64_t stride,
                         double *out);
void tsr_stream_normals(const tsr_stream *stream, int64_t item, int64_t items, int64_t quad, int64_t stride,
                        double *out);

/* Bits of any items, such as those that were picked out of a block: item [items]. Same bits as of each. */
void tsr_stream_bits_of(const tsr_stream *stream, const int64_t *item, int64_t items, int64_t quad, int64_t stride,
                        uint64_t *out);

/* Along the draws of one item: quads quad .. quad + quads - 1, out [4 quads] in the order of the draws. Thread-safe,
 * allocate nothing. Same bits as the block forms. */
void tsr_stream_uniforms_along(const tsr_stream *stream, int64_t item, int64_t quad, int64_t quads, double *out);
void tsr_stream_normals_along(const tsr_stream *stream, int64_t item, int64_t quad, int64_t quads, double *out);

/* One number, for the rare item that needs more draws than its neighbours. Same bits as the block forms. */
double tsr_stream_uniform(const tsr_stream *stream, int64_t item, int64_t draw);
double tsr_stream_normal(const tsr_stream *stream, int64_t item, int64_t draw);

#endif

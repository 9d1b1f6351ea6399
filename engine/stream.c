#include "engine/stream.h"

#include "engine/normal.h"
#include "engine/threefry.h"

#include <string.h>

/* docs/decisions/0001-generator.md says why. */
#define ROUNDS           16
#define NAME_OF(rounds)  NAME_OF_(rounds)
#define NAME_OF_(rounds) "threefry4x64-" #rounds

/* No two of (item, quad, point, kind) share a counter: each has a word of it to itself. */
TSR_INLINE void counter_make(const tsr_stream *stream, tsr_kind kind, int64_t item, int64_t quad,
                             uint64_t x[TSR_QUAD]) {
    x[0] = (uint64_t)item;
    x[1] = (uint64_t)quad;
    x[2] = stream->point;
    x[3] = (uint64_t)kind;
}

/* The purpose is enciphered in steps of 32 bytes, the result of each being the key of the next. So two names of the
 * same length of up to 32 bytes always give two keys; others give the same one with a chance of 2^-256. */
tsr_stream tsr_stream_make(uint64_t seed, const char *purpose, uint64_t point) {
    const size_t length = strlen(purpose);
    tsr_stream stream = {.key = {seed, length, 0, 0}, .point = point};
    size_t done = 0;
    do {
        const tsr_threefry_key key = tsr_threefry_key_make(stream.key);
        memset(stream.key, 0, sizeof(stream.key));
        for (size_t i = 0; i < 32 && done < length; i++, done++)
            stream.key[i / 8] |= (uint64_t)(unsigned char)purpose[done] << (i % 8 * 8);
        tsr_threefry(&key, ROUNDS, stream.key);
    } while (done < length);
    return stream;
}

const char *tsr_stream_generator(void) { return NAME_OF(ROUNDS); }

void tsr_stream_quad(const tsr_stream *stream, tsr_kind kind, int64_t item, int64_t quad, uint64_t out[TSR_QUAD]) {
    const tsr_threefry_key key = tsr_threefry_key_make(stream->key);
    counter_make(stream, kind, item, quad, out);
    tsr_threefry(&key, ROUNDS, out);
}

void tsr_stream_bits(const tsr_stream *stream, int64_t item, int64_t items, int64_t quad, int64_t stride,
                     uint64_t *out) {
    const tsr_stream here = *stream;
    const tsr_threefry_key key = tsr_threefry_key_make(here.key);
    uint64_t *a = out, *b = a + stride, *c = b + stride, *d = c + stride;
    for (int64_t i = 0; i < items; i++) {
        uint64_t x[TSR_QUAD];
        counter_make(&here, TSR_KIND_BITS, item + i, quad, x);
        tsr_threefry(&key, ROUNDS, x);
        a[i] = x[0];
        b[i] = x[1];
        c[i] = x[2];
        d[i] = x[3];
    }
}

void tsr_stream_bits_of(const tsr_stream *stream, const int64_t *item, int64_t items, int64_t quad, int64_t stride,
                        uint64_t *restrict out) {
    const tsr_stream here = *stream;
    const tsr_threefry_key key = tsr_threefry_key_make(here.key);
    uint64_t *a = out, *b = a + stride, *c = b + stride, *d = c + stride;
    for (int64_t i = 0; i < items; i++) {
        uint64_t x[TSR_QUAD];
        counter_make(&here, TSR_KIND_BITS, item[i], quad, x);
        tsr_threefry(&key, ROUNDS, x);
        a[i] = x[0];
        b[i] = x[1];
        c[i] = x[2];
        d[i] = x[3];
    }
}

TSR_INLINE void fill_uniforms(const tsr_stream *stream, tsr_kind kind, int64_t item, int64_t items, int64_t quad,
                              int64_t stride, double *out) {
    const tsr_stream here = *stream;
    const tsr_threefry_key key = tsr_threefry_key_make(here.key);
    double *a = out, *b = a + stride, *c = b + stride, *d = c + stride;
    for (int64_t i = 0; i < items; i++) {
        uint64_t x[TSR_QUAD];
        counter_make(&here, kind, item + i, quad, x);
        tsr_threefry(&key, ROUNDS, x);
        a[i] = tsr_uniform_from_bits(x[0]);
        b[i] = tsr_uniform_from_bits(x[1]);
        c[i] = tsr_uniform_from_bits(x[2]);
        d[i] = tsr_uniform_from_bits(x[3]);
    }
}

void tsr_stream_uniforms(const tsr_stream *stream, int64_t item, int64_t items, int64_t quad, int64_t stride,
                         double *out) {
    fill_uniforms(stream, TSR_KIND_UNIFORM, item, items, quad, stride, out);
}

static void normals_from_uniforms(int64_t items, double *restrict u, double *restrict v) {
    for (int64_t i = 0; i < items; i++) tsr_normal_pair(&u[i], &v[i]);
}

/* In two loops: one alone would need more registers than there are. */
void tsr_stream_normals(const tsr_stream *stream, int64_t item, int64_t items, int64_t quad, int64_t stride,
                        double *out) {
    fill_uniforms(stream, TSR_KIND_NORMAL, item, items, quad, stride, out);
    normals_from_uniforms(items, out, out + stride);
    normals_from_uniforms(items, out + 2 * stride, out + 3 * stride);
}

/* Counters along the quads of one item: made in pieces that stay in L1, then put into the order of the draws. */
enum { PIECE = 64 };

TSR_INLINE void fill_along(const tsr_stream *stream, tsr_kind kind, int64_t item, int64_t quad, int64_t quads,
                           double *out) {
    const tsr_stream here = *stream;
    const tsr_threefry_key key = tsr_threefry_key_make(here.key);
    for (int64_t q = 0; q < quads; q++) {
        uint64_t x[TSR_QUAD];
        counter_make(&here, kind, item, quad + q, x);
        tsr_threefry(&key, ROUNDS, x);
        for (int w = 0; w < TSR_QUAD; w++) out[w * PIECE + q] = tsr_uniform_from_bits(x[w]);
    }
}

static void put_in_order(const double *planar, int64_t quads, double *out) {
    for (int64_t q = 0; q < quads; q++)
        for (int w = 0; w < TSR_QUAD; w++) out[TSR_QUAD * q + w] = planar[w * PIECE + q];
}

void tsr_stream_uniforms_along(const tsr_stream *stream, int64_t item, int64_t quad, int64_t quads, double *out) {
    double planar[TSR_QUAD * PIECE];
    for (int64_t done = 0; done < quads; done += PIECE) {
        const int64_t piece = quads - done < PIECE ? quads - done : PIECE;
        fill_along(stream, TSR_KIND_UNIFORM, item, quad + done, piece, planar);
        put_in_order(planar, piece, out + TSR_QUAD * done);
    }
}

void tsr_stream_normals_along(const tsr_stream *stream, int64_t item, int64_t quad, int64_t quads, double *out) {
    double planar[TSR_QUAD * PIECE];
    for (int64_t done = 0; done < quads; done += PIECE) {
        const int64_t piece = quads - done < PIECE ? quads - done : PIECE;
        fill_along(stream, TSR_KIND_NORMAL, item, quad + done, piece, planar);
        normals_from_uniforms(piece, planar, planar + PIECE);
        normals_from_uniforms(piece, planar + 2 * PIECE, planar + 3 * PIECE);
        put_in_order(planar, piece, out + TSR_QUAD * done);
    }
}

double tsr_stream_uniform(const tsr_stream *stream, int64_t item, int64_t draw) {
    uint64_t word[TSR_QUAD];
    tsr_stream_quad(stream, TSR_KIND_UNIFORM, item, draw / TSR_QUAD, word);
    return tsr_uniform_from_bits(word[draw % TSR_QUAD]);
}

double tsr_stream_normal(const tsr_stream *stream, int64_t item, int64_t draw) {
    uint64_t word[TSR_QUAD];
    tsr_stream_quad(stream, TSR_KIND_NORMAL, item, draw / TSR_QUAD, word);
    const int first = draw % TSR_QUAD < 2 ? 0 : 2;
    double pair[2] = {tsr_uniform_from_bits(word[first]), tsr_uniform_from_bits(word[first + 1])};
    tsr_normal_pair(&pair[0], &pair[1]);
    return pair[draw % 2];
}

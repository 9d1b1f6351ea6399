/* Random numbers per nanosecond and core, beside other counter-based generators, as medians of interleaved rounds.
 * Built twice: bench_stream for the baseline's vectors, bench_stream_wide for the widest. */
#include "engine/normal.h"
#include "engine/stream.h"
#include "engine/threefry.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <Random123/philox.h>
#include <Random123/threefry.h>

enum { ITEMS = 1024, STRIDE = ITEMS + 8, BLOCKS = 200, REPEATS = 15 };
static _Alignas(64) uint64_t words[TSR_QUAD * STRIDE];
static _Alignas(64) double values[TSR_QUAD * STRIDE];
static tsr_stream stream;

/* Each makes TSR_QUAD * ITEMS numbers. */
typedef void (*make_fn)(int64_t quad);

static void make_bits(int64_t quad) { tsr_stream_bits(&stream, 0, ITEMS, quad, STRIDE, words); }
static void make_uniforms(int64_t quad) { tsr_stream_uniforms(&stream, 0, ITEMS, quad, STRIDE, values); }
static void make_normals(int64_t quad) { tsr_stream_normals(&stream, 0, ITEMS, quad, STRIDE, values); }

TSR_INLINE void make_threefry(int rounds, int64_t quad) {
    const tsr_threefry_key key = tsr_threefry_key_make(stream.key);
    for (uint64_t i = 0; i < ITEMS; i++) {
        uint64_t x[4] = {i, (uint64_t)quad, 0, 0};
        tsr_threefry(&key, rounds, x);
        words[i] = x[0];
        words[STRIDE + i] = x[1];
        words[2 * STRIDE + i] = x[2];
        words[3 * STRIDE + i] = x[3];
    }
}
static void make_threefry_12(int64_t quad) { make_threefry(12, quad); }
static void make_threefry_13(int64_t quad) { make_threefry(13, quad); }
static void make_threefry_16(int64_t quad) { make_threefry(16, quad); }
static void make_threefry_20(int64_t quad) { make_threefry(20, quad); }

static void make_random123_threefry(int64_t quad) {
    const threefry4x64_key_t key = {{1, 2, 3, 4}};
    for (uint64_t i = 0; i < ITEMS; i++) {
        const threefry4x64_ctr_t counter = {{i, (uint64_t)quad, 0, 0}}, x = threefry4x64_R(20, counter, key);
        for (int w = 0; w < 4; w++) words[w * STRIDE + (int64_t)i] = x.v[w];
    }
}

static void make_random123_philox(int64_t quad) {
    const philox4x32_key_t key = {{1, 2}};
    for (uint32_t i = 0; i < 2 * ITEMS; i++) {
        const philox4x32_ctr_t counter = {{i, (uint32_t)quad, 0, 0}}, x = philox4x32_R(10, counter, key);
        words[i] = (uint64_t)x.v[1] << 32 | x.v[0];
        words[2 * STRIDE + i] = (uint64_t)x.v[3] << 32 | x.v[2];
    }
}

/* What tsr_stream_normals does after its uniforms. */
static void make_pairs(int64_t quad) {
    static _Alignas(64) double uniforms[2 * ITEMS];
    if (quad == 0) tsr_stream_uniforms(&stream, 0, ITEMS / 2, 0, ITEMS / 2, uniforms);
    for (int half = 0; half < 2; half++)
        for (int64_t i = 0; i < ITEMS; i++) {
            values[i] = uniforms[i];
            values[STRIDE + i] = uniforms[ITEMS + i];
            tsr_normal_pair(&values[i], &values[STRIDE + i]);
        }
}

static struct {
    const char *name;
    make_fn make;
    double per_ns[REPEATS];
} rows[] = {
    {"bits", make_bits, {0}},
    {"uniforms", make_uniforms, {0}},
    {"normals", make_normals, {0}},
    {"normals from uniforms alone", make_pairs, {0}},
    {"threefry4x64-12, vectorised", make_threefry_12, {0}},
    {"threefry4x64-13, vectorised", make_threefry_13, {0}},
    {"threefry4x64-16, vectorised", make_threefry_16, {0}},
    {"threefry4x64-20, vectorised", make_threefry_20, {0}},
    {"threefry4x64-20, Random123", make_random123_threefry, {0}},
    {"philox4x32-10, Random123", make_random123_philox, {0}},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static double processor_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double measure(make_fn make) {
    const double begin = processor_ns();
    for (int64_t quad = 0; quad < BLOCKS; quad++) make(quad);
    return (double)BLOCKS * TSR_QUAD * ITEMS / (processor_ns() - begin);
}

static int compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

int main(void) {
    stream = tsr_stream_make(1, "bench", 0);
    for (int repeat = -1; repeat < REPEATS; repeat++)
        for (int r = 0; r < ROWS; r++) {
            const double per_ns = measure(rows[r].make);
            if (repeat >= 0) rows[r].per_ns[repeat] = per_ns;
        }
    printf("64-bit numbers per ns and core (median, best); %s\n", tsr_stream_generator());
    for (int r = 0; r < ROWS; r++) {
        qsort(rows[r].per_ns, REPEATS, sizeof(double), compare);
        printf("%-30s %7.3f %7.3f\n", rows[r].name, rows[r].per_ns[REPEATS / 2], rows[r].per_ns[REPEATS - 1]);
    }
    return 0;
}

/* threefry: the published generator, at any number of rounds. */
#include "engine/threefry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <Random123/threefry.h>

#include <cmocka.h>

/* From tests/kat_vectors of Random123. */
static const struct {
    int rounds;
    uint64_t counter[4], key[4], expected[4];
} vectors[] = {
    {13,
     {0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u},
     {0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u},
     {0x4071fabee1dc8e05u, 0x02ed3113695c9c62u, 0x397311b5b89f9d49u, 0xe21292c3258024bcu}},
    {13,
     {0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu},
     {0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu},
     {0x7eaed935479722b5u, 0x90994358c429f31cu, 0x496381083e07a75bu, 0x627ed0d746821121u}},
    {13,
     {0x243f6a8885a308d3u, 0x13198a2e03707344u, 0xa4093822299f31d0u, 0x082efa98ec4e6c89u},
     {0x452821e638d01377u, 0xbe5466cf34e90c6cu, 0xc0ac29b7c97c50ddu, 0x3f84d5b5b5470917u},
     {0x4361288ef9c1900cu, 0x8717291521782833u, 0x0d19db18c20cf47eu, 0xa0b41d63ac8581e5u}},
    {20,
     {0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u},
     {0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u},
     {0x09218ebde6c85537u, 0x55941f5266d86105u, 0x4bd25e16282434dcu, 0xee29ec846bd2e40bu}},
    {20,
     {0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu},
     {0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu},
     {0x29c24097942bba1bu, 0x0371bbfb0f6f4e11u, 0x3c231ffa33f83a1cu, 0xcd29113fde32d168u}},
    {20,
     {0x243f6a8885a308d3u, 0x13198a2e03707344u, 0xa4093822299f31d0u, 0x082efa98ec4e6c89u},
     {0x452821e638d01377u, 0xbe5466cf34e90c6cu, 0xbe5466cf34e90c6cu, 0xc0ac29b7c97c50ddu},
     {0xa7e8fde591651bd9u, 0xbaafd0c30138319bu, 0x84a5c1a729e685b9u, 0x901d406ccebc1ba4u}},
};

static void test_known_answers_are_given(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const tsr_threefry_key key = tsr_threefry_key_make(vectors[i].key);
        uint64_t x[4];
        memcpy(x, vectors[i].counter, sizeof(x));
        tsr_threefry(&key, vectors[i].rounds, x);
        assert_memory_equal(x, vectors[i].expected, sizeof(x));
    }
}

static void test_every_number_of_rounds_is_that_of_random123(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        const int rounds = 1 + (int)(i % TSR_THREEFRY_ROUNDS_MAX);
        const threefry4x64_key_t key = {{i * 0x9e3779b97f4a7c15u, ~i, i << 40, i * i}};
        const threefry4x64_ctr_t counter = {{i, i * 0xd1b54a32d192ed03u, i << 33, UINT64_MAX - i}};
        const threefry4x64_ctr_t expected = threefry4x64_R((unsigned)rounds, counter, key);
        const tsr_threefry_key own = tsr_threefry_key_make(key.v);
        uint64_t x[4];
        memcpy(x, counter.v, sizeof(x));
        tsr_threefry(&own, rounds, x);
        assert_memory_equal(x, expected.v, sizeof(x));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers_are_given),
        cmocka_unit_test(test_every_number_of_rounds_is_that_of_random123),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

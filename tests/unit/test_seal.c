/* Seals: no change of a byte, no cut and no addition goes unnoticed, and what never had a seal is not called damaged.
 */
#include "io/result/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COVERED = 500, SEALED = COVERED + TSR_SEAL_BYTES };

static void make_sealed(unsigned char bytes[SEALED]) {
    for (int i = 0; i < COVERED; i++) bytes[i] = (unsigned char)(i * 37 + i / 7);
    tsr_seal_make(bytes, COVERED, (char *)bytes + COVERED);
}

/* Made with: printf abc | sha256sum. */
static void test_a_seal_is_a_line_of_text_that_other_tools_can_check(void **state) {
    (void)state;
    static const char expected[] =
        "\ntessera-seal sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad of the first "
        "000000000000003 bytes tessera-seal\n";
    char seal[TSR_SEAL_BYTES];
    assert_int_equal(sizeof(expected) - 1, TSR_SEAL_BYTES);
    tsr_seal_make((const unsigned char *)"abc", 3, seal);
    assert_memory_equal(seal, expected, TSR_SEAL_BYTES);
}

static void test_sealed_bytes_are_whole(void **state) {
    (void)state;
    unsigned char bytes[SEALED];
    make_sealed(bytes);
    assert_int_equal(tsr_seal_check(bytes, SEALED), TSR_SEAL_WHOLE);
    tsr_seal_make(bytes, 0, (char *)bytes);
    assert_int_equal(tsr_seal_check(bytes, TSR_SEAL_BYTES), TSR_SEAL_WHOLE);
}

static void test_every_flipped_bit_breaks_the_seal(void **state) {
    (void)state;
    unsigned char bytes[SEALED];
    make_sealed(bytes);
    for (int i = 0; i < SEALED; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (unsigned char)(1 << bit);
            assert_int_equal(tsr_seal_check(bytes, SEALED), TSR_SEAL_BROKEN);
            bytes[i] ^= (unsigned char)(1 << bit);
        }
}

/* Cut within its first word a seal is no longer known; HDF5's own end tells of that (test_image.c). */
static void test_a_seal_cut_short_is_broken(void **state) {
    (void)state;
    unsigned char bytes[SEALED];
    make_sealed(bytes);
    for (int cut = 1; cut < TSR_SEAL_BYTES - 12; cut++)
        assert_int_equal(tsr_seal_check(bytes, SEALED - cut), TSR_SEAL_BROKEN);
}

static void test_bytes_added_behind_a_seal_break_it(void **state) {
    (void)state;
    unsigned char bytes[SEALED + 100] = {0};
    make_sealed(bytes);
    for (int added = 1; added <= 100; added++) assert_int_equal(tsr_seal_check(bytes, SEALED + added), TSR_SEAL_BROKEN);
}

static void test_bytes_without_a_seal_have_none(void **state) {
    (void)state;
    unsigned char bytes[SEALED];
    make_sealed(bytes);
    for (int count = 0; count <= COVERED; count++) assert_int_equal(tsr_seal_check(bytes, count), TSR_SEAL_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_seal_is_a_line_of_text_that_other_tools_can_check),
        cmocka_unit_test(test_sealed_bytes_are_whole),
        cmocka_unit_test(test_every_flipped_bit_breaks_the_seal),
        cmocka_unit_test(test_a_seal_cut_short_is_broken),
        cmocka_unit_test(test_bytes_added_behind_a_seal_break_it),
        cmocka_unit_test(test_bytes_without_a_seal_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "engine/tallies/mass.h"

#include <math.h>
#include <string.h>

enum { LOW_BITS = 44, UNIT_BITS = 24, MANTISSA_BITS = 52, EXPONENT_BIAS = 1023 };

static const int64_t LOW_MASK = (INT64_C(1) << LOW_BITS) - 1;

typedef struct {
    int64_t low;
    int64_t high;
} number;

_Static_assert(TSR_MASS_CELLS * sizeof(number) == TSR_MASS_PAGE_WORDS * sizeof(int64_t), "a page is all cells");

static int64_t page_of(const tsr_masses *masses, int class, int64_t cell) {
    return masses->first + class * masses->stride + cell / TSR_MASS_CELLS;
}

static void carry(number *sum) {
    sum->high += sum->low >> LOW_BITS;
    sum->low &= LOW_MASK;
}

/* above: the exponent, from the least one of the class on. */
static uint64_t units_of(uint64_t bits, int above) {
    const int shift = above + UNIT_BITS - MANTISSA_BITS;
    const uint64_t one = UINT64_C(1) << MANTISSA_BITS;
    const uint64_t mantissa = (bits & (one - 1)) | one;
    return shift >= 0 ? mantissa << shift : mantissa >> -shift;
}

tsr_status tsr_masses_add(const tsr_masses *masses, tsr_state *state, int64_t cell, double weight) {
    if (weight == 0.0) return TSR_OK; /* -0 too */
    uint64_t bits;
    memcpy(&bits, &weight, sizeof(bits));
    const int above = (int)(bits >> MANTISSA_BITS) - EXPONENT_BIAS - masses->lowest;
    const int class = above < 0 ? 0 : above / TSR_MASS_CLASS_BITS;
    TSR_ASSERT(class < masses->classes);
    const uint64_t units = above < 0 ? 1 : units_of(bits, above % TSR_MASS_CLASS_BITS);
    number *page = (number *)tsr_state_page(state, page_of(masses, class, cell));
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for a page of weights");
    number *sum = &page[cell % TSR_MASS_CELLS];
    sum->low += (int64_t)(units & (uint64_t)LOW_MASK);
    sum->high += (int64_t)(units >> LOW_BITS);
    carry(sum);
    return TSR_OK;
}

/* What a unit of a class weighs. */
static double unit_of(const tsr_masses *masses, int class) {
    return ldexp(1.0, masses->lowest + class * TSR_MASS_CLASS_BITS - UNIT_BITS);
}

static double value_of(const number *sum, double unit) {
    return ((double)sum->high * 0x1p44 + (double)sum->low) * unit;
}

double tsr_masses_get(const tsr_masses *masses, const tsr_state *state, int64_t cell) {
    double mass = 0.0;
    for (int class = 0; class < masses->classes; class ++) {
        const number *page = (const number *)tsr_state_find(state, page_of(masses, class, cell));
        if (page != NULL) mass += value_of(&page[cell % TSR_MASS_CELLS], unit_of(masses, class));
    }
    return mass;
}

void tsr_masses_get_page(const tsr_masses *masses, const tsr_state *state, int64_t cell, double out[TSR_MASS_CELLS]) {
    memset(out, 0, TSR_MASS_CELLS * sizeof(*out));
    for (int class = 0; class < masses->classes; class ++) {
        const number *page = (const number *)tsr_state_find(state, page_of(masses, class, cell));
        const double unit = unit_of(masses, class);
        for (int i = 0; page != NULL && i < TSR_MASS_CELLS; i++) out[i] += value_of(&page[i], unit);
    }
}

void tsr_masses_settle(const tsr_masses *masses, tsr_state *state, int64_t cells) {
    for (int class = 0; class < masses->classes; class ++) {
        for (int64_t cell = 0; cell < cells; cell += TSR_MASS_CELLS) {
            const int64_t index = page_of(masses, class, cell);
            if (tsr_state_find(state, index) == NULL) continue;
            number *page = (number *)tsr_state_page(state, index);
            for (int i = 0; i < TSR_MASS_CELLS; i++) carry(&page[i]);
        }
    }
}

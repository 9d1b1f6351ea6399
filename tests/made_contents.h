/* For tests: contents of a file, and variables of one dimension in them. */
#ifndef TSR_TESTS_MADE_CONTENTS_H
#define TSR_TESTS_MADE_CONTENTS_H

#include "io/result/contents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static inline tsr_contents *created(void) {
    tsr_contents *contents = NULL;
    assert_int_equal(tsr_contents_create(&contents), TSR_OK);
    return contents;
}

static inline int add_numbers(tsr_contents *contents, int group, const char *name, int dimension, const double *data) {
    const tsr_variable variable = {
        .name = name, .cell = TSR_CELL_REAL, .rank = 1, .dimension = {dimension}, .data = data};
    return tsr_contents_variable(contents, group, &variable);
}

#endif

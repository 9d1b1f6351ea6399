/* expression: the language means what it says, all three ways of evaluation agree to the last bit, slopes are right,
 * and no text makes it crash. */
#include "engine/definition.h"
#include "engine/expression.h"
#include "samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { ITEMS = 1000, VARIABLES = 4 };
static const char *const names[] = {"x", "y", "z", "petal length (cm)", NULL};
static const double point[VARIABLES] = {2.0, 3.0, -0.5, 7.0};

static tsr_expression compiled(const char *text) {
    tsr_expression expression;
    tsr_mistake mistake;
    if (!tsr_expression_compile(text, names, &expression, &mistake))
        fail_msg("%s: character %d: %s", text, mistake.place, mistake.text);
    return expression;
}

static double value_of(const char *text) {
    const tsr_expression expression = compiled(text);
    return tsr_expression_value(&expression, point);
}

/* ---- the language ---- */

static void test_operators_bind_as_in_a_textbook(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"1 + 2 * 3", 7},
        {"(1 + 2) * 3", 9},
        {"10 - 4 - 3", 3},
        {"24 / 4 / 2", 3},
        {"2 ^ 3 ^ 2", 512},
        {"2 ** 3", 8},
        {"-x ^ 2", -4},
        {"(-x) ^ 2", 4},
        {"x ^ -2", 0.25},
        {"2 ^ -x", 0.25},
        {"- - x", 2},
        {"+x - -y", 5},
        {"1.5e2 + .5 + 2.", 152.5},
        {"1e-3 * 1E3", 1},
        {"x < y", 1},
        {"x >= y", 0},
        {"x + 1 == y", 1},
        {"x != y and not (y <= x)", 1},
        {"0 or x > 5 or y == 3", 1},
        {"1 or 0 and 0", 1},
        {"not 0 and 0", 0},
        {"not x == y", 1},
        {"x > y ? 10 : 20", 20},
        {"x < y ? x < 0 ? 1 : 2 : 3", 2},
        {"if(x < y, x, y) + 1", 3},
        {"if(1, x, y)", 2},
        {"if(0, 1, 2) * x", 4},
        {"max(x, y) - min(x, y)", 1},
        {"abs(z) + floor(z) + ceil(z)", -0.5},
        {"pow(x, 3) + pow(2, y)", 16},
        {"sqrt(x ^ 2 * 4)", 4},
        {"'petal length (cm)' * x + `y`", 17},
        {"(x + 0.718281828459045 - x + 2) ^ y", 20.085536923187664},
        {"x^63 / x^62", 2},
        {"x^64 / x^62", 4},
        {"2*x\n\t+ 1", 5},
        {"x in (1, 2) and not y in (2, x + 2)", 1},
        {"z in (x)", 0},
        {"x + (y in (3, 4, 5)) * 2", 4},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const double value = value_of(rows[i].text);
        if (fabs(value - rows[i].value) > 1e-14 * fabs(rows[i].value))
            fail_msg("%s is %.17g, not %.17g", rows[i].text, value, rows[i].value);
    }
}

static void test_functions_are_those_of_vmath(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"exp(z)", 0.60653065971263342},
        {"expm1(z)", -0.39346934028736658},
        {"log(x)", 0.69314718055994531},
        {"ln(x)", 0.69314718055994531},
        {"log1p(z)", -0.69314718055994531},
        {"sin(x)", 0.90929742682568170},
        {"cos(x)", -0.41614683654714239},
        {"tan(x)", -2.1850398632615190},
        {"atan(x)", 1.1071487177940905},
        {"tanh(z)", -0.46211715726000976},
        {"e^z", 0.60653065971263342},
        {"pi + e", 5.8598744820488385},
        {"sin(pi/2)", 1},
        {"x^0.5", 1.4142135623730951},
        {"2^0.5", 1.4142135623730951},
        {"e^2", 7.3890560989306502},
        {"asin(z)", -0.52359877559829887},
        {"acos(z)", 2.0943951023931955},
        {"atan2(x, z)", 1.8157749899217608},
        {"hypot(x, y)", 3.6055512754639893},
        {"sinh(x) + cosh(x)", 7.3890560989306502},
        {"cbrt(-y^3)", -3},
        {"erf(z) + erfc(y)", -0.52047778731604788},
        {"normal_cdf(z)", 0.30853753872598690},
        {"normal_quantile(0.975)", 1.9599639845400545},
        {"log10(x) / log2(y)", 0.18992878098189256},
        {"sign(z) + round(2.5) + int(-2.7) + trunc(2.7)", 2},
        {"mod(-7, y) + mod(7, -y)", 0},
        {"float(0.1) - 0.1", 1.4901161138336505e-9},
        {"(e + z)^x", 4.9207742704716049},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (fabs(value_of(rows[i].text) - rows[i].value) > 1e-10 * fabs(rows[i].value))
            fail_msg("%s is %.17g", rows[i].text, value_of(rows[i].text));
    /* e^x takes the accurate road; constants are computed when compiled */
    assert_true(value_of("e^z") == value_of("exp(z)") && compiled("2 * (3 + sin(1))").steps == 1);
}

/* A NaN is never taken for true or false, and what a condition leaves out does not matter. */
static void test_nan_is_neither_true_nor_false(void **state) {
    (void)state;
    static const char *const nans[] = {"log(-x) and 1",   "1 or log(-x)",    "not log(-x)", "log(-x) ? 1 : 2",
                                       "min(log(-x), 1)", "max(1, log(-x))", "log(0 * x)",  "sqrt(-x)"};
    for (size_t i = 0; i < sizeof(nans) / sizeof(nans[0]); i++) assert_true(isnan(value_of(nans[i])));
    assert_true(value_of("log(-x) < 1") == 0 && value_of("log(-x) == log(-x)") == 0 && value_of("log(-x) != 1") == 1);
    assert_true(value_of("isnan(log(-x))") == 1 && value_of("is_missing(x)") == 0 && value_of("isnan(1/0)") == 0);
    assert_true(value_of("x > 0 ? x : log(-x)") == 2 && value_of("if(x == 0, 1, sin(x) / x)") == sin(2.0) / 2.0);
}

static void test_a_variable_hides_a_constant(void **state) {
    (void)state;
    static const char *const hiding[] = {"e", "log", NULL};
    tsr_expression expression;
    tsr_mistake mistake;
    assert_true(tsr_expression_compile("e + log(log)", hiding, &expression, &mistake));
    const double given[] = {5.0, 1.0};
    assert_true(tsr_expression_value(&expression, given) == 5.0);
    assert_true(tsr_expression_uses(&expression, 0) && !tsr_expression_uses(&expression, 2));
}

/* ---- refusals ---- */

static void test_mistakes_are_told_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int place;
        const char *says;
    } rows[] = {
        {"", 1, "ends where a number or a name"},
        {"x + ", 5, "ends where a number or a name"},
        {"x + * y", 5, "expected before '*'"},
        {"(x + y", 1, "not closed"},
        {"x + y)", 6, "closes no parenthesis"},
        {"2x", 2, "operator is missing"},
        {"x y", 3, "operator is expected"},
        {"xx + 1", 1, "did you mean 'x'?"},
        {"1 + yy", 5, "(known: x, y, z, petal length (cm))"},
        {"expp(x)", 1, "did you mean 'exp'?"},
        {"1 + exp", 5, "write exp(...)"},
        {"x(2)", 1, "no function 'x'"},
        {"min(x)", 6, "takes 2 arguments, not 1"},
        {"exp(x, y)", 6, "takes 1 argument"},
        {"if(x, y)", 8, "takes 3 arguments, not 2"},
        {"exp(x", 6, "')' is missing"},
        {"x < y < z", 7, "cannot be chained"},
        {"x = y", 3, "write =="},
        {"x && y", 3, "write and"},
        {"x ? y", 6, "':' is missing"},
        {"1e999", 1, "no number that a double holds"},
        {"1.2.3", 1, "no number"},
        {"'petal", 1, "does not end"},
        {"mean(x)", 1, "functions of means"},
        {"x + $", 5, "expected before '$'"},
        {"x + 1 in (1, 2)", 9, "only a name stands before in"},
        {"x in 1", 6, "a list is missing after in"},
        {"x in (1, 2", 11, "')' is missing after the list"},
        {"x == \"ORD\"", 6, "'ORD' is not known here"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tsr_expression expression;
        tsr_mistake mistake = {0};
        if (tsr_expression_compile(rows[i].text, names, &expression, &mistake)) fail_msg("%s is taken", rows[i].text);
        if (mistake.place != rows[i].place || strstr(mistake.text, rows[i].says) == NULL)
            fail_msg("%s: %d: %s", rows[i].text, mistake.place, mistake.text);
    }
}

static void refuse_repeated(const char *before, const char *piece, int times, const char *says) {
    char *text = calloc(strlen(before) + strlen(piece) * (size_t)times + 2, 1), *end = stpcpy(text, before);
    for (int i = 0; i < times; i++) end = stpcpy(end, piece);
    stpcpy(end, "x");
    tsr_expression expression;
    tsr_mistake mistake = {0};
    assert_false(tsr_expression_compile(text, names, &expression, &mistake));
    if (strstr(mistake.text, says) == NULL) fail_msg("%.20s...: %s", text, mistake.text);
    free(text);
}

static void test_length_and_depth_are_bounded(void **state) {
    (void)state;
    refuse_repeated("", "(", 200, "within each other");
    refuse_repeated("", "-", 200, "within each other");
    refuse_repeated("", "x ^ ", 200, "intermediate values");
    refuse_repeated("", "not ", 200, "within each other");
    refuse_repeated("", "x ? 1 : ", 200, "intermediate values");
    refuse_repeated("", "exp(", 200, "within each other");
    refuse_repeated("", "x + ", 600, "more than 512 operations");
    refuse_repeated("", "y + (", 40, "intermediate values");
    refuse_repeated("", "  ", 3000, "more than 4096 characters");
}

/* Texts of random pieces: taken or refused, and what is taken evaluates the same in all ways. */
static void test_no_text_crashes(void **state) {
    (void)state;
    static const char *const pieces[] = {"x",  "y", "1",    "2.5",  "(",  ")",    "+",     "-",    "*",
                                         "/",  "^", "**",   "<",    "==", "and",  "or",    "not ", "?",
                                         ":",  ",", "exp(", "min(", " ",  "if(",  "'",     "\"",   "e",
                                         "pi", "!", "\\",   " in ", ".",  "pow(", "mean(", "\xc3", "2"};
    enum { PIECES = sizeof(pieces) / sizeof(pieces[0]) };
    uint64_t random = 12345;
    int taken = 0;
    for (int round = 0; round < 200000; round++) {
        char text[256], *end = text;
        const int length = 1 + (int)(random >> 60);
        *end = '\0';
        for (int i = 0; i < length; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            end = stpcpy(end, pieces[(random >> 33) % PIECES]);
        }
        tsr_expression expression;
        tsr_mistake mistake = {.place = -1};
        if (!tsr_expression_compile(text, names, &expression, &mistake)) {
            assert_in_range(mistake.place, 1, strlen(text) + 1);
            continue;
        }
        double copy[VARIABLES], single, gradient[VARIABLES];
        memcpy(copy, point, sizeof(copy));
        tsr_expression_apply(&expression, &(tsr_block){.items = 1, .stride = 1, .data = copy}, &single);
        const double value = tsr_expression_gradient(&expression, VARIABLES, point, gradient);
        assert_true(value == single || (isnan(value) && isnan(single)));
        taken++;
    }
    assert_true(taken > 1000);
}

/* ---- columns ---- */

static const char *const formulas[] = {"x + y * z - x / y",
                                       "2 * x",
                                       "x * 2",
                                       "1 / x",
                                       "x / 3",
                                       "1 - x",
                                       "-x ^ 3 + y ^ -5",
                                       "x ^ 2 + y ^ 2",
                                       "exp(-x^2 / 2) / sqrt(2 * pi)",
                                       "abs(x) ^ y",
                                       "log(abs(x)) + log1p(abs(y)) + expm1(z)",
                                       "sin(x) * cos(y) + tan(z)",
                                       "atan(x / y) + tanh(z)",
                                       "max(min(x, y), z)",
                                       "max(x - 1, 0)",
                                       "x < y",
                                       "x <= 1 and y >= 0 or not (z > 0)",
                                       "x == y",
                                       "x != 0",
                                       "x > y ? x : z",
                                       "if(x > 0, 1, y)",
                                       "if(x > 0, y, -1)",
                                       "if(1, x, y)",
                                       "floor(x) + ceil(y)",
                                       "x",
                                       "7",
                                       "x and y",
                                       "x or y",
                                       "not x",
                                       "pow(x, y)",
                                       "x ^ 0.5",
                                       "(x + (y * (z - (x / (y + (z * (x - (y + (z * (x + y))))))))))",
                                       "min(x, 0)",
                                       "0 < x",
                                       "sign(x) + round(y) - trunc(z)",
                                       "float(x)",
                                       "log10(abs(x)) * log2(abs(y))",
                                       "cbrt(x)",
                                       "asin(x) + acos(y)",
                                       "atan2(x, y)",
                                       "hypot(x, y)",
                                       "sinh(x) - cosh(y)",
                                       "mod(x, y)",
                                       "mod(x, 3)",
                                       "erf(x) - erfc(y)",
                                       "normal_cdf(x) + normal_quantile(y)",
                                       "isnan(x) or x in (1, y)",
                                       "5 - (2 - x)"};

/* Everyday numbers, and every number that is none. */
static void fill_columns(double *value) {
    static const double special[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, DBL_MAX, -DBL_MAX, 0x1p-1074, -1.0, 1.0};
    for (int c = 0; c < VARIABLES; c++) {
        double *normal = sample_normal((uint64_t)c + 1, ITEMS);
        for (int i = 0; i < ITEMS; i++) value[c * ITEMS + i] = 3.0 * normal[i];
        for (int i = 0; i < 100; i++) value[c * ITEMS + i] = special[c == 0 ? i % 10 : i / 10];
        free(normal);
    }
}

static bool same_bits(double a, double b) {
    return tsr_bits_from_double(a) == tsr_bits_from_double(b) || (isnan(a) && isnan(b));
}

static void test_columns_have_the_bits_of_single_values(void **state) {
    (void)state;
    static double value[VARIABLES * ITEMS], out[ITEMS], short_out[ITEMS];
    fill_columns(value);
    const tsr_block block = {.items = ITEMS, .stride = ITEMS, .data = value};
    const tsr_block later = {.items = ITEMS - 400, .stride = ITEMS, .data = value + 3}; /* other strips */
    for (size_t f = 0; f < sizeof(formulas) / sizeof(formulas[0]); f++) {
        const tsr_expression expression = compiled(formulas[f]);
        tsr_expression_apply(&expression, &block, out);
        tsr_expression_apply(&expression, &later, short_out);
        for (int i = 0; i < ITEMS; i++) {
            const double item[VARIABLES] = {value[i], value[ITEMS + i], value[2 * ITEMS + i], value[3 * ITEMS + i]};
            const double alone = tsr_expression_value(&expression, item);
            if (!same_bits(out[i], alone)) fail_msg("%s: %a in a column, %a alone", formulas[f], out[i], alone);
            if (i >= 3 && i < ITEMS - 397) assert_true(same_bits(short_out[i - 3], alone));
        }
    }
}

/* ---- slopes ---- */

static void test_slopes_agree_with_small_differences(void **state) {
    (void)state;
    static const char *const smooth[] = {"x + y * z - x / y",
                                         "-x ^ 3 + y ^ -5",
                                         "x ^ 2 / y ^ 2",
                                         "exp(-x^2 / 2) / sqrt(2 * pi * y)",
                                         "x ^ y",
                                         "2 ^ (x * z)",
                                         "log(x * y) + log1p(x) + expm1(z)",
                                         "sin(x) * cos(y) + tan(z)",
                                         "atan(x / y) + tanh(z * x)",
                                         "max(x, y) * min(x, y)",
                                         "abs(z) * x",
                                         "x < y ? x * y : z",
                                         "sqrt(x)",
                                         "y ^ 0.3",
                                         "floor(y) * x",
                                         "e^(x * z)",
                                         "asin(z) * acos(z / x)",
                                         "erf(z) * erfc(x / y)",
                                         "normal_cdf(x * z) * normal_quantile(x / 7)",
                                         "atan2(x * z, y)",
                                         "hypot(x * y, z)",
                                         "sinh(z) * cosh(x / y)",
                                         "cbrt(x * y) * log10(x) / log2(y)",
                                         "mod(x * y + 0.3, y / x) * sign(z)"};
    for (size_t f = 0; f < sizeof(smooth) / sizeof(smooth[0]); f++) {
        const tsr_expression expression = compiled(smooth[f]);
        double gradient[VARIABLES];
        const double value = tsr_expression_gradient(&expression, VARIABLES, point, gradient);
        assert_true(value == tsr_expression_value(&expression, point));
        for (int v = 0; v < 3; v++) {
            if (f == 14 && v == 1) continue; /* a step */
            double above[VARIABLES], below[VARIABLES];
            memcpy(above, point, sizeof(point));
            memcpy(below, point, sizeof(point));
            above[v] += 1e-5;
            below[v] -= 1e-5;
            const double slope = (tsr_expression_value(&expression, above) - tsr_expression_value(&expression, below)) /
                                 (above[v] - below[v]);
            if (fabs(slope - gradient[v]) > 1e-8 * (fabs(slope) + 1.0))
                fail_msg("%s by %s: %.12g, differences give %.12g", smooth[f], names[v], gradient[v], slope);
        }
    }
}

static void test_infinite_slopes_do_not_spoil_others(void **state) {
    (void)state;
    const tsr_expression expression = compiled("sqrt(x) + y");
    const double at_zero[VARIABLES] = {0.0, 3.0, 0.0, 0.0};
    double gradient[VARIABLES];
    tsr_expression_gradient(&expression, VARIABLES, at_zero, gradient);
    assert_true(gradient[0] == INFINITY && gradient[1] == 1.0 && gradient[2] == 0.0);
}

/* ---- categories ---- */

static const char *const airports[] = {"ATL", "DFW", "ORD", NULL};
static const tsr_field flights[] = {{.name = "delay"}, {.name = "origin", .categories = airports}, {.name = NULL}};

static void test_words_stand_for_the_numbers_of_their_categories(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value[3]; /* for each airport; the delay is 10 */
    } rows[] = {
        {"origin == \"DFW\"", {0, 1, 0}},
        {"origin != 'DFW'", {1, 0, 1}},
        {"origin in (\"ATL\", \"ORD\")", {1, 0, 1}},
        {"not origin in ('ATL', 2)", {0, 1, 0}},
        {"delay > 5 and (origin == \"ORD\" or origin == 0)", {1, 0, 1}},
        {"'delay' * (`origin` == \"ATL\")", {10, 0, 0}},
    };
    tsr_expression expression;
    tsr_mistake mistake;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!tsr_expression_compile_fields(rows[i].text, flights, &expression, &mistake)) fail_msg("%s", mistake.text);
        for (int code = 0; code < 3; code++) {
            const double given[] = {10, code};
            assert_true(tsr_expression_value(&expression, given) == rows[i].value[code]);
        }
    }
    static const struct {
        const char *text;
        int place;
        const char *says;
    } wrong[] = {
        {"origin == \"ORF\"", 11, "column origin holds no 'ORF'; did you mean 'ORD'?"},
        {"origin in (\"ATL\", \"XYZ\")", 19, "holds no 'XYZ' (known: ATL, DFW, ORD)"},
        {"delay == \"ORD\"", 10, "'ORD' is not known here"},
        {"origin == \"ORD", 11, "does not end"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(tsr_expression_compile_fields(wrong[i].text, flights, &expression, &mistake));
        if (mistake.place != wrong[i].place || strstr(mistake.text, wrong[i].says) == NULL)
            fail_msg("%s: %d: %s", wrong[i].text, mistake.place, mistake.text);
    }
}

/* ---- means and definitions ---- */

static void test_means_become_terms(void **state) {
    (void)state;
    static tsr_terms terms;
    tsr_expression expression;
    tsr_mistake mistake;
    terms.count = 0;
    assert_true(tsr_expression_compile_means("mean(x*y) - x * y + mean(x)", names, &terms, &expression, &mistake));
    assert_int_equal(terms.count, 3); /* x is written twice */
    const double means[] = {10.0, 2.0, 3.0};
    assert_true(tsr_expression_value(&expression, means) == 6.0);
    assert_true(tsr_expression_value(&terms.term[0], point) == 6.0);
    assert_true(tsr_expression_compile_means("mean( x * y ) / z", names, &terms, &expression, &mistake));
    assert_int_equal(terms.count, 4);
    assert_false(tsr_expression_compile_means("mean(mean(x))", names, &terms, &expression, &mistake));
    assert_int_equal(mistake.place, 6);
    assert_false(tsr_expression_compile_means("mean(x", names, &terms, &expression, &mistake));
    char text[512] = "0", *end = text + 1;
    for (int i = 0; i < 14; i++) end += sprintf(end, " + mean(x * %d)", i + 2);
    assert_false(tsr_expression_compile_means(text, names, &terms, &expression, &mistake));
    assert_non_null(strstr(mistake.text, "more than 15 different means"));
}

static void test_definitions_have_a_name_and_perhaps_a_unit(void **state) {
    (void)state;
    tsr_definition definition;
    tsr_mistake mistake;
    assert_true(tsr_definition_read(" area_2 [m^2] = x * y", &definition, &mistake));
    assert_string_equal(definition.name, "area_2");
    assert_string_equal(definition.unit, "m^2");
    assert_string_equal(definition.expression, " x * y");
    assert_true(tsr_definition_read("a=x", &definition, &mistake));
    assert_string_equal(definition.unit, "1");
    static const char *const wrong[] = {"", "x * y", "2a = x", "a == x", "a [m = x", "= x", "[m] = x"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(tsr_definition_read(wrong[i], &definition, &mistake));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators_bind_as_in_a_textbook),
        cmocka_unit_test(test_functions_are_those_of_vmath),
        cmocka_unit_test(test_nan_is_neither_true_nor_false),
        cmocka_unit_test(test_a_variable_hides_a_constant),
        cmocka_unit_test(test_mistakes_are_told_with_their_place),
        cmocka_unit_test(test_length_and_depth_are_bounded),
        cmocka_unit_test(test_no_text_crashes),
        cmocka_unit_test(test_columns_have_the_bits_of_single_values),
        cmocka_unit_test(test_slopes_agree_with_small_differences),
        cmocka_unit_test(test_infinite_slopes_do_not_spoil_others),
        cmocka_unit_test(test_words_stand_for_the_numbers_of_their_categories),
        cmocka_unit_test(test_means_become_terms),
        cmocka_unit_test(test_definitions_have_a_name_and_perhaps_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

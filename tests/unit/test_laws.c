/* The sampled laws: their distribution functions, moments that exist, and the weights of a shifted normal. */
#include "drive.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 17, SEED = 20261121 };

static double *column_of(const char *name, tsr_setting *settings, int column) {
    tsr_drive drive;
    double *value = malloc(ITEMS * sizeof(double));
    assert_int_equal(drive_open(drive_find(name), settings, NULL, SEED, &drive), TSR_OK);
    assert_int_equal(drive_column(&drive, column, 0, ITEMS, value), TSR_OK);
    drive_close(&drive);
    return value;
}

static int compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

typedef double (*law_fn)(double x, double first, double second);

/* Largest distance between the sample's distribution function and the law's, times the root of the sample size: above
 * 1.95 once in a thousand tries (Kolmogorov). Takes the sample. */
static void assert_distributed(const char *what, double *sample, law_fn law, double first, double second) {
    double distance = 0.0;
    qsort(sample, ITEMS, sizeof(double), compare);
    for (int64_t i = 0; i < ITEMS; i++) {
        const double expected = law(sample[i], first, second);
        distance = fmax(distance, fmax(expected - (double)i / ITEMS, (double)(i + 1) / ITEMS - expected));
    }
    print_message("%s: distance %.2f\n", what, distance * sqrt(ITEMS));
    assert_true(distance * sqrt(ITEMS) < 1.95);
    free(sample);
}

static double normal_law(double x, double mean, double sd) { return gsl_cdf_ugaussian_P((x - mean) / sd); }
static double lognormal_law(double x, double mu, double sigma) { return gsl_cdf_lognormal_P(x, mu, sigma); }
static double pareto_law(double x, double shape, double scale) { return x < scale ? 0.0 : 1.0 - pow(scale / x, shape); }
static double student_law(double x, double dof, double scale) { return gsl_cdf_tdist_P((x - 1.5) / scale, dof); }

static tsr_setting *pair(const char *first, double a, const char *second, double b) {
    return tree(TSR_MAP, "test", number(first, a), number(second, b), NULL);
}

static void test_laws_have_their_distribution_functions(void **state) {
    (void)state;
    assert_distributed("normal", column_of("normal", NULL, 0), normal_law, 0, 1);
    assert_distributed("normal", column_of("normal", pair("mean", -3, "sd", 0.5), 0), normal_law, -3, 0.5);
    assert_distributed("lognormal", column_of("lognormal", NULL, 0), lognormal_law, 0, 1);
    assert_distributed("lognormal", column_of("lognormal", pair("mu", 2, "sigma", 3), 0), lognormal_law, 2, 3);
    assert_distributed("pareto", column_of("pareto", NULL, 0), pareto_law, 3, 1);
    assert_distributed("pareto", column_of("pareto", pair("shape", 0.5, "scale", 7), 0), pareto_law, 0.5, 7);
    const double dofs[] = {0.5, 1, 2.7, 4, 100};
    for (int k = 0; k < 5; k++) {
        tsr_setting *settings =
            tree(TSR_MAP, "test", number("dof", dofs[k]), number("location", 1.5), number("scale", 2), NULL);
        assert_distributed("student", column_of("student", settings, 0), student_law, dofs[k], 2);
    }
}

static void assert_mean(const char *what, const double *value, double expected, double sd) {
    const tsr_sample sample = sample_of(value, ITEMS);
    const double z = (sample.mean - expected) / (sd / sqrt(ITEMS));
    print_message("%s: mean %.6g, expected %.6g, z = %.2f\n", what, sample.mean, expected, z);
    assert_true(fabs(z) <= 4.0);
}

static void test_laws_have_the_means_of_the_textbook(void **state) {
    (void)state;
    double *normal = column_of("normal", pair("mean", -3, "sd", 0.5), 0);
    double *lognormal = column_of("lognormal", pair("mu", 0.2, "sigma", 0.5), 0);
    double *pareto = column_of("pareto", pair("shape", 5, "scale", 2), 0);
    double *student = column_of("student", pair("dof", 5, "scale", 3), 0);
    assert_mean("normal", normal, -3, 0.5);
    assert_mean("lognormal", lognormal, exp(0.325), exp(0.325) * sqrt(expm1(0.25)));
    assert_mean("pareto", pareto, 2.5, 2.5 / sqrt(15));
    assert_mean("student", student, 0, 3 * sqrt(5.0 / 3));
    free(normal);
    free(lognormal);
    free(pareto);
    free(student);
}

static tsr_setting *tail_settings(double shift, double threshold) {
    return pair("shift", shift, "threshold", threshold);
}

/* P(Z > 5) = 2.9e-7 and P(Z > 6) = 9.9e-10 from 131072 draws, to better than 1 %. */
static void test_shifted_normal_sees_rare_events(void **state) {
    (void)state;
    const double known[] = {2.8665157187919e-07, 9.865876450377e-10};
    for (int k = 0; k < 2; k++) {
        double *exceeds = column_of("shifted_normal", tail_settings(5 + k, 5 + k), 2);
        const tsr_sample sample = sample_of(exceeds, ITEMS);
        assert_mean("exceeds", exceeds, known[k], sqrt(sample.variance));
        assert_true(sample.mean_error < 0.01 * known[k]);
        free(exceeds);
    }
}

/* With mean 2 and sd 3 the threshold 11 is three deviations away; the weight is a ratio of two densities. */
static void test_shifted_normal_weights_are_likelihood_ratios(void **state) {
    (void)state;
    double *column[3];
    for (int c = 0; c < 3; c++)
        column[c] = column_of("shifted_normal",
                              tree(TSR_MAP, "test", number("mean", 2), number("sd", 3), number("shift", 0.5),
                                   number("threshold", 11), NULL),
                              c);
    for (int64_t i = 0; i < ITEMS; i++) {
        const double z = (column[0][i] - 2) / 3, ratio = exp(-0.5 * z * z + 0.5 * (z - 0.5) * (z - 0.5));
        assert_true(fabs(column[1][i] / ratio - 1.0) < 1e-12);
        assert_true(column[2][i] == (column[0][i] > 11 ? column[1][i] : 0.0));
    }
    assert_mean("weight", column[1], 1.0, sqrt(expm1(0.25)));
    for (int64_t i = 0; i < ITEMS; i++) column[0][i] *= column[1][i];
    assert_mean("weighted x", column[0], 2.0, sqrt(sample_of(column[0], ITEMS).variance));
    for (int c = 0; c < 3; c++) free(column[c]);
}

static void test_laws_declare_their_draws(void **state) {
    (void)state;
    const struct {
        const char *name;
        int64_t uniforms, normals;
    } known[] = {{"normal", 0, 1}, {"lognormal", 0, 1}, {"pareto", 1, 0}, {"student", 2, 0}, {"shifted_normal", 0, 1}};
    for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
        const tsr_demand demand = drive_find(known[k].name)->demand(NULL);
        assert_true(demand.uniforms == known[k].uniforms && demand.normals == known[k].normals && demand.paths == 0);
    }
    assert_true(drive_find("shifted_normal")->fields[1].is_control);
    assert_true(drive_find("shifted_normal")->fields[1].expectation == 1.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_laws_have_their_distribution_functions),
        cmocka_unit_test(test_laws_have_the_means_of_the_textbook),
        cmocka_unit_test(test_shifted_normal_sees_rare_events),
        cmocka_unit_test(test_shifted_normal_weights_are_likelihood_ratios),
        cmocka_unit_test(test_laws_declare_their_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

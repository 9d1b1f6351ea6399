/* The law of daily returns: what is read from a stage or from numbers, what the fit finds, and each refusal. */
#include "drive.h"
#include "kernels/finance/return_law.h"
#include "kernels/finance/student_t.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ASSETS = 3, PROBABILITIES = 5 };
static const char *const names[ASSETS] = {"DAX", "SMI", "FTSE"};
static const char *const names_shuffled[ASSETS] = {"FTSE", "DAX", "SMI"};
static const double means[ASSETS] = {6e-4, 8e-4, 4e-4};
static const double means_shuffled[ASSETS] = {4e-4, 6e-4, 8e-4};
static const double covariance[ASSETS * ASSETS] = {1.06e-4, 6.7e-5, 5.3e-5, 6.7e-5, 8.6e-5,
                                                   4.3e-5,  5.3e-5, 4.3e-5, 6.3e-5};
static const double probability[PROBABILITIES] = {0.01, 0.25, 0.5, 0.75, 0.99};

static void add(tsr_results *results, const char *name, int dimensions, tsr_dimension second, const char *const *labels,
                const double *value) {
    const tsr_result result = {.name = name,
                               .long_name = name,
                               .unit = "1",
                               .dimensions = dimensions,
                               .dimension = {{.name = "column", .length = ASSETS, .labels = labels}, second},
                               .value = value};
    assert_int_equal(tsr_results_add(results, &result), TSR_OK);
}

static void add_mean(tsr_results *results) {
    add(results, "mean", 1, (tsr_dimension){.name = NULL}, names_shuffled, means_shuffled);
}

static void add_covariance(tsr_results *results, const double *value) {
    add(results, "covariance", 2, (tsr_dimension){.name = "other", .length = ASSETS, .labels = names}, names, value);
}

/* Exact quantiles of Student t's of any place and width. */
static void add_quantiles(tsr_results *results, double dof) {
    double value[ASSETS * PROBABILITIES];
    for (int i = 0; i < ASSETS; i++)
        for (int j = 0; j < PROBABILITIES; j++)
            value[i * PROBABILITIES + j] = 1e-3 * i + 0.01 * (i + 1) * gsl_cdf_tdist_Pinv(probability[j], dof);
    const tsr_dimension probabilities = {
        .name = "probability", .length = PROBABILITIES, .coordinates = probability, .unit = "1"};
    add(results, "quantile", 2, probabilities, names_shuffled, value);
}

static const tsr_results *find(const void *stages, const char *name) {
    return strcmp(name, "returns") == 0 ? stages : NULL;
}

/* Takes settings; binds them to portfolio_t's table, of which the law is a part. */
static tsr_status law_from(tsr_setting *settings, const tsr_results *stage, tsr_return_law **law) {
    const tsr_binding binding = {.find = find, .stages = stage};
    tsr_params *params = NULL;
    tsr_error_clear();
    tsr_status status = tsr_params_bind(drive_find("portfolio_t")->params, settings, "portfolio_t", &binding, &params);
    if (status == TSR_OK) status = tsr_return_law_create(params, law);
    tsr_params_destroy(&params);
    tsr_setting_destroy(&settings);
    return status;
}

static tsr_setting *stage_settings(tsr_setting *more) {
    const double weights[ASSETS] = {0.2, 0.3, 0.5};
    return tree(TSR_MAP, "test", numbers("weights", ASSETS, weights), keyed("returns", scalar("test", "returns")), more,
                NULL);
}

static tsr_setting *number_settings(int64_t assets, const double *mean, int64_t entries, const double *matrix,
                                    const char *dof) {
    return tree(TSR_MAP, "test", numbers("weights", assets, mean), numbers("mean", assets, mean),
                numbers("covariance", entries, matrix), keyed("dof", scalar("test", dof)), NULL);
}

static void assert_refused(tsr_setting *settings, const tsr_results *stage, const char *sentence) {
    tsr_return_law *law = NULL;
    assert_int_equal(law_from(settings, stage, &law), TSR_EUSAGE);
    assert_null(law);
    if (!strstr(tsr_error_get()->message, sentence)) fail_msg("%s", tsr_error_get()->message);
}

static void assert_is_market(const tsr_return_law *law) {
    assert_int_equal(law->assets, ASSETS);
    for (int i = 0; i < ASSETS; i++) {
        assert_true(law->mean[i] == means[i]);
        for (int j = 0; j < ASSETS; j++) {
            double product = 0.0;
            for (int k = 0; k < ASSETS; k++) product += law->factor[i * ASSETS + k] * law->factor[j * ASSETS + k];
            assert_true(fabs(product - covariance[i * ASSETS + j]) < 1e-15 * 1e-3);
            if (j > i) assert_true(law->factor[i * ASSETS + j] == 0.0);
        }
    }
}

static void test_law_from_a_stage_matches_columns_by_name_and_fits_the_tails(void **state) {
    (void)state;
    const double dofs[] = {2.2, 3.0, 4.5, 8.0, 30.0, 150.0};
    for (size_t i = 0; i < sizeof(dofs) / sizeof(*dofs); i++) {
        tsr_results *stage = NULL;
        tsr_return_law *law = NULL;
        assert_int_equal(tsr_results_create(&stage), TSR_OK);
        add_mean(stage);
        add_covariance(stage, covariance);
        add_quantiles(stage, dofs[i]);
        assert_int_equal(law_from(stage_settings(NULL), stage, &law), TSR_OK);
        assert_is_market(law);
        assert_true(law->fitted && fabs(law->dof / dofs[i] - 1.0) < 1e-6);
        tsr_return_law_destroy(&law);
        tsr_results_destroy(&stage);
    }
}

static void test_fit_keeps_to_its_range(void **state) {
    (void)state;
    assert_true(tsr_student_t_fit(tsr_student_t_tail_ratio(2.01)) == TSR_STUDENT_T_DOF_MIN);
    assert_true(tsr_student_t_fit(tsr_student_t_tail_ratio(1e4)) == TSR_STUDENT_T_DOF_MAX);
    assert_true(tsr_student_t_fit(2.0) == TSR_STUDENT_T_DOF_MAX); /* thinner tails than a normal law's */
}

static void test_law_from_numbers_takes_them_as_they_are(void **state) {
    (void)state;
    tsr_return_law *law = NULL;
    assert_int_equal(law_from(number_settings(ASSETS, means, ASSETS * ASSETS, covariance, "2.5"), NULL, &law), TSR_OK);
    assert_is_market(law);
    assert_true(!law->fitted && law->dof == 2.5);
    tsr_return_law_destroy(&law);
}

static void test_law_wants_exactly_one_way(void **state) {
    (void)state;
    const double weights[ASSETS] = {0.2, 0.3, 0.5};
    assert_refused(tree(TSR_MAP, "test", numbers("weights", ASSETS, weights), NULL), NULL, "name an earlier stage");
    assert_refused(stage_settings(numbers("mean", ASSETS, means)), NULL, "not both");
    assert_refused(tree(TSR_MAP, "test", numbers("weights", ASSETS, weights),
                        numbers("covariance", ASSETS * ASSETS, covariance), keyed("dof", scalar("test", "4")), NULL),
                   NULL, "mean: missing beside covariance");
    assert_refused(number_settings(ASSETS, means, 4, covariance, "4"), NULL,
                   "covariance: 3 means need a matrix of 3 x 3, these are 4 numbers");
}

static void test_law_refuses_degrees_of_freedom_without_covariance(void **state) {
    (void)state;
    const char *const bad[] = {"2", "1.5", "-3", "inf", "nan", "0x10", "fits", "4 ", ""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_refused(number_settings(ASSETS, means, ASSETS * ASSETS, covariance, bad[i]), NULL, "dof: ");
    assert_refused(number_settings(ASSETS, means, ASSETS * ASSETS, covariance, "fit"), NULL,
                   "dof: give a number above 2: without returns of a stage there is no fit");
}

static void test_law_refuses_matrices_that_are_no_covariance(void **state) {
    (void)state;
    const double zero[2] = {0, 0};
    const double indefinite[4] = {1e-4, 2e-4, 2e-4, 1e-4}, singular[4] = {1e-4, 1e-4, 1e-4, 1e-4};
    const double lopsided[4] = {1e-4, 2e-5, 2.1e-5, 1e-4}, negative[4] = {-1e-4, 0, 0, 1e-4};
    assert_refused(number_settings(2, zero, 4, indefinite, "4"), NULL,
                   "covariance: the covariance matrix is not positive definite: its smallest eigenvalue is -0.0001;");
    assert_refused(number_settings(2, zero, 4, singular, "4"), NULL, "not positive definite");
    assert_refused(number_settings(2, zero, 4, negative, "4"), NULL, "smallest eigenvalue is -0.0001;");
    assert_refused(number_settings(2, zero, 4, lopsided, "4"), NULL,
                   "not symmetric: entries across the diagonal differ by 0.01 of");
}

static void test_law_says_which_results_a_stage_lacks(void **state) {
    (void)state;
    tsr_results *stage = NULL;
    assert_int_equal(tsr_results_create(&stage), TSR_OK);
    assert_refused(stage_settings(NULL), NULL, "stage 'returns' has no results yet");
    assert_refused(stage_settings(NULL), stage,
                   "stage 'returns' has no result 'mean' by column: add tallies: - moments");
    add_mean(stage);
    assert_refused(stage_settings(NULL), stage, "no result 'covariance' by column: add tallies: - covariance");
    add_covariance(stage, covariance);
    assert_refused(stage_settings(NULL), stage, "add tallies: - quantile: [0.01, 0.25, 0.75, 0.99]");
    tsr_return_law *law = NULL;
    assert_int_equal(law_from(stage_settings(keyed("dof", scalar("test", "5"))), stage, &law), TSR_OK);
    assert_true(law->dof == 5.0);
    tsr_return_law_destroy(&law);
    tsr_results_destroy(&stage);
}

static void test_law_refuses_a_stage_whose_results_are_not_numbers(void **state) {
    (void)state;
    double broken[ASSETS * ASSETS];
    memcpy(broken, covariance, sizeof(broken));
    broken[4] = NAN;
    tsr_results *stage = NULL;
    assert_int_equal(tsr_results_create(&stage), TSR_OK);
    add_mean(stage);
    add_covariance(stage, broken);
    assert_refused(stage_settings(NULL), stage, "returns: the covariance matrix holds a value that is not finite");
    tsr_results_destroy(&stage);
}

static void test_portfolio_tells_the_fitted_degrees_of_freedom(void **state) {
    (void)state;
    tsr_results *stage = NULL;
    tsr_drive drive;
    assert_int_equal(tsr_results_create(&stage), TSR_OK);
    add_mean(stage);
    add_covariance(stage, covariance);
    add_quantiles(stage, 4.567);
    const tsr_binding binding = {.find = find, .stages = stage};
    assert_int_equal(drive_open(drive_find("portfolio_t"), stage_settings(NULL), &binding, 1, &drive), TSR_OK);
    assert_non_null(strstr(drive.fields[0].long_name, "4.57 degrees of freedom (fitted)"));
    drive_close(&drive);
    tsr_results_destroy(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_law_from_a_stage_matches_columns_by_name_and_fits_the_tails),
        cmocka_unit_test(test_fit_keeps_to_its_range),
        cmocka_unit_test(test_law_from_numbers_takes_them_as_they_are),
        cmocka_unit_test(test_law_wants_exactly_one_way),
        cmocka_unit_test(test_law_refuses_degrees_of_freedom_without_covariance),
        cmocka_unit_test(test_law_refuses_matrices_that_are_no_covariance),
        cmocka_unit_test(test_law_says_which_results_a_stage_lacks),
        cmocka_unit_test(test_law_refuses_a_stage_whose_results_are_not_numbers),
        cmocka_unit_test(test_portfolio_tells_the_fitted_degrees_of_freedom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How often error bars and intervals of quantiles (VaR) and expected shortfalls hold the true value, of normal,
 * lognormal and t(3) samples, with weights and without. The long test tail_coverage takes 10,000 seeds and prints
 * the table of docs/numerics.md.
 */
#include "engine/tallies/var_es.h"
#include "passes.h"
#include "samples.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum { ITEMS = 2000, LEVELS = 3, BANDS = 4 };

static int seeds = 300;

static const double level[LEVELS] = {0.5, 0.95, 0.99};

typedef enum { NORMAL, LOGNORMAL, STUDENT3, LAWS } law;
static const char *const law_names[LAWS] = {"normal", "lognormal", "t(3)"};

static double risk_of(law which, double a) {
    if (which == STUDENT3) return gsl_cdf_tdist_Pinv(a, 3.0);
    const double z = gsl_cdf_ugaussian_Pinv(a);
    return which == NORMAL ? z : exp(z);
}

static double shortfall_of(law which, double a) {
    const double z = gsl_cdf_ugaussian_Pinv(a), q = gsl_cdf_tdist_Pinv(a, 3.0);
    if (which == STUDENT3) return gsl_ran_tdist_pdf(q, 3.0) / (1.0 - a) * (3.0 + q * q) / 2.0;
    return which == NORMAL ? gsl_ran_ugaussian_pdf(z) / (1.0 - a) : exp(0.5) * gsl_cdf_ugaussian_P(1.0 - z) / (1.0 - a);
}

/* [2, ITEMS]: values and weights. Weighted: normals are drawn around 1 instead of 0, and t(3) twice as wide. */
static double *draw(law which, uint64_t seed, bool weighted) {
    double *normal = sample_normal(seed, (int64_t)4 * ITEMS), *both = malloc(2 * ITEMS * sizeof(*both));
    for (int64_t i = 0; i < ITEMS; i++) {
        const double *z = normal + 4 * i, shift = weighted ? 1.0 : 0.0, scale = weighted ? 2.0 : 1.0;
        const double student = z[0] / sqrt((z[1] * z[1] + z[2] * z[2] + z[3] * z[3]) / 3.0);
        const double near = 3.0 + student * student, far = 3.0 + scale * student * scale * student;
        both[i] = which == STUDENT3 ? scale * student : z[0] + shift;
        if (which == LOGNORMAL) both[i] = exp(both[i]);
        both[ITEMS + i] = which == STUDENT3 ? scale * near * near / (far * far) : exp(-shift * (z[0] + 0.5 * shift));
    }
    free(normal);
    return both;
}

/* Of VaR and ES. */
typedef struct {
    int held[2][LEVELS][BANDS];
} counts;

static void count_result(const tsr_results *results, const char *name, const double truth[LEVELS],
                         int held[LEVELS][BANDS]) {
    static const double DEVIATIONS[3] = {1.0, 1.959963984540054, 2.5758293035489004};
    char low[16], high[16];
    snprintf(low, sizeof(low), "%s_low", name);
    snprintf(high, sizeof(high), "%s_high", name);
    for (int i = 0; i < LEVELS; i++) {
        const double off = fabs(fold_value(results, name, i) - truth[i]), error = fold_error(results, name, i);
        for (int k = 0; k < 3; k++) held[i][k] += off <= DEVIATIONS[k] * error;
        held[i][3] += fold_value(results, low, i) <= truth[i] && truth[i] <= fold_value(results, high, i);
    }
}

static void count_law(law which, bool weighted, counts *out) {
    static const tsr_field fields[] = {{.name = "x", .unit = "1"}, {.name = "w", .unit = "1"}, {.name = NULL}};
    tsr_folder folder;
    tsr_setting *settings =
        settings_of("levels", "[0.5, 0.95, 0.99]", weighted ? "weight" : "of", weighted ? "w" : "x", NULL);
    assert_int_equal(fold_open(&tsr_tally_var_es, settings, fields, &folder), TSR_OK);
    double truth[2][LEVELS];
    for (int i = 0; i < LEVELS; i++) {
        truth[0][i] = risk_of(which, level[i]);
        truth[1][i] = shortfall_of(which, level[i]);
    }
    for (int seed = 0; seed < seeds; seed++) {
        double *both = draw(which, 700000 + (uint64_t)seed, weighted);
        const tsr_table table = {.fields = fields, .columns = 2, .items = ITEMS, .value = both};
        tsr_state *state = passes_once(&folder, &table, 1);
        tsr_results *results = fold_solve(&folder, state);
        count_result(results, "VaR", truth[0], out->held[0]);
        count_result(results, "ES", truth[1], out->held[1]);
        tsr_results_destroy(&results);
        tsr_state_destroy(&state);
        free(both);
    }
    fold_close(&folder);
}

/* What 10,000 seeds gave, in per cent, for {68, 95, 99, interval}; four binomial deviations are allowed. True: within.
 */
static bool is_near(const char *what, const int held[BANDS], const double expected[BANDS]) {
    bool near = true;
    print_message("%-26s", what);
    for (int k = 0; k < BANDS; k++) {
        const double share = expected[k] / 100.0, found = (double)held[k] / seeds;
        near = near && fabs(found - share) <= 4.0 * sqrt(share * (1.0 - share) / seeds);
        print_message(" %6.1f", 100.0 * found);
    }
    print_message(near ? "\n" : " differs\n");
    return near;
}

static const double measured[2][LAWS][2][LEVELS][BANDS] = {
    {
        {
            {{67.8, 94.2, 98.5, 95.5}, {66.8, 93.0, 97.7, 96.1}, {65.9, 90.6, 96.1, 95.5}},
            {{67.7, 94.6, 99.0, 94.6}, {67.6, 94.0, 98.5, 94.0}, {66.8, 91.9, 96.6, 91.9}},
        },
        {
            {{67.9, 94.1, 98.5, 95.5}, {67.0, 92.8, 97.5, 96.1}, {66.6, 90.5, 95.8, 95.5}},
            {{67.5, 94.3, 98.5, 94.3}, {67.0, 92.3, 97.0, 92.3}, {65.0, 88.0, 93.5, 88.0}},
        },
        {
            {{67.6, 94.3, 98.5, 95.5}, {66.9, 93.0, 97.6, 95.9}, {66.6, 91.1, 95.8, 95.7}},
            {{67.4, 94.2, 98.6, 94.2}, {65.6, 91.5, 96.4, 91.5}, {61.7, 86.1, 91.4, 86.1}},
        },
    },
    {
        {
            {{67.9, 94.1, 98.3, 95.0}, {66.9, 93.8, 98.3, 94.9}, {67.5, 93.3, 98.0, 95.0}},
            {{68.2, 95.0, 99.0, 95.0}, {67.3, 94.8, 99.0, 94.8}, {67.9, 94.8, 98.9, 94.8}},
        },
        {
            {{67.7, 94.1, 98.4, 95.0}, {66.8, 93.9, 98.3, 94.9}, {67.6, 93.2, 98.0, 95.0}},
            {{68.2, 95.2, 99.0, 95.2}, {67.6, 94.8, 99.0, 94.8}, {67.7, 94.5, 98.9, 94.5}},
        },
        {
            {{67.7, 93.7, 98.0, 95.3}, {66.9, 93.2, 98.0, 94.9}, {66.5, 92.5, 97.3, 94.9}},
            {{67.8, 94.9, 98.8, 94.9}, {67.5, 94.2, 98.5, 94.2}, {65.8, 92.5, 97.3, 92.5}},
        },
    },
};

static void test_error_bars_cover_as_measured(void **state) {
    (void)state;
    print_message("per cent of %d seeds           68     95     99   interval\n", seeds);
    bool near = true;
    for (int weighted = 0; weighted < 2; weighted++) {
        for (law which = NORMAL; which < LAWS; which++) {
            counts found = {0};
            count_law(which, weighted, &found);
            for (int r = 0; r < 2; r++) {
                for (int i = 0; i < LEVELS; i++) {
                    char what[64];
                    snprintf(what, sizeof(what), "%s%s %s %g", law_names[which], weighted ? ", weighted" : "",
                             r == 0 ? "VaR" : "ES", level[i]);
                    near = is_near(what, found.held[r][i], measured[weighted][which][r][i]) && near;
                }
            }
        }
    }
    assert_true(near);
}

int main(int count, char **words) {
    if (count > 1) seeds = atoi(words[1]); // NOLINT(cert-err34-c)
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_error_bars_cover_as_measured)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What stopping early does to an estimate: thousands of short runs that stop when they are precise enough, beside runs
 * of a fixed size. stopping [RUNS]: prints bias and coverage of each; docs/numerics.md shows the table. Fails where
 * stopping costs more coverage, or brings more bias, than is stated there. */
#include "engine/tallies/tallies.h"
#include "job_text.h"
#include "kernels/registry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 4000, LEVELS = 3 };

static const double Z[LEVELS] = {1.0, 1.959963984540054, 2.575829303548901};

typedef struct {
    const char *name;
    const char *source;
    const char *tally;
    const char *estimate; /* result name; its first value */
    const char *label;
    double truth;
    double relative_error;
    double loss; /* of coverage at 95 %, in points, that stopping may cost */
} law;

static const law laws[] = {
    {"normal, mean", "normal: {mean: 1, sd: 1}", "moments", "mean", "mean.x", 1.0, 0.02, 3},
    {"call at the money, mean", "european: {}", "moments", "mean", "mean.payoff", 10.450583572186, 0.03, 3},
    {"lognormal (1), mean", "lognormal: {}", "moments", "mean", "mean.x", 1.6487212707001282, 0.03, 3},
    {"Pareto (3), mean", "pareto: {}", "moments", "mean", "mean.x", 1.5, 0.01, 3},
    {"event of 1 in 500", "european: {strike: 186.7}", "exceedance: {above: 0}", "P_above", "P_above.payoff.0", 0, 0.2,
     3},
    {"normal, sd", "normal: {}", "moments", "sd", "sd.x", 1.0, 0.015, 3},
    {"lognormal (1), VaR 0.99", "lognormal: {}", "var_es: [0.99]", "VaR", "VaR.x.0.99", 10.240473582, 0.05, 8},
};

static const tsr_catalog catalog = {.sources = NULL};

/* One run: what it estimates, its error bar and its items. */
typedef struct {
    double value;
    double error;
    double items;
} outcome;

static outcome run_once(const law *of, int seed, int64_t fixed) {
    char text[500], rule[200] = "";
    tsr_catalog known = catalog;
    known.sources = tsr_kernel_sources;
    known.maps = tsr_kernel_maps;
    known.tallies = tsr_tallies;
    if (fixed == 0)
        snprintf(rule, sizeof(rule), "until: {relative_error: %g, of: %s}\n", of->relative_error, of->label);
    snprintf(text, sizeof(text), "name: s\nseed: %d\nsource: {%s}\nitems: %lld\ntile_items: 64\n%stallies: [%s]\n",
             seed, of->source, (long long)(fixed > 0 ? fixed : 10000000), rule, of->tally);
    tsr_text_run run = text_run(&known, text, 1);
    const tsr_result *result = text_result(&run, 0, of->estimate);
    const outcome out = {result->value[0], result->error[0], (double)text_stage(&run, 0)->items};
    text_run_clear(&run);
    return out;
}

/* Bias in error bars, and the share of runs whose intervals hold the truth. */
typedef struct {
    double bias;
    double covered[LEVELS];
    double items;
} quality;

static quality measure(const law *of, double truth, int runs, int64_t fixed) {
    quality out = {0};
    double sum = 0, square = 0;
    for (int i = 0; i < runs; i++) {
        const outcome one = run_once(of, i + 1, fixed);
        sum += one.value;
        square += one.value * one.value;
        out.items += one.items / runs;
        for (int l = 0; l < LEVELS; l++) out.covered[l] += (fabs(one.value - truth) <= Z[l] * one.error) * 100.0 / runs;
    }
    const double mean = sum / runs, sd = sqrt(square / runs - mean * mean);
    out.bias = (mean - truth) / sd;
    return out;
}

static void print(const char *name, const char *how, const quality *found) {
    printf("| %s | %s | %.0f | %+.3f | %.1f | %.1f | %.1f |\n", name, how, found->items, found->bias, found->covered[0],
           found->covered[1], found->covered[2]);
}

int main(int argc, char **argv) {
    const int runs = argc > 1 ? atoi(argv[1]) : RUNS;
    int bad = 0;
    printf("%d runs each; bias in standard deviations of the estimates\n", runs);
    printf("| estimate | items | of a run | bias | 68.3 %% | 95.0 %% | 99.0 %% |\n");
    for (size_t i = 0; i < sizeof(laws) / sizeof(laws[0]); i++) {
        double truth = laws[i].truth;
        if (truth == 0) truth = 0.5 * erfc((log(1.867) - 0.03) / 0.2 / sqrt(2)); /* P(payoff > 0) */
        const quality stopped = measure(&laws[i], truth, runs, 0);
        const quality fixed = measure(&laws[i], truth, runs, (int64_t)stopped.items);
        print(laws[i].name, "stopped", &stopped);
        print(laws[i].name, "fixed", &fixed);
        fflush(stdout);
        bad += fabs(stopped.bias - fixed.bias) > 0.35 || stopped.covered[1] < fixed.covered[1] - laws[i].loss;
    }
    return bad > 0;
}

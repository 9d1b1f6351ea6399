/* What an integral costs: core-seconds times the square of the true error, for Genz's gaussian in six dimensions, ours
 * against the plain and VEGAS integrators of the GNU Scientific Library. All methods in turn, round after round with
 * new random numbers; median time and root mean square of the true errors. Nothing is judged.
 * bench_integral [POINTS [ROUNDS]] */
#include "cli/catalog.h"
#include "engine/run.h"
#include "io/job/job.h"
#include "kernels/integrals/genz_exact.h"

#include <gsl/gsl_monte_plain.h>
#include <gsl/gsl_monte_vegas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIMENSIONS = 6, ROUNDS_MAX = 999, TEXT_BYTES = 512 };

/* The defaults of the source genz. */
static const double a[DIMENSIONS] = {1.5, 1.2, 0.9, 1.8, 1.1, 0.7}, u[DIMENSIONS] = {0.3, 0.5, 0.7, 0.2, 0.6, 0.4};

/* A method of ours is what a job file says besides source, seed and items; one of GSL's is a function of points and
 * seed, which sets *error to the error that it states. */
typedef double (*gsl_fn)(size_t points, unsigned long seed, double *error);
typedef struct {
    const char *name;
    const char *job;
    gsl_fn integrate;
    double seconds[ROUNDS_MAX];
    double error[ROUNDS_MAX]; /* true */
    double stated[ROUNDS_MAX];
} method;

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- ours: a job as the program runs it, on one thread ---- */

static double run_job(const char *keys, long long points, unsigned long seed, double *error) {
    char text[TEXT_BYTES];
    tsr_catalog *catalog = NULL;
    tsr_job *job = NULL;
    tsr_plan *plan = NULL;
    tsr_comm *comm = NULL;
    tsr_outcome *outcome = NULL;
    const int bytes =
        snprintf(text, sizeof(text), "name: bench\nseed: %lu\nitems: %lld\nsource: genz\n%s\n", seed, points, keys);
    if (tsr_catalog_create(&catalog) != TSR_OK || tsr_comm_self_open(&comm) != TSR_OK ||
        tsr_job_parse(text, (size_t)bytes, "bench", "", NULL, 0, catalog, &job) != TSR_OK ||
        tsr_plan_create(job, &plan) != TSR_OK ||
        tsr_plan_run(plan, comm, &(tsr_run_options){.threads = 1}, &outcome) != TSR_OK) {
        fprintf(stderr, "%s\n", tsr_error_get()->message);
        exit(1);
    }
    const tsr_result *mean = tsr_results_find(tsr_outcome_stage(outcome, 0)->results[0], "mean");
    const double value = mean->value[0];
    *error = tsr_result_error_at(mean, 0);
    tsr_outcome_destroy(&outcome);
    tsr_plan_destroy(&plan);
    tsr_job_destroy(&job);
    tsr_comm_close(&comm);
    tsr_catalog_destroy(&catalog);
    return value;
}

/* ---- GSL, with its own random numbers ---- */

static double integrand(double *x, size_t dimensions, void *unused) {
    (void)unused;
    double sum = 0.0;
    for (size_t i = 0; i < dimensions; i++) {
        const double distance = a[i] * (x[i] - u[i]);
        sum += distance * distance;
    }
    return exp(-sum);
}

static double lower[DIMENSIONS], upper[DIMENSIONS] = {1, 1, 1, 1, 1, 1};

static gsl_rng *random_numbers(unsigned long seed) {
    gsl_rng *numbers = gsl_rng_alloc(gsl_rng_taus2); /* its fastest good one */
    gsl_rng_set(numbers, seed);
    return numbers;
}

static double gsl_plain(size_t points, unsigned long seed, double *error) {
    double value = 0.0;
    gsl_monte_function function = {integrand, DIMENSIONS, NULL};
    gsl_rng *numbers = random_numbers(seed);
    gsl_monte_plain_state *state = gsl_monte_plain_alloc(DIMENSIONS);
    gsl_monte_plain_integrate(&function, lower, upper, DIMENSIONS, points, numbers, state, &value, error);
    gsl_monte_plain_free(state);
    gsl_rng_free(numbers);
    return value;
}

/* As its manual does it: a tenth of the points warms the grid up; then five iterations count. */
static double gsl_vegas(size_t points, unsigned long seed, double *error) {
    double value = 0.0;
    gsl_monte_function function = {integrand, DIMENSIONS, NULL};
    gsl_rng *numbers = random_numbers(seed);
    gsl_monte_vegas_state *state = gsl_monte_vegas_alloc(DIMENSIONS);
    gsl_monte_vegas_integrate(&function, lower, upper, DIMENSIONS, points / 50, numbers, state, &value, error);
    state->stage = 1;
    gsl_monte_vegas_integrate(&function, lower, upper, DIMENSIONS, points * 9 / 50, numbers, state, &value, error);
    gsl_monte_vegas_free(state);
    gsl_rng_free(numbers);
    return value;
}

/* ---- all of them ---- */

static method methods[] = {
    {.name = "tessera, plain", .job = "tallies: [moments]"},
    {.name = "tessera, Sobol", .job = "sampling: sobol\ntallies: [moments]"},
    {.name = "tessera, VEGAS", .job = "sampling: {vegas: {points: random}}\ntallies: [moments]"},
    {.name = "tessera, VEGAS of Sobol", .job = "sampling: vegas\ntallies: [moments]"},
    /* Each way to a smaller error joins here, with the keys that choose it. */
    {.name = "GSL, plain", .integrate = gsl_plain},
    {.name = "GSL, VEGAS", .integrate = gsl_vegas},
};
enum { METHODS = sizeof(methods) / sizeof(*methods) };

static void run_once(method *self, size_t points, int round, double exact) {
    const unsigned long seed = (unsigned long)round + 1;
    const double begun = cpu_seconds();
    const double value = self->job ? run_job(self->job, (long long)points, seed, &self->stated[round])
                                   : self->integrate(points, seed, &self->stated[round]);
    self->seconds[round] = cpu_seconds() - begun;
    self->error[round] = value - exact;
}

static int by_value(const void *left, const void *right) {
    const double x = *(const double *)left, y = *(const double *)right;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof(*values), by_value);
    return values[count / 2];
}

static double root_mean_square(const double *values, int count) {
    double sum = 0.0;
    for (int i = 0; i < count; i++) sum += values[i] * values[i];
    return sqrt(sum / count);
}

int main(int count, char **argument) {
    const size_t points = count > 1 ? (size_t)strtod(argument[1], NULL) : 1 << 20;
    const int wanted = count > 2 ? atoi(argument[2]) : 51, rounds = wanted < ROUNDS_MAX ? wanted : ROUNDS_MAX;
    const double exact = tsr_genz_exact(TSR_GENZ_GAUSSIAN, DIMENSIONS, a, u);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < METHODS; i++) run_once(&methods[i], points, round, exact);
    printf("%-16s %12s %12s %12s %16s\n", "method", "seconds", "true error", "its own bar", "seconds error^2");
    for (int i = 0; i < METHODS; i++) {
        const double seconds = median(methods[i].seconds, rounds), error = root_mean_square(methods[i].error, rounds);
        printf("%-16s %12.4f %12.2e %12.2e %16.2e\n", methods[i].name, seconds, error,
               median(methods[i].stated, rounds), seconds * error * error);
    }
    return 0;
}

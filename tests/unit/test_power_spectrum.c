/* The maps segment and power_spectrum: transforms of any length, Parseval, sines, and the figures of another program.
 */
#include "mapping.h"

#include "io/csv/csv_source.h"
#include "kernels/data/fourier.h"
#include "samples.h"

enum { ITEMS = 1860 };

static const tsr_field series[] = {{.name = "x", .unit = "mV"}, {.name = NULL}};

/* ---- transforms ---- */

static double noise(int64_t k) {
    const double turn = (double)k * 0.7548776662466927;
    return turn - floor(turn) - 0.5;
}

static void assert_transform(int64_t length) {
    static tsr_phasor x[TSR_FOURIER_LENGTH_MAX], other[TSR_FOURIER_LENGTH_MAX];
    tsr_fourier *fourier = NULL;
    assert_int_equal(tsr_fourier_create(length, &fourier), TSR_OK);
    for (int64_t t = 0; t < length; t++)
        for (int lane = 0; lane < TSR_FOURIER_LANES; lane++) {
            x[t].real[lane] = noise(TSR_FOURIER_LANES * t + lane);
            x[t].imaginary[lane] = noise(-5 * t - lane - 1);
        }
    const tsr_phasor *found = tsr_fourier_transform(fourier, x, other);
    for (int64_t k = 0; k < length; k += 1 + length / 50) {
        long double real = 0, imaginary = 0;
        for (int64_t t = 0; t < length; t++) {
            const long double angle = -6.283185307179586476925286766559L * (long double)(k * t % length) / length;
            const long double a = noise(TSR_FOURIER_LANES * t + 3), b = noise(-5 * t - 4);
            real += a * cosl(angle) - b * sinl(angle);
            imaginary += b * cosl(angle) + a * sinl(angle);
        }
        const double off = hypot(found[k].real[3] - (double)real, found[k].imaginary[3] - (double)imaginary);
        if (off > 1e-15 * sqrt((double)length) * 8) fail_msg("length %lld: %g off", (long long)length, off);
    }
    tsr_fourier_destroy(&fourier);
}

static void test_transforms_of_all_lengths_are_the_sums_they_stand_for(void **state) {
    (void)state;
    for (int64_t length = 1; length <= 64; length++) assert_transform(length);
    static const int64_t lengths[] = {97, 100, 121, 128, 360, 500, 1000, 1021, 1024, 2310, 4096};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) assert_transform(lengths[i]);
}

/* ---- segments ---- */

static tsr_setting *segments(const char *length, const char *overlap, const char *detrend) {
    return tree(TSR_MAP, "job.yaml:3:5", entry("length", length), entry("overlap", overlap), entry("detrend", detrend),
                NULL);
}

static void test_segments_are_stretches_that_overlap(void **state) {
    (void)state;
    static double in[ITEMS], out[10 * ITEMS];
    for (int i = 0; i < ITEMS; i++) in[i] = i;
    mapping segment = mapping_made("segment", segments("10", "4", "none"), series);
    assert_string_equal(segment.map->fields_of(segment.model)[7].name, "x.7");
    assert_string_equal(segment.map->fields_of(segment.model)[7].unit, "mV");
    const int64_t items = mapping_run(&segment, in, ITEMS, 13, out);
    assert_int_equal(items, (ITEMS - 4) / 6);
    for (int64_t i = 0; i < items; i++)
        for (int k = 0; k < 10; k++) assert_true(out[k * items + i] == 6.0 * (double)i + k);
    mapping_close(&segment);
}

/* A constant has no deviations from its mean, a ramp none from its line; both with integers, to the last bit. */
static void test_means_and_lines_are_taken_away(void **state) {
    (void)state;
    static double flat[ITEMS], ramp[ITEMS], out[8 * ITEMS];
    for (int i = 0; i < ITEMS; i++) flat[i] = 3.0;
    for (int i = 0; i < ITEMS; i++) ramp[i] = 5.0 - 2.0 * i;
    mapping mean = mapping_made("segment", segments("8", "-1", "mean"), series);
    mapping line = mapping_made("segment", segments("8", "0", "linear"), series);
    int64_t items = mapping_run(&mean, flat, ITEMS, 100, out);
    assert_int_equal(items, (ITEMS - 4) / 4);
    for (int64_t i = 0; i < 8 * items; i++) assert_true(out[i] == 0.0);
    items = mapping_run(&line, ramp, ITEMS, 100, out);
    for (int64_t i = 0; i < 8 * items; i++) assert_true(out[i] == 0.0);
    assert_blocks_do_not_matter(&mean, ramp, ITEMS);
    mapping_close(&mean);
    mapping_close(&line);
}

/* ---- spectra ---- */

static tsr_setting *spectra(const char *rate, const char *window, const char *scaling) {
    return tree(TSR_MAP, "job.yaml:3:5", entry("rate", rate), entry("window", window), entry("scaling", scaling),
                entry("frequency_unit", "Hz"), NULL);
}

/* Mean spectrum of segments; out: [length / 2 + 1]. Returns the number of segments. */
static int64_t welch(const double *x, int64_t items, tsr_setting *cut, tsr_setting *how, double *out) {
    mapping segment = mapping_made("segment", cut, series);
    mapping power = mapping_made("power_spectrum", how, segment.map->fields_of(segment.model));
    const int64_t count = tsr_link_output(&segment.link, items);
    double *cuts = calloc((size_t)(count * segment.columns), sizeof(double));
    double *powers = calloc((size_t)(count * power.columns), sizeof(double));
    mapping_run(&segment, x, items, 7, cuts);
    mapping_run(&power, cuts, count, 7, powers);
    for (int k = 0; k < power.columns; k++) {
        out[k] = 0.0;
        for (int64_t i = 0; i < count; i++) out[k] += powers[k * count + i] / (double)count;
    }
    free(cuts);
    free(powers);
    mapping_close(&segment);
    mapping_close(&power);
    return count;
}

static void read_prices(double out[ITEMS]) {
    tsr_params *params = NULL;
    void *model = NULL;
    tsr_draws *draws = NULL;
    tsr_setting *map = tree(TSR_MAP, "test", entry("file", "data/eustockmarkets.csv"), entry("columns", "DAX"), NULL);
    tsr_binding binding = {.folder = TSR_SOURCE_FOLDER "/jobs"};
    assert_int_equal(tsr_params_bind(tsr_source_csv.params, map, "source csv", &binding, &params), TSR_OK);
    assert_int_equal(tsr_source_csv.create(params, &model), TSR_OK);
    assert_int_equal(tsr_draws_create(tsr_source_csv.workspace(model, ITEMS), &draws), TSR_OK);
    tsr_block all = {.items = ITEMS, .stride = ITEMS, .columns = 1, .data = out};
    assert_int_equal(tsr_source_csv.fill(model, draws, &all), TSR_OK);
    tsr_source_csv.destroy(model);
    tsr_draws_destroy(&draws);
    tsr_params_destroy(&params);
    tsr_setting_destroy(&map);
}

/* scipy.signal.welch (scipy 1.10.1, fs=12.5) of the DAX in jobs/data/eustockmarkets.csv, at places 0, 1, 2, 10 and the
 * last. */
static void test_mean_spectra_are_those_of_scipy(void **state) {
    (void)state;
    static double price[ITEMS], power[200];
    static const struct {
        const char *length, *overlap, *window, *detrend, *scaling;
        int64_t segments;
        int last;
        double expected[5];
    } rows[] = {
        {"256",
         "128",
         "hann",
         "mean",
         "density",
         13,
         128,
         {33999.62725942503, 318711.76091897883, 77825.24552443805, 953.6428688692035, 12.65867799089413}},
        {"240",
         "60",
         "hamming",
         "linear",
         "spectrum",
         10,
         120,
         {1545.253738191973, 6723.917705605313, 3814.6128417261593, 164.28375213269504, 1.770565386875159}},
        {"35",
         "10",
         "blackman",
         "none",
         "density",
         74,
         17,
         {12237598.221902162, 8684420.700171893, 223285.83227552375, 81.73541046871743, 40.18475213878188}},
    };
    read_prices(price);
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        assert_int_equal(welch(price, ITEMS, segments(rows[r].length, rows[r].overlap, rows[r].detrend),
                               spectra("12.5", rows[r].window, rows[r].scaling), power),
                         rows[r].segments);
        const int places[] = {0, 1, 2, 10, rows[r].last};
        for (int p = 0; p < 5; p++)
            if (fabs(power[places[p]] - rows[r].expected[p]) > 1e-12 * power[1])
                fail_msg("row %zu, place %d: %.17g, not %.17g", r, places[p], power[places[p]], rows[r].expected[p]);
    }
}

/* A sine of amplitude 3 at the frequency of a place: 3^2/2 there, nothing beyond the width of the window. */
static void test_a_sine_has_half_its_square_at_its_frequency(void **state) {
    (void)state;
    static double x[1000], power[51];
    for (int i = 0; i < 1000; i++) x[i] = 3.0 * sin(2.0 * 3.14159265358979323846 * 7.0 * i / 100.0);
    static const char *const windows[] = {"boxcar", "hann", "hamming", "blackman"};
    for (int w = 0; w < 4; w++) {
        welch(x, 1000, segments("100", "50", "none"), spectra("100", windows[w], "spectrum"), power);
        assert_true(fabs(power[7] - 4.5) < 1e-13);
        for (int k = 0; k <= 50; k++) assert_true(abs(k - 7) <= 2 || power[k] < 1e-26);
    }
}

/* Parseval: without a window the density integrates to the mean square. */
static void test_densities_integrate_to_the_mean_square(void **state) {
    (void)state;
    double *x = sample_normal(11, 1000), power[126];
    static const int lengths[] = {250, 125, 49};
    static const char *const texts[] = {"250", "125", "49"};
    for (int l = 0; l < 3; l++) {
        const int64_t used = welch(x, 1000, segments(texts[l], "0", "none"), spectra("8", "boxcar", "density"), power);
        double integral = 0.0, square = 0.0;
        for (int k = 0; k <= lengths[l] / 2; k++) integral += power[k] * 8.0 / lengths[l];
        for (int64_t i = 0; i < used * lengths[l]; i++) square += x[i] * x[i] / (double)(used * lengths[l]);
        assert_true(fabs(integral / square - 1.0) < 1e-14);
    }
    free(x);
}

/* White noise of variance 4 at rate 10: 2 x 4 / 10 at every frequency, with a relative error of 1/sqrt(segments). */
static void test_white_noise_is_flat(void **state) {
    (void)state;
    enum { COUNT = 200000 };
    double *x = sample_normal(12, COUNT), power[33], mean = 0.0;
    for (int i = 0; i < COUNT; i++) x[i] *= 2.0;
    const int64_t count = welch(x, COUNT, segments("64", "0", "none"), spectra("10", "hann", "density"), power);
    for (int k = 1; k < 32; k++) {
        assert_true(fabs(power[k] / 0.8 - 1.0) < 4.5 / sqrt((double)count));
        mean += power[k] / 31.0;
    }
    assert_true(fabs(mean / 0.8 - 1.0) < 4.0 * sqrt(1.94 / (31.0 * (double)count)));
    free(x);
}

static void test_columns_tell_frequency_and_unit(void **state) {
    (void)state;
    mapping segment = mapping_made("segment", segments("16", "8", "mean"), series);
    const tsr_field *cut = segment.map->fields_of(segment.model);
    mapping power = mapping_made("power_spectrum", spectra("360", "hann", "density"), cut);
    assert_int_equal(power.columns, 9);
    const tsr_field *fields = power.map->fields_of(power.model);
    assert_string_equal(fields[3].name, "f0003");
    assert_string_equal(fields[3].unit, "mV^2/Hz");
    assert_string_equal(fields[3].long_name, "power density at 67.5 Hz");
    mapping_close(&power);
    mapping_close(&segment);
    static const tsr_field two[] = {{.name = "x"}, {.name = "y"}, {.name = NULL}};
    mapping_refused("segment", NULL, two, "name the column to cut");
    mapping_refused("segment", tree(TSR_MAP, "job.yaml:3:5", entry("of", "z"), NULL), two, "there is no column 'z'");
    mapping_refused("segment", segments("16", "16", "mean"), series, "overlap: 16 items, but segments have only 16");
    mapping_refused("power_spectrum", NULL, series, "1 columns; a spectrum is of 2 to 4096");
    mapping_refused("power_spectrum", spectra("0", "hann", "density"), two, "rate");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transforms_of_all_lengths_are_the_sums_they_stand_for),
        cmocka_unit_test(test_segments_are_stretches_that_overlap),
        cmocka_unit_test(test_means_and_lines_are_taken_away),
        cmocka_unit_test(test_mean_spectra_are_those_of_scipy),
        cmocka_unit_test(test_a_sine_has_half_its_square_at_its_frequency),
        cmocka_unit_test(test_densities_integrate_to_the_mean_square),
        cmocka_unit_test(test_white_noise_is_flat),
        cmocka_unit_test(test_columns_tell_frequency_and_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What every sampler promises, tried on each one that is built in. A new one joins by being registered; if it has
 * required parameters, with a row in minimal_settings. */
#include "drive.h"
#include "engine/team.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { SEED = 7, ITEMS = 5000, FIRST = 12345, THREADS = 2 };

static tsr_setting *portfolio_settings(void) {
    const double weights[] = {0.5, 0.3, 0.2}, mean[] = {0.0, 1e-4, 2e-4};
    const double covariance[] = {2e-4, 1e-4, 0, 1e-4, 1e-4, 0, 0, 0, 1e-4};
    return tree(TSR_MAP, "test", numbers("weights", 3, weights), numbers("mean", 3, mean),
                numbers("covariance", 9, covariance), number("dof", 4.5), NULL);
}

/* The least a user must write, and short paths. */
static tsr_setting *minimal_settings(const tsr_source *source) {
    if (strcmp(source->name, "portfolio_t") == 0) return portfolio_settings();
    if (strcmp(source->name, "asian") == 0) return tree(TSR_MAP, "test", number("fixings", 9), NULL);
    if (strcmp(source->name, "heston") == 0) return tree(TSR_MAP, "test", number("steps", 5), NULL);
    if (strcmp(source->name, "integrand") == 0)
        return tree(TSR_MAP, "test", keyed("expression", scalar("test", "x1 * exp(x1)")), NULL);
    return tree(TSR_MAP, "test", NULL);
}

typedef void (*check_fn)(const tsr_drive *drive);

static void for_each_sampler(check_fn check) {
    for (const tsr_source *const *source = tsr_kernel_sources; *source; source++) {
        if ((*source)->items) continue; /* a dataset */
        tsr_drive drive;
        tsr_error_clear();
        if (drive_open(*source, minimal_settings(*source), NULL, SEED, &drive) != TSR_OK)
            fail_msg("%s: %s", (*source)->name, tsr_error_get()->message);
        check(&drive);
        drive_close(&drive);
    }
}

/* A chain can only be computed from its beginning on. */
static int64_t first_item(const tsr_drive *drive) { return FIRST / drive->rows * drive->rows; }

/* [columns][items] of a tile, cut into blocks of `piece` items; of chains: of rows. */
static double *tile_of(const tsr_drive *drive, tsr_draws *draws, int64_t piece) {
    double *tile = malloc((size_t)(drive->columns * ITEMS) * sizeof(double));
    tsr_block block = {.columns = drive->columns, .stride = TSR_BLOCK_ITEMS_MAX};
    block.data = aligned_alloc(64, (size_t)(drive->columns * block.stride) * sizeof(double));
    for (int64_t done = 0; done < ITEMS; done += block.items) {
        block.item = first_item(drive) + done;
        block.items = drive_cut(drive, (tsr_range){done, ITEMS}, piece);
        if (drive_block(drive, draws, &block) != TSR_OK) abort();
        for (int column = 0; column < drive->columns; column++)
            memcpy(tile + column * ITEMS + done, tsr_column(&block, column), (size_t)block.items * sizeof(double));
    }
    free(block.data);
    return tile;
}

static bool same_bits(const tsr_drive *drive, const double *left, const double *right) {
    return memcmp(left, right, (size_t)(drive->columns * ITEMS) * sizeof(double)) == 0;
}

static void check_table(const tsr_drive *drive) {
    const tsr_source *source = drive->source;
    assert_true(source->summary && source->reference && source->params && source->fill);
    assert_true((source->fields != NULL) != (source->fields_of != NULL));
    assert_true(drive->columns > 0);
    for (const tsr_field *field = drive->fields; field->name; field++) assert_true(field->unit && field->long_name);
    for (const tsr_param *row = source->params; row->name; row++) assert_true(row->unit && row->help);
    assert_ptr_equal(drive_find(source->name), source);
}

static void test_source_table_is_complete(void **state) {
    (void)state;
    for_each_sampler(check_table);
}

static void check_repeats(const tsr_drive *drive) {
    double *once = tile_of(drive, drive->draws, drive->block_items);
    double *again = tile_of(drive, drive->draws, drive->block_items);
    assert_true(same_bits(drive, once, again));
    for (int64_t i = 0; i < drive->columns * ITEMS; i++) assert_true(isfinite(once[i]));
    free(once);
    free(again);
}

static void test_source_gives_the_same_finite_bits_twice(void **state) {
    (void)state;
    for_each_sampler(check_repeats);
}

static void check_splits(const tsr_drive *drive) {
    const int64_t pieces[] = {1, 3, 7, 61, drive->block_items - 1};
    double *whole = tile_of(drive, drive->draws, drive->block_items);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        double *split = tile_of(drive, drive->draws, pieces[i]);
        assert_true(same_bits(drive, whole, split));
        free(split);
    }
    free(whole);
}

static void test_source_gives_the_same_bits_however_items_are_cut(void **state) {
    (void)state;
    for_each_sampler(check_splits);
}

static void check_canary(const tsr_drive *drive) {
    const double canary = -1.2345e300;
    const int64_t most = drive_cut(drive, (tsr_range){0, INT64_MAX}, drive->block_items);
    tsr_block block = {.item = first_item(drive), .columns = drive->columns, .stride = most + 8};
    const int64_t values = drive->columns * block.stride;
    block.data = aligned_alloc(64, (size_t)values * sizeof(double));
    for (block.items = 1; block.items <= most; block.items = 2 * block.items + 1) {
        for (int64_t i = 0; i < values; i++) block.data[i] = canary;
        assert_int_equal(drive_block(drive, drive->draws, &block), TSR_OK);
        for (int column = 0; column < drive->columns; column++)
            for (int64_t i = 0; i < block.stride; i++)
                assert_true((tsr_column(&block, column)[i] == canary) == (i >= block.items));
    }
    free(block.data);
}

static void test_source_fills_every_item_and_nothing_beyond(void **state) {
    (void)state;
    for_each_sampler(check_canary);
}

typedef struct {
    const tsr_drive *drive;
    tsr_draws *draws[THREADS];
    double *tile[THREADS];
} duet;

static tsr_status fill_tile(int thread, void *data) {
    duet *both = data;
    both->tile[thread] = tile_of(both->drive, both->draws[thread], both->drive->block_items - thread);
    return TSR_OK;
}

static void check_threads(const tsr_drive *drive) {
    duet both = {.drive = drive};
    const tsr_source *source = drive->source;
    const size_t bytes = source->workspace ? source->workspace(drive->model, drive->block_items) : 0;
    for (int i = 0; i < THREADS; i++) assert_int_equal(tsr_draws_create(bytes, &both.draws[i]), TSR_OK);
    double *alone = tile_of(drive, drive->draws, drive->block_items);
    assert_int_equal(tsr_team_run(THREADS, fill_tile, &both), TSR_OK);
    for (int i = 0; i < THREADS; i++) {
        assert_true(same_bits(drive, alone, both.tile[i]));
        tsr_draws_destroy(&both.draws[i]);
        free(both.tile[i]);
    }
    free(alone);
}

static void test_source_serves_two_threads_at_once(void **state) {
    (void)state;
    for_each_sampler(check_threads);
}

/* The minimal settings with one parameter set, or replaced. */
static tsr_setting *settings_with(const tsr_source *source, const char *name, const char *text) {
    tsr_setting *settings = minimal_settings(source);
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->child[i]->key, name) == 0) {
            tsr_setting_destroy(&settings->child[i]);
            settings->child[i] = keyed(name, scalar("test", text));
            return settings;
        }
    settings->child = realloc(settings->child, (settings->count + 1) * sizeof(*settings->child)); // NOLINT
    settings->child[settings->count++] = keyed(name, scalar("test", text));
    return settings;
}

static void assert_refused(const tsr_source *source, const char *name, const char *text) {
    tsr_drive drive;
    tsr_error_clear();
    if (drive_open(source, settings_with(source, name, text), NULL, SEED, &drive) != TSR_EUSAGE)
        fail_msg("%s takes %s = %s", source->name, name, text);
    assert_non_null(strstr(tsr_error_get()->message, name));
}

static void assert_refused_number(const tsr_source *source, const tsr_param *row, double value) {
    char text[40];
    snprintf(text, sizeof(text), row->type == TSR_INTEGER ? "%.0f" : "%.17g", value);
    assert_refused(source, row->name, text);
}

/* Just outside each bound: the bound itself where it is excluded, the next number otherwise. */
static void check_bounds(const tsr_source *source, const tsr_param *row) {
    const bool integer = row->type == TSR_INTEGER;
    const bool unbounded = row->minimum == 0.0 && row->maximum == 0.0;
    const double below = integer ? row->minimum - 1.0 : nextafter(row->minimum, -INFINITY);
    const double above = integer ? row->maximum + 1.0 : nextafter(row->maximum, INFINITY);
    if ((!unbounded || row->minimum_open) && isfinite(row->minimum))
        assert_refused_number(source, row, row->minimum_open ? row->minimum : below);
    if ((!unbounded || row->maximum_open) && isfinite(row->maximum) && row->maximum >= row->minimum)
        assert_refused_number(source, row, row->maximum_open ? row->maximum : above);
}

static void check_refusals(const tsr_drive *drive) {
    for (const tsr_param *row = drive->source->params; row->name; row++) {
        if (row->type == TSR_REAL || row->type == TSR_INTEGER || row->type == TSR_REAL_LIST) {
            check_bounds(drive->source, row);
            assert_refused(drive->source, row->name, "nan");
            assert_refused(drive->source, row->name, "inf");
            assert_refused(drive->source, row->name, "many");
        }
        if (row->type == TSR_CHOICE) assert_refused(drive->source, row->name, "neither");
        if (row->type == TSR_BOOLEAN) assert_refused(drive->source, row->name, "perhaps");
    }
}

static void test_source_refuses_values_out_of_bounds(void **state) {
    (void)state;
    for_each_sampler(check_refusals);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_table_is_complete),
        cmocka_unit_test(test_source_gives_the_same_finite_bits_twice),
        cmocka_unit_test(test_source_gives_the_same_bits_however_items_are_cut),
        cmocka_unit_test(test_source_fills_every_item_and_nothing_beyond),
        cmocka_unit_test(test_source_serves_two_threads_at_once),
        cmocka_unit_test(test_source_refuses_values_out_of_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

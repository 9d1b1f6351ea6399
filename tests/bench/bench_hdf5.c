/* What reading HDF5 costs, of files in the page cache: plain pread of the same bytes, H5Dread, the source hdf5 alone,
 * and a job that computes moments with it. One thread; all of them in turn, round after round; medians of CPU time, and
 * of ratios to pread within a round, are printed, nothing is judged. The files are written into FOLDER and removed.
 * bench_hdf5 FOLDER [MEGABYTES [ROUNDS [FILE...]]] */
#include "cli/catalog.h"
#include "engine/run.h"
#include "io/job/job.h"

#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 999, TEXT_BYTES = 1024, PIECE = 1 << 17, PIXELS = 784, WAYS = 5 };

/* A file to read, and how it is stored. */
typedef struct {
    const char *name;
    int64_t rows;
    int64_t columns;
    hid_t type;
    hsize_t chunk; /* rows; 0: contiguous */
    bool is_compressed;
    char path[400];
} file;

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, tsr_error_get()->message);
    exit(1);
}

static void write_rows(const file *made, hid_t dataset) {
    const hid_t space = H5Dget_space(dataset);
    const hsize_t rows = PIECE / (hsize_t)made->columns > 0 ? PIECE / (hsize_t)made->columns : 1;
    float *values = malloc(rows * (size_t)made->columns * sizeof(*values));
    uint64_t state = 1;
    for (hsize_t row = 0; row < (hsize_t)made->rows; row += rows) {
        const hsize_t left = (hsize_t)made->rows - row, begin[] = {row, 0};
        const hsize_t count[] = {left < rows ? left : rows, (hsize_t)made->columns};
        for (hsize_t i = 0; i < count[0] * count[1]; i++) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            values[i] = (float)(state >> 56);
        }
        const hid_t memory = H5Screate_simple(2, count, NULL);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, count, NULL);
        if (H5Dwrite(dataset, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, values) < 0) abort();
        H5Sclose(memory);
    }
    free(values);
    H5Sclose(space);
}

static void make_file(file *made, const char *folder) {
    snprintf(made->path, sizeof(made->path), "%s/bench_hdf5_%d.h5", folder, (int)getpid());
    const hsize_t extent[] = {(hsize_t)made->rows, (hsize_t)made->columns}, chunk[] = {made->chunk, extent[1]};
    const hid_t opened = H5Fcreate(made->path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(2, extent, NULL);
    if (made->chunk > 0) H5Pset_chunk(list, 2, chunk);
    if (made->is_compressed) H5Pset_shuffle(list);
    if (made->is_compressed) H5Pset_deflate(list, 1);
    const hid_t dataset = H5Dcreate2(opened, "x", made->type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    if (dataset < 0) abort();
    write_rows(made, dataset);
    H5Dclose(dataset);
    H5Sclose(space);
    H5Pclose(list);
    H5Fclose(opened);
}

/* ---- ways to read it ---- */

/* All bytes of the file into a buffer that stays in the cache. */
static void read_plainly(const file *from) {
    const int opened = open(from->path, O_RDONLY);
    char *buffer = malloc(PIECE * sizeof(double));
    while (read(opened, buffer, PIECE * sizeof(double)) > 0) {
    }
    free(buffer);
    close(opened);
}

static void read_by_hdf5(const file *from) {
    const hid_t opened = H5Fopen(from->path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(opened, "x", H5P_DEFAULT);
    const hid_t space = H5Dget_space(dataset);
    const hsize_t rows = from->chunk > 0 ? from->chunk : PIECE / (hsize_t)from->columns;
    double *values = malloc(rows * (size_t)from->columns * sizeof(*values));
    for (hsize_t row = 0; row < (hsize_t)from->rows; row += rows) {
        const hsize_t left = (hsize_t)from->rows - row, begin[] = {row, 0};
        const hsize_t count[] = {left < rows ? left : rows, (hsize_t)from->columns};
        const hid_t memory = H5Screate_simple(2, count, NULL);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, count, NULL);
        if (H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values) < 0) abort();
        H5Sclose(memory);
    }
    free(values);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(opened);
}

/* A job as the program runs it; tally: "" for none of the statistics, only rows that reach them. */
static void plan_job(const file *from, const char *tally, tsr_catalog **catalog, tsr_job **job, tsr_plan **plan) {
    char text[TEXT_BYTES];
    const int bytes = snprintf(text, sizeof(text), "name: b\nseed: 1\nsource: {hdf5: {file: %s}}\ntallies: [%s]\n",
                               from->path, tally);
    if (tsr_catalog_create(catalog) != TSR_OK ||
        tsr_job_parse(text, (size_t)bytes, "bench", "", NULL, 0, *catalog, job) != TSR_OK ||
        tsr_plan_create(*job, plan) != TSR_OK)
        fail("job");
}

static double run_job(const file *from, const char *tally) {
    tsr_catalog *catalog = NULL;
    tsr_job *job = NULL;
    tsr_plan *plan = NULL;
    tsr_comm *comm = NULL;
    tsr_outcome *outcome = NULL;
    plan_job(from, tally, &catalog, &job, &plan);
    if (tsr_comm_self_open(&comm) != TSR_OK) fail("comm");
    const double begun = cpu_seconds();
    if (tsr_plan_run(plan, comm, &(tsr_run_options){.threads = 1}, &outcome) != TSR_OK) fail("run");
    const double seconds = cpu_seconds() - begun;
    tsr_outcome_destroy(&outcome);
    tsr_plan_destroy(&plan);
    tsr_job_destroy(&job);
    tsr_comm_close(&comm);
    tsr_catalog_destroy(&catalog);
    return seconds;
}

static const tsr_source *find_hdf5(const tsr_catalog *catalog) {
    const tsr_source *const *source = catalog->sources;
    while (strcmp((*source)->name, "hdf5") != 0) source++;
    return *source;
}

/* Blocks one after the other, into the same columns. */
static double fill_blocks(const file *from) {
    tsr_catalog *catalog = NULL;
    tsr_params *params = NULL;
    tsr_draws *draws = NULL;
    void *model = NULL;
    char path[sizeof(from->path)], key[] = "file", place[] = "bench";
    memcpy(path, from->path, sizeof(path));
    tsr_setting scalar = {.kind = TSR_SCALAR, .key = key, .text = path, .where = place}, *child[] = {&scalar};
    const tsr_setting map = {.kind = TSR_MAP, .where = place, .count = 1, .child = child};
    if (tsr_catalog_create(&catalog) != TSR_OK) fail("catalog");
    const tsr_source *source = find_hdf5(catalog);
    if (tsr_params_bind(source->params, &map, "hdf5", NULL, &params) != TSR_OK ||
        source->create(params, &model) != TSR_OK || tsr_draws_create(source->workspace(model, 1024), &draws) != TSR_OK)
        fail("source");
    const int64_t rows = TSR_BLOCK_ITEMS_MAX,
                  stride = rows + 8; /* columns that do not compete for places of the cache */
    double *data = aligned_alloc(64, (size_t)(stride * from->columns) * sizeof(*data));
    memset(data, 0, (size_t)(stride * from->columns) * sizeof(*data));
    const double begun = cpu_seconds();
    for (int64_t row = 0; row < from->rows; row += rows) {
        const int64_t left = from->rows - row;
        tsr_block block = {.item = row,
                           .items = left < rows ? left : rows,
                           .stride = stride,
                           .columns = (int)from->columns,
                           .data = data};
        if (source->fill(model, draws, &block) != TSR_OK) fail("fill");
    }
    const double seconds = cpu_seconds() - begun;
    free(data);
    tsr_draws_destroy(&draws);
    source->destroy(model);
    tsr_params_destroy(&params);
    tsr_catalog_destroy(&catalog);
    return seconds;
}

static double time_way(const file *from, int way) {
    const double begun = cpu_seconds();
    switch (way) {
    case 0: read_plainly(from); break;
    case 1: read_by_hdf5(from); break;
    case 2: return fill_blocks(from);
    case 3: return run_job(from, "{moments: {order: 1}}");
    default: return run_job(from, "moments");
    }
    return cpu_seconds() - begun;
}

/* ---- figures ---- */

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof(*values), by_value);
    return values[count / 2];
}

static void bench(file *from, const char *folder, int rounds) {
    static const char *const names[WAYS] = {"pread", "H5Dread", "source hdf5", "job, moments of order 1",
                                            "job, moments"};
    double seconds[WAYS][ROUNDS_MAX], ratio[WAYS][ROUNDS_MAX];
    make_file(from, folder);
    for (int w = 0; w < WAYS; w++) time_way(from, w); /* into the cache */
    for (int r = 0; r < rounds; r++) {
        for (int turn = 0; turn < WAYS; turn++) seconds[(turn + r) % WAYS][r] = time_way(from, (turn + r) % WAYS);
        for (int w = 0; w < WAYS; w++) ratio[w][r] = seconds[w][r] / seconds[0][r];
    }
    unlink(from->path);
    const double values = (double)from->rows * (double)from->columns;
    const double bytes = values * (double)H5Tget_size(from->type);
    for (int w = 0; w < WAYS; w++) {
        const double time = median(seconds[w], rounds);
        printf("%-20s %-24s %7.2f GB/s %7.2f G values/s  time / pread %6.2f\n", from->name, names[w],
               bytes / time / 1e9, values / time / 1e9, median(ratio[w], rounds));
    }
}

int main(int count, char **argument) {
    const double megabytes = count > 2 ? strtod(argument[2], NULL) : 1000;
    const int rounds = count > 3 ? atoi(argument[3]) : 5;
    if (count < 2 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "bench_hdf5 FOLDER [MEGABYTES [ROUNDS [FILE...]]]\n");
        return 64;
    }
    const int64_t numbers = (int64_t)(megabytes * 1e6 / 8);
    file files[] = {
        {.name = "contiguous", .rows = numbers, .columns = 1, .type = H5T_NATIVE_DOUBLE},
        {.name = "big-endian", .rows = numbers, .columns = 1, .type = H5T_IEEE_F64BE},
        {.name = "four columns", .rows = numbers / 4, .columns = 4, .type = H5T_NATIVE_DOUBLE},
        {.name = "chunks", .rows = numbers, .columns = 1, .type = H5T_NATIVE_DOUBLE, .chunk = 131072},
        {.name = "small chunks", .rows = numbers, .columns = 1, .type = H5T_NATIVE_DOUBLE, .chunk = 4096},
        {.name = "shuffle, deflate",
         .rows = numbers / 4,
         .columns = 1,
         .type = H5T_NATIVE_DOUBLE,
         .chunk = 131072,
         .is_compressed = true},
        {.name = "images", .rows = numbers / PIXELS, .columns = PIXELS, .type = H5T_NATIVE_UINT8},
    };
    printf("%.0f MB of doubles, medians of %d rounds, CPU time\n", megabytes, rounds);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        bool is_wanted = count <= 4;
        for (int a = 4; a < count; a++) is_wanted |= strcmp(argument[a], files[i].name) == 0;
        if (is_wanted) bench(&files[i], argument[1], rounds);
    }
    return 0;
}

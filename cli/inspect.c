#include "cli/inspect.h"

#include "cli/catalog.h"
#include "cli/command.h"
#include "io/result/seal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    bool job;
    bool json;
    const char *table;
} values;

static const tsr_option options[] = {
    {"job", '\0', TSR_OPTION_FLAG, NULL, "print a job that reads the file, and nothing else", offsetof(values, job)},
    {"table", '\0', TSR_OPTION_TEXT, "NAME", "look at this one of several tables", offsetof(values, table)},
    {"json", '\0', TSR_OPTION_FLAG, NULL, "print a JSON object a file", offsetof(values, json)},
    {.name = NULL},
};

static void clear(tsr_inspection *found) {
    tsr_excerpt_clear(&found->excerpt);
    tsr_inventory_clear(&found->inventory);
    tsr_stored_run_destroy(&found->run);
}

/* The end of a file of ours is its seal; large files of others are not read for that. */
static bool has_seal(const char *path) {
    char end[TSR_SEAL_BYTES + 1] = "";
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const off_t bytes = file >= 0 ? lseek(file, 0, SEEK_END) : -1;
    const bool is_read =
        bytes > TSR_SEAL_BYTES && pread(file, end, TSR_SEAL_BYTES, bytes - TSR_SEAL_BYTES) == TSR_SEAL_BYTES;
    if (file >= 0) close(file);
    return is_read && strstr(end, "tessera-seal sha256 ") != NULL;
}

/* A file of rows that a sink wrote has a seal, too, but is no run. */
static void find_run(tsr_inspection *found) {
    if (!has_seal(found->path)) return;
    if (tsr_stored_run_read(found->path, &found->run) != TSR_OK) tsr_error_clear();
}

static tsr_status choose(tsr_inspection *found, const char *name) {
    const tsr_inventory *all = &found->inventory;
    for (int i = 0; name != NULL && i < all->count; i++)
        if (strcmp(all->row[i].name, name) == 0) found->chosen = &all->row[i];
    if (name == NULL) {
        for (int i = all->count; i-- > 0;)
            if (all->row[i].source != NULL) found->chosen = &all->row[i];
        for (int i = all->count; i-- > 0;)
            if (all->row[i].source != NULL && all->row[i].is_first) found->chosen = &all->row[i];
        return TSR_OK;
    }
    if (found->chosen != NULL && found->chosen->source != NULL) return TSR_OK;
    TSR_REQUIRE(found->chosen == NULL, TSR_EUSAGE, "inspect: '%.80s' of '%s' has no rows of numbers", name,
                found->path);
    char hint[TSR_HINT_BYTES] = "";
    const char **names = calloc((size_t)all->count + 1, sizeof(*names));
    for (int i = 0; names != NULL && i < all->count; i++) names[i] = all->row[i].name;
    if (names != NULL) tsr_nearest_hint(name, names, hint);
    free(names);
    return TSR_FAIL(TSR_EUSAGE, "inspect: '%s' has no table '%.80s'%s", found->path, name, hint);
}

static tsr_status look(tsr_inspection *found, const values *wanted, const tsr_catalog *catalog) {
    TSR_TRY(tsr_inventory_read(found->path, &found->inventory));
    find_run(found);
    if (found->run != NULL) return TSR_OK;
    TSR_TRY(choose(found, wanted->table));
    return found->chosen == NULL ? TSR_OK : tsr_excerpt_take(found->chosen->source, catalog->sources, &found->excerpt);
}

static tsr_status print(const tsr_inspection *found, const values *wanted) {
    if (wanted->job) return tsr_inspection_print_job(found, stdout);
    return wanted->json ? tsr_inspection_print_json(found, stdout) : tsr_inspection_print(found, stdout);
}

static tsr_status inspect_all(const tsr_words *files, const values *wanted) {
    tsr_catalog *catalog = NULL;
    tsr_status status = tsr_catalog_create(&catalog);
    for (int i = 0; i < files->count && status == TSR_OK; i++) {
        tsr_inspection found = {.path = files->word[i]};
        status = look(&found, wanted, catalog);
        if (status == TSR_OK && i > 0 && !wanted->json) putchar('\n');
        if (status == TSR_OK) status = print(&found, wanted);
        clear(&found);
    }
    if (catalog != NULL) tsr_catalog_destroy(&catalog);
    return status;
}

static tsr_status inspect(int argc, char **argv) {
    values wanted = {0};
    tsr_words files;
    TSR_TRY(tsr_options_parse(options, "inspect", argc, argv, &wanted, &files));
    TSR_REQUIRE(files.count > 0, TSR_EUSAGE, "inspect: FILE... is missing: tessera inspect FILE...");
    TSR_REQUIRE(!wanted.job || files.count == 1, TSR_EUSAGE,
                "inspect: --job is for one file; a job takes several by a "
                "pattern, such as file: 'day-*.csv'");
    return inspect_all(&files, &wanted);
}

const tsr_command tsr_command_inspect = {
    .name = "inspect",
    .operands = "FILE...",
    .summary = "Shows what is in a file of data, and proposes a job that reads it",
    .details = "Files: HDF5, netCDF, NumPy (.npy), text with delimiters (CSV, TSV), and results of Tessera.\n",
    .examples = "  tessera inspect prices.csv\n"
                "  tessera inspect prices.csv --job > prices.yaml\n"
                "  tessera inspect climate.nc --table sst\n",
    .options = options,
    .run = inspect,
};

/* Contents: what a file shall hold, as netCDF sees it: groups, dimensions, variables and attributes, in order.
 * Plain memory that knows no HDF5. Not collective; thread-safe on different contents.
 *
 * The functions that add return the number of the new entry. They cannot fail: memory that runs out is remembered
 * (out_of_memory) and said by tsr_image_create; until then everything may be called as if nothing had happened. */
#ifndef TSR_IO_CONTENTS_H
#define TSR_IO_CONTENTS_H

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { TSR_CONTENTS_RANK_MAX = 16, TSR_CONTENTS_ROOT = 0 };

/* What cells are: double, int64_t, uint64_t, char. */
typedef enum { TSR_CELL_REAL, TSR_CELL_INTEGER, TSR_CELL_UNSIGNED, TSR_CELL_CHARACTER } tsr_cell;

typedef enum { TSR_ENTRY_GROUP, TSR_ENTRY_DIMENSION, TSR_ENTRY_VARIABLE, TSR_ENTRY_ATTRIBUTE } tsr_entry_kind;

/* Names and values of attributes are offsets into the heap. */
typedef struct {
    tsr_entry_kind kind;
    tsr_cell cell;                        /* of variables and attributes */
    int owner;                            /* the group, or what an attribute belongs to */
    int rank;                             /* of variables */
    int dimension[TSR_CONTENTS_RANK_MAX]; /* of variables: entries, [rank] */
    int64_t length;                       /* of a dimension, or cells of an attribute */
    int64_t name;
    int64_t value;
    const void *data; /* of variables, row-major */
} tsr_entry;

typedef struct {
    tsr_entry *entry; /* [count]; entry 0 is the root group */
    int count;
    int capacity;
    char *heap;
    int64_t heap_bytes;
    int64_t heap_capacity;
    void **kept;
    int kept_count;
    int kept_capacity;
    bool out_of_memory;
} tsr_contents;

/* A variable as it is added. A variable named like the dimension that is its first becomes the coordinate of it. */
typedef struct {
    const char *name;
    tsr_cell cell;
    int rank;
    int dimension[TSR_CONTENTS_RANK_MAX]; /* entries, [rank] */
    const void *data;                     /* [product of lengths], row-major; borrowed until destroy */
} tsr_variable;

/* TSR_ERUNTIME: no memory. */
tsr_status tsr_contents_create(tsr_contents **out);
void tsr_contents_destroy(tsr_contents **contents);

/* Adds to a group. Names are copied, made legal ("a/b" becomes "a_b") and unique in their group ("a", "a_2", ...). */
int tsr_contents_group(tsr_contents *contents, int group, const char *name);
int tsr_contents_dimension(tsr_contents *contents, int group, const char *name, int64_t length);
int tsr_contents_variable(tsr_contents *contents, int group, const tsr_variable *variable);

/* Adds a variable of words: characters with one more dimension "string<length>", shared within the group, padded with
 * NUL, UTF-8. variable->data: const char *const [product of lengths]; not kept. variable->cell is ignored. */
int tsr_contents_words(tsr_contents *contents, int group, const tsr_variable *variable);

/* Adds an attribute to a group or a variable. Copies. A NULL text is "". */
void tsr_contents_text(tsr_contents *contents, int owner, const char *name, const char *text);
void tsr_contents_integer(tsr_contents *contents, int owner, const char *name, int64_t value);
void tsr_contents_unsigned(tsr_contents *contents, int owner, const char *name, uint64_t value);
void tsr_contents_real(tsr_contents *contents, int owner, const char *name, double value);

/* Zeroed memory that lives as long as the contents, for data made on the way. NULL: no memory (remembered). */
void *tsr_contents_keep(tsr_contents *contents, int64_t count, int64_t bytes_each);

/* The same for memory from malloc that is there already; frees it if there is no room for it. NULL: NULL. */
void *tsr_contents_adopt(tsr_contents *contents, void *memory);

/* Name of an entry, borrowed until something is added. */
const char *tsr_contents_name(const tsr_contents *contents, int entry);

/* The dimension or variable or group of that name in a group, or -1. */
int tsr_contents_find(const tsr_contents *contents, int group, const char *name);

/* The variable that is the coordinate of a dimension, or -1. */
int tsr_contents_coordinate(const tsr_contents *contents, int dimension);

/* Cells of a variable, and bytes of a cell. */
int64_t tsr_contents_cells(const tsr_contents *contents, int variable);
int64_t tsr_cell_bytes(tsr_cell cell);

#endif

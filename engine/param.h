/* Parameters: one table row each, which gives parsing, checks, help and the echo in the result file.
 * Layer 1. */
#ifndef TSR_ENGINE_PARAM_H
#define TSR_ENGINE_PARAM_H

#include "engine/result.h"
#include "engine/setting.h"
#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    TSR_REAL,      /* a finite double */
    TSR_INTEGER,   /* an int64; 1e8 is accepted */
    TSR_BOOLEAN,   /* true, false, yes, no */
    TSR_TEXT,      /* a word or a sentence */
    TSR_CHOICE,    /* one of a "a|b|c" list, in .choices */
    TSR_FILE,      /* a path; relative ones are relative to the job file */
    TSR_STAGE,     /* the name of an earlier stage, whose results the kernel reads */
    TSR_REAL_LIST, /* a list of doubles; nested lists (matrices) are flattened row by row */
    TSR_TEXT_LIST, /* a list of words; a single word is a list of one */
    TSR_FILE_LIST  /* a list of paths or patterns of paths (day-*.h5), as TSR_FILE; a single one is a list of one */
} tsr_param_type;

/* One row. Tables end with a row whose name is NULL.
 * Bounds hold for numbers and for each number of a list: minimum <= value <= maximum. Both 0: no bound, except that an
 * open bound of 0 counts by itself ({.minimum_open = true}: > 0). A maximum below the minimum is none
 * ({.minimum = 1}: >= 1), and so is an infinite bound ({.maximum = INFINITY}: >= 0). A preset is not checked. */
typedef struct {
    const char *name;
    tsr_param_type type;
    const char *unit;   /* "1" if none */
    const char *preset; /* default as text ("0.95, 0.99" for a list); NULL: required; "": empty list, text or stage */
    double minimum;
    double maximum;
    bool minimum_open; /* the bound itself is not allowed */
    bool maximum_open;
    const char *choices; /* TSR_CHOICE: "call|put" */
    const char *help;    /* one line */
} tsr_param;

/* The range of a row's numbers as people read it: "> 0 and <= 1"; "" when every number is allowed. */
enum { TSR_BOUNDS_BYTES = 80 };
void tsr_param_bounds(const tsr_param *row, char out[TSR_BOUNDS_BYTES]);

/* Bound values of one table: immutable, owned by whoever bound them. */
typedef struct tsr_params tsr_params;

/* Looks up the results of an earlier stage by name; NULL if there is none. */
typedef struct {
    const tsr_results *(*find)(const void *stages, const char *name);
    const void *stages;
    const char *folder; /* of the job file, for relative paths; NULL or "" for the current one */
    const char *where;  /* of the component, when its settings have no place of their own; or NULL */
} tsr_binding;

/* Binds the settings of a map (NULL or an empty text: all defaults) to a table. A bare scalar or list binds to the
 * table's first row. settings and owner are copied; table is kept. binding: NULL, or with a NULL find: no stage has
 * results yet. owner: how messages call it, e.g. "source european". Not collective; thread-safe; allocates *out.
 * TSR_EUSAGE: unknown key (names the nearest known one), key given twice, missing required key, wrong type, out of
 * range, with place; TSR_ERUNTIME: no memory; TSR_EINTERNAL: a preset that is not of its row's type. */
tsr_status tsr_params_bind(const tsr_param *table, const tsr_setting *settings, const char *owner,
                           const tsr_binding *binding, tsr_params **out);
void tsr_params_destroy(tsr_params **params);

/* Values by name. The name must be a row of that type (a defect of the caller otherwise). Lists and texts are borrowed.
 */
double tsr_params_real(const tsr_params *params, const char *name);
int64_t tsr_params_integer(const tsr_params *params, const char *name);
bool tsr_params_boolean(const tsr_params *params, const char *name);
const char *tsr_params_text(const tsr_params *params, const char *name); /* text, choice, file (resolved), stage name */
int tsr_params_choice(const tsr_params *params, const char *name);       /* index within choices */
const double *tsr_params_reals(const tsr_params *params, const char *name, int64_t *count);
const char *const *tsr_params_texts(const tsr_params *params, const char *name, int64_t *count); /* also files */
const tsr_results *tsr_params_stage(const tsr_params *params, const char *name); /* NULL: not given, or only planning */

/* Where the user set it ("job.yaml:3:5"), or "default". Borrowed. */
const char *tsr_params_where(const tsr_params *params, const char *name);
bool tsr_params_is_default(const tsr_params *params, const char *name);

/* For echo and help: the table, and the value of row i as text (as written, lists as "[a, b]", or the preset). */
const tsr_param *tsr_params_table(const tsr_params *params);
const char *tsr_params_written(const tsr_params *params, int row);

/* One failure about a parameter, TSR_EUSAGE with its place: "job.yaml:3:5: source european: strike: <sentence>".
 * name NULL: about the component as a whole. */
tsr_status tsr_params_fail(const tsr_params *params, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The candidate nearest to word by edit distance, or NULL if none is near. Case does not count.
 * candidates: NULL-terminated. Thread-safe, allocates nothing. */
const char *tsr_nearest_word(const char *word, const char *const *candidates);

/* The end of a sentence that refuses a word: "; did you mean 'strike'? (known: spot, strike, rate)", or without the
 * question when none is near; a long list is cut short with "...". Thread-safe, allocates nothing. */
enum { TSR_HINT_BYTES = 512 };
void tsr_nearest_hint(const char *word, const char *const *candidates, char out[TSR_HINT_BYTES]);

#endif

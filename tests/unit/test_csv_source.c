/* The CSV source: every well-formed table is read to the bit, everything else is refused with its place. */
#include "engine/inputs.h"
#include "io/csv/csv_source.h"
#include "settings.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT_BYTES = 65536, COLUMNS = 16 };

static char path[] = "test_csv_source.XXXXXX";

static void write_file(const char *text, size_t bytes) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

/* The source's model for a file and one more setting (or NULL). */
static tsr_status create(const char *file, tsr_setting *more, void **model) {
    tsr_params *params = NULL;
    tsr_setting *map = tree(TSR_MAP, "job.yaml:7:5", keyed("file", scalar("job.yaml:7:11", file)), more, NULL);
    tsr_error_clear();
    tsr_status status = tsr_params_bind(tsr_source_csv.params, map, "source csv", NULL, &params);
    tsr_setting_destroy(&map);
    if (status == TSR_OK) status = tsr_source_csv.create(params, model);
    tsr_params_destroy(&params);
    return status;
}

static tsr_status create_text(const char *text, tsr_setting *more, void **model) {
    write_file(text, strlen(text));
    return create(path, more, model);
}

static tsr_setting *option(const char *key, const char *text) { return keyed(key, scalar("job.yaml:8:9", text)); }

static void assert_message(tsr_status status, tsr_status expected, const char *message) {
    assert_int_equal(status, expected);
    const char *said = tsr_error_get()->message;
    size_t length = strlen(path);
    if (strncmp(said, path, length) == 0 && *message == ':') said += length; /* the file's random name */
    assert_string_equal(said, message);
}

/* A thread that reads rows of a model. */
typedef struct {
    const void *model;
    tsr_draws *draws;
    int columns;
    int64_t rows;
    double cell[COLUMNS * TSR_BLOCK_ITEMS_MAX];
} reader;

static reader *reader_create(const void *model) {
    reader *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    made->model = model;
    made->rows = tsr_source_csv.items(model);
    while (tsr_source_csv.fields_of(model)[made->columns].name != NULL) made->columns++;
    assert_true(made->columns <= COLUMNS);
    assert_int_equal(tsr_draws_create(tsr_source_csv.workspace(model, TSR_BLOCK_ITEMS_MAX), &made->draws), TSR_OK);
    return made;
}

static void reader_destroy(reader *old) {
    tsr_draws_destroy(&old->draws);
    free(old);
}

static tsr_status fill(reader *from, int64_t row, int64_t rows) {
    tsr_block block = {
        .item = row, .items = rows, .stride = TSR_BLOCK_ITEMS_MAX, .columns = from->columns, .data = from->cell};
    return tsr_source_csv.fill(from->model, from->draws, &block);
}

static double value_at(reader *from, int column, int64_t row) {
    if (fill(from, row, 1) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return from->cell[column * TSR_BLOCK_ITEMS_MAX];
}

/* Creates the source and reads all of its rows. */
static tsr_status read_all(const char *file, tsr_setting *more) {
    void *model = NULL;
    tsr_status status = create(file, more, &model);
    if (status != TSR_OK) {
        assert_null(model);
        return status;
    }
    reader *from = reader_create(model);
    for (int64_t row = 0; row < from->rows && status == TSR_OK; row += TSR_BLOCK_ITEMS_MAX)
        status = fill(from, row, from->rows - row < TSR_BLOCK_ITEMS_MAX ? from->rows - row : TSR_BLOCK_ITEMS_MAX);
    reader_destroy(from);
    tsr_source_csv.destroy(model);
    return status;
}

/* message without the file's name: ":3:7: ..." */
static void refused(const char *text, tsr_setting *more, const char *message) {
    write_file(text, strlen(text));
    assert_message(read_all(path, more), TSR_EDATA, message);
}

/* names: "a,b" as fields; cells row by row. */
static void accepted(const char *text, tsr_setting *more, const char *names, int64_t rows, const double *cells) {
    void *model = NULL;
    tsr_status status = create_text(text, more, &model);
    if (status != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    const tsr_field *fields = tsr_source_csv.fields_of(model);
    char joined[256] = "";
    int columns = 0;
    for (; fields[columns].name != NULL; columns++) {
        strcat(strcat(joined, columns > 0 ? "," : ""), fields[columns].name); // NOLINT
    }
    assert_string_equal(joined, names);
    assert_int_equal(tsr_source_csv.items(model), rows);
    reader *from = reader_create(model);
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < columns; c++) {
            const double value = value_at(from, c, i), expected = cells[i * columns + c];
            assert_true(value == expected || (isnan(value) && isnan(expected)));
        }
    reader_destroy(from);
    tsr_source_csv.destroy(model);
}

static const double one_to_six[] = {1, 2, 3, 4, 5, 6};

static void test_line_ends_blanks_quotes_and_marks_do_not_matter(void **state) {
    (void)state;
    const char *texts[] = {
        "a,b\n1,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\r1,2\r3,4",
        "\xef\xbb\xbf\x61,b\n1,2\n3,4\n", /* \x61 is a */
        "\n\na,b\n\n1,2\n  \n\r\n3,4\n\n",
        "\"a\",\"b\"\n\"1\",\"2\"\n\"3\",4\n",
        " a , b\n 1\t,  2\n3 ,4 \n",
        "a,b\n1e0,2.0\n+3,0.4e1\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) accepted(texts[i], NULL, "a,b", 2, one_to_six);
}

static void test_default_is_every_column_that_begins_with_a_number(void **state) {
    (void)state;
    accepted("day,a,note,b\nMon,1,x,2\nTue,3,,4\n", NULL, "a,b", 2, one_to_six);
}

static void test_columns_are_read_in_the_order_of_the_job(void **state) {
    (void)state;
    tsr_setting *columns =
        keyed("columns", tree(TSR_LIST, "job.yaml:8:9", scalar("j:1:1", "c"), scalar("j:1:1", "a"), NULL));
    accepted("a,b,c\n2,x,1\n4,y,3\n", columns, "c,a", 2, one_to_six);
}

static void test_delimiter_may_be_another_character(void **state) {
    (void)state;
    accepted("a;b\n1;2\n3;4\n", option("delimiter", ";"), "a,b", 2, one_to_six);
    accepted("a\tb\n1\t2\n3\t4\n", option("delimiter", "tab"), "a,b", 2, one_to_six);
    accepted("a\tb\n1\t2\n3\t4\n", option("delimiter", "\t"), "a,b", 2, one_to_six);
    accepted("a b\n1 2\n3 4\n", option("delimiter", " "), "a,b", 2, one_to_six);
}

static void test_without_header_columns_are_numbered(void **state) {
    (void)state;
    accepted("1,2\n3,4\n5,6\n", option("header", "no"), "c1,c2", 3, one_to_six);
    accepted("x,1\ny,2\n", option("header", "no"), "c2", 2, one_to_six);
    accepted("a,\n1,2\n", NULL, "a,c2", 1, one_to_six);
}

static void test_numbers_are_the_nearest_doubles(void **state) {
    (void)state;
    const double cells[] = {0.1, 1e-320, -0.0, 1.7976931348623157e308, 9007199254740993.0, 0.0};
    accepted("x\n0.1\n1e-320\n-0.0\n1.7976931348623157e308\n9007199254740993\n1e-400\n", NULL, "x", 6, cells);
}

static void test_bad_cells_are_refused_with_line_and_column(void **state) {
    (void)state;
    refused("a,DAX\n1,2\n3,x\n", NULL, ":3:3: column 'DAX' holds 'x', which is not a number");
    refused("a,DAX\n1,2\n3,  x\n", NULL, ":3:5: column 'DAX' holds 'x', which is not a number");
    refused("a,b\n1,2\n3,inf\n", NULL, ":3:3: column 'b' holds 'inf', which is not a number");
    refused("a,b\n1,2\n3,0x1p3\n", NULL, ":3:3: column 'b' holds '0x1p3', which is not a number");
    refused("a,b\n1,2\n3,1e999\n", NULL, ":3:3: column 'b' holds '1e999', which is too large for a double");
    refused("a,b\n1,2\n3,\"1,5\"", NULL, ":3:3: column 'b' holds '1,5', which is not a number");
    refused("a,b\n1e400,2\n3,4\n", NULL, ":2:1: column 'a' holds '1e400', which is too large for a double");
    refused("a,b\n1,2\n3,\"4\n5\"\n", NULL, ":3:3: column 'b' holds '4?5', which is not a number");
}

static tsr_setting *words(const char *key, ...) {
    tsr_setting *list = tree(TSR_LIST, "job.yaml:8:9", NULL);
    va_list all;
    va_start(all, key);
    for (const char *word; (word = va_arg(all, const char *)) != NULL;) {
        list->child = realloc(list->child, (list->count + 1) * sizeof(*list->child)); // NOLINT
        list->child[list->count++] = scalar("job.yaml:8:9", word);
    }
    va_end(all);
    return keyed(key, list);
}

static void test_missing_values_are_nan(void **state) {
    (void)state;
    const double cells[] = {1, NAN, NAN, 4, 5, NAN};
    accepted("a,b\n1,\n NA ,4\n5,\"\"\n", NULL, "a,b", 3, cells);
    accepted("a,b\n1,nan\nN/A,4\n5,-nan\n", NULL, "a,b", 3, cells);
    accepted("a,b\n1,null\nNone,4\n5,NULL", NULL, "a,b", 3, cells);
    const double marked[] = {1, NAN, 3, NAN};
    accepted("x\n1\n-999\n3\n.\n", words("missing", "-999", ".", NULL), "x", 4, marked);
    refused("x\n1\n-999\n3\nNA\n", words("missing", "-999", ".", NULL),
            ":5:1: column 'x' holds 'NA', which is not a number");
}

static void test_missing_values_are_refused_where_the_job_says_so(void **state) {
    (void)state;
    refused("a,DAX\n1,2\n3,n/a\n", option("missing", "refuse"),
            ":3:3: column 'DAX' holds 'n/a', which is not a number");
    refused("a,DAX\n1,2\n3,\n5,6\n", option("missing", "refuse"), ":3:3: column 'DAX' is empty; it must hold a number");
    refused("a,b\n1,2\n,4\n", option("missing", "refuse"), ":3:1: column 'a' is empty; it must hold a number");
    refused("a,b\n1,2\n\n\n  ,4\n", option("missing", "refuse"), ":5:3: column 'a' is empty; it must hold a number");
    refused("a,b\n,2\n3,4\n", option("missing", "refuse"), ":2:1: column 'a' is empty; it must hold a number");
    refused("a,b\nnan,2\n3,4\n", option("missing", "refuse"), ":2:1: column 'a' holds 'nan', which is not a number");
}

static void test_a_column_that_begins_with_missing_values_has_numbers(void **state) {
    (void)state;
    const double cells[] = {NAN, 1, NAN, 2, 3, 3};
    accepted("a,w,b\nNA,x,1\n,y,2\n3,,3\n", NULL, "a,b", 3, cells);
    const double none[] = {NAN, 1, NAN, 2};
    accepted("a,w,b\nNA,,1\n,nan,2\n", words("columns", "a", "b", NULL), "a,b", 2, none);
}

static const tsr_field *field_of(const void *model, const char *name) {
    const tsr_field *field = tsr_source_csv.fields_of(model);
    while (strcmp(field->name, name) != 0) field++;
    return field;
}

static void test_words_are_categories_in_alphabetical_order(void **state) {
    (void)state;
    const char *text = "origin,delay,zip\nORD,1,007\n\"AT\"\"L\",2,7\n ORD ,3,\nNA,4,00501\n\"JFK, NY\",5,7\n";
    const double cells[] = {2, 1, 1, 0, 2, 2, 2, 3, NAN, NAN, 4, 0, 1, 5, 2};
    void *model = NULL;
    tsr_params *params = NULL;
    write_file(text, strlen(text));
    tsr_setting *map = tree(TSR_MAP, "j:1:1", keyed("file", scalar("j:1:1", path)),
                            words("columns", "origin", "delay", "zip", NULL), words("text", "zip", NULL), NULL);
    assert_int_equal(tsr_params_bind(tsr_source_csv.params, map, "source csv", NULL, &params), TSR_OK);
    tsr_setting_destroy(&map);
    if (tsr_source_csv.create(params, &model) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    tsr_params_destroy(&params);
    const char *const *origin = field_of(model, "origin")->categories, *const *zip = field_of(model, "zip")->categories;
    const char *origins[] = {"AT\"L", "JFK, NY", "ORD"}, *zips[] = {"00501", "007", "7"};
    for (int i = 0; i < 3; i++) assert_string_equal(origin[i], origins[i]);
    for (int i = 0; i < 3; i++) assert_string_equal(zip[i], zips[i]);
    assert_null(origin[3]);
    assert_null(field_of(model, "delay")->categories);
    reader *from = reader_create(model);
    for (int i = 0; i < 15; i++) {
        const double value = value_at(from, i % 3, i / 3);
        assert_true(value == cells[i] || (isnan(value) && isnan(cells[i])));
    }
    reader_destroy(from);
    tsr_source_csv.destroy(model);
}

static void test_words_that_cannot_be_labels_are_refused(void **state) {
    (void)state;
    refused("a,w\n1,x\n2,\"y\nz\"\n", option("columns", "w"),
            ":3:3: a word must be printable UTF-8 of at most 200 bytes to be a category");
    refused("a,w\n1,x\n2,\xff\n", option("columns", "w"),
            ":3:3: a word must be printable UTF-8 of at most 200 bytes to be a category");
}

static void test_dates_are_seconds_since_1970(void **state) {
    (void)state;
    const double cells[] = {980899200, 0, -86400, 951782400, NAN, 1e9 + 0.5};
    accepted("day\n2001-01-31\n1970-01-01\n1969-12-31\n2000/02/29\n\n\"\"\n2001-09-09T01:46:40.5Z\n",
             option("columns", "day"), "day", 6, cells);
    const double zones[] = {980944200, 980944200 - 3600, 980944200 + 19800};
    accepted("t\n2001-01-31 12:30\n2001-01-31 12:30:00+01:00\n2001-01-31T12:30:00-0530\n", option("columns", "t"), "t",
             3, zones);
    refused("t\n2001-01-31\n2001-02-29\n", option("columns", "t"),
            ":3:1: column 't' holds '2001-02-29', which is not a date such as 2001-01-31 12:30:00");
    refused("t\n2001-01-31\n2001-01-31 24:00\n", option("columns", "t"),
            ":3:1: column 't' holds '2001-01-31 24:00', which is not a date such as 2001-01-31 12:30:00");
    accepted("day,x\n2001-01-31,1\n2001-02-01,2\n", NULL, "x", 2, one_to_six);
    void *model = NULL;
    assert_int_equal(create(path, option("columns", "day"), &model), TSR_OK);
    assert_string_equal(tsr_source_csv.fields_of(model)->unit, "seconds since 1970-01-01");
    tsr_source_csv.destroy(model);
}

static void test_lines_are_counted_across_quoted_line_ends(void **state) {
    (void)state;
    refused("t,a\n\"x\ny\",1\n\"\xc3\xa4\r\nz\",bad\n", NULL, ":5:4: column 'a' holds 'bad', which is not a number");
    refused("t,a\r\n\"\xc3\xa4\xc3\xb6\",1\r\n\"\xc3\xa4\",bad\r\n", NULL,
            ":3:5: column 'a' holds 'bad', which is not a number");
    refused("t,a\rx,1\ry,bad\r", NULL, ":3:3: column 'a' holds 'bad', which is not a number");
}

static void test_zero_bytes_do_not_end_a_cell_early(void **state) {
    (void)state;
    static const char text[] = "a\n1\n2\0\x33\n"; /* \x33 is 3 */
    write_file(text, sizeof(text) - 1);
    assert_message(read_all(path, NULL), TSR_EDATA, ":3:1: column 'a' holds '2?3', which is not a number");
}

static void test_ragged_rows_are_refused(void **state) {
    (void)state;
    refused("a,b\n1,2\n3\n", NULL, ":3:1: this row has 1 cells, but the first row has 2");
    refused("a,b\n1,2\n3,4,5\n", NULL, ":3:1: this row has 3 cells, but the first row has 2");
    refused("a,b\n1,2,3\n", NULL, ":2:1: this row has 3 cells, but the first row has 2");
}

static void test_quotes_out_of_place_are_refused(void **state) {
    (void)state;
    const char *misplaced = "a quote stands where none is allowed; quote the whole cell and double the quotes in it";
    char message[256];
    snprintf(message, sizeof(message), ":2:2: %s", misplaced);
    refused("a,b\n1\"2,3\n", NULL, message);
    snprintf(message, sizeof(message), ":2:4: %s", misplaced);
    refused("a,b\n\"1\"2,3\n", NULL, message);
    refused("a,b\n1,2\n3,\"4\n5,6\n", NULL, ":3:3: this quoted cell is never closed");
}

static void test_headings_that_cannot_be_used_are_refused(void **state) {
    (void)state;
    refused("1,2\n3,4\n", NULL,
            ":1:1: numbers stand where the names of columns should be; say 'header: no' if the file has none, or name "
            "the columns");
    refused("a,b\nx,y\n", NULL, ":1:1: no column begins with a number; is the delimiter right?");
    refused("a,b,a\n1,2,3\n", NULL, ":1:5: a second column is called 'a'");
    refused("\xff\xfe,b\n1,2\n", NULL, ":1:1: the name of a column must be printable UTF-8 of at most 200 bytes");
    refused("a,\"b\nc\"\n1,2\n", NULL, ":1:3: the name of a column must be printable UTF-8 of at most 200 bytes");
    refused("a,b\n", NULL, ":1:1: there is no row of values");
    refused("\n\n", option("header", "no"), ":3:1: there is no row of values");
    accepted("1990,1991\n1,2\n", option("columns", "1991"), "1991", 1, one_to_six + 1);
}

static void test_unknown_columns_name_the_nearest(void **state) {
    (void)state;
    void *model = NULL;
    char message[256];
    snprintf(message, sizeof(message),
             "job.yaml:8:9: source csv: columns: '%s' has no column 'DXA'; did you mean 'DAX'? (known: time, DAX, SMI)",
             path);
    assert_message(create_text("time,DAX,SMI\n1,2,3\n", option("columns", "DXA"), &model), TSR_EUSAGE, message);
    tsr_setting *twice =
        keyed("columns", tree(TSR_LIST, "job.yaml:8:9", scalar("j:1:1", "DAX"), scalar("j:1:1", "DAX"), NULL));
    assert_message(create(path, twice, &model), TSR_EUSAGE, "job.yaml:8:9: source csv: columns: 'DAX' is given twice");
    const char *delimiters[] = {"", ";;", "\"", "\n", ".", "1", "-"};
    for (size_t i = 0; i < sizeof(delimiters) / sizeof(*delimiters); i++)
        assert_int_equal(create(path, option("delimiter", delimiters[i]), &model), TSR_EUSAGE);
    assert_null(model);
}

static void test_files_that_cannot_be_read_are_named_with_the_place_in_the_job(void **state) {
    (void)state;
    void *model = NULL;
    assert_message(create("absent.csv", NULL, &model), TSR_EDATA,
                   "job.yaml:7:11: 'absent.csv' cannot be opened: No such file or directory");
    assert_message(create(".", NULL, &model), TSR_EDATA, "job.yaml:7:11: '.' is a directory, not a file");
    assert_int_equal(create("/dev/null", NULL, &model), TSR_EDATA);
    const char *nothing[] = {"", "\xef\xbb\xbf"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(create_text(nothing[i], NULL, &model), TSR_EDATA);
        assert_non_null(strstr(tsr_error_get()->message, "is empty"));
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(create(path, NULL, &model), TSR_EDATA); /* and does not wait for a writer */
    assert_int_equal(unlink(path), 0);
    assert_null(model);
}

static uint64_t next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* A random table as text in which one cell, if any, is bad; remembers where. */
typedef struct {
    char text[TEXT_BYTES];
    size_t bytes;
    int line, column;
    int columns, rows;
    double cell[512];
    int bad_line, bad_column;
} table;

static void put(table *made, const char *text) {
    for (; *text != '\0'; text++) {
        made->text[made->bytes++] = *text;
        made->column++;
        if (*text == '\n') {
            made->line++;
            made->column = 1;
        }
    }
}

static void put_cell(table *made, uint64_t *random, const char *text, bool bad) {
    const char *blanks[] = {"", "", " ", "  "};
    put(made, blanks[next(random) % 4]);
    if (bad) made->bad_line = made->line;
    if (bad) made->bad_column = made->column;
    bool quoted = next(random) % 3 == 0;
    put(made, quoted ? "\"" : "");
    put(made, text);
    put(made, quoted ? "\"" : "");
    put(made, blanks[next(random) % 4]);
}

static void make_table(table *made, uint64_t seed, bool spoilt) {
    uint64_t random = seed;
    const char *end = next(&random) % 2 == 0 ? "\n" : "\r\n";
    *made = (table){.line = 1, .column = 1};
    made->columns = 1 + (int)(next(&random) % 8);
    made->rows = 2 + (int)(next(&random) % 60); /* the first one tells types and is never spoilt */
    const int others = (made->rows - 1) * made->columns;
    int spoilt_cell = spoilt ? made->columns + (int)(next(&random) % (uint64_t)others) : -1;
    for (int c = 0; c <= made->columns; c++) { /* the first column is text */
        char name[16];
        snprintf(name, sizeof(name), c > 0 ? "x%d" : "label", c);
        put_cell(made, &random, name, false);
        put(made, c < made->columns ? "," : end);
    }
    for (int i = 0; i < made->rows * made->columns; i++) {
        double value = ldexp((double)next(&random) - 0x1p30, (int)(next(&random) % 200) - 100);
        char text[40];
        snprintf(text, sizeof(text), "%.17g", value);
        made->cell[i] = value;
        if (i % made->columns == 0) put(made, next(&random) % 4 == 0 ? "\"one\ntwo, \"\"three\"\"\"," : "label,");
        put_cell(made, &random, i == spoilt_cell ? "12a" : text, i == spoilt_cell);
        bool last = i % made->columns == made->columns - 1;
        put(made, last ? end : ",");
        if (last && next(&random) % 5 == 0) put(made, end);
    }
    if (next(&random) % 2 == 0) made->bytes -= strlen(end);
}

static void test_random_tables_are_read_to_the_bit(void **state) {
    (void)state;
    static table made;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        void *model = NULL;
        make_table(&made, seed, false);
        write_file(made.text, made.bytes);
        if (create(path, NULL, &model) != TSR_OK) fail_msg("seed %d: %s", (int)seed, tsr_error_get()->message);
        assert_int_equal(tsr_source_csv.items(model), made.rows);
        reader *from = reader_create(model);
        for (int i = 0; i < made.rows * made.columns; i++)
            assert_true(value_at(from, i % made.columns, i / made.columns) == made.cell[i]);
        reader_destroy(from);
        tsr_source_csv.destroy(model);
    }
}

static void test_random_bad_cells_are_found_where_they_are(void **state) {
    (void)state;
    static table made;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        make_table(&made, seed, true);
        write_file(made.text, made.bytes);
        tsr_setting *columns = keyed("columns", tree(TSR_LIST, "j:1:1", NULL));
        for (int c = 1; c <= made.columns; c++) {
            char name[16];
            snprintf(name, sizeof(name), "x%d", c);
            columns->child = realloc(columns->child, (columns->count + 1) * sizeof(*columns->child)); // NOLINT
            columns->child[columns->count++] = scalar("j:1:1", name);
        }
        assert_int_equal(read_all(path, columns), TSR_EDATA);
        char place[64];
        int length = snprintf(place, sizeof(place), "%s:%d:%d: ", path, made.bad_line, made.bad_column);
        if (strncmp(tsr_error_get()->message, place, (size_t)length) != 0)
            fail_msg("seed %d: %s, not at %s", (int)seed, tsr_error_get()->message, place);
    }
}

/* Overwrites, takes out or puts in a few bytes that mean something. */
static void mutate(table *made, uint64_t *random) {
    static const char bytes[] = "\"\"\n\r,;.e+-19 x\t\xff\0";
    for (uint64_t times = 1 + next(random) % 4; times > 0; times--) {
        size_t place = next(random) % made->bytes, tail = made->bytes - place - 1;
        uint64_t how = next(random) % 3;
        if (how == 1) memmove(made->text + place, made->text + place + 1, tail);
        if (how == 2) memmove(made->text + place + 1, made->text + place, tail + 1);
        if (how != 1) made->text[place] = bytes[next(random) % sizeof(bytes)];
        made->bytes = made->bytes + (how == 2) - (how == 1);
    }
}

static void test_mutated_tables_are_read_or_refused_in_one_line(void **state) {
    (void)state;
    static table made;
    int refusals = 0;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        uint64_t random = seed * 7919;
        make_table(&made, 1 + seed % 50, false);
        mutate(&made, &random);
        write_file(made.text, made.bytes);
        const tsr_status status = read_all(path, NULL);
        if (status == TSR_OK) continue;
        refusals++;
        assert_int_equal(status, TSR_EDATA);
        assert_null(strchr(tsr_error_get()->message, '\n'));
        assert_ptr_equal(strstr(tsr_error_get()->message, path), tsr_error_get()->message);
    }
    assert_true(refusals > 300 && refusals < 950);
}

/* What flips a bit of an input between two runs is refused by the second, or has another fingerprint, which resume
 * refuses: never the same rows by another name. */
static void test_every_flipped_bit_of_an_input_is_noticed(void **state) {
    (void)state;
    static table made;
    void *model = NULL;
    int count = 0;
    make_table(&made, 11, false);
    write_file(made.text, made.bytes);
    assert_int_equal(create(path, NULL, &model), TSR_OK);
    const tsr_input before = *tsr_source_csv.inputs(model, &count);
    uint64_t random = 77;
    for (int flip = 0; flip < 1000; flip++) {
        const size_t place = next(&random) % made.bytes;
        const char bit = (char)(1 << next(&random) % 8);
        void *other = NULL;
        made.text[place] ^= bit;
        write_file(made.text, made.bytes);
        made.text[place] ^= bit;
        if (create(path, NULL, &other) != TSR_OK) continue;
        const tsr_input *now = tsr_source_csv.inputs(other, &count);
        assert_int_equal(tsr_inputs_compare(now, 1, &before, 1), TSR_ECHECKPOINT);
        tsr_error_clear();
        tsr_source_csv.destroy(other);
    }
    tsr_source_csv.destroy(model);
}

enum { MANY_ROWS = 60000 };

/* Row i: i, a word of quoted line ends, 3 i + 0.25; more than a thread reads at a time. */
static void write_many(const char *name, int begin, int end) {
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    fputs("i,w,x\n", file);
    for (int i = begin; i < end; i++) {
        fprintf(file, "%d,\"%*d\n\"\"\",%d.25\r\n", i, i % 37, i % 1000, 3 * i);
        if (i % 100 == 0) fputs("\n\n", file);
        if (i == begin + 7) fprintf(file, "-1,\"%300000d\",\n", i); /* wider than what is read at a time */
    }
    assert_int_equal(fclose(file), 0);
}

static void check_rows(reader *from, int64_t row, int64_t rows) {
    if (fill(from, row, rows) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    const double *number = from->cell, *x = from->cell + TSR_BLOCK_ITEMS_MAX;
    for (int64_t i = 0; i < rows; i++) {
        const int64_t half = MANY_ROWS / 2 + 1, k = (row + i) % half;
        const int64_t expected = (row + i) / half * (MANY_ROWS / 2) + k - (k > 8);
        if (k == 8) {
            assert_true(number[i] == -1 && isnan(x[i]));
        } else {
            assert_true(number[i] == (double)expected && x[i] == 3.0 * (double)expected + 0.25);
        }
    }
}

/* Also where a block begins in one file and ends in the next. */
static void test_rows_of_large_files_are_read_in_any_order(void **state) {
    (void)state;
    char first[64], second[64], pattern[64];
    void *model = NULL;
    snprintf(first, sizeof(first), "%s.1", path);
    snprintf(second, sizeof(second), "%s.2", path);
    snprintf(pattern, sizeof(pattern), "%s.[12]", path);
    write_many(first, 0, MANY_ROWS / 2);
    write_many(second, MANY_ROWS / 2, MANY_ROWS);
    if (create(pattern, words("columns", "i", "x", NULL), &model) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    reader *from = reader_create(model);
    assert_int_equal(from->rows, MANY_ROWS + 2);
    for (int64_t row = 0; row < from->rows; row += 1000)
        check_rows(from, row, from->rows - row < 1000 ? from->rows - row : 1000);
    char place[100], expected[100];
    tsr_source_csv.place(model, MANY_ROWS / 2 + 1 + 3, place, sizeof(place));
    snprintf(expected, sizeof(expected), "%s:10",
             second); /* rows have two lines, and two blank ones follow the first */
    assert_string_equal(place, expected);
    uint64_t random = 5;
    for (int i = 0; i < 200; i++)
        check_rows(from, (int64_t)(next(&random) % (MANY_ROWS - 1000)), (int64_t)(1 + next(&random) % 1000));
    reader_destroy(from);
    tsr_source_csv.destroy(model);
    assert_int_equal(truncate(second, 100000), 0);
    assert_int_equal(read_all(pattern, NULL), TSR_EDATA);
    assert_int_equal(unlink(first), 0);
    assert_int_equal(unlink(second), 0);
}

static void test_files_of_other_columns_are_refused(void **state) {
    (void)state;
    char other[64], message[300];
    snprintf(other, sizeof(other), "%s.2", path);
    FILE *file = fopen(other, "wb");
    assert_non_null(file);
    fputs("a,c\n1,2\n", file);
    assert_int_equal(fclose(file), 0);
    write_file("a,b\n1,2\n", 8);
    char pattern[64];
    void *model = NULL;
    snprintf(pattern, sizeof(pattern), "%s*", path);
    snprintf(message, sizeof(message), "%s:1:3: column 2 is called 'c', but 'b' in '%s'", other, path);
    assert_int_equal(create(pattern, NULL, &model), TSR_EDATA);
    assert_string_equal(tsr_error_get()->message, message);
    assert_int_equal(unlink(other), 0);
}

static void test_a_file_that_changes_while_it_is_read_is_refused(void **state) {
    (void)state;
    void *model = NULL;
    write_many(path, 0, 30000);
    assert_int_equal(create(path, words("columns", "i", "x", NULL), &model), TSR_OK);
    reader *from = reader_create(model);
    assert_int_equal(fill(from, 0, 10), TSR_OK);
    assert_int_equal(truncate(path, 500000), 0);
    assert_int_equal(fill(from, 29000, 10), TSR_EDATA);
    assert_non_null(strstr(tsr_error_get()->message, "has changed since it was read: it had "));
    reader_destroy(from);
    tsr_source_csv.destroy(model);
}

static int make_path(void **state) {
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
    (void)state;
    unlink(path);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_flipped_bit_of_an_input_is_noticed),
        cmocka_unit_test(test_line_ends_blanks_quotes_and_marks_do_not_matter),
        cmocka_unit_test(test_default_is_every_column_that_begins_with_a_number),
        cmocka_unit_test(test_columns_are_read_in_the_order_of_the_job),
        cmocka_unit_test(test_delimiter_may_be_another_character),
        cmocka_unit_test(test_without_header_columns_are_numbered),
        cmocka_unit_test(test_numbers_are_the_nearest_doubles),
        cmocka_unit_test(test_bad_cells_are_refused_with_line_and_column),
        cmocka_unit_test(test_missing_values_are_nan),
        cmocka_unit_test(test_missing_values_are_refused_where_the_job_says_so),
        cmocka_unit_test(test_a_column_that_begins_with_missing_values_has_numbers),
        cmocka_unit_test(test_words_are_categories_in_alphabetical_order),
        cmocka_unit_test(test_words_that_cannot_be_labels_are_refused),
        cmocka_unit_test(test_dates_are_seconds_since_1970),
        cmocka_unit_test(test_lines_are_counted_across_quoted_line_ends),
        cmocka_unit_test(test_zero_bytes_do_not_end_a_cell_early),
        cmocka_unit_test(test_ragged_rows_are_refused),
        cmocka_unit_test(test_quotes_out_of_place_are_refused),
        cmocka_unit_test(test_headings_that_cannot_be_used_are_refused),
        cmocka_unit_test(test_unknown_columns_name_the_nearest),
        cmocka_unit_test(test_files_that_cannot_be_read_are_named_with_the_place_in_the_job),
        cmocka_unit_test(test_rows_of_large_files_are_read_in_any_order),
        cmocka_unit_test(test_files_of_other_columns_are_refused),
        cmocka_unit_test(test_a_file_that_changes_while_it_is_read_is_refused),
        cmocka_unit_test(test_random_tables_are_read_to_the_bit),
        cmocka_unit_test(test_random_bad_cells_are_found_where_they_are),
        cmocka_unit_test(test_mutated_tables_are_read_or_refused_in_one_line),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}

#include "io/job/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static tsr_setting *read_text(const char *text) {
    tsr_setting *tree = NULL;
    tsr_error_clear();
    if (tsr_yaml_read(text, strlen(text), "a.yaml", &tree) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return tree;
}

static const tsr_setting *at(const tsr_setting *tree, const char *key) {
    const tsr_setting *found = tsr_setting_find(tree, key);
    if (found == NULL) fail_msg("no key %s", key);
    return found;
}

static void test_every_node_knows_kind_text_and_place(void **state) {
    (void)state;
    tsr_setting *tree = read_text("name: pi\n"
                                  "list: [1, two]\n"
                                  "map:\n"
                                  "  inner: 'a: b'\n"
                                  "items:\n"
                                  "  - 3\n"
                                  "  - {k: v}\n");
    assert_int_equal(tree->kind, TSR_MAP);
    assert_int_equal(tree->count, 4);
    assert_string_equal(tree->where, "a.yaml:1:1");
    assert_string_equal(at(tree, "name")->text, "pi");
    assert_string_equal(at(tree, "name")->where, "a.yaml:1:1");
    const tsr_setting *list = at(tree, "list");
    assert_int_equal(list->kind, TSR_LIST);
    assert_string_equal(list->where, "a.yaml:2:1");
    assert_string_equal(list->child[1]->text, "two");
    assert_string_equal(list->child[1]->where, "a.yaml:2:11");
    assert_string_equal(at(at(tree, "map"), "inner")->text, "a: b");
    assert_string_equal(at(at(tree, "map"), "inner")->where, "a.yaml:4:3");
    assert_string_equal(at(at(tree, "items")->child[1], "k")->where, "a.yaml:7:6");
    tsr_setting_destroy(&tree);
}

static void test_order_of_keys_is_kept(void **state) {
    (void)state;
    tsr_setting *tree = read_text("z: 1\na: 2\nm: 3\n");
    assert_string_equal(tree->child[0]->key, "z");
    assert_string_equal(tree->child[1]->key, "a");
    assert_string_equal(tree->child[2]->key, "m");
    tsr_setting_destroy(&tree);
}

static void test_line_ends_and_byte_order_marks_do_not_count(void **state) {
    (void)state;
    static const char *const same[] = {"a: 1\nb: [x, y]\n", "a: 1\r\nb: [x, y]\r\n", "a: 1\nb: [x, y]",
                                       "\357\273\277a: 1\nb: [x, y]\n", "--- # first\na: 1\nb: [x,\n    y]\n...\n"};
    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
        tsr_setting *tree = read_text(same[i]);
        char *text = NULL;
        assert_int_equal(tsr_yaml_write(tree, &text), TSR_OK);
        assert_string_equal(text, "a: 1\nb: [x, y]\n");
        free(text);
        tsr_setting_destroy(&tree);
    }
}

static void test_nothing_but_comments_is_no_tree(void **state) {
    (void)state;
    assert_null(read_text(""));
    assert_null(read_text("# only a comment\n\n"));
    assert_null(read_text("---\n...\n"));
}

static void test_what_is_written_reads_back_the_same(void **state) {
    (void)state;
    static const char text[] = "plain: word\n"
                               "empty: \"\"\n"
                               "lines: \"one\\ntwo\\r\\n\\tthree \"\n"
                               "unicode: Größe\n"
                               "quotes: 'it''s \"so\"'\n"
                               "colon: 'a: b # c'\n"
                               "break: \"\\x85 \\u2028 \\uFEFF\"\n"
                               "null: '~'\n"
                               "'key with: colon': [1e8, '[', \"-\", '', {a: [[1, 2], [3, 4]], b: {}, c: []}]\n"
                               "'---': '...'\n"
                               "block: |\n"
                               "  first\n"
                               "\n"
                               "  second\n";
    tsr_setting *tree = read_text(text);
    char *once = NULL, *twice = NULL;
    assert_int_equal(tsr_yaml_write(tree, &once), TSR_OK);
    tsr_setting *again = read_text(once);
    assert_int_equal(tsr_yaml_write(again, &twice), TSR_OK);
    assert_string_equal(once, twice);
    for (size_t i = 0; i < tree->count; i++) {
        assert_string_equal(again->child[i]->key, tree->child[i]->key);
        if (tree->child[i]->kind == TSR_SCALAR) assert_string_equal(again->child[i]->text, tree->child[i]->text);
    }
    assert_string_equal(at(again, "lines")->text, "one\ntwo\r\n\tthree ");
    assert_string_equal(at(again, "block")->text, "first\n\nsecond\n");
    free(once);
    free(twice);
    tsr_setting_destroy(&again);
    tsr_setting_destroy(&tree);
}

static void test_long_lists_are_written_on_one_line(void **state) {
    (void)state;
    char text[4096] = "a: [0";
    for (int i = 1; i < 500; i++) snprintf(text + strlen(text), sizeof(text) - strlen(text), ", %d", i);
    strcat(text, "]\n");
    tsr_setting *tree = read_text(text);
    char *written = NULL;
    assert_int_equal(tsr_yaml_write(tree, &written), TSR_OK);
    assert_string_equal(written, text);
    free(written);
    tsr_setting_destroy(&tree);
}

static void test_a_value_from_elsewhere_stands_there(void **state) {
    (void)state;
    tsr_setting *tree = NULL;
    assert_int_equal(tsr_yaml_read_value("[90, {a: 1}]", "--set x", &tree), TSR_OK);
    assert_string_equal(tree->where, "--set x");
    assert_string_equal(at(tree->child[1], "a")->where, "--set x");
    tsr_setting_destroy(&tree);
}

typedef struct {
    const char *text;
    const char *message;
} refusal;

static void check(const char *text, size_t bytes, const char *message) {
    tsr_setting *tree = NULL;
    tsr_error_clear();
    tsr_status status = tsr_yaml_read(text, bytes, "a.yaml", &tree);
    if (status == TSR_OK) fail_msg("accepted: %s", text);
    assert_int_equal(status, TSR_EUSAGE);
    assert_string_equal(tsr_error_get()->message, message);
    assert_null(tree);
}

static void test_what_is_refused_is_said_with_its_place(void **state) {
    (void)state;
    static const refusal refusals[] = {
        {"a: 1\nb: 2\na: 3\n", "a.yaml:3:1: 'a' stands twice in one map, first at a.yaml:1:1; keep one"},
        {"a: &x 1\n", "a.yaml:1:4: anchors (&) and aliases (*) are not allowed; write the value out, or put it in "
                      "quotes"},
        {"a: *x\n", "a.yaml:1:4: anchors (&) and aliases (*) are not allowed; write the value out, or put it in "
                    "quotes"},
        {"a: !!str 1\n", "a.yaml:1:4: tags (!) are not allowed; leave it away, or put the text in quotes"},
        {"a:\nb: 2\n", "a.yaml:1:1: 'a' has no value; write it after the colon, or indent the lines that belong to it"},
        {"a: [1,, 2]\n", "a.yaml:1:7: not valid YAML: a value is expected here"},
        {"a:\n  - 1\n  -\n", "a.yaml:3:4: an entry of this list is empty; write a value, or delete it"},
        {"[a]: 1\n", "a.yaml:1:1: a key must be a word, not empty, a list or a map"},
        {"? ''\n: 1\n", "a.yaml:1:3: a key must be a word, not empty, a list or a map"},
        {"? [a]\n: 1\n", "a.yaml:1:3: a key must be a word, not empty, a list or a map"},
        {"a: \"x\\0y\"\n", "a.yaml:1:4: the character \\0 is not allowed in a text"},
        {"a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document begins here; one file holds one job"},
        {"a:\n\tb: 1\n", "a.yaml:2:1: a tab cannot stand here; indent with spaces"},
        {"a: |\n\tb\n", "a.yaml:2:1: a tab cannot stand here; indent with spaces"},
        {"a: {b: 1\n", "a.yaml:2:1: not valid YAML: a comma is missing before this place, or a map { is not closed (in "
                       "what begins in line 1)"},
        {"a: [1 2\n", "a.yaml:2:1: not valid YAML: a comma is missing before this place, or a list [ is not closed (in "
                      "what begins in line 1)"},
        {"a: 'b\n", "a.yaml:2:1: not valid YAML: the text ends inside quotes (in what begins in line 1)"},
        {"a: b: c\n", "a.yaml:1:5: not valid YAML: a colon cannot stand here; check the indentation, or put the text "
                      "in quotes"},
        {"a:\n  b: 1\n c: 2\n", "a.yaml:3:2: not valid YAML: a key is expected here; check the indentation, brackets "
                                "and quotes before it (in what begins in line 1)"},
        {"a: \"x\" y\n", "a.yaml:1:8: not valid YAML: a key is expected here; check the indentation, brackets and "
                         "quotes before it"},
        {"- a\nb: 1\n", "a.yaml:2:1: not valid YAML: a list goes on here, but without a dash; check the indentation "
                        "(in what begins in line 1)"},
        {"a: @b\n", "a.yaml:1:4: not valid YAML: a text cannot begin with this character; put it in quotes"},
        {"a: \"\\q\"\n", "a.yaml:1:5: not valid YAML: found unknown escape character"},
        {"a: 1\nb: \xff\n", "a.yaml:2:4: not a plain text in UTF-8: invalid leading UTF-8 octet"},
        {"a: \x01\n", "a.yaml:1:4: not a plain text in UTF-8: control characters are not allowed"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        check(refusals[i].text, strlen(refusals[i].text), refusals[i].message);
}

static void test_zero_bytes_are_no_text(void **state) {
    (void)state;
    check("a: 1\0b", 6, "a.yaml: not a text file (byte 5 is zero); a job is plain text in UTF-8");
    check("\xff\xfe"
          "a\0",
          4, "a.yaml: not a text file (byte 4 is zero); a job is plain text in UTF-8");
}

static void test_depth_and_keys_have_a_limit(void **state) {
    (void)state;
    char deep[256] = "a: ";
    for (int i = 0; i < 40; i++) strcat(deep, "[");
    check(deep, strlen(deep), "a.yaml:1:35: lists and maps are nested more than 32 deep");
    char wide[8192] = "";
    for (int i = 0; i <= TSR_YAML_KEYS_MAX; i++) sprintf(wide + strlen(wide), "k%d: 1\n", i);
    check(wide, strlen(wide), "a.yaml:257:1: more than 256 keys in one map");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_node_knows_kind_text_and_place),
        cmocka_unit_test(test_order_of_keys_is_kept),
        cmocka_unit_test(test_line_ends_and_byte_order_marks_do_not_count),
        cmocka_unit_test(test_nothing_but_comments_is_no_tree),
        cmocka_unit_test(test_what_is_written_reads_back_the_same),
        cmocka_unit_test(test_long_lists_are_written_on_one_line),
        cmocka_unit_test(test_a_value_from_elsewhere_stands_there),
        cmocka_unit_test(test_what_is_refused_is_said_with_its_place),
        cmocka_unit_test(test_zero_bytes_are_no_text),
        cmocka_unit_test(test_depth_and_keys_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

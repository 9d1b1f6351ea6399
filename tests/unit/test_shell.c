/* Quoted words come back from a shell as they were. */
#include "engine/shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_plain_words_stand_as_they_are(void **state) {
    (void)state;
    assert_string_equal(tsr_shell_word("../out/market-risk_2.h5").text, "../out/market-risk_2.h5");
    assert_string_equal(tsr_shell_word("--set=strike=1e+2,5:@%").text, "--set=strike=1e+2,5:@%");
}

static void test_a_shell_reads_back_what_was_quoted(void **state) {
    (void)state;
    static const char *const words[] = {"my run.h5", "",  "it's.h5",  "'",    "a;b", "$(echo x)", "`x`", "\"x\"",
                                        "\\",        "*", "~/out.h5", "a\nb", "#x",  "a&b",       "!x",  "\xc3\xa9.h5"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char command[TSR_SHELL_BYTES + 64], read[64] = "";
        snprintf(command, sizeof(command), "printf '%%s|' %s", tsr_shell_word(words[i]).text);
        FILE *shell = popen(command, "r"); /* NOLINT: this is what is tested */
        assert_non_null(shell);
        const size_t bytes = fread(read, 1, sizeof(read) - 1, shell);
        assert_int_equal(pclose(shell), 0);
        assert_int_equal(bytes, strlen(words[i]) + 1);
        assert_memory_equal(read, words[i], strlen(words[i]));
    }
}

static void test_what_does_not_fit_is_cut(void **state) {
    (void)state;
    char word[2 * TSR_SHELL_BYTES], out[8] = "";
    memset(word, 'x', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    assert_int_equal(strlen(tsr_shell_word(word).text), TSR_SHELL_BYTES - 1);
    assert_int_equal(tsr_shell_quote("a b", out, 4), 5);
    assert_string_equal(out, "'a ");
    assert_int_equal(tsr_shell_quote("a'b", out, sizeof(out)), 8);
    assert_string_equal(out, "'a'\\''b");
    assert_int_equal(tsr_shell_quote("ab", NULL, 0), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_words_stand_as_they_are),
        cmocka_unit_test(test_a_shell_reads_back_what_was_quoted),
        cmocka_unit_test(test_what_does_not_fit_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "phrase.h"
#include "unit.h"

#include <string.h>

struct phrase_case {
    const char *text;
    const char *phrase;
    bool want;
};

static const struct phrase_case cases[] = {
    {"Aucun onglet Vinted", "aucun onglet", true},
    {"AUCUN ONGLET", "Aucun onglet", true},
    {"x aucun ongle", "aucun onglet", false},
    {"aaab", "aab", true},
    {"", "a", false},
    {"a", "", true},
    {"session expir\xc3\xa9"
     "e",
        "expir\xc3\xa9", true},
    {"EXPIR\xc3\x89", "expir\xc3\xa9", false},
    {"[", "{", false},
};

static void test_phrases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool have =
            phrase_is_in(cases[i].text, strlen(cases[i].text), cases[i].phrase);
        if (have != cases[i].want)
            fail_msg("%s in %s", cases[i].phrase, cases[i].text);
    }
    assert_false(phrase_is_in("captcha", 6, "captcha"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phrases),
    };
    return cmocka_run_group_tests_name("phrase", tests, NULL, NULL);
}

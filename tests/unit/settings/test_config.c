/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "ini_file.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum error load(const struct fixture *fixture, const char *text,
    struct config *config, struct ini_fault *fault)
{
    fixture_put(fixture, "../etc/stoflow.ini", text);
    return config_load(config, fixture->root, fault);
}

static void expect_defaults(const struct config *have)
{
    struct config want;
    config_default(&want);
    assert_int_equal(have->max_body, want.max_body);
    assert_int_equal(have->settle, want.settle);
    assert_int_equal(have->keep_done, want.keep_done);
    assert_int_equal(have->background, want.background);
    assert_int_equal(have->sweep_every, want.sweep_every);
    assert_int_equal(have->all.timeout, want.all.timeout);
    assert_int_equal(have->all.retries, want.all.retries);
    assert_int_equal(have->all.expire, want.all.expire);
    assert_int_equal(have->keep_photos, want.keep_photos);
    assert_int_equal(have->log_size, want.log_size);
    assert_int_equal(have->log_keep, want.log_keep);
    assert_int_equal(have->log_empty_polls, want.log_empty_polls);
    assert_int_equal(have->retry.delay, want.retry.delay);
    assert_int_equal(have->retry.delay_max, want.retry.delay_max);
    assert_int_equal(have->retry.most, want.retry.most);
    assert_string_equal(have->origins, "");
    assert_string_equal(have->url, "");
    assert_int_equal(have->all.pace, 0);
    assert_int_equal(have->all.pace_random, 0);
    assert_int_equal(have->all.max_executing, 0);
    assert_int_equal(have->action_count, 0);
    assert_int_equal(have->failure_count, 0);
}

static void test_defaults(void **state)
{
    const struct fixture *fixture = *state;
    struct config config;
    struct ini_fault fault;
    config_default(&config);
    assert_int_equal(config.max_body, 32 * 1024 * 1024);
    assert_int_equal(config.settle, 2);
    assert_int_equal(config.all.timeout, 60);
    assert_int_equal(config.all.expire, 0);
    assert_int_equal(config_load(&config, fixture->root, &fault), ERROR_NONE);
    expect_defaults(&config);
    assert_int_equal(load(fixture, "", &config, &fault), ERROR_NONE);
    expect_defaults(&config);
    assert_int_equal(
        load(fixture, "# nothing\n[queue]\n", &config, &fault), ERROR_NONE);
    expect_defaults(&config);
}

/* A network file system says for a moment that there is none: by the defaults
 * what is to be kept for ever would go. */
static void test_hidden(void **state)
{
    const struct fixture *fixture = *state;
    struct config config;
    struct ini_fault fault;
    fixture_put(fixture, "../etc/stoflow.ini", "[queue]\nkeep_done = 0\n");
    fault_set(FAULT_OPEN, 1, ENOENT);
    assert_int_equal(config_load(&config, fixture->root, &fault), ERROR_NONE);
    assert_true(fault_clear());
    assert_int_equal(config.keep_done, 0);
}

static void test_every_key(void **state)
{
    struct config config;
    struct ini_fault fault = {0, ""};
    assert_int_equal(load(*state,
                         "[limits]\nmax_body = 3M\n[queue]\nsettle = 0\n"
                         "keep_done = 7\nbackground = no\nsweep_every = 86400\n"
                         "keep_photos = 8\n"
                         "[all]\ntimeout = 30\nretries = 0\nexpire = 60\n"
                         "pace = 5\npace_random = 6\nmax_executing = 2\n"
                         "[retry]\ndelay = 9\ndelay_max = 10\nmost = 11\n"
                         "[log]\nsize = 4K\nkeep = 0\nempty_polls = yes\n"
                         "[site]\norigins = https://a\nurl = http://b/c\n",
                         &config, &fault),
        ERROR_NONE);
    assert_int_equal(config.max_body, 3 * 1024 * 1024);
    assert_int_equal(config.settle, 0);
    assert_int_equal(config.keep_done, 7);
    assert_false(config.background);
    assert_int_equal(config.sweep_every, 86400);
    assert_int_equal(config.all.timeout, 30);
    assert_int_equal(config.all.retries, 0);
    assert_int_equal(config.all.expire, 60);
    assert_int_equal(config.keep_photos, 8);
    assert_int_equal(config.all.pace, 5);
    assert_int_equal(config.all.pace_random, 6);
    assert_int_equal(config.all.max_executing, 2);
    assert_int_equal(config.retry.delay, 9);
    assert_int_equal(config.retry.delay_max, 10);
    assert_int_equal(config.retry.most, 11);
    assert_int_equal(config.log_size, 4096);
    assert_int_equal(config.log_keep, 0);
    assert_true(config.log_empty_polls);
    assert_string_equal(config.origins, "https://a");
    assert_string_equal(config.url, "http://b/c");
}

struct size_case {
    const char *text;
    size_t want; /* 0: refused */
};

static const struct size_case size_cases[] = {
    {"1", 1}, {"1K", 1024}, {"32M", 32u << 20}, {"1000M", 1000u << 20},
    {"1024000K", 1000u << 20}, {"1048576000", 1000u << 20}, {"1048576001", 0},
    {"1001M", 0}, {"1024001K", 0}, {"0", 0}, {"0K", 0}, {"-1", 0}, {"-1K", 0},
    {"", 0}, {"K", 0}, {"1k", 0}, {"1G", 0}, {"1KB", 0}, {"1 K", 0},
    {"1.5M", 0}, {"9223372036854775807M", 0},
    {"18014398509481985K", 0} /* 2^54+1: times 1024 it would be 1024 */
};

static void test_sizes(void **state)
{
    for (size_t i = 0; i < COUNT_OF(size_cases); i++) {
        struct config config;
        struct ini_fault fault;
        char text[100];
        snprintf(
            text, sizeof text, "[limits]\nmax_body=%s\n", size_cases[i].text);
        enum error error = load(*state, text, &config, &fault);
        size_t have = error == ERROR_NONE ? config.max_body : 0;
        if (have != size_cases[i].want)
            fail_msg("%s: have %zu, want %zu", size_cases[i].text, have,
                size_cases[i].want);
    }
}

#define DIGITS "01234567890123456789012345678901234567890123456789012345"

struct bad_case {
    const char *text;
    int line;
    const char *word;
};

static const struct bad_case bad_cases[] = {
    {"[queue]\nsettle=-1\n", 2, "range"},
    {"[queue]\nsettle=3601\n", 2, "range"},
    {"[queue]\nsettle=2s\n", 2, "whole number"},
    {"[queue]\nsettle=\n", 2, "whole number"},
    {"[queue]\nsettle=1.5\n", 2, "whole number"},
    {"[queue]\nsettle=99999999999999999999\n", 2, "out of range"},
    {"[queue]\nkeep_done=36501\n", 2, "range"},
    {"[all]\npace=86401\n", 2, "range"},
    {"[all]\nmax_executing=-1\n", 2, "range"},
    {"[site]\norigins=shop.example\n", 2, "http"},
    {"[site]\nurl=https://a/\n", 2, "slash"},
    {"[site]\nurl=https://a\"b\n", 2, "quote"},
    {"[site]\ndelay=1\n", 2, "no such key"},
    {"[failures]\nno tab=yes\n", 2, "unsent"},
    {"[failures]\n" DIGITS "64 bytes=final\n", 2, "63 bytes"},
    {"[log]\nkept=1\n", 2, "no such key"},
    {"[retry]\nkeep=1\n", 2, "no such key"},
    {"[queue]\nsweep_every=0\n", 2, "range"},
    {"[queue]\nbackground=true\n", 2, "yes"},
    {"[queue]\nbackground=Yes\n", 2, "yes"},
    {"[queue]\nbackground=1\n", 2, "yes"},
    {"\n\n[queue]\nsetle=2\n", 4, "no such key"},
    {"[limits]\nsettle=2\n", 2, "no such key"},
    {"[all]\ntimeout=0\n", 2, "range"},
    {"[all]\ntimeout=86401\n", 2, "range"},
    {"[all]\nretries=1001\n", 2, "range"},
    {"[all]\nexpire=-1\n", 2, "range"},
    {"[all]\nretry=1\n", 2, "no such key"},
    {"[all]\nbudget=20\n", 2, "20/5m"},
    {"[all]\nbudget=20/5\n", 2, "20/5m"},
    {"[all]\nbudget=20/m\n", 2, "20/5m"},
    {"[all]\nbudget=20/5d\n", 2, "20/5m"},
    {"[all]\nbudget=20/xm\n", 2, "20/5m"},
    {"[all]\nbudget=/5m\n", 2, "20/5m"},
    {"[all]\nbudget=20 / 5m\n", 2, "20/5m"},
    {"[all]\nbudget=\n", 2, "20/5m"},
    {"[all]\nbudget=0/5m\n", 2, "requests are out of range"},
    {"[all]\nbudget=10001/5m\n", 2, "requests are out of range"},
    {"[all]\nbudget=20/0s\n", 2, "time is out of range"},
    {"[all]\nbudget=20/169h\n", 2, "time is out of range"},
    {"\n[action a]\nbudget=20/5m\n", 3, "for [all]"},
    {"[action a]\ntimeout=x\n", 2, "whole number"},
    {"[action A]\ntimeout=1\n", 2, "[action NAME]"},
    {"[action a-b]\ntimeout=1\n", 2, "[action NAME]"},
    {"[action ../x]\ntimeout=1\n", 2, "[action NAME]"},
    {"[action]\ntimeout=1\n", 2, "no such section"},
    {"[actions a]\ntimeout=1\n", 2, "no such section"},
    {"[Queue]\nsettle=1\n", 2, "no such section"},
    {"settle=1\n", 1, "no such section"},
    {"[queue]\nsettle=1\nsettle=2\n", 3, "twice"},
    {"[queue]\nsettle=1\nnonsense\n", 3, "neither"},
    {"[queue\nsettle=1\n", 1, "]"},
};

/* The line is named, and what stood before it does not count either. */
static void test_bad(void **state)
{
    for (size_t i = 0; i < COUNT_OF(bad_cases); i++) {
        const struct bad_case *row = &bad_cases[i];
        struct config config;
        struct ini_fault fault = {-1, ""};
        enum error error = load(*state, row->text, &config, &fault);
        if (error != ERROR_SYNTAX || fault.line != row->line ||
            strstr(fault.reason, row->word) == NULL)
            fail_msg("%s: have error %d, line %d: %s, want line %d: %s",
                row->text, (int)error, fault.line, fault.reason, row->line,
                row->word);
        expect_defaults(&config);
    }
}

static void expect_rules(const struct config *config, const char *action,
    int timeout, int retries, int expire)
{
    struct action_rules rules = config_rules(config, action);
    if (rules.timeout != timeout || rules.retries != retries ||
        rules.expire != expire)
        fail_msg("%s: have %d, %d, %d, want %d, %d, %d", action, rules.timeout,
            rules.retries, rules.expire, timeout, retries, expire);
}

/* An action's own section stands before [all], wherever that stands. */
static void test_rules(void **state)
{
    struct config config;
    struct ini_fault fault = {0, ""};
    assert_int_equal(load(*state,
                         "[action a]\ntimeout=1\n[action b]\nexpire=5\n"
                         "[all]\ntimeout=10\nretries=2\nexpire=7\n"
                         "[action a]\nretries=0\n",
                         &config, &fault),
        ERROR_NONE);
    expect_rules(&config, "a", 1, 0, 7);
    expect_rules(&config, "b", 10, 2, 5);
    expect_rules(&config, "c", 10, 2, 7);
    expect_rules(&config, "", 10, 2, 7);
}

static void test_how_many_actions(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct config config;
    struct ini_fault fault = {0, ""};
    for (int i = 0; i < CONFIG_ACTIONS_MAX; i++)
        buffer_append_format(&text, "[action a%d]\ntimeout=%d\n", i, i + 1);
    assert_int_equal(
        load(*state, buffer_text(&text), &config, &fault), ERROR_NONE);
    expect_rules(&config, "a63", 64, 3, 0);
    buffer_append_text(&text, "[action one_more]\ntimeout=1\n");
    assert_int_equal(
        load(*state, buffer_text(&text), &config, &fault), ERROR_SYNTAX);
    assert_non_null(strstr(fault.reason, "64"));
    buffer_free(&text);
}

struct failure_case {
    const char *text;
    enum failure_retry want;
};

static const struct failure_case failure_cases[] = {
    {"Aucun onglet Vinted ouvert", FAILURE_UNSENT},
    {"AUCUN ONGLET", FAILURE_UNSENT},
    {"aucun ongle", FAILURE_FINAL},
    {"Error: Content script not loaded", FAILURE_UNSENT},
    {"User ID non disponible", FAILURE_UNSENT},
    {"Plugin en pause", FAILURE_UNSENT},
    {"HTTP 401: session expired", FAILURE_REPEATABLE},
    {"Onglet Vinted ferm\xc3\xa9 ou recharg\xc3\xa9", FAILURE_REPEATABLE},
    {"CSRF token expired", FAILURE_REPEATABLE},
    {"", FAILURE_FINAL},
    {"HTTP 500", FAILURE_FINAL},
};

static void test_failures(void **state)
{
    struct config config;
    struct ini_fault fault;
    config_default(&config);
    for (size_t i = 0; i < COUNT_OF(failure_cases); i++) {
        const struct failure_case *row = &failure_cases[i];
        enum failure_retry have =
            config_failure(&config, row->text, strlen(row->text));
        if (have != row->want)
            fail_msg("%s: have %d, want %d", row->text, have, row->want);
    }
    assert_int_equal(load(*state,
                         "[failures]\nAucun onglet = final\n"
                         "gone fishing = unsent\n",
                         &config, &fault),
        ERROR_NONE);
    assert_int_equal(
        config_failure(&config, "aucun onglet", 12), FAILURE_FINAL);
    assert_int_equal(
        config_failure(&config, "Gone Fishing.", 13), FAILURE_UNSENT);
    assert_int_equal(config_failure(&config, "no tab", 6), FAILURE_UNSENT);
    assert_string_equal(
        config_failure_phrase(&config, "GONE FISHING!", 13), "gone fishing");
    assert_string_equal(config_failure_phrase(&config, "NO TAB", 6), "no tab");
    assert_string_equal(config_failure_phrase(&config, "no", 2), "");
}

static void test_how_many_failures(void **state)
{
    struct config config;
    struct ini_fault fault = {0, ""};
    struct buffer text = BUFFER_EMPTY;
    buffer_append_text(&text, "[failures]\n");
    for (int i = 0; i < CONFIG_FAILURES_MAX; i++)
        buffer_append_format(&text, "phrase %d = final\n", i);
    assert_int_equal(load(*state, text.data, &config, &fault), ERROR_NONE);
    assert_int_equal(config.failure_count, CONFIG_FAILURES_MAX);
    buffer_append_text(&text, "one more = final\n");
    assert_int_equal(load(*state, text.data, &config, &fault), ERROR_SYNTAX);
    assert_non_null(strstr(fault.reason, "more than 32"));
    buffer_free(&text);
}

static void test_budget(void **state)
{
    static const struct {
        const char *text;
        int requests, seconds;
    } cases[] = {
        {"[all]\nbudget = 20/5m\n", 20, 300},
        {"[all]\nbudget = 1/1s\n", 1, 1},
        {"[all]\nbudget = 10000/168h\n", 10000, BUDGET_SECONDS_MAX},
        {"[all]\nbudget = none\n", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config config;
        struct ini_fault fault = {0, ""};
        assert_int_equal(
            load(*state, cases[i].text, &config, &fault), ERROR_NONE);
        assert_int_equal(config.budget.requests, cases[i].requests);
        assert_int_equal(config.budget.seconds, cases[i].seconds);
    }
}

static void test_user_space(void **state)
{
    struct config config;
    struct ini_fault fault = {0, ""};
    const char *text = "[limits]\nuser_space = 3M\n";
    assert_int_equal(load(*state, text, &config, &fault), ERROR_NONE);
    assert_int_equal(config.user_space, 3 << 20);
    text = "[limits]\nuser_space = none\n";
    assert_int_equal(load(*state, text, &config, &fault), ERROR_NONE);
    assert_int_equal(config.user_space, 0);
    text = "[limits]\nuser_space = half\n";
    assert_int_equal(load(*state, text, &config, &fault), ERROR_NONE);
    assert_true(config.user_space == config_half);
    text = "[limits]\n\nuser_space = much\n";
    assert_int_equal(load(*state, text, &config, &fault), ERROR_SYNTAX);
    assert_int_equal(fault.line, 3);
}

static void test_site(void **state)
{
    struct config config;
    struct ini_fault fault = {0, ""};
    const char *text = "[site]\norigins = *\nurl = none\n";
    assert_int_equal(load(*state, text, &config, &fault), ERROR_NONE);
    assert_string_equal(config.origins, "*");
    assert_string_equal(config.url, "");
}

static void test_origins(void **state)
{
    struct config config;
    (void)state;
    config_default(&config);
    assert_false(config_allows_origin(&config, "https://a"));
    assert_false(config_allows_origin(&config, ""));
    snprintf(config.origins, sizeof config.origins,
        "https://a, https://b.example:8443");
    assert_true(config_allows_origin(&config, "https://a"));
    assert_true(config_allows_origin(&config, "https://b.example:8443"));
    assert_false(config_allows_origin(&config, "https://b.example"));
    assert_false(config_allows_origin(&config, "https://a,"));
    assert_false(config_allows_origin(&config, "http://a"));
    assert_false(config_allows_origin(&config, ""));
    assert_false(config_allows_origin(&config, "https://c"));
    snprintf(config.origins, sizeof config.origins, "https://a, ");
    assert_false(config_allows_origin(&config, "https://b"));
    snprintf(config.origins, sizeof config.origins, "*");
    assert_true(config_allows_origin(&config, "https://any"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_defaults),
        IN_SPOOL(test_hidden),
        IN_SPOOL(test_every_key),
        IN_SPOOL(test_sizes),
        IN_SPOOL(test_bad),
        IN_SPOOL(test_rules),
        IN_SPOOL(test_how_many_actions),
        IN_SPOOL(test_failures),
        IN_SPOOL(test_how_many_failures),
        IN_SPOOL(test_budget),
        IN_SPOOL(test_user_space),
        IN_SPOOL(test_site),
        IN_SPOOL(test_origins),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}

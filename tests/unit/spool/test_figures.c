/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "figures.h"
#include "ingest_fixture.h"
#include "path.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PLACE "index/figures"

enum {
    COUNT = 3
};

static const int64_t some[COUNT] = {7, 0, INT64_MAX};

static enum figures_age read_back(
    const struct fixture *fixture, int64_t *figures, int64_t *counted)
{
    return figures_read(&fixture->spool, path_in(SPOOL_INDEX, "figures"),
        figures, COUNT, counted);
}

static void write_some(const struct fixture *fixture, int64_t counted)
{
    figures_write(
        &fixture->spool, path_in(SPOOL_INDEX, "figures"), some, COUNT, counted);
}

static void test_kept(void **state)
{
    int64_t now = clock_now();
    int64_t counted;
    int64_t figures[COUNT];
    assert_int_equal(read_back(*state, figures, &counted), FIGURES_NONE);
    write_some(*state, now);
    assert_int_equal(read_back(*state, figures, &counted), FIGURES_YOUNG);
    assert_memory_equal(figures, some, sizeof some);
    assert_int_equal(counted, now);
}

/* They are told for so long; and not where they are of a time to come. */
static void test_age(void **state)
{
    static const struct {
        int64_t seconds;
        enum figures_age age;
    } ages[] = {{FIGURES_FRESH - 2, FIGURES_YOUNG},
        {FIGURES_FRESH + 1, FIGURES_OLD}, {FIGURES_KEPT - 2, FIGURES_OLD},
        {FIGURES_KEPT + 1, FIGURES_NONE}, {-FIGURES_KEPT - 5, FIGURES_NONE}};
    int64_t counted;
    int64_t figures[COUNT];
    for (size_t i = 0; i < COUNT_OF(ages); i++) {
        write_some(*state, clock_now() - (ages[i].seconds * clock_second));
        assert_int_equal(read_back(*state, figures, &counted), ages[i].age);
    }
}

/* Every part of one, and others over it, are none. */
static void test_torn(void **state)
{
    const struct fixture *fixture = *state;
    char part[200];
    int64_t counted;
    int64_t figures[COUNT];
    write_some(fixture, clock_now());
    char *text = fixture_get(fixture, PLACE);
    size_t length = strlen(text);
    assert_true(length < sizeof part);
    for (size_t i = 0; i < length - 1; i++) {
        memcpy(part, text, length + 1);
        part[i] = '\0';
        fixture_put(fixture, PLACE, part);
        assert_int_equal(read_back(fixture, figures, &counted), FIGURES_NONE);
        memcpy(part, text, length + 1);
        part[i] = part[i] == '1' ? '2' : '1';
        fixture_put(fixture, PLACE, part);
        assert_int_equal(read_back(fixture, figures, &counted), FIGURES_NONE);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_kept),
        IN_SPOOL(test_age),
        IN_SPOOL(test_torn),
    };
    return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}

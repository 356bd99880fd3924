/* SPDX-License-Identifier: MIT */
#include "pages.h"
#include "route.h"
#include "unit.h"

#include <string.h>

static const struct page *find(const char *name)
{
    const struct page *found = NULL;
    for (size_t i = 0; pages[i] != NULL; i++) {
        if (strcmp(pages[i]->name, name) == 0) {
            assert_null(found); /* a name is one page's */
            found = pages[i];
        }
    }
    return found;
}

static void test_every_route_has_its_page(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct page *page = find(routes[i].program);
        if (page == NULL)
            fail_msg("no page is called %s", routes[i].program);
        else
            assert_non_null(page->answer);
    }
}

static void test_every_page_has_a_route(void **state)
{
    (void)state;
    for (size_t i = 0; pages[i] != NULL; i++) {
        bool has = false;
        for (size_t j = 0; j < route_count; j++)
            has = has || strcmp(routes[j].program, pages[i]->name) == 0;
        if (!has)
            fail_msg("no route leads to the page %s", pages[i]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_has_its_page),
        cmocka_unit_test(test_every_page_has_a_route),
    };
    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}

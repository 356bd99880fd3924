/* SPDX-License-Identifier: MIT */
#include "budget_fixture.h"

#include "budget.h"
#include "clock.h"
#include "error.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>

struct config budget_config(int requests)
{
    struct config config = fixture_config();
    config.budget = (struct budget_rules){requests, BUDGET_LENGTH};
    return config;
}

struct lease_name budget_lease(const char *lease)
{
    struct lease_name name = {.deadline = clock_now() + (60 * clock_second)};
    snprintf(name.lease, sizeof name.lease, "%s", lease);
    return name;
}

int budget_try(const struct account *account, const char *lease, int most)
{
    int granted = -2;
    struct lease_name name = budget_lease(lease);
    enum error error = budget_grant(account, &name, most, &granted);
    if (error != ERROR_NONE)
        assert_int_equal(error, ERROR_BUSY);
    return error == ERROR_NONE ? granted : -1;
}

int budget_tell(const struct account *account, const char *lease, int requests)
{
    struct lease_name name = budget_lease(lease);
    return budget_renew(account, &name, requests);
}

int budget_left(const struct account *account)
{
    struct budget budget;
    budget_look(account, 1, &budget);
    return budget.left;
}

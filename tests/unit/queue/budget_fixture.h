/* SPDX-License-Identifier: MIT */
/* A budget of requests, and hand-outs that are granted some of it. */
#ifndef STOFLOW_BUDGET_FIXTURE_H
#define STOFLOW_BUDGET_FIXTURE_H

#include "account.h"
#include "config.h"
#include "name.h"

enum {
    BUDGET_LENGTH = 300 /* seconds */
};

/* The rules of fixture_config, and so many requests in BUDGET_LENGTH. */
struct config budget_config(int requests);

/* A lease that lasts for a minute. */
struct lease_name budget_lease(const char *lease);

/* What is granted to that hand-out; < 0: nothing, the budget is used up. */
int budget_try(const struct account *account, const char *lease, int most);

/* What is left when its plugin tells of so many requests. */
int budget_tell(const struct account *account, const char *lease, int requests);

int budget_left(const struct account *account);

#endif

/* SPDX-License-Identifier: MIT */
/* The budget of an account (budget.h) as one poll meets it. Without a budget
 * none of these makes a system call. */
#ifndef STOFLOW_CLAIM_BUDGET_H
#define STOFLOW_CLAIM_BUDGET_H

#include "account.h"
#include "claim.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>

/* To be zero before a search. */
struct claim_budget {
    bool asked;
    bool used_up; /* for the next task, and so for all behind it, which must not
                   * overtake it for being smaller */
    bool granted; /* requests, to the task that is being taken */
    int64_t next; /* moment at which it will do; 0: not known */
};

/* Before anything is looked at that might be taken, once a search.
 * ERROR_NOT_FOUND: it is used up. Other errors: it cannot be told. */
enum error claim_budget_ask(
    const struct account *account, struct claim_budget *budget);

/* Before the claim, as the pace is set: whoever dies in between has held back
 * too much, not too little. claim->task and ->lease say what is to be claimed.
 * ERROR_NOT_FOUND: the budget has too little for it. */
enum error claim_budget_grant(const struct account *account,
    struct claim_budget *budget, struct claim *claim);

/* Where the claim has come to nothing. */
void claim_budget_take_back(const struct account *account,
    struct claim_budget *budget, const struct claim *claim);

/* What is left to a task that is handed out once more. */
void claim_budget_again(const struct account *account, struct claim *claim);

#endif

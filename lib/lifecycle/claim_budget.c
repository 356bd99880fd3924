/* SPDX-License-Identifier: MIT */
#include "claim_budget.h"

#include "action.h"
#include "budget.h"

static enum error heed(struct claim_budget *budget, enum error error)
{
    budget->used_up = error == ERROR_BUSY;
    return error == ERROR_BUSY ? ERROR_NOT_FOUND : error;
}

enum error claim_budget_ask(
    const struct account *account, struct claim_budget *budget)
{
    struct budget found;
    if (budget->asked || !budget_is_set(account))
        return ERROR_NONE;
    budget->asked = true;
    enum error error = budget_look(account, 1, &found);
    budget->next = found.next;
    return heed(budget, error);
}

enum error claim_budget_grant(const struct account *account,
    struct claim_budget *budget, struct claim *claim)
{
    const struct task *task = &claim->task;
    if (!budget_is_set(account))
        return ERROR_NONE;
    int most = action_requests(task->name.action, task->draft.params);
    enum error error =
        budget_grant(account, &claim->lease, most, &claim->budget);
    budget->granted = error == ERROR_NONE;
    return heed(budget, error);
}

void claim_budget_take_back(const struct account *account,
    struct claim_budget *budget, const struct claim *claim)
{
    if (budget->granted)
        budget_take_back(account, &claim->lease);
    budget->granted = false;
}

void claim_budget_again(const struct account *account, struct claim *claim)
{
    if (budget_is_set(account))
        claim->budget = budget_renew(account, &claim->lease, -1);
}

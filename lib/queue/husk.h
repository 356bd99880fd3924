/* SPDX-License-Identifier: MIT */
/* Husks: names of tasks that stand without their content, as a loss of power
 * leaves them of a create that had named its file and not flushed it yet. It
 * was never acknowledged, so there is no task: whoever meets a husk sets it
 * aside. No program that lives has one, since a file is written before it is
 * named; and what is not JSON is taken for one. */
#ifndef STOFLOW_HUSK_H
#define STOFLOW_HUSK_H

#include "account.h"
#include "error.h"
#include "find.h"

#include <stdbool.h>

/* Sets what is there aside where it is a husk. One that waits may be created
 * anew, and be named the same: so its ID is held meanwhile. `held`: the caller
 * holds it.
 *   ERROR_NONE       it was one, and has gone
 *   ERROR_EXISTS     it is none, as far as can be told
 *   ERROR_NOT_FOUND  it has moved
 *   ERROR_BUSY       a person may be copying it still, or the ID is held
 *   any other        it is one, and cannot be set aside */
enum error husk_clear(
    const struct account *account, const struct task_place *place, bool held);

/* The same of an entry in executing/. */
enum error husk_clear_entry(const struct account *account, struct path entry,
    const struct lease_name *lease);

/* As find_task, but what is found is no husk that waits; where the ID is
 * `held`, to create a task of that ID, nor one that is executing. A plugin may
 * have that, and its late word is taken. */
enum error husk_find_task(const struct account *account, const char *id,
    struct task_place *place, bool held);

#endif

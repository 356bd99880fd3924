/* SPDX-License-Identifier: MIT */
/* The hold on an ID: who would make a task of a given ID keeps everybody else
 * from it while he looks whether there is one, and makes it. It is a name in
 * tmp/, made with O_EXCL, and a lock on its file, which tells that its maker
 * lives: a hold whose maker died is taken over once it is HOLD_AGE old. Where
 * there are no locks it stays until the sweeper removes it, TEMPORARY_AGE
 * later. */
#ifndef STOFLOW_HOLD_H
#define STOFLOW_HOLD_H

#include "account.h"
#include "error.h"
#include "path.h"

#include <stdbool.h>
#include <stdint.h>

struct hold {
    struct path path;
    int descriptor; /* of its file, which is locked where locks are to be had */
};

/* Holds the account's ID. If another has it, waits for it up to a second when
 * `wait` says so. ERROR_BUSY if it is then still held: by a program that is
 * slow, or by one that died less than HOLD_AGE ago. *hold is for hold_release,
 * where it was got. */
enum error hold_take(const struct account *account, const char *id, bool wait,
    struct hold *hold);
void hold_release(const struct spool *spool, const struct hold *hold);

/* Whether another may have the ID by the moment `now`, though it was held from
 * `since` on: we were slow, the clock was set ahead, or the machine has slept;
 * and who sees no lock of ours took the hold for one that was left. */
bool hold_is_outlived(int64_t since, int64_t now);

#endif

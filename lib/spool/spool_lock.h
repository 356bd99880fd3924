/* SPDX-License-Identifier: MIT */
/* Locks between processes, which die with their holder (fcntl(2)). They only
 * save work and lost updates of caches and catalogues, and tell who died; no
 * task's safety rests on one alone. Each is an empty file in index/; where that
 * is deleted, two programs may hold one lock.
 *
 * A process takes those of a user in the order sync, ingest, receive, lock,
 * pace, so that no two wait for each other, and none twice: closing any
 * descriptor of the file gives the lock up. */
#ifndef STOFLOW_SPOOL_LOCK_H
#define STOFLOW_SPOOL_LOCK_H

#include "spool.h"

#include <stdint.h>

enum spool_lock_failure {
    SPOOL_LOCK_HELD = -1, /* another has it */
    SPOOL_LOCK_NONE = -2  /* no locks are to be had here */
};

/* Waits for the lock index/NAME, or the user's, index/USER.KIND. The lock, or
 * SPOOL_LOCK_NONE; either is for spool_unlock. */
int spool_lock(const struct spool *spool, const char *name);
int spool_lock_user(const struct spool *spool, int64_t user, const char *kind);

/* The same without waiting: the lock, SPOOL_LOCK_HELD or SPOOL_LOCK_NONE. */
int spool_lock_try(const struct spool *spool, const char *name);
int spool_lock_user_try(
    const struct spool *spool, int64_t user, const char *kind);

/* Waits for the lock on a file that is open for writing; closing it gives the
 * lock up. Where there are no locks it does nothing. The other does not wait:
 * 0, SPOOL_LOCK_HELD or SPOOL_LOCK_NONE. */
void spool_lock_file(int descriptor);
int spool_lock_file_try(int descriptor);

/* Gives a lock up; does nothing if there is none (< 0). */
void spool_unlock(int lock);

#endif

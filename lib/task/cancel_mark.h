/* SPDX-License-Identifier: MIT */
/* progress/42/ID.cancel: somebody has asked for the end of a task that a plugin
 * is at. An empty file, so that touch(1) asks as well.
 *
 * It is for this stay of the task in executing/ and for what a requeue makes of
 * it, or a person who moves it back to pending/ under its name: whoever takes a
 * task back from a plugin looks for the mark both before and after the rename,
 * and whoever makes the mark looks where the task is after that. So one of two
 * that meet sees the other. Who is about to hand it out again looks as well: a
 * person does not, and a program may have died between the two. Whatever puts a
 * new task or try of this ID into the queue removes the mark first. */
#ifndef STOFLOW_CANCEL_MARK_H
#define STOFLOW_CANCEL_MARK_H

#include "account.h"
#include "error.h"

/* Makes the mark, durably, also where there is one already. */
enum error cancel_mark_make(const struct account *account, const char *id);

/* ERROR_NONE: there is one; ERROR_NOT_FOUND; or what kept us from telling. */
enum error cancel_mark_look(const struct account *account, const char *id);

/* Removes the mark, durably: one that came back would end a task that was
 * queued again since. ERROR_NONE also where there is none. */
enum error cancel_mark_remove(const struct account *account, const char *id);

#endif

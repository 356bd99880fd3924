/* SPDX-License-Identifier: MIT */
/* Tasks in the spool of a fixture: how to lay them there, and how to see what
 * became of them. */
#ifndef STOFLOW_TASK_FIXTURE_H
#define STOFLOW_TASK_FIXTURE_H

#include "config.h"
#include "drop.h"
#include "ingest_fixture.h"
#include "name.h"
#include "spool.h"
#include "task.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A test in a spool of its own. */
#define IN_SPOOL(function)                                                     \
    cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

/* Names of tasks that were created on 2024-12-07 at 10:00:00 with the default
 * priority, in their places. */
#define CREATED "20241207T100000.000000Z"
#define PAST "20241207T110000.000000Z"
#define FUTURE "20991231T235959.999999Z"
#define QUEUED(action, id) "998-" CREATED "-" action "-" id ".json"
#define PENDING(action, id) "pending/42/" QUEUED(action, id)
#define EXECUTING(deadline, lease, action, id)                                 \
    "executing/42/" deadline "-" lease "-" QUEUED(action, id)
#define COMPLETED(id) "done/42/" id ".completed.json"
#define FAILED(id) "done/42/" id ".failed.json"

/* The least that makes a task. */
#define DROP(action) "{\"action\":\"" action "\"}"

/* The defaults, but with nothing left to run after the answer. */
struct config fixture_config(void);

/* Fails the test unless these are all the files in the spool but those in
 * index/ and log/, in the order of ls: one pattern (fnmatch(3)) a line. */
void fixture_expect_tree(const struct fixture *fixture, const char *patterns);

/* Whether these are all the files. */
bool fixture_has_tree(const struct fixture *fixture, const char *patterns);

/* Fails the test unless spool/PATH holds a JSON object whose member is this
 * JSON text ("" for none). Of a path with a '*' the one that matches. */
void fixture_expect_member(const struct fixture *fixture, const char *path,
    const char *key, const char *want);

/* Makes the file or folder look as if last changed that many seconds ago. */
void fixture_age(const struct fixture *fixture, const char *path, int seconds);

/* Lays `count` tasks of the action get_stats into pending/42, called "f" and
 * a number from `first` up, one created a second after the other. */
void fixture_fill(const struct fixture *fixture, int first, int count);

/* The queued name of such a task, in static memory. */
const char *fixture_filled(int number);

/* Loads the task that lies at spool/PATH, which a '*' may shorten, as one of
 * user 42, and gives its full path. To be freed by task_free. */
struct path fixture_load(
    const struct fixture *fixture, const char *path, struct task *task);

/* Fails the test unless a poll of user 42 with this receive_id ("" for none)
 * is handed the task with this ID, NULL for none. */
void fixture_claim(
    const struct fixture *fixture, const char *receive_id, const char *want);

/* What becomes of a file dropped into pending/FOLDER (0: into pending/) that
 * came on 2024-12-07 at 10:00:00, where max_body is 1000. */
enum drop_fate fixture_route(
    const struct fixture *fixture, int64_t folder, const char *name);

/* What a plugin says of a task that it has carried out, or could not, and what
 * we declare of one whose time is over. */
extern const struct verdict said_success; /* "{}" */
extern const struct verdict said_failure; /* "no" */
extern const struct verdict said_timeout;

#endif

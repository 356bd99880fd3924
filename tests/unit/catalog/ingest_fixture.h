/* SPDX-License-Identifier: MIT */
/* A spool in a temporary directory of its own, for one test. */
#ifndef STOFLOW_INGEST_FIXTURE_H
#define STOFLOW_INGEST_FIXTURE_H

#include "account.h"
#include "buffer.h"
#include "config.h"
#include "spool.h"
#include "unit.h"

#include <stdbool.h>

struct fixture {
    char root[64];
    struct spool spool;
    struct config config;   /* the defaults */
    struct account account; /* of user 42 */
    struct account other;   /* of user 43 */
};

/* The account of user 42 under other rules. */
#define UNDER(fixture, rules)                                                  \
    (&(struct account){&(fixture)->spool, (rules), 42})

/* For cmocka: *state becomes a struct fixture; torn down with all its files. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* As if just set up, in the same memory: pointers to the fixture stay good. */
void fixture_renew(struct fixture *fixture);

/* Makes spool/PATH hold the text, with the folders it lies in. */
void fixture_put(
    const struct fixture *fixture, const char *path, const char *text);

/* What spool/PATH holds; the caller frees it. NULL: there is no such file. */
char *fixture_get(const struct fixture *fixture, const char *path);

/* Fails the test unless spool/PATH holds exactly this, NULL: does not exist. */
void fixture_expect(
    const struct fixture *fixture, const char *path, const char *want);

/* How many names there are in spool/PATH. */
size_t fixture_count(const struct fixture *fixture, const char *path);

/* One name in spool/PATH that ends so, in static memory; NULL: none does. */
const char *fixture_find(
    const struct fixture *fixture, const char *path, const char *ending);

/* The record of a task that completed, as a drop into ingest/42/ under the
 * moment of its completion. Moments are seconds after 10:00:00 on 2024-12-07;
 * `action`, `params` and `result` are JSON texts, the first without quotes. */
void fixture_record(const struct fixture *fixture, const char *action,
    int started, int completed, const char *params, const char *result);

/* The same, posted by a plugin that knows who was signed in. */
void fixture_record_by(const struct fixture *fixture, int account,
    const char *action, int started, int completed, const char *params,
    const char *result);

/* User 42 is 7 on Vinted from now on. */
void fixture_know_seller(const struct fixture *fixture);

/* The record of a list of 7's wardrobe, seen by 7. */
void fixture_own_list(const struct fixture *fixture, int started, int completed,
    const char *result);

/* Takes in everything; fails the test unless that works and takes in `want`
 * entries. */
void fixture_ingest(const struct fixture *fixture, unsigned want);

/* A member of the catalogue's row with this id, as JSON, in static memory;
 * "absent" without the member, "no row" without the row. */
const char *fixture_member(
    const struct fixture *fixture, const char *id, const char *key);

/* Fails the test unless fixture_member is this. */
void fixture_expect_row(const struct fixture *fixture, const char *id,
    const char *key, const char *want);

/* Whether the log holds the words. */
bool fixture_logged(const struct fixture *fixture, const char *words);

#endif

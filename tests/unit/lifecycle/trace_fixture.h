/* SPDX-License-Identifier: MIT */
/* What a piece of work does to the spool, step by step (fault_watch). */
#ifndef STOFLOW_TRACE_FIXTURE_H
#define STOFLOW_TRACE_FIXTURE_H

#include "ingest_fixture.h"

/* Makes all folders, as in a queue that has been used, and writes down what is
 * done from now on. */
void trace_begin(const struct fixture *fixture);

/* Writes no more down, and fails the test unless the steps were these: a
 * pattern (fnmatch(3)) for each, and NULL. */
void trace_expect(const char *const *want);

#define EXPECT_STEPS(...) trace_expect((const char *const[]){__VA_ARGS__, NULL})

#endif

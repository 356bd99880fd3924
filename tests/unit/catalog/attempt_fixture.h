/* SPDX-License-Identifier: MIT */
/* A piece of work that is tried with each of its calls failing, and with
 * another program's turn before each of them. */
#ifndef STOFLOW_ATTEMPT_FIXTURE_H
#define STOFLOW_ATTEMPT_FIXTURE_H

#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"

enum attempt_ways {
    ATTEMPT_SILENT = 1,  /* what the work returns does not tell of each error */
    ATTEMPT_TRUSTING = 2 /* it does again what is said not to be there */
};

struct attempt {
    const char *name;
    void (*prepare)(const struct fixture *fixture); /* in an empty spool */
    enum error (*work)(const struct fixture *fixture);
    /* What holds whatever has gone wrong. */
    void (*check)(const struct fixture *fixture, enum error error);
    /* What holds once the work was done anew, with nothing going wrong. */
    void (*finish)(const struct fixture *fixture);
    unsigned ways; /* bits of enum attempt_ways */
};

/* Makes each call of the work fail in turn, with each of several errors and,
 * where a name is changed, also after it was. Fails the test unless `check`
 * holds then, and if nothing is told of, `finish` as well; if a descriptor is
 * left open; and unless the work is then done without an error, and `finish`
 * holds. */
void attempt_each_fault(
    const struct fixture *fixture, const struct attempt *attempt);

/* Lets another do something before each call of the work, and asks for the
 * same. */
void attempt_each_turn(const struct fixture *fixture,
    const struct attempt *attempt, void (*other)(const struct fixture *));

#endif

/* SPDX-License-Identifier: MIT */
/* Constants that prove safety together, so they stand together. */
#ifndef STOFLOW_SAFETY_H
#define STOFLOW_SAFETY_H

enum safety_limits {
    /* Seconds after which a program that has read its request kills itself.
     * Must be well below TEMPORARY_AGE: then nobody is at work any more on a
     * file in tmp/ that is older than that. */
    PROGRAM_ALARM = 300,

    /* Seconds after which a file in tmp/, or a .why without its file, is
     * debris of a crash and is removed by the sweeper. Must be well above
     * PROGRAM_ALARM. */
    TEMPORARY_AGE = 900,

    /* Seconds after which who holds an ID gives up: nobody waits for the answer
     * any more. Must be well below HOLD_AGE. */
    HOLD_WORK = 60,

    /* Seconds after which a hold may be taken over where its maker has no lock:
     * he is dead, or on a machine whose locks are not seen here. */
    HOLD_AGE = 120
};

_Static_assert(PROGRAM_ALARM * 2 <= TEMPORARY_AGE,
    "a cleaner must not reach what a program may still be writing");
_Static_assert(HOLD_WORK * 2 <= HOLD_AGE && HOLD_AGE * 2 <= TEMPORARY_AGE,
    "who takes a hold over must meet neither its maker nor the sweeper");

#endif

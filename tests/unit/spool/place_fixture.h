/* SPDX-License-Identifier: MIT */
/* A directory of its own for one test of what works on any. */
#ifndef STOFLOW_PLACE_FIXTURE_H
#define STOFLOW_PLACE_FIXTURE_H

#include "unit.h"

struct place {
    char path[64];
    int directory; /* descriptor */
};

/* For cmocka: *state becomes a struct place; torn down with its files and its
 * directories, which must be empty. */
int place_enter(void **state);
int place_leave(void **state);

#define IN_PLACE(function)                                                     \
    cmocka_unit_test_setup_teardown(function, place_enter, place_leave)

struct place *place_of(void **state);

/* Makes a file by file_create. */
void place_put(int directory, const char *path, const char *text);

/* Fails the test unless the file holds exactly this, at most 1,000 bytes. */
void place_expect(int directory, const char *path, const char *want);

#endif

/* SPDX-License-Identifier: MIT */
/* How large things may be, so that what is taken can be kept: constants that
 * stand together because they prove together that each task and each result
 * that passed a door can be stored, handed out, shown, taken in by the
 * catalogue and queued again.
 *
 * A door is where a text comes from outside: the body of a request, or a file
 * laid into pending/. It takes `max_body` bytes (BODY_MOST at the most),
 * JSON_DEPTH_MAX levels, JSON_VALUES_MAX values and keys. What we then write
 * ourselves is made of such texts: the file of a task holds one of them, its
 * record another one besides, and one or two levels more are around each. So
 * our own files are read by no limit but these:
 *
 *   JSON_OWN_DEPTH_MAX levels: a door's, and what we put around;
 *   STORED_MOST bytes: two doors' and RECORD_ROOM;
 *   any number of values, since each takes a byte at least.
 *
 * A record that is queued again does not grow: its next result takes the place
 * of the one before. */
#ifndef STOFLOW_STORABLE_H
#define STOFLOW_STORABLE_H

#include <limits.h>

enum storable_limits {
    JSON_DEPTH_MAX = 64,               /* nested arrays and objects */
    JSON_VALUES_MAX = 4 * 1024 * 1024, /* values and keys in one text */
    JSON_OWN_DEPTH_MAX = 72,

    BODY_MOST = 1000 << 20, /* bytes: what max_body may be at the most */

    /* Bytes of a record that stand neither in the task's parameters nor in
     * the result: names, moments, and RECORD_ERROR_MAX characters of an error,
     * of six bytes where each needs an escape. A host that limits files must
     * leave so much for the record of a task that is created. */
    RECORD_ROOM = 4096,

    STORED_MOST = INT_MAX /* bytes: a token of jsmn counts by int */
};

_Static_assert(JSON_DEPTH_MAX + 4 <= JSON_OWN_DEPTH_MAX,
    "what is put around a text that was taken must fit");
_Static_assert(BODY_MOST <= (STORED_MOST - RECORD_ROOM) / 2,
    "a record of the largest parameters and the largest result must be read");

#endif

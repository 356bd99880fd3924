/* SPDX-License-Identifier: MIT */
/* What in the spool cannot be read, moved or removed. It stays where it is and
 * blocks nothing that stands behind it. Whoever meets it says so here: that is
 * written to events.log once, with the line that mends it, and kept as a note
 * in index/, "stuck.DIGEST", for as long as it lasts, for the sweeper, health
 * and the selftest to tell of. A note that is removed is written again, and
 * told again, by whoever meets its like next. */
#ifndef STOFLOW_STUCK_H
#define STOFLOW_STUCK_H

#include "buffer.h"
#include "error.h"
#include "path.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

enum stuck_limits {
    STUCK_MAX = 100, /* notes at one time: who mends these finds the others */
    STUCK_KEPT = 900 /* seconds for which one is believed that shows no cause,
                      * after it was last met */
};

/* Whether this error may be of that kind. */
bool stuck_is_kind(enum error error);

/* Notes that `path`, which concerns `user` (0: nobody), met this error, unless
 * it was changed less than `settle` seconds ago: a file that is root's for a
 * moment, until it is given its owner, is no fault. Where a folder of the spool
 * or of that user is at fault, or a file that stands for all of a user's, that
 * is noted instead. Beside STUCK_MAX notes no more is looked at or told.
 * ERROR_FILE_LIMIT of what waits for the catalogue is noted, too. False: it is
 * an error of another kind, of which nothing was told. */
bool stuck_note(const struct spool *spool, int64_t user, struct path path,
    enum error error, int settle);

/* Whether it was noted, and so is told of. */
bool stuck_is_noted(const struct spool *spool, struct path path);

/* Whether this folder refuses, so that what else lies in it need not be tried.
 * The other asks that of several at once, given as bits 1U << SPOOL_NAME, and
 * of the user's folders in them. */
bool stuck_is_closed(const struct spool *spool, struct path folder);
bool stuck_is_any_closed(
    const struct spool *spool, int64_t user, unsigned directories);

/* The first folder of the spool, or of that user (0: nobody), that refuses.
 * False: none does. */
bool stuck_find_closed(
    const struct spool *spool, int64_t user, struct path *folder);

/* Looks at each folder of the spool and of each user, and at the logs, and
 * notes what is wrong with them. */
void stuck_note_folders(const struct spool *spool);

/* One of what is stuck. The texts are valid during the call. */
struct stuck {
    int64_t user;        /* 0: nobody's */
    const char *path;    /* below the spool, as utf8_append_visible shows it */
    const char *problem; /* a clause, in English */
    const char *fix; /* line for a shell, of root or of the owner; visible; a
                      * comment where no line can know what is to be done, and
                      * where memory is lacking: the path of an odd name is cut
                      * then */
};

/* Calls `function` with each that was noted and is stuck still, in no order;
 * folders at the top of the spool also without a note. Removes the other notes
 * where `forget` says so. */
typedef void stuck_function(void *context, const struct stuck *stuck);
void stuck_each(const struct spool *spool, bool forget,
    stuck_function *function, void *context);

#endif

/* SPDX-License-Identifier: MIT */
/* spool/index/42.done and 42.done.since: the records of done/42 in the order of
 * a listing, the newest first, so that one need not ask each of 100,000 when
 * it was completed.
 *
 * Both are hints, never the truth, and may be deleted, old or torn at any
 * moment. A line is the key of a record: what is left of the time to the end of
 * all times, in nanoseconds (19 digits), '-', its name. 42.done
 * (done_base.h) has a number that is drawn whenever it is made. 42.done.since
 * has a sum of itself, that number, the mtime of done/42 before that was read,
 * and the keys of those records that 42.done does not have. It is believed for
 * STAMP_BELIEVED seconds.
 *
 * Where done/42 has changed its names are read, and only those records are
 * asked that 42.done does not have, and the failed ones: those are retried, and
 * may have failed anew under their name. What takes a completed record away so
 * that there may be another one says done_index_forget; a person does not, and
 * for DONE_BASE_BELIEVED seconds the new record may stand where the old one
 * stood. */
#ifndef STOFLOW_DONE_INDEX_H
#define STOFLOW_DONE_INDEX_H

#include "account.h"
#include "error.h"
#include "path.h"

#include <stdbool.h>
#include <stddef.h>

enum done_index_sizes {
    DONE_INDEX_LEAST = 1000, /* records in done/42: of fewer each is asked */
    DONE_INDEX_MOST = 250000 /* of more as well, for the memory's sake */
};

struct done_visitor {
    void *context;
    /* A record: its key, which is less the later it was completed, and its
     * name. True: it is one of those that are asked for. */
    bool (*offer)(void *context, const char *key, const char *name);
    /* One that could not be looked at. An error ends all, and is returned. */
    enum error (*leave_out)(void *context, struct path path, enum error error);
};

/* Offers the records of done/42 whose key comes behind `after`, or all with "":
 * at least `most` of those that are asked for and come first, where there are
 * so many, and any others; each may have gone. With an `after` those may be
 * missing that came in the last STAMP_BELIEVED seconds. No folder holds none.
 * Errors of readdir(3); ERROR_MEMORY. */
enum error done_index_each(const struct account *account, const char *after,
    size_t most, const struct done_visitor *visitor);

/* After a completed record has been taken out of done/42. */
void done_index_forget(const struct account *account);

#endif

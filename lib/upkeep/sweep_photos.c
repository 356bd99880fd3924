/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include "clock.h"
#include "file.h"
#include "path.h"
#include "photo.h"
#include "stamp.h"

#include <stdint.h>

enum {
    PHOTOS_PER_SWEEP = 1000
};

/* Bears the moment of the last look that left nothing. */
static const char stamp_name[] = "photos.pruned";

static bool was_pruned_lately(const struct sweep *sweep)
{
    int64_t last = stamp_moment(sweep->spool, path_in(SPOOL_INDEX, stamp_name));
    return !stamp_is_due(last, clock_now(), PRUNE_EVERY);
}

void sweep_photos(struct sweep *sweep)
{
    static const int64_t day = 86400;
    int64_t keep = sweep->config->keep_photos * day * clock_second;
    bool whole;
    if (keep == 0 || was_pruned_lately(sweep))
        return;
    unsigned count = photo_prune(sweep->spool, clock_now() - keep,
        PHOTOS_PER_SWEEP, sweep->dry_run, &whole);
    if (whole && !sweep->dry_run) {
        file_touch(
            sweep->spool->directory, path_in(SPOOL_INDEX, stamp_name).text);
    }
    if (count > 0) {
        sweep_line(sweep, "removed %u photo%s older than %d days", count,
            sweep_plural(count), sweep->config->keep_photos);
    }
}

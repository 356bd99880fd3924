/* SPDX-License-Identifier: MIT */
#include "background.h"

#include "log.h"
#include "notice.h"

#include <string.h>

static struct path refusal(void)
{
    return path_in(SPOOL_INDEX, "background.refused");
}

void background_refused(const struct spool *spool, int number)
{
    if (notice_is_due(spool, refusal()))
        log_event(spool, "background",
            "the host gives no process to tidy up (ulimit -u): %s; what is "
            "left to do waits for the next request, or for cron",
            strerror(number));
}

int64_t background_last_refusal(const struct spool *spool)
{
    return notice_told(spool, refusal());
}

/* SPDX-License-Identifier: MIT */
/* The checks of the selftest that find out what the file system of the spool
 * can do, by doing it. */
#ifndef STOFLOW_SELFTEST_DISK_H
#define STOFLOW_SELFTEST_DISK_H

#include "buffer.h"
#include "selftest.h"

struct finding {
    struct buffer detail; /* what was found, for a person */
    struct buffer fix;    /* what mends it; empty: there is nothing to mend */
};

/* Each gets a finding that is empty. */
typedef void selftest_check(
    struct finding *finding, const struct selftest *about);

selftest_check selftest_files;
selftest_check selftest_clock;
selftest_check selftest_locks;
selftest_check selftest_inotify;
selftest_check selftest_disk;
selftest_check selftest_stuck;

#endif

/* SPDX-License-Identifier: MIT */
/* The checks of the selftest, for selftest.c alone. Each gets a finding that
 * is empty. */
#ifndef STOFLOW_SELFTEST_CHECK_H
#define STOFLOW_SELFTEST_CHECK_H

#include "buffer.h"
#include "selftest.h"

struct finding {
    struct buffer detail; /* what was found, for a person */
    struct buffer fix;    /* what mends it; empty: there is nothing to mend */
};

typedef void selftest_check(
    struct finding *finding, const struct selftest *about);

/* What the server passes on, and what it and the modes let others see
 * (selftest_place.c). */
selftest_check selftest_authorization;
selftest_check selftest_document_root;
selftest_check selftest_spool_modes;
selftest_check selftest_token_modes;

/* What the file system can do (selftest_disk.c). */
selftest_check selftest_files;
selftest_check selftest_clock;
selftest_check selftest_locks;
selftest_check selftest_inotify;
selftest_check selftest_disk;

#endif

/* SPDX-License-Identifier: MIT */
/* The checks of the selftest that find out what the host lets a program have.
 */
#ifndef STOFLOW_SELFTEST_HOST_H
#define STOFLOW_SELFTEST_HOST_H

#include "selftest_disk.h"

selftest_check selftest_host_limits;
selftest_check selftest_processes;

#endif

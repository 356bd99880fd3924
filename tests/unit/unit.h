/* SPDX-License-Identifier: MIT */
/* What cmocka.h wants included before it, and it. */
#ifndef STOFLOW_UNIT_H
#define STOFLOW_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif

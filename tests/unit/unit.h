/* SPDX-License-Identifier: MIT */
/* cmocka.h, and what it wants included before it. */
#ifndef STOFLOW_UNIT_H
#define STOFLOW_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The analyser does not see into cmocka: here it is told that nothing goes on
 * after one of these has failed. */
#ifdef __clang_analyzer__
#undef assert_true
#define assert_true(condition) ((condition) ? (void)0 : __builtin_trap())
#undef assert_non_null
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#endif

#endif

/* SPDX-License-Identifier: MIT */
/* What cmocka.h wants included before it, and it: who includes this has them
 * all, as its remarks tell the linter. */
#ifndef STOFLOW_UNIT_H
#define STOFLOW_UNIT_H

#include <setjmp.h> /* IWYU pragma: export */
#include <stdarg.h> /* IWYU pragma: export */
#include <stddef.h> /* IWYU pragma: export */
#include <stdint.h> /* IWYU pragma: export */

#include <cmocka.h> /* IWYU pragma: export */

/* The analyser does not see into cmocka: here it is told that nothing goes on
 * after one of these has failed. */
#ifdef __clang_analyzer__
#undef assert_true
#define assert_true(condition) ((condition) ? (void)0 : __builtin_trap())
#undef assert_non_null
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#endif

#endif

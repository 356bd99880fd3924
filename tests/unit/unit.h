/* SPDX-License-Identifier: MIT */
/* What cmocka.h wants included before it, and it. For the linter, who includes
 * this has all of them. */
#ifndef STOFLOW_UNIT_H
#define STOFLOW_UNIT_H

#include <setjmp.h> /* IWYU pragma: export */
#include <stdarg.h> /* IWYU pragma: export */
#include <stddef.h> /* IWYU pragma: export */
#include <stdint.h> /* IWYU pragma: export */

#include <cmocka.h> /* IWYU pragma: export */

#endif

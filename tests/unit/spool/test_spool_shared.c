/* SPDX-License-Identifier: MIT */
#include "fault.h"
#include "ingest_fixture.h"
#include "spool_shared.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>

/* Of one machine alone is only what is known to be so. */
static void test_shared(void **state)
{
    const struct fixture *fixture = *state;
    assert_false(spool_is_shared(&fixture->spool));
    fault_share(true);
    assert_true(spool_is_shared(&fixture->spool));
    fault_share(false);
    fault_set(FAULT_STATUS, 1, EIO);
    assert_true(spool_is_shared(&fixture->spool));
    assert_true(fault_clear());
    assert_false(spool_is_shared(&fixture->spool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {IN_SPOOL(test_shared)};
    return cmocka_run_group_tests_name("spool_shared", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Stands before _exit(2) in the programs whose lines are counted: what a
 * process has counted would be gone with it. */

void __gcov_dump(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}

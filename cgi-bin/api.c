/* SPDX-License-Identifier: MIT */
/* /cgi-bin/api/...: every route in one program, for hosts that cannot rewrite
 * URLs. */
#include "pages.h"
#include "process.h"

int main(void)
{
    return process_run(pages);
}

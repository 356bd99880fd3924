/* SPDX-License-Identifier: MIT */
#include "pages.h"
#include "process.h"

#include <stddef.h>

int main(void)
{
    static const struct page *const page[] = {&page_account, NULL};
    return process_run(page);
}

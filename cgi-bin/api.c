/* SPDX-License-Identifier: MIT */
/* /cgi-bin/api/...: every route in one program, for hosts that cannot rewrite
 * URLs, and for servers that speak FastCGI. */
#include "fastcgi.h"
#include "pages.h"
#include "process.h"

int main(void)
{
    return fastcgi_is_offered() ? fastcgi_run(pages) : process_run(pages);
}

/* SPDX-License-Identifier: MIT */
/* The least that a CGI program does: what an empty poll is compared with. */
#include <stdio.h>

int main(void)
{
    static const char body[] = "{\"message\":\"Hello, world\"}\n";
    printf("Status: 200 OK\r\n"
           "Content-Type: application/json\r\n"
           "Content-Length: %zu\r\n"
           "\r\n"
           "%s",
        sizeof body - 1, body);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* The least that a FastCGI responder does, as hello.c by CGI. */
#include <fcgiapp.h>

int main(void)
{
    static const char body[] = "{\"message\":\"Hello, world\"}\n";
    FCGX_Request request;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
        return 1;
    while (FCGX_Accept_r(&request) == 0)
        FCGX_FPrintF(request.out,
            "Status: 200 OK\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: %d\r\n"
            "\r\n"
            "%s",
            (int)sizeof body - 1, body);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* A client of one kept-alive HTTP/1.1 connection. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

bool status_is_success(const char *text)
{
    return text[0] == '2' && text[1] >= '0' && text[1] <= '9';
}

void http_send(struct client *client, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t count = write(client->connection, text, length);
        if (count < 0)
            load_fail("sending the request");
        text += count;
        length -= (size_t)count;
    }
}

/* The length of the body that the header announces. */
static size_t body_length(const char *header)
{
    static const char name[] = "\r\nContent-Length:";
    for (const char *at = header; *at != '\0'; at++) {
        if (strncasecmp(at, name, strlen(name)) == 0)
            return (size_t)strtoul(at + strlen(name), NULL, 10);
    }
    errno = 0;
    load_fail("an answer without Content-Length");
}

/* Reads one answer whole. */
static void receive(struct client *client)
{
    char *answer = client->answer;
    size_t length = 0;
    size_t wanted = ANSWER_MAX;
    while (length < wanted) {
        ssize_t count =
            read(client->connection, answer + length, ANSWER_MAX - length);
        if (count <= 0)
            load_fail("the server closed the connection");
        length += (size_t)count;
        answer[length] = '\0';
        const char *end = strstr(answer, "\r\n\r\n");
        if (end != NULL && wanted == ANSWER_MAX)
            wanted = (size_t)(end + 4 - answer) + body_length(answer);
        if (wanted > ANSWER_MAX)
            load_fail("an answer is too long");
    }
}

void http_connect(struct client *client, const char *port)
{
    static const char hello[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((in_port_t)atoi(port)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    client->connection = socket(AF_INET, SOCK_STREAM, 0);
    if (client->connection < 0 ||
        connect(client->connection, (const struct sockaddr *)&address,
            sizeof address) != 0)
        load_fail("connecting");
    http_send(client, hello, sizeof hello - 1);
    receive(client);
}

void http_receive(struct client *client)
{
    receive(client);
    const char *blank = strchr(client->answer, ' ');
    if (blank != NULL && status_is_success(blank + 1))
        return;
    errno = 0;
    load_fail(client->answer);
}

void http_request(struct client *client, const char *text, size_t length)
{
    http_send(client, text, length);
    http_receive(client);
}

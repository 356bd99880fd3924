/* SPDX-License-Identifier: MIT */
/* The least that a CGI program does for a request that is to be on disk when
 * it is answered: it writes a file, syncs it, gives it its name and syncs the
 * folder. It checks nothing, neither who asks nor what. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int sync_and_close(int descriptor)
{
    return fsync(descriptor) == 0 && close(descriptor) == 0;
}

static int write_file(const char *part, const char *name)
{
    static const char text[] = "{\"action\":\"get_user_data\",\"params\":{}}\n";
    int file = open(part, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0 || write(file, text, sizeof text - 1) != sizeof text - 1 ||
        !sync_and_close(file) || rename(part, name) != 0)
        return 0;
    int folder = open(".", O_RDONLY | O_DIRECTORY);
    return folder >= 0 && sync_and_close(folder);
}

int main(void)
{
    static const char body[] = "{\"message\":\"Hello, world\"}\n";
    const char *root = getenv("STOFLOW_ROOT");
    char part[32];
    char name[32];
    snprintf(part, sizeof part, "%ld.part", (long)getpid());
    snprintf(name, sizeof name, "%ld.json", (long)getpid());
    if (root == NULL || chdir(root) != 0 || chdir("spool/bare") != 0 ||
        !write_file(part, name)) {
        fputs("Status: 500 Internal Server Error\r\n\r\n", stdout);
        return 0;
    }
    printf("Status: 201 Created\r\n"
           "Content-Type: application/json\r\n"
           "Content-Length: %zu\r\n"
           "\r\n"
           "%s",
        sizeof body - 1, body);
    return 0;
}

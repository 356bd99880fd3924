/* SPDX-License-Identifier: MIT */
/* What a web server tells of a request (RFC 3875): strings "NAME=value", the
 * last followed by NULL, as environ(7) has them. It goes along as a value, so
 * that one process may answer many requests. */
#ifndef STOFLOW_ENVIRONMENT_H
#define STOFLOW_ENVIRONMENT_H

/* That of the process, which a CGI program has for its one request. */
char *const *environment_own(void);

/* The value of a variable; NULL if it is not set. */
const char *environment_get(char *const *environment, const char *name);

/* The same, but "" if it is not set. */
const char *environment_text(char *const *environment, const char *name);

#endif

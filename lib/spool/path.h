/* SPDX-License-Identifier: MIT */
/* Where each kind of file lies in the spool. All paths of the project are built
 * here, from parts whose grammar was checked before. */
#ifndef STOFLOW_PATH_H
#define STOFLOW_PATH_H

#include "error.h"

#include <stdint.h>

/* A user (a seller) is an int64_t from 1 to 2^63-1, written in decimal
 * without leading zeros. */

enum spool_sizes {
    SPOOL_NAME_MAX = 255,                /* NAME_MAX of every local system */
    SPOOL_PATH_MAX = SPOOL_NAME_MAX + 64 /* directory, user, name, NUL */
};

/* The directories of the spool, one row each; spool_directory_name gives the
 * name. Those with `per user` folders hold one folder for each user. */
enum spool_directory {
    SPOOL_PENDING,   /* per user, and drops at the top */
    SPOOL_EXECUTING, /* per user */
    SPOOL_DONE,      /* per user */
    SPOOL_UNKNOWN,   /* per user: hard links of records in done/ of which
                      * nobody knows whether they took effect */
    SPOOL_INGEST,    /* per user: hard links of records in done/ that the
                      * catalogue has yet to take in */
    SPOOL_PROGRESS,  /* per user: what plugins say of the tasks they are at, and
                      * that such a task is to be cancelled */
    SPOOL_REJECTED,
    SPOOL_PRODUCTS,
    SPOOL_USERS,
    SPOOL_PACE, /* per user: an empty file for each action, whose mtime is
                 * the moment from which its next task may go */
    SPOOL_KEYS, /* per user: which task an Idempotency-Key made that bears
                 * another ID than the key's */
    SPOOL_PHOTOS,
    SPOOL_INDEX, /* caches, stamps and locks: all may be deleted */
    SPOOL_TMP,
    SPOOL_LOG,
    SPOOL_DIRECTORIES /* how many there are */
};

/* A path below the spool. */
struct path {
    char text[SPOOL_PATH_MAX];
};

/* "pending" and so on; static. */
const char *spool_directory_name(enum spool_directory directory);

/* "index/42.KIND", for the one file of a kind that a user has there. */
struct path path_for_user(
    enum spool_directory directory, int64_t user, const char *kind);

/* "pending", "pending/42", "pending/42/NAME" and "pending/NAME". `name` is
 * at most SPOOL_NAME_MAX bytes and holds no slash: the caller has checked its
 * grammar or has it from readdir(3). A longer name gives the empty path, which
 * no system call accepts. */
struct path path_of(enum spool_directory directory);
struct path path_of_user(enum spool_directory directory, int64_t user);
struct path path_in_user(
    enum spool_directory directory, int64_t user, const char *name);
struct path path_in(enum spool_directory directory, const char *name);

/* Reads a user id: decimal, no sign, no leading zero, 1 to 2^63-1, the whole
 * of text. ERROR_SYNTAX or ERROR_RANGE; *user is then unchanged. */
enum error user_parse(const char *text, int64_t *user);

#endif

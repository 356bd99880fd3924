/* SPDX-License-Identifier: MIT */
/* The pages, each in a file of its name. A program of cgi-bin/ holds one of
 * them, and is linked with no other; api holds all. */
#ifndef STOFLOW_PAGES_H
#define STOFLOW_PAGES_H

#include "program.h"

extern const struct page page_account;
extern const struct page page_create_task;
extern const struct page page_execute;
extern const struct page page_health;
extern const struct page page_next_task;
extern const struct page page_pause;
extern const struct page page_photos;
extern const struct page page_products;
extern const struct page page_progress;
extern const struct page page_result;
extern const struct page page_status;
extern const struct page page_sweeper;
extern const struct page page_sync;
extern const struct page page_task;
extern const struct page page_tasks;

/* All of them, and NULL. */
extern const struct page *const pages[];

#endif

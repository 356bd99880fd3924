/* SPDX-License-Identifier: MIT */
#include "pages.h"

const struct page *const pages[] = {
    &page_account,
    &page_create_task,
    &page_execute,
    &page_health,
    &page_next_task,
    &page_pause,
    &page_photos,
    &page_products,
    &page_progress,
    &page_result,
    &page_status,
    &page_sweeper,
    &page_sync,
    &page_task,
    &page_tasks,
    NULL,
};

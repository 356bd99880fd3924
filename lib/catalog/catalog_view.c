/* SPDX-License-Identifier: MIT */
#include "catalog_view.h"

#include <string.h>

enum error catalog_view_open(
    struct catalog_view *view, const struct account *account)
{
    *view = (struct catalog_view)CATALOG_VIEW_EMPTY;
    view->account = account;
    enum error error = catalog_open(&view->catalog, account, false);
    if (error != ERROR_NONE)
        return error;
    catalog_rows_sort(&view->catalog.rows);
    error = catalog_view_seek(view, 0);
    if (error != ERROR_NONE)
        catalog_view_close(view);
    return error;
}

void catalog_view_close(struct catalog_view *view)
{
    catalog_free(&view->catalog);
    view->has_ahead = false;
    view->ended = true;
    view->row = 0;
}

static void seek_row(struct catalog_view *view, uint64_t after)
{
    size_t low = 0;
    size_t high = view->catalog.rows.count;
    while (low < high) {
        size_t middle = low + ((high - low) / 2);
        if (view->catalog.rows.at[middle].id <= after)
            low = middle + 1;
        else
            high = middle;
    }
    view->row = low;
}

enum error catalog_view_seek(struct catalog_view *view, uint64_t after)
{
    seek_row(view, after);
    view->has_ahead = false;
    view->ended = view->catalog.whole;
    return view->ended ? ERROR_NONE
                       : catalog_base_seek(&view->catalog.base, after);
}

/* Makes sure that the next line of the file is known, or that there is none. */
static enum error look_ahead(struct catalog_view *view)
{
    if (view->has_ahead || view->ended)
        return ERROR_NONE;
    enum error error = catalog_base_next(&view->catalog.base, &view->ahead);
    view->has_ahead = error == ERROR_NONE;
    view->ended = error == ERROR_NOT_FOUND;
    return view->ended ? ERROR_NONE : error;
}

enum error catalog_view_next(
    struct catalog_view *view, struct catalog_line *line)
{
    const struct catalog_rows *rows = &view->catalog.rows;
    enum error error = look_ahead(view);
    if (error != ERROR_NONE)
        return error;
    const struct catalog_row *row =
        view->row < rows->count ? &rows->at[view->row] : NULL;
    if (row == NULL && view->ended)
        return ERROR_NOT_FOUND;
    if (row == NULL || (view->has_ahead && view->ahead.id < row->id)) {
        *line = view->ahead;
        view->has_ahead = false;
        return ERROR_NONE;
    }
    if (view->has_ahead && view->ahead.id == row->id)
        view->has_ahead = false; /* the row stands for it */
    *line = (struct catalog_line){row->id, row->text, row->length};
    view->row++;
    return ERROR_NONE;
}

bool catalog_view_is_good(struct catalog_view *view)
{
    return !view->catalog.whole &&
           catalog_base_is_good(&view->catalog.base, view->account);
}

enum error catalog_view_copy(struct catalog_view *view, struct sink *sink)
{
    const struct catalog_rows *rows = &view->catalog.rows;
    struct catalog_base *base = &view->catalog.base;
    enum error error = ERROR_NONE;
    int64_t at = 0;
    for (size_t i = 0; i < rows->count && error == ERROR_NONE; i++) {
        int64_t from;
        int64_t to;
        error = catalog_base_place(base, rows->at[i].id, &from, &to);
        if (error == ERROR_NONE)
            error = catalog_base_copy(base, at, from, sink);
        sink_put(sink, rows->at[i].text, rows->at[i].length);
        sink_put(sink, "\n", 1);
        at = to;
    }
    return error == ERROR_NONE
               ? catalog_base_copy(base, at, base->status.st_size, sink)
               : error;
}

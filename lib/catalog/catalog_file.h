/* SPDX-License-Identifier: MIT */
/* What catalog.c and catalog_file.c need of each other; nobody else does. */
#ifndef STOFLOW_CATALOG_FILE_H
#define STOFLOW_CATALOG_FILE_H

#include "catalog.h"

#include <stddef.h>
#include <stdint.h>

/* Appends a row without text for an id that has none yet; NULL if there is no
 * memory. Rows found before may have moved. */
struct catalog_row *catalog_add(struct catalog *catalog, uint64_t id);

/* Fills the hash table again after the rows were moved. */
void catalog_index(struct catalog *catalog);

/* Remembers a line for rejected/. */
void catalog_put_aside(
    struct catalog *catalog, const char *line, size_t length);

#endif

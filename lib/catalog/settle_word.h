/* SPDX-License-Identifier: MIT */
/* The word that settles an unknown outcome, whoever found it out. */
#ifndef STOFLOW_SETTLE_WORD_H
#define STOFLOW_SETTLE_WORD_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "path.h"

#include <stdbool.h>
#include <stdint.h>

struct settle_word {
    bool found;
    struct buffer result;  /* one JSON value; empty: null */
    struct buffer account; /* {"id":…,"login":…}: in whose wardrobe it was
                            * found; empty: who was signed in as was told */
    const char *why;       /* for whoever asks why it failed */
};

/* Puts the word in the place of the failure whose outcome nobody knows. `entry`
 * (may be NULL) is another name of the record that it is about.
 * ERROR_NOT_FOUND, ERROR_CONFLICT: there is no such failure any more; others of
 * verdict_give. */
enum error settle_speak(const struct account *account, const char *id,
    const struct path *entry, const struct settle_word *word);

/* The seller's own word, with the number of the item where there is one (0:
 * none). ERROR_NOT_FOUND: there is no such task; ERROR_EXISTS: it has not
 * ended; ERROR_CONFLICT: its outcome is known. Other errors of verdict_give. */
enum error settle_by_word(
    const struct account *account, const char *id, bool found, uint64_t item);

#endif

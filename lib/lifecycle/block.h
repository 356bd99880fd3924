/* SPDX-License-Identifier: MIT */
/* Whether a result shows that Vinted has had enough of us. Then we stop and
 * tell; we never evade. */
#ifndef STOFLOW_BLOCK_H
#define STOFLOW_BLOCK_H

#include "account.h"
#include "json.h"

enum block {
    BLOCK_NONE,
    BLOCK_REFUSED, /* 401 or 403: the session may have ended */
    BLOCK_CAPTCHA  /* the anti-bot layer has stepped in, with a captcha, say */
};

/* Judges a posted result by the status that Vinted answered: "status" of the
 * body, of its "data" or of one of its "data"."results", or a 401 or 403 that
 * stands alone in the "error" of a failure; and by "code": "blocked" of the
 * "data" or of one of the results, by which our plugin names such a page. */
enum block block_judge(struct json_value body);

/* Remembers whether the user's last result was refused (users/42.refused), and
 * pauses the user's queue where one shows a captcha or is the second in a row
 * that was refused; logs that. A failure is logged and of no account. To be
 * called for each result when it is safe: once, but a captcha may be told of
 * again. */
void block_heed(
    const struct account *account, const char *id, enum block block);

#endif

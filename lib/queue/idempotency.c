/* SPDX-License-Identifier: MIT */
#include "idempotency.h"

#include "digest.h"
#include "environment.h"
#include "file.h"
#include "json_write.h"
#include "task.h"

#include <stdio.h>
#include <string.h>

const char *idempotency_key(char *const *environment)
{
    return environment_get(environment, "HTTP_IDEMPOTENCY_KEY");
}

enum error idempotency_id(const char *key, char id[ID_LENGTH_MAX + 1])
{
    char digest[DIGEST_LENGTH + 1];
    size_t length = strlen(key);
    if (length < 1 || length > IDEMPOTENCY_KEY_MAX)
        return ERROR_SYNTAX;
    for (size_t i = 0; i < length; i++) {
        if (key[i] < 0x20 || key[i] > 0x7e)
            return ERROR_SYNTAX;
    }
    digest_sha256(digest, key, length);
    /* 160 bits are as unique as 256, and kinder to who reads the names. */
    snprintf(id, ID_LENGTH_MAX + 1, "key-%.40s", digest);
    return ERROR_NONE;
}

static bool same_params(const struct draft *a, const struct draft *b)
{
    struct buffer left = BUFFER_EMPTY;
    struct buffer right = BUFFER_EMPTY;
    size_t length;
    const char *params = draft_params(a, &length);
    json_write_compact(&left, params, length);
    params = draft_params(b, &length);
    json_write_compact(&right, params, length);
    bool same = !left.failed && !right.failed && left.length == right.length &&
                memcmp(left.data, right.data, left.length) == 0;
    buffer_free(&left);
    buffer_free(&right);
    return same;
}

bool idempotency_agrees(const struct spool *spool,
    const struct task_place *place, const struct draft *draft)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct draft standing;
    struct task_fault fault;
    bool agrees = false;
    enum error error = file_read(
        spool->directory, place->path.text, file_no_limit, &text, NULL);
    if (error == ERROR_NONE)
        error = task_parse(&text, &document, &standing, &fault, NULL);
    if (error == ERROR_NONE) {
        agrees = strcmp(standing.action, draft->action) == 0 &&
                 standing.priority == draft->priority &&
                 standing.not_before == draft->not_before &&
                 standing.expires_in == draft->expires_in &&
                 standing.retries == draft->retries &&
                 same_params(&standing, draft);
        json_free(&document);
    }
    buffer_free(&text);
    return agrees;
}

/* SPDX-License-Identifier: MIT */
#include "block.h"

#include "file.h"
#include "fold.h"
#include "pause.h"

#include <stdio.h>
#include <string.h>

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_word(char byte)
{
    return is_digit(byte) ||
           (fold_ascii(byte) >= 'a' && fold_ascii(byte) <= 'z') ||
           byte == '_' || (unsigned char)byte >= 0x80;
}

static bool is_point(char byte)
{
    return byte == '.' || byte == ',';
}

/* Whether the three digits at text[at] are a number by themselves: no part of a
 * word, of a longer number or of a fraction. */
static bool stands_alone(const char *text, size_t length, size_t at)
{
    size_t end = at + 3;
    if ((at > 0 && is_word(text[at - 1])) ||
        (end < length && is_word(text[end])))
        return false;
    if (at > 1 && is_point(text[at - 1]) && is_digit(text[at - 2]))
        return false;
    return !(
        end + 1 < length && is_point(text[end]) && is_digit(text[end + 1]));
}

/* 403 before 401, 0 for neither. */
static int64_t worse(int64_t a, int64_t b)
{
    if (a == 403 || b == 403)
        return 403;
    return a == 401 || b == 401 ? 401 : 0;
}

static int64_t status_in_text(const char *text, size_t length)
{
    int64_t found = 0;
    for (size_t at = 0; at + 3 <= length; at++) {
        bool is_403 = memcmp(text + at, "403", 3) == 0;
        bool is_401 = memcmp(text + at, "401", 3) == 0;
        if ((is_401 || is_403) && stands_alone(text, length, at))
            found = worse(found, is_403 ? 403 : 401);
    }
    return found;
}

static int64_t status_in_error(struct json_value body)
{
    struct buffer text = BUFFER_EMPTY;
    bool success = false;
    int64_t status = 0;
    json_boolean(json_member(body, "success"), &success);
    struct json_value error = json_member(body, "error");
    if (success)
        return 0;
    if (json_string(error, &text) != ERROR_NONE) {
        size_t length;
        const char *raw = json_raw(error, &length);
        buffer_append(&text, raw, length);
    }
    status = status_in_text(buffer_text(&text), text.length);
    buffer_free(&text);
    return status;
}

static int64_t status_of(struct json_value object)
{
    int64_t status = 0;
    json_integer(json_member(object, "status"), &status);
    return worse(status, 0);
}

/* What stands on the pages that anti-bot layers answer with; the last two are
 * Cloudflare's: developers.cloudflare.com/cloudflare-challenges. */
static const char *const marks[] = {
    "captcha", "datadome", "cf-mitigated", "<title>just a moment"};

static bool is_marked(struct json_value value)
{
    size_t length;
    const char *text = json_raw(value, &length);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (fold_holds(text, length, marks[i]))
            return true;
    return false;
}

/* `value` is what the answer with this status is shown by. */
static enum block judge(int64_t status, struct json_value value)
{
    if (status == 403 && is_marked(value))
        return BLOCK_CAPTCHA;
    return status == 0 ? BLOCK_NONE : BLOCK_REFUSED;
}

/* Our plugin has seen the whole answer, with its headers, and knows such pages
 * under any status. */
static bool is_named(struct json_value object)
{
    return json_string_equals(json_member(object, "code"), "blocked");
}

enum block block_judge(struct json_value body)
{
    struct json_value data = json_member(body, "data");
    int64_t status = worse(status_of(body), status_of(data));
    enum block block = judge(worse(status, status_in_error(body)), body);
    if (is_named(data))
        return BLOCK_CAPTCHA;
    struct json_value results = json_member(data, "results");
    if (!json_is(results, JSON_ARRAY))
        return block;
    for (struct json_value one = json_first(results);
        !json_is(one, JSON_ABSENT) && block != BLOCK_CAPTCHA;
        one = json_next(one)) {
        enum block next =
            is_named(one) ? BLOCK_CAPTCHA : judge(status_of(one), one);
        block = next > block ? next : block;
    }
    return block;
}

static struct path refused_path(const struct account *account)
{
    return account_file(account, SPOOL_USERS, "refused");
}

static void stop(
    const struct account *account, const char *id, enum block block)
{
    char reason[200];
    snprintf(reason, sizeof reason,
        block == BLOCK_CAPTCHA
            ? "task %s: Vinted asks for a captcha, or shows another page "
              "against robots; solve it in the browser, then resume"
            : "task %s: Vinted answered 401 or 403 twice in a row; log in "
              "there again, then resume",
        id);
    enum error error = pause_set(account, reason);
    account_log(account, "pause", "%s%s%s", reason,
        error == ERROR_NONE ? "" : "; but pausing did not work: ",
        error == ERROR_NONE ? "" : error_text(error));
}

void block_heed(const struct account *account, const char *id, enum block block)
{
    int directory = account->spool->directory;
    struct path refused = refused_path(account);
    if (block == BLOCK_NONE) {
        file_remove(directory, refused.text);
        return;
    }
    if (block == BLOCK_CAPTCHA || file_exists(directory, refused.text))
        stop(account, id, block);
    if (file_touch(directory, refused.text) == ERROR_NOT_FOUND &&
        spool_make(account->spool, SPOOL_USERS) == ERROR_NONE)
        file_touch(directory, refused.text);
}

/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "buffer.h"
#include "file.h"
#include "fold.h"
#include "number.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

const size_t config_half = SIZE_MAX;

void config_default(struct config *config)
{
    config->action_count = 0;
    config->failure_count = 0;
    config->max_body = 32u << 20;
    config->user_space = config_half;
    config->settle = 2;
    config->keep_done = 30;
    config->keep_photos = 30;
    config->background = true;
    config->sweep_every = 5;
    config->max_waiters = 8;
    config->user_waiters = 4;
    config->log_size = 1u << 20;
    config->log_keep = 5;
    config->log_empty_polls = false;
    config->origins[0] = '\0';
    config->url[0] = '\0';
    config->retry = (struct retry_rules){30, 3600, 8};
    config->budget = (struct budget_rules){0, 0};
    config->all = (struct action_rules){"", 60, 3, 0, 0, 0, 0};
}

/* A key whose value is a whole number of type int, from least to most. */
struct number_row {
    const char *section;
    const char *key;
    size_t offset; /* in struct config */
    int least;
    int most;
};

static const struct number_row number_rows[] = {
    {"queue", "settle", offsetof(struct config, settle), 0, 3600},
    {"queue", "keep_done", offsetof(struct config, keep_done), 0, 36500},
    {"queue", "keep_photos", offsetof(struct config, keep_photos), 0, 36500},
    {"queue", "max_waiters", offsetof(struct config, max_waiters), 0, 1000},
    {"queue", "user_waiters", offsetof(struct config, user_waiters), 0, 1000},
    {"queue", "sweep_every", offsetof(struct config, sweep_every), 1, 86400},
    {"retry", "delay", offsetof(struct config, retry.delay), 1, 86400},
    {"retry", "delay_max", offsetof(struct config, retry.delay_max), 1, 86400},
    {"retry", "most", offsetof(struct config, retry.most), 0, RETRIES_MAX},
    {"log", "keep", offsetof(struct config, log_keep), 0, 100},
};

/* The same in the sections [all] and [action NAME]. */
struct rule_row {
    const char *key;
    size_t offset; /* in struct action_rules */
    int least;
    int most;
};

static const struct rule_row rule_rows[] = {
    {"timeout", offsetof(struct action_rules, timeout), 1, TIMEOUT_MAX},
    {"retries", offsetof(struct action_rules, retries), 0, RETRIES_MAX},
    {"expire", offsetof(struct action_rules, expire), 0, EXPIRE_MAX},
    {"pace", offsetof(struct action_rules, pace), 0, PACE_MAX},
    {"pace_random", offsetof(struct action_rules, pace_random), 0, PACE_MAX},
    {"max_executing", offsetof(struct action_rules, max_executing), 0,
        EXECUTING_MAX},
};

static const char *set_integer(
    void *base, size_t offset, const char *value, int least, int most)
{
    int64_t number;
    enum error error = number_parse(value, strlen(value), &number);
    if (error == ERROR_SYNTAX)
        return "the value is not a whole number";
    if (error != ERROR_NONE || number < least || number > most)
        return "the value is out of range";
    int integer = (int)number;
    memcpy((char *)base + offset, &integer, sizeof integer);
    return NULL;
}

static const char *set_boolean(bool *out, const char *value)
{
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        return "the value is neither yes nor no";
    *out = value[0] == 'y';
    return NULL;
}

/* Bytes, or KiB and MiB with K and M behind the number. */
static const char *set_size(size_t *out, const char *value)
{
    size_t length = strlen(value);
    unsigned shift = 0;
    if (length > 0 && (value[length - 1] == 'K' || value[length - 1] == 'M'))
        shift = value[--length] == 'K' ? 10 : 20;
    int64_t number;
    if (number_parse(value, length, &number) != ERROR_NONE)
        return "the value is not a size (bytes, or with K or M behind it)";
    if (number < 1 || number > BODY_MOST >> shift)
        return "the size is out of range (1 byte to 1000M)";
    *out = (size_t)number << shift;
    return NULL;
}

static const char *set_user_space(size_t *out, const char *value)
{
    if (strcmp(value, "none") != 0 && strcmp(value, "half") != 0)
        return set_size(out, value);
    *out = value[0] == 'n' ? 0 : config_half;
    return NULL;
}

/* An origin is a scheme and a host (RFC 6454), and so is what a base URL
 * begins with; neither holds quotes nor ends in a slash. What stands here
 * goes into headers and links as it is. */
static const char *set_web_text(
    char out[CONFIG_TEXT_MAX + 1], const char *value)
{
    if (strcmp(value, "none") == 0)
        value = "";
    size_t length = strlen(value);
    if (length > 0 && strcmp(value, "*") != 0 && strstr(value, "://") == NULL)
        return "the value does not begin with http:// or https://";
    if (strpbrk(value, "\"<>\\`{}") != NULL ||
        (length > 0 && value[length - 1] == '/'))
        return "the value holds a quote, a brace or a slash at its end";
    memcpy(out, value, length + 1); /* no line holds more */
    return NULL;
}

static const char *set_other(struct config *config, const char *section,
    const char *key, const char *value)
{
    if (strcmp(section, "limits") == 0 && strcmp(key, "max_body") == 0)
        return set_size(&config->max_body, value);
    if (strcmp(section, "limits") == 0 && strcmp(key, "user_space") == 0) {
        return set_user_space(&config->user_space, value);
    }
    if (strcmp(section, "queue") == 0 && strcmp(key, "background") == 0)
        return set_boolean(&config->background, value);
    if (strcmp(section, "log") == 0 && strcmp(key, "size") == 0)
        return set_size(&config->log_size, value);
    if (strcmp(section, "log") == 0 && strcmp(key, "empty_polls") == 0)
        return set_boolean(&config->log_empty_polls, value);
    if (strcmp(section, "site") == 0 && strcmp(key, "origins") == 0)
        return set_web_text(config->origins, value);
    if (strcmp(section, "site") == 0 && strcmp(key, "url") == 0)
        return set_web_text(config->url, value);
    return "the section has no such key";
}

/* "20/5m": a number, a stroke, a number and its unit. */
static const char *set_budget(struct budget_rules *out, const char *value)
{
    static const char units[] = "smh";
    static const int seconds[] = {1, 60, 3600};
    int64_t requests;
    int64_t length;
    size_t number = strcspn(value, "/");
    size_t rest = strlen(value) - number;
    const char *unit =
        rest < 3 ? NULL : strchr(units, value[number + rest - 1]);
    if (strcmp(value, "none") == 0) {
        *out = (struct budget_rules){0, 0};
        return NULL;
    }
    if (unit == NULL || number_parse(value, number, &requests) != ERROR_NONE ||
        number_parse(value + number + 1, rest - 2, &length) != ERROR_NONE)
        return "the value is neither none nor requests per time, as 20/5m "
               "(s, m or h)";
    if (requests < 1 || requests > BUDGET_MAX)
        return "the requests are out of range (1 to 10000)";
    if (length < 1 || length > BUDGET_SECONDS_MAX / seconds[unit - units])
        return "the time is out of range (1s to 168h)";
    *out = (struct budget_rules){
        (int)requests, (int)length * seconds[unit - units]};
    return NULL;
}

static const char *set_rule(
    struct action_rules *of, const char *key, const char *value)
{
    for (size_t i = 0; i < sizeof rule_rows / sizeof rule_rows[0]; i++) {
        const struct rule_row *row = &rule_rows[i];
        if (strcmp(row->key, key) == 0)
            return set_integer(of, row->offset, value, row->least, row->most);
    }
    return strcmp(key, "budget") == 0
               ? "budget is for [all]: it counts what all actions send"
               : "an action has no such key";
}

static struct action_rules *find_rules(
    struct config *config, const char *action)
{
    for (int i = 0; i < config->action_count; i++) {
        if (strcmp(config->actions[i].action, action) == 0)
            return &config->actions[i];
    }
    return NULL;
}

static struct action_rules *add_rules(struct config *config, const char *action)
{
    if (config->action_count == CONFIG_ACTIONS_MAX)
        return NULL;
    struct action_rules *added = &config->actions[config->action_count++];
    *added =
        (struct action_rules){"", UNSET, UNSET, UNSET, UNSET, UNSET, UNSET};
    memcpy(added->action, action, strlen(action) + 1);
    return added;
}

static const char *set_action(struct config *config, const char *action,
    const char *key, const char *value)
{
    if (!action_is_valid(action, strlen(action)))
        return "the section's name is not [action NAME]";
    struct action_rules *own = find_rules(config, action);
    if (own == NULL)
        own = add_rules(config, action);
    return own == NULL ? "more than 64 action sections"
                       : set_rule(own, key, value);
}

/* The key is a phrase, the value what a failure that holds it says. */
static const char *set_failure(
    struct config *config, const char *phrase, const char *value)
{
    static const char *const words[] = {
        [FAILURE_FINAL] = "final",
        [FAILURE_UNSENT] = "unsent",
        [FAILURE_REPEATABLE] = "repeatable",
    };
    if (strlen(phrase) > FAILURE_LENGTH_MAX)
        return "the phrase is longer than 63 bytes";
    if (config->failure_count == CONFIG_FAILURES_MAX)
        return "more than 32 phrases";
    for (int i = 0; i < 3; i++) {
        if (strcmp(words[i], value) != 0)
            continue;
        struct failure_row *row = &config->failures[config->failure_count++];
        row->retry = (enum failure_retry)i;
        memcpy(row->phrase, phrase, strlen(phrase) + 1);
        return NULL;
    }
    return "the value is neither unsent, repeatable nor final";
}

static bool section_is_known(const char *section)
{
    static const char *const sections[] = {
        "limits", "queue", "retry", "log", "site"};
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (strcmp(sections[i], section) == 0)
            return true;
    }
    return false;
}

/* Sets what one entry of stoflow.ini says: an ini_entry_function. */
static const char *set_entry(
    void *context, const char *section, const char *key, const char *value)
{
    struct config *config = context;
    for (size_t i = 0; i < sizeof number_rows / sizeof number_rows[0]; i++) {
        const struct number_row *row = &number_rows[i];
        if (strcmp(row->section, section) == 0 && strcmp(row->key, key) == 0)
            return set_integer(
                config, row->offset, value, row->least, row->most);
    }
    if (strcmp(section, "all") == 0 && strcmp(key, "budget") == 0)
        return set_budget(&config->budget, value);
    if (strcmp(section, "all") == 0)
        return set_rule(&config->all, key, value);
    if (strncmp(section, "action ", 7) == 0)
        return set_action(config, section + 7, key, value);
    if (strcmp(section, "failures") == 0)
        return set_failure(config, key, value);
    return section_is_known(section) ? set_other(config, section, key, value)
                                     : "there is no such section";
}

static enum error read_file(
    const char *root, struct buffer *text, struct ini_fault *fault)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_append_text(&path, root);
    buffer_append_text(&path, "/etc/stoflow.ini");
    enum error error = path.failed ? ERROR_MEMORY
                                   : file_read_lasting(AT_FDCWD, path.data,
                                         INI_FILE_MAX, text);
    buffer_free(&path);
    if (error != ERROR_NONE) {
        fault->line = 0;
        snprintf(fault->reason, sizeof fault->reason, "it cannot be read: %s",
            error_text(error));
    }
    return error;
}

enum error config_load(
    struct config *config, const char *root, struct ini_fault *fault)
{
    struct buffer text = BUFFER_EMPTY;
    config_default(config);
    enum error error = read_file(root, &text, fault);
    if (error == ERROR_NONE) {
        error = ini_text_read(
            buffer_text(&text), text.length, set_entry, config, fault);
    } else if (error == ERROR_NOT_FOUND) {
        error = ERROR_NONE;
    }
    buffer_free(&text);
    if (error != ERROR_NONE)
        config_default(config);
    return error;
}

static void take_if_set(int *rule, int own)
{
    if (own != UNSET)
        *rule = own;
}

struct action_rules config_rules(
    const struct config *config, const char *action)
{
    struct action_rules rules = config->all;
    for (int i = 0; i < config->action_count; i++) {
        const struct action_rules *own = &config->actions[i];
        if (strcmp(own->action, action) != 0)
            continue;
        take_if_set(&rules.timeout, own->timeout);
        take_if_set(&rules.retries, own->retries);
        take_if_set(&rules.expire, own->expire);
        take_if_set(&rules.pace, own->pace);
        take_if_set(&rules.pace_random, own->pace_random);
        take_if_set(&rules.max_executing, own->max_executing);
    }
    return rules;
}

/* What plugins say, in the words of the guides and of browsers. A failure to
 * reach the page says that no request was made; one of the session may have
 * come in the middle of several. */
static const struct failure_row failures[] = {
    {"aucun onglet", FAILURE_UNSENT},
    {"no tab", FAILURE_UNSENT},
    {"no vinted tab", FAILURE_UNSENT},
    {"content script", FAILURE_UNSENT},
    {"could not establish connection", FAILURE_UNSENT},
    {"receiving end does not exist", FAILURE_UNSENT},
    {"user id non disponible", FAILURE_UNSENT},
    {"plugin en pause", FAILURE_UNSENT},
    {"onglet vinted ferm\xc3\xa9", FAILURE_REPEATABLE},
    {"session expired", FAILURE_REPEATABLE},
    {"session expir\xc3\xa9"
     "e",
        FAILURE_REPEATABLE},
    {"csrf token expired", FAILURE_REPEATABLE},
    {"csrf token manquant", FAILURE_REPEATABLE},
};

/* NULL: none of the phrases is in the text. */
static const struct failure_row *find_failure(
    const struct config *config, const char *text, size_t length)
{
    for (int i = 0; i < config->failure_count; i++) {
        if (fold_holds(text, length, config->failures[i].phrase))
            return &config->failures[i];
    }
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (fold_holds(text, length, failures[i].phrase))
            return &failures[i];
    }
    return NULL;
}

enum failure_retry config_failure(
    const struct config *config, const char *text, size_t length)
{
    const struct failure_row *row = find_failure(config, text, length);
    return row == NULL ? FAILURE_FINAL : row->retry;
}

const char *config_failure_phrase(
    const struct config *config, const char *text, size_t length)
{
    const struct failure_row *row = find_failure(config, text, length);
    return row == NULL ? "" : row->phrase;
}

bool config_allows_origin(const struct config *config, const char *origin)
{
    const char *listed = config->origins;
    size_t length = strlen(origin);
    if (strcmp(listed, "*") == 0)
        return true;
    while (*listed != '\0') {
        listed += strspn(listed, ", \t");
        size_t one = strcspn(listed, ", \t");
        if (one > 0 && one == length && memcmp(listed, origin, one) == 0)
            return true;
        listed += one;
    }
    return false;
}

/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "buffer.h"
#include "file.h"
#include "number.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void config_default(struct config *config)
{
    config->action_count = 0;
    config->max_body = 32u << 20;
    config->settle = 2;
    config->keep_done = 30;
    config->background = true;
    config->sweep_every = 5;
    config->max_waiters = 8;
    config->all = (struct action_rules){"", 60, 3, 0};
}

static const char *set_integer(int *out, const char *value, int least, int most)
{
    int64_t number;
    enum error error = number_parse(value, strlen(value), &number);
    if (error == ERROR_SYNTAX)
        return "the value is not a whole number";
    if (error != ERROR_NONE || number < least || number > most)
        return "the value is out of range";
    *out = (int)number;
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
    static const int64_t most = (int64_t)1 << 30;
    if (number < 1 || number > most >> shift)
        return "the size is out of range (1 byte to 1024M)";
    *out = (size_t)number << shift;
    return NULL;
}

static const char *set_queue(
    struct config *config, const char *key, const char *value)
{
    if (strcmp(key, "settle") == 0)
        return set_integer(&config->settle, value, 0, 3600);
    if (strcmp(key, "keep_done") == 0)
        return set_integer(&config->keep_done, value, 0, 36500);
    if (strcmp(key, "background") == 0)
        return set_boolean(&config->background, value);
    if (strcmp(key, "max_waiters") == 0)
        return set_integer(&config->max_waiters, value, 0, 1000);
    if (strcmp(key, "sweep_every") == 0)
        return set_integer(&config->sweep_every, value, 1, 86400);
    return "[queue] has no such key";
}

static const char *set_rule(
    struct action_rules *rules, const char *key, const char *value)
{
    if (strcmp(key, "timeout") == 0)
        return set_integer(&rules->timeout, value, 1, TIMEOUT_MAX);
    if (strcmp(key, "retries") == 0)
        return set_integer(&rules->retries, value, 0, RETRIES_MAX);
    if (strcmp(key, "expire") == 0)
        return set_integer(&rules->expire, value, 0, EXPIRE_MAX);
    return "an action has no such key";
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
    struct action_rules *rules = &config->actions[config->action_count++];
    *rules = (struct action_rules){"", UNSET, UNSET, UNSET};
    memcpy(rules->action, action, strlen(action) + 1);
    return rules;
}

static const char *set_action(struct config *config, const char *action,
    const char *key, const char *value)
{
    if (!action_is_valid(action, strlen(action)))
        return "the section's name is not [action NAME]";
    struct action_rules *rules = find_rules(config, action);
    if (rules == NULL)
        rules = add_rules(config, action);
    return rules == NULL ? "more than 64 action sections"
                         : set_rule(rules, key, value);
}

static const char *set_entry(
    void *context, const char *section, const char *key, const char *value)
{
    struct config *config = context;
    if (strcmp(section, "limits") == 0) {
        return strcmp(key, "max_body") == 0 ? set_size(&config->max_body, value)
                                            : "[limits] has no such key";
    }
    if (strcmp(section, "queue") == 0)
        return set_queue(config, key, value);
    if (strcmp(section, "all") == 0)
        return set_rule(&config->all, key, value);
    if (strncmp(section, "action ", 7) == 0)
        return set_action(config, section + 7, key, value);
    return "there is no such section";
}

static enum error read_file(
    const char *root, struct buffer *text, struct ini_fault *fault)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_append_format(&path, "%s/etc/stoflow.ini", root);
    enum error error =
        path.failed ? ERROR_MEMORY
                    : file_read(AT_FDCWD, path.data, INI_FILE_MAX, text, NULL);
    buffer_free(&path);
    fault->line = 0;
    snprintf(fault->reason, sizeof fault->reason, "it cannot be read: %s",
        error_text(error));
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

struct action_rules config_rules(
    const struct config *config, const char *action)
{
    struct action_rules rules = config->all;
    for (int i = 0; i < config->action_count; i++) {
        const struct action_rules *own = &config->actions[i];
        if (strcmp(own->action, action) != 0)
            continue;
        rules.timeout = own->timeout == UNSET ? rules.timeout : own->timeout;
        rules.retries = own->retries == UNSET ? rules.retries : own->retries;
        rules.expire = own->expire == UNSET ? rules.expire : own->expire;
    }
    return rules;
}

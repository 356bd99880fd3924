/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "buffer.h"
#include "config_key.h"
#include "error.h"
#include "file.h"
#include "fold.h"
#include "ini_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void config_default(struct config *config)
{
    config->action_count = 0;
    config->failure_count = 0;
    config->max_body = 32u << 20;
    config->settle = 2;
    config->keep_done = 30;
    config->keep_photos = 30;
    config->background = true;
    config->sweep_every = 5;
    config->max_waiters = 8;
    config->log_size = 1u << 20;
    config->log_keep = 5;
    config->log_empty_polls = false;
    config->origins[0] = '\0';
    config->url[0] = '\0';
    config->retry = (struct retry_rules){30, 3600, 8};
    config->all = (struct action_rules){"", 60, 3, 0, 0, 0, 0};
}

static enum error read_file(
    const char *root, struct buffer *text, struct ini_fault *fault)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_append_text(&path, root);
    buffer_append_text(&path, "/etc/stoflow.ini");
    enum error error =
        path.failed ? ERROR_MEMORY
                    : file_read(AT_FDCWD, path.data, INI_FILE_MAX, text, NULL);
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
            buffer_text(&text), text.length, config_set, config, fault);
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

enum failure_retry config_failure(
    const struct config *config, const char *text, size_t length)
{
    for (int i = 0; i < config->failure_count; i++) {
        if (fold_holds(text, length, config->failures[i].phrase))
            return config->failures[i].retry;
    }
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (fold_holds(text, length, failures[i].phrase))
            return failures[i].retry;
    }
    return FAILURE_FINAL;
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

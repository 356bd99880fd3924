/* SPDX-License-Identifier: MIT */

/* The background: an event page in Firefox, a service worker in Chromium. Both
 * suspend it when nothing has happened for half a minute, and start it again
 * for an event it listens to. So every listener is added right here, before
 * anything is awaited, and an alarm comes as long as the extension is there. */

import { api } from "./api.js";
import * as bridge from "./bridge.js";
import { report } from "./log.js";
import { restart, wake } from "./poller.js";
import { noteStart } from "./store.js";
import { limited } from "./wait.js";

const ALARM = "wake";
const ALARM_MINUTES = 0.5; // the least that Chromium allows

api.alarms.onAlarm.addListener(wake);
api.runtime.onStartup.addListener(wake);
api.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === "install") api.runtime.openOptionsPage();
});
api.storage.onChanged.addListener((changes, area) => {
  if (area !== "local" || !changes.settings) return;
  restart();
  bridge.register();
});
api.runtime.onConnect.addListener(bridge.accept);
api.runtime.onConnectExternal.addListener(bridge.accept);

// An update of the browser or of the extension may lose the alarm.
limited(api.alarms.get(ALARM))
  .catch(report)
  .then((alarm) => {
    if (!alarm) api.alarms.create(ALARM, { periodInMinutes: ALARM_MINUTES });
  });
noteStart().catch(report);
bridge.register();
wake();

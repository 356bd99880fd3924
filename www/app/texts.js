// SPDX-License-Identifier: MIT
/** The words of the pages: French first, English by the browser's language. */

const french = {
  skip: "Aller au contenu",
  queue: "File",
  new_task: "Nouvelle tâche",
  catalog: "Catalogue",
  bridge: "Pont",
  leave: "Se déconnecter",
  enter: "Se connecter",
  enter_help:
    "Le jeton est celui que make run ou new-token a donné. Il reste dans cet " +
    "onglet et disparaît avec lui.",
  token: "Jeton",
  user: "Utilisateur (si le jeton vaut pour tous)",
  connected: "✅ Plugin StoFlow connecté et prêt",
  not_connected: "❌ Plugin StoFlow non connecté",
  plugin_paused: "⏸ Plugin StoFlow en pause",
  since: "depuis {0}",
  last_seen: "vu pour la dernière fois {0}",
  paused: "File en pause",
  paused_help:
    "Rien n'est donné au plugin. Ouvrez Vinted, résolvez ce qui est demandé, " +
    "puis reprenez.",
  pause: "Mettre en pause",
  resume: "Reprendre",
  sync: "Synchroniser Vinted",
  sync_started: "Synchronisation lancée",
  states: "États",
  all: "Toutes",
  pending: "en attente",
  executing: "en cours",
  completed: "terminée",
  failed: "échouée",
  pending_tab: "En attente",
  executing_tab: "En cours",
  completed_tab: "Terminées",
  failed_tab: "Échouées",
  action: "Action",
  state: "État",
  when: "Date",
  remark: "Remarque",
  commands: "Commandes",
  no_tasks: "Rien ici.",
  more: "Suite",
  show: "Voir",
  cancel: "Annuler",
  retry: "Réessayer",
  retry_risk:
    "Cette tâche a peut-être déjà agi sur Vinted : la refaire pourrait créer " +
    "un doublon. La refaire quand même ?",
  close: "Fermer",
  cancelled: "annulée",
  cancel_requested: "annulation demandée",
  not_yet: "pas avant {0}",
  attempt: "essai {0}",
  options: "Options",
  priority: "Priorité (0 à 999)",
  not_before: "Pas avant",
  expires_in: "Expire si personne ne la prend en (s)",
  create: "Ajouter à la file",
  created: "Tâche {0} ajoutée",
  search: "Rechercher",
  all_statuses: "Tous",
  status: "Statut",
  csv: "Télécharger en CSV",
  raw: "JSON",
  products_count: "{0} produits",
  page: "Page {0} sur {1}",
  previous: "Précédente",
  next: "Suivante",
  id: "Numéro",
  title: "Titre",
  price: "Prix",
  brand: "Marque",
  size: "Taille",
  view_count: "Vues",
  favourite_count: "Favoris",
  active: "en vente",
  reserved: "réservé",
  sold: "vendu",
  hidden: "masqué",
  draft: "brouillon",
  closed: "clos",
  gone: "disparu",
  deleted: "supprimé",
  user_id: "Numéro d'utilisateur Vinted",
  item_id: "Numéro de l'article",
  description: "Description",
  brand_id: "Numéro de marque",
  size_id: "Numéro de taille",
  catalog_id: "Numéro de catégorie",
  color_ids: "Couleurs (numéros, séparés par des virgules)",
  status_ids: "États (numéros, séparés par des virgules)",
  updates: "Un article par ligne : numéro, prix",
  photo_url: "Adresse de la photo",
  photo_file: "ou fichier (JPEG, PNG, WebP)",
  url: "Adresse",
  method: "Méthode",
  no_answer: "Le serveur ne répond pas : {0}",
  refused: "Le jeton n'est pas accepté.",
  no_backend: "Aucune API n'a été trouvée à côté de cette page.",
  bad_line: "Ligne {0} : attendu « numéro, prix ».",
  bad_number: "Nombre trop grand : {0}",
  code_wrong_scope: "Ce jeton ne permet pas cela.",
  code_wrong_user: "Ce jeton ne vaut pas pour cet utilisateur.",
  code_unknown_task: "Cette tâche n'existe plus.",
  code_task_finished: "Cette tâche est déjà terminée.",
  code_task_not_finished: "Cette tâche n'est pas encore terminée.",
  task: "Tâche {0}",
  bridge_title: "StoFlow : pont",
  relay: "Relais",
  relay_help:
    "Un plugin dont l'interrogation est éteinte reçoit ses tâches de cette " +
    "page, tant qu'elle reste ouverte. Le jeton est celui de la page " +
    "d'accueil.",
  relay_no_plugin:
    "Plugin non disponible. Vérifiez qu'il est chargé (about:debugging) et " +
    "que l'adresse du backend dans ses options est celle de cette page.",
  relay_paused:
    "Le plugin est en pause : il ne fait rien, et les tâches l'attendent. " +
    "Pour le relancer, cliquez sur son icône dans la barre du navigateur, " +
    "puis sur « Reprendre ».",
  relay_polling: "Le plugin interroge le backend lui-même : rien à relayer.",
  relay_no_token: "Connectez-vous sur la page d'accueil pour relayer.",
  relay_running: "Cette page relaie les tâches au plugin.",
  relay_held:
    "La file est en pause, rien n'est donné au plugin : {0}. La page " +
    "d'accueil permet de la reprendre.",
  relay_task: "Nouvelle tâche : {0} {1}",
  relay_done: "✅ Résultat envoyé pour {0}",
  relay_failure: "❌ Échec de {0} : {1}",
  relay_lost: "❌ Tâche {0} perdue par le plugin. {1}",
  relay_returned: "⏸ Tâche {0} remise dans la file : le plugin est en pause",
  relay_failed: "Le backend ne répond pas comme attendu : {0}",
  tests: "Essais",
  test_user: "Données utilisateur",
  test_products: "Produits",
  test_health: "Santé du backend",
  journal: "Journal",
  plugin_came: "Plugin StoFlow {0} connecté",
  plugin_went: "Plugin StoFlow parti",
};

const english = {
  skip: "Skip to content",
  queue: "Queue",
  new_task: "New task",
  catalog: "Catalogue",
  bridge: "Bridge",
  leave: "Sign out",
  enter: "Sign in",
  enter_help:
    "The token is the one that make run or new-token gave. It stays in this " +
    "tab and goes with it.",
  token: "Token",
  user: "User (if the token is good for all)",
  connected: "✅ StoFlow plugin connected and ready",
  not_connected: "❌ StoFlow plugin not connected",
  plugin_paused: "⏸ StoFlow plugin paused",
  since: "since {0}",
  last_seen: "last seen {0}",
  paused: "Queue paused",
  paused_help:
    "Nothing is handed to the plugin. Open Vinted, solve what it asks for, " +
    "then resume.",
  pause: "Pause",
  resume: "Resume",
  sync: "Synchronise Vinted",
  sync_started: "Synchronisation started",
  states: "States",
  all: "All",
  pending: "pending",
  executing: "executing",
  completed: "completed",
  failed: "failed",
  pending_tab: "Pending",
  executing_tab: "Executing",
  completed_tab: "Completed",
  failed_tab: "Failed",
  action: "Action",
  state: "State",
  when: "When",
  remark: "Remark",
  commands: "Commands",
  no_tasks: "Nothing here.",
  more: "More",
  show: "Show",
  cancel: "Cancel",
  retry: "Retry",
  retry_risk:
    "This task may have acted on Vinted already: doing it again could make a " +
    "duplicate. Do it all the same?",
  close: "Close",
  cancelled: "cancelled",
  cancel_requested: "cancel requested",
  not_yet: "not before {0}",
  attempt: "attempt {0}",
  options: "Options",
  priority: "Priority (0 to 999)",
  not_before: "Not before",
  expires_in: "Expires if nobody takes it within (s)",
  create: "Add to the queue",
  created: "Task {0} added",
  search: "Search",
  all_statuses: "All",
  status: "Status",
  csv: "Download as CSV",
  raw: "JSON",
  products_count: "{0} products",
  page: "Page {0} of {1}",
  previous: "Previous",
  next: "Next",
  id: "Number",
  title: "Title",
  price: "Price",
  brand: "Brand",
  size: "Size",
  view_count: "Views",
  favourite_count: "Favourites",
  active: "on sale",
  reserved: "reserved",
  sold: "sold",
  hidden: "hidden",
  draft: "draft",
  closed: "closed",
  gone: "gone",
  deleted: "deleted",
  user_id: "Vinted user number",
  item_id: "Item number",
  description: "Description",
  brand_id: "Brand number",
  size_id: "Size number",
  catalog_id: "Category number",
  color_ids: "Colours (numbers, separated by commas)",
  status_ids: "Conditions (numbers, separated by commas)",
  updates: "One item a line: number, price",
  photo_url: "Address of the photo",
  photo_file: "or a file (JPEG, PNG, WebP)",
  url: "Address",
  method: "Method",
  no_answer: "The server does not answer: {0}",
  refused: "The token is not accepted.",
  no_backend: "No API was found beside this page.",
  bad_line: "Line {0}: expected “number, price”.",
  bad_number: "Number too large: {0}",
  code_wrong_scope: "This token does not allow that.",
  code_wrong_user: "This token is not good for that user.",
  code_unknown_task: "There is no such task any more.",
  code_task_finished: "This task has finished already.",
  code_task_not_finished: "This task has not finished yet.",
  task: "Task {0}",
  bridge_title: "StoFlow: bridge",
  relay: "Relay",
  relay_help:
    "A plugin whose own polling is off gets its tasks from this page, as " +
    "long as it stays open. The token is that of the first page.",
  relay_no_plugin:
    "No plugin. See that it is loaded (about:debugging) and that the " +
    "backend's address in its options is the one of this page.",
  relay_paused:
    "The plugin is paused: it does nothing, and the tasks wait for it. To " +
    "start it again, click its icon in the browser's toolbar, then “Resume”.",
  relay_polling: "The plugin asks the backend itself: nothing to relay.",
  relay_no_token: "Sign in on the first page to relay.",
  relay_running: "This page relays tasks to the plugin.",
  relay_held:
    "The queue is paused, nothing is handed to the plugin: {0}. The first " +
    "page lets you resume it.",
  relay_task: "New task: {0} {1}",
  relay_done: "✅ Result sent for {0}",
  relay_failure: "❌ {0} failed: {1}",
  relay_lost: "❌ The plugin lost task {0}. {1}",
  relay_returned: "⏸ Task {0} put back into the queue: the plugin is paused",
  relay_failed: "The backend does not answer as expected: {0}",
  tests: "Tests",
  test_user: "User data",
  test_products: "Products",
  test_health: "Health of the backend",
  journal: "Journal",
  plugin_came: "StoFlow plugin {0} connected",
  plugin_went: "StoFlow plugin gone",
};

export const words = { fr: french, en: english };

/** "fr" or "en": English only for who prefers it to French. */
export const language = (() => {
  const wanted = (navigator.languages || []).map((one) => one.slice(0, 2));
  return wanted.find((one) => one in words) || "fr";
})();

/** The text for a key, with {0}, {1}, … replaced. Unknown keys stand as they
 * are: an action, for instance, is its own name. */
export function text(key, ...values) {
  const found = words[language][key] ?? key;
  return found.replace(/\{(\d)\}/g, (_, i) => values[i] ?? "");
}

/** Fills every element that says which text it holds. */
export function translate(root = document) {
  document.documentElement.lang = language;
  for (const each of root.querySelectorAll("[data-text]"))
    each.textContent = text(each.dataset.text);
  for (const each of root.querySelectorAll("[data-label]"))
    each.setAttribute("aria-label", text(each.dataset.label));
}

/** A moment (ISO 8601) in the reader's own zone and words; "" for none. */
export function moment(iso) {
  if (!iso) return "";
  const format = { dateStyle: "short", timeStyle: "medium" };
  return new Date(iso).toLocaleString(language, format);
}

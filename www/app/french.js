// SPDX-License-Identifier: MIT
/** The words of the pages in French. An action_… is a task's action, a code_…
 * an error of the API, a declared_… what the queue itself says of a task that
 * failed, a member_… a member of a task's record, a lost_… why the plugin
 * dropped a task of the bridge page, an unknown_… what nobody knows of an
 * action, a settled_… what came of that. */

export const french = {
  skip: "Aller au contenu",
  queue: "File",
  new_task: "Nouvelle tâche",
  catalog: "Catalogue",
  bridge: "Pont",
  leave: "Se déconnecter",
  enter: "Se connecter",
  enter_help:
    "Le jeton vous est donné par qui tient le serveur : make run et " +
    "etc/new-token l'affichent. Il reste dans cet onglet et disparaît avec lui.",
  token: "Jeton",
  user: "Numéro d'utilisateur (si le jeton vaut pour tous)",
  connected: "✅ Plugin StoFlow connecté et prêt",
  not_connected: "❌ Plugin StoFlow non connecté",
  plugin_paused: "⏸ Plugin StoFlow en pause",
  since: "depuis {0}",
  last_seen: "vu pour la dernière fois {0}",
  paused: "File en pause",
  paused_help:
    "Rien n'est donné au plugin. Ouvrez Vinted, résolvez ce qui est demandé, " +
    "puis reprenez.",
  reason_hand: "Mise en pause à la main.",
  reason_captcha: "Vinted a demandé un captcha (tâche {0}).",
  reason_refused:
    "Vinted a refusé deux fois de suite (tâche {0}) : reconnectez-vous-y.",
  reason_other:
    "Un autre compte Vinted ({0}) est connecté : reconnectez-vous avec le " +
    "vôtre, ou changez de compte.",
  reason_changed: "Le compte Vinted a changé alors que des tâches attendaient.",
  account: "Compte Vinted : {0}",
  other: "Un autre compte Vinted",
  other_seen:
    "Cette file est celle de {0}, mais le navigateur était connecté à Vinted " +
    "en tant que {1}, le {2}. Rien n'a été écrit avec cet autre compte, ni sur " +
    "Vinted ni dans le catalogue.",
  other_back:
    "Si c'est une erreur : connectez-vous sur Vinted en tant que {0}, puis " +
    "reprenez la file.",
  other_help:
    "Si vous avez changé de compte : choisissez le nouveau ici. L'ancien " +
    "catalogue est gardé entier, à part, et revient avec son compte.",
  other_change: "Travailler avec cet autre compte",
  other_confirm:
    "Travailler désormais avec {1} ? On vous demandera ce que deviennent les " +
    "tâches en attente. Le catalogue de {0} est gardé entier, à part.",
  other_changed:
    "La file prend le compte qui sera connecté à sa prochaine tâche. Le " +
    "catalogue de {0} est gardé.",
  held: "Un autre compte Vinted désormais",
  held_help:
    "Les tâches en attente, ou que le plugin exécute, étaient prévues pour le " +
    "compte précédent. Rien n'est donné au plugin tant que vous n'avez pas dit " +
    "ce qu'elles deviennent.",
  held_cancel: "Les annuler toutes",
  held_resume: "Les faire avec le nouveau compte",
  cancelled_one: "{0} tâche annulée",
  cancelled_count: "{0} tâches annulées",
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
  no_tasks: "Aucune tâche ici.",
  more: "Suite",
  show: "Voir",
  cancel: "Annuler",
  retry: "Réessayer",
  retry_risk:
    "Cette tâche a peut-être déjà agi sur Vinted : la refaire pourrait créer " +
    "un doublon. La refaire quand même ?",
  unknown:
    "Personne ne sait si cela a été fait. Regardez sur Vinted, puis dites ce " +
    "qu'il en est.",
  unknown_create_product:
    "Personne ne sait si l'annonce est en ligne. Le dressing est relu pour le " +
    "savoir ; si cela ne suffit pas, regardez sur Vinted et dites ce qu'il en " +
    "est.",
  unknown_upload_photo:
    "Personne ne sait si la photo a été ajoutée. Regardez sur Vinted, puis " +
    "dites ce qu'il en est.",
  there: "C'est sur Vinted",
  not_there: "Ce n'y est pas",
  not_there_sure:
    "Avez-vous regardé sur Vinted ? Si c'y est malgré tout, refaire la tâche " +
    "créera un doublon.",
  listing: "Adresse ou numéro de l'annonce",
  listing_help:
    "L'adresse de la page de l'annonce sur Vinted, par laquelle le catalogue " +
    "la connaîtra.",
  bad_listing: "Ceci n'est ni l'adresse d'une annonce ni un numéro.",
  settle: "Enregistrer",
  settled_found: "Retrouvé sur Vinted : c'est fait.",
  settled_not_found: "Pas sur Vinted : peut être refait sans risque.",
  last_error: "dernier échec ({0}) : {1}",
  partial: "liste incomplète : {0}",
  yes: "oui",
  no: "non",
  close: "Fermer",
  cancel_requested: "annulation demandée",
  not_yet: "pas avant {0}",
  attempt: "essai {0}",
  options: "Options",
  priority: "Priorité (0 à 999)",
  not_before: "Pas avant",
  expires_in: "Expire si personne ne la prend en (s)",
  must: "* obligatoire",
  create: "Ajouter à la file",
  created: "Ajouté à la file : {0} ({1})",
  search: "Rechercher",
  all_statuses: "Tous",
  status: "Statut",
  csv: "Télécharger en CSV",
  raw: "JSON",
  products_one: "{0} produit",
  products_count: "{0} produits",
  no_products_yet:
    "Le catalogue est vide. « Synchroniser Vinted » y met vos produits.",
  no_products_found: "Aucun produit ne correspond.",
  sort_by: "Trier par",
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
  missing: "absent de la dernière liste ({0})",
  twin: "en double ? Voir {0}",
  deleted: "supprimé",
  user_id: "Numéro d'utilisateur Vinted",
  item_id: "Numéro du produit",
  description: "Description",
  brand_id: "Numéro de marque",
  size_id: "Numéro de taille",
  catalog_id: "Numéro de catégorie",
  color_ids: "Couleurs (numéros, séparés par des virgules)",
  status_ids: "États (numéros, séparés par des virgules)",
  updates: "Un produit par ligne : numéro, prix",
  photo_url: "Adresse de la photo",
  photo_file: "ou fichier (JPEG, PNG, WebP)",
  url: "Adresse",
  method: "Méthode (GET si rien n'est dit)",
  no_answer: "Le serveur ne répond pas.",
  no_backend: "Aucune API n'a été trouvée à côté de cette page.",
  bad_line: "Ligne {0} : attendu « numéro, prix ».",
  bad_number: "Nombre trop grand : {0}",
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
  relay_task: "Nouvelle tâche : {0} ({1})",
  relay_done: "✅ Résultat envoyé pour {0}",
  relay_failure: "❌ Échec de {0} : {1}",
  relay_lost: "❌ Tâche {0} perdue par le plugin. {1}",
  relay_returned: "⏸ Tâche {0} remise dans la file : le plugin est en pause",
  lost_gone: "Il est parti.",
  lost_paused: "Il est en pause.",
  lost_invalid: "Il n'y reconnaît pas une tâche.",
  relay_failed: "Le backend ne répond pas comme attendu : {0}",
  tests: "Essais",
  test_user: "Données utilisateur",
  test_products: "Produits",
  test_health: "Santé du backend",
  journal: "Journal",
  no_journal: "Rien encore.",
  plugin_came: "Plugin StoFlow {0} connecté",
  plugin_went: "Plugin StoFlow parti",
  action_get_user_data: "Lire le compte Vinted",
  action_get_all_products: "Récupérer tous les produits",
  action_create_product: "Créer un produit",
  action_update_product: "Modifier un produit",
  action_update_prices: "Modifier des prix",
  action_delete_product: "Supprimer un produit",
  action_get_stats: "Lire les vues et les favoris",
  action_upload_photo: "Ajouter une photo",
  action_execute_http_request: "Envoyer une requête à Vinted",
  action_execute_batch_requests: "Envoyer plusieurs requêtes à Vinted",
  action_execute_sequential_requests:
    "Envoyer des requêtes à Vinted, l'une après l'autre",
  declared_timeout: "aucun résultat à temps : à vérifier sur Vinted",
  declared_expired: "elle n'a pas été prise à temps",
  declared_cancelled: "annulée",
  member_task_id: "Identifiant",
  member_user_id: "Utilisateur",
  member_action: "Action",
  member_priority: "Priorité",
  member_timeout: "Temps accordé",
  member_retries: "Nouveaux essais permis",
  member_expires_in: "Expire après",
  member_then: "Tâche suivante",
  member_status: "État",
  member_created_at: "Créée",
  member_not_before: "Pas avant",
  member_started_at: "Commencée",
  member_deadline: "Résultat attendu avant",
  member_completed_at: "Résultat reçu",
  member_executed_at: "Exécutée par le plugin",
  member_execution_time_ms: "Durée",
  member_attempts: "Essais",
  member_lease: "Bail",
  member_progress: "Avancement",
  member_cancel_requested: "Annulation demandée",
  member_error: "Erreur",
  member_declared: "Verdict de la file",
  member_outcome: "Ce qu'elle a donné",
  member_settled: "Établi après coup",
  member_last_error: "Dernier échec",
  member_last_error_at: "Moment de cet échec",
  member_account: "Compte Vinted",
  member_requests: "Requêtes à Vinted",
  member_partial: "Liste incomplète",
  code_bad_request: "La demande est mal formée.",
  code_malformed_json: "Ce qui a été envoyé n'est pas du JSON.",
  code_truncated_body: "L'envoi a été coupé en route. Réessayez.",
  code_bad_content_length:
    "La longueur annoncée de l'envoi n'est pas un nombre.",
  code_token_missing: "Le jeton n'est pas arrivé au serveur.",
  code_token_invalid: "Le jeton n'est pas accepté.",
  code_token_expired: "Le jeton a expiré. Il en faut un nouveau.",
  code_wrong_scope: "Ce jeton ne permet pas cela.",
  code_wrong_user: "Ce jeton ne vaut pas pour cet utilisateur.",
  code_origin_not_allowed: "Le serveur n'admet pas les pages de cette origine.",
  code_unknown_route: "Le serveur ne connaît pas cette adresse.",
  code_unknown_task: "Cette tâche n'existe plus.",
  code_unknown_photo: "Cette photo n'existe pas.",
  code_method_not_allowed: "Le serveur n'admet pas cette méthode ici.",
  code_task_exists: "Une tâche porte déjà cet identifiant.",
  code_idempotency_key_reused: "Cette clé a déjà servi pour autre chose.",
  code_result_conflict:
    "Un autre résultat est déjà enregistré pour cette tâche.",
  code_lease_lost: "Cette tâche n'est plus confiée à ce plugin.",
  code_ambiguous_task:
    "Plusieurs utilisateurs ont une tâche de cet identifiant.",
  code_task_finished: "Cette tâche est déjà terminée.",
  code_task_not_finished: "Cette tâche n'est pas encore terminée.",
  code_not_repeatable:
    "Cette tâche a peut-être déjà agi : elle n'est pas refaite sans votre " +
    "accord.",
  code_outcome_known: "L'issue de cette tâche est déjà connue.",
  code_length_required: "La longueur de l'envoi manque.",
  code_too_large: "L'envoi est trop grand.",
  code_too_large_here: "L'envoi est trop grand pour ce serveur.",
  code_unsupported_image: "Ce fichier n'est pas une image JPEG, PNG ou WebP.",
  code_invalid_field: "Un champ manque ou n'est pas valable.",
  code_configuration: "Le serveur est mal configuré.",
  code_host_limit: "Le serveur n'a pas droit à assez pour cela.",
  code_spoilt_file: "Un fichier du serveur est abîmé.",
  code_plugin_failed: "Le plugin a échoué.",
  code_plugin_not_connected: "Le plugin n'est pas connecté.",
  code_unavailable: "Le serveur n'y arrive pas pour l'instant. Réessayez.",
  code_plugin_timeout: "Le plugin n'a pas répondu à temps.",
  code_no_space: "Le disque du serveur est plein.",
};

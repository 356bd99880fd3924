/* SPDX-License-Identifier: MIT */

import { createProduct, deleteProduct, updateProduct } from "./items.js";
import { uploadPhoto } from "./photos.js";
import { updatePrices } from "./prices.js";
import { getAllProducts } from "./products.js";
import * as requests from "./requests.js";
import { getStats } from "./stats.js";
import { getUserData } from "./user.js";

/**
 * What the backend may ask for. Each is called with (params, context), context
 * being {session, signal, onProgress, backendUrl}; it returns the result's
 * data, or throws a TaskError.
 */
export const ACTIONS = {
  get_user_data: getUserData,
  get_all_products: getAllProducts,
  create_product: createProduct,
  update_product: updateProduct,
  delete_product: deleteProduct,
  update_prices: updatePrices,
  get_stats: getStats,
  upload_photo: uploadPhoto,
  execute_http_request: requests.executeOne,
  execute_batch_requests: requests.executeBatch,
  execute_sequential_requests: requests.executeInOrder,
};

const REPEATABLE = new Set([
  "get_user_data",
  "get_all_products",
  "get_stats",
  "update_product",
  "update_prices",
  "delete_product",
]);

/** What writes by itself; of an execute_ each request says for itself. */
export const WRITING = new Set([
  "create_product",
  "update_product",
  "update_prices",
  "delete_product",
  "upload_photo",
]);

/** @returns {boolean} whether it does no harm that the task runs twice */
export function isRepeatable({ action, params }) {
  if (REPEATABLE.has(action)) return true;
  if (!action.startsWith("execute_")) return false;
  const list = params?.requests ?? [params?.request ?? params];
  const reads = (request) => /^(GET|HEAD)$/i.test(request?.method ?? "GET");
  return Array.isArray(list) && list.every(reads);
}

// SPDX-License-Identifier: MIT
/** The catalogue: searched by the backend, sorted and paged here. */

import { getText } from "./api.js";
import { button, cell, find, make } from "./dom.js";
import { explain } from "./live.js";
import { counted, language, moment, text } from "./texts.js";

const PAGE = 50;
const STATUSES = [
  "", "active", "reserved", "sold", "hidden", "draft", "closed", "gone",
  "deleted",
];
const NUMBERS = new Set(["id", "price", "view_count", "favourite_count"]);
const COLUMNS = [
  "id", "title", "price", "brand", "size", "status", "view_count",
  "favourite_count",
];

const kind = (column) => (NUMBERS.has(column) ? "number" : null);

let products = [];
let sortedBy = { column: "id", down: true };
let page = 0;
let asked = 0;

function compare(a, b) {
  const { column, down } = sortedBy;
  const [x, y] = [a[column] ?? "", b[column] ?? ""];
  const order = NUMBERS.has(column)
    ? Number(x) - Number(y)
    : String(x).localeCompare(String(y), language);
  return down ? -order : order;
}

function price(product) {
  if (product.price === undefined) return "";
  return `${product.price} ${product.currency ?? ""}`.trim();
}

/** Only an address of the web becomes a link. */
function link(url, words) {
  return /^https:\/\//.test(url ?? "")
    ? make("a", { href: url, rel: "noreferrer", target: "_blank" }, words)
    : words;
}

/** That it may be there twice, with the way to the other, on the same site. */
function twin({ twin_of, url }) {
  if (!twin_of) return null;
  const site = /^https:\/\/[^/?#]+/.exec(url ?? "")?.[0];
  const words = text("twin", twin_of);
  const there = link(site && `${site}/items/${twin_of}`, words);
  return make("span", { class: "twin" }, there);
}

function title(product) {
  return [link(product.url, product.title ?? ""), twin(product)];
}

/** One that the last whole list lacked is not taken for gone before the next
 * one lacks it, too. */
function status(product) {
  const words = [text(product.status ?? "")];
  if (product.missing_since && product.status !== "gone")
    words.push(text("missing", moment(product.missing_since)));
  return words.join(" · ");
}

const cells = {
  title,
  price,
  status,
};

function row(product) {
  return make(
    "tr",
    {},
    ...COLUMNS.map((column) => {
      const content = (cells[column] ?? ((one) => one[column] ?? ""))(product);
      return cell(column, content, kind(column));
    }),
  );
}

function sortBy(column) {
  const down = sortedBy.column === column ? !sortedBy.down : false;
  sortedBy = { column, down };
  page = 0;
  draw();
}

function makeHead() {
  find("products-head").dataset.label = text("sort_by");
  find("products-head").append(
    ...COLUMNS.map((column) => {
      const sort = button(column, () => sortBy(column));
      return make("th", { scope: "col", class: kind(column) }, sort);
    }),
  );
}

function drawHead() {
  [...find("products-head").children].forEach((each, i) => {
    each.removeAttribute("aria-sort");
    if (COLUMNS[i] !== sortedBy.column) return;
    const order = sortedBy.down ? "descending" : "ascending";
    each.setAttribute("aria-sort", order);
  });
}

function turnBy(pages) {
  page += pages;
  draw();
}

function drawPages(count) {
  find("pages").hidden = count <= 1;
  find("previous").disabled = page === 0;
  find("next").disabled = page === count - 1;
  find("page").textContent = text("page", page + 1, count);
}

function drawNone() {
  const { q, status } = wanted();
  const key = q || status ? "no_products_found" : "no_products_yet";
  find("products-none").hidden = products.length > 0;
  find("products-none").textContent = text(key);
  find("products-table").hidden = products.length === 0;
}

function draw() {
  const count = Math.max(1, Math.ceil(products.length / PAGE));
  page = Math.min(page, count - 1);
  products.sort(compare);
  drawHead();
  find("products-count").textContent = counted("products", products.length);
  drawNone();
  const shown = products.slice(page * PAGE, (page + 1) * PAGE);
  find("products").replaceChildren(...shown.map(row));
  drawPages(count);
}

const wanted = () => ({
  q: find("search-text").value.trim(),
  status: find("search-status").value,
});

/** Numbers stay text until they are shown: an id may be beyond 2^53. */
function parse(line) {
  const id = /"id":\s*(\d+)/.exec(line)?.[1];
  const twin_of = /"twin_of":\s*(\d+)/.exec(line)?.[1];
  return { ...JSON.parse(line), id, twin_of };
}

/** Whether it shows what was asked for; else another search was begun. */
async function load() {
  const turn = ++asked;
  const lines = await getText("products", { ...wanted(), format: "ndjson" });
  if (turn !== asked) return false;
  products = lines.split("\n").filter((line) => line !== "").map(parse);
  draw();
  return true;
}

let shown; // when what is shown was written; undefined: to be loaded

async function search() {
  try {
    await load();
  } catch (error) {
    shown = undefined;
    explain(error);
  }
}

/** To be called now and then with the moment at which the catalogue was last
 * written: shows what that brought. After an error the next call tries anew. */
export async function followCatalog(changed) {
  if (changed !== shown && (await load())) shown = changed;
}

/** A download needs the header with the token, so a link will not do. By the
 * mark at the beginning Excel knows UTF-8: without it, it shows É as Ã‰. The
 * backend may set one, too, but a text that was fetched has lost it. */
async function download() {
  const table = { format: "csv", locale: language };
  try {
    const csv = await getText("products", { ...wanted(), ...table });
    const file = new Blob(["\ufeff", csv], { type: "text/csv" });
    const url = URL.createObjectURL(file);
    make("a", { href: url, download: "products.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  } catch (error) {
    explain(error);
  }
}

let started = false;

/** Prepares for followCatalog, also for that of another seller. */
export function startCatalog() {
  shown = undefined;
  asked++; // what is under way is not for this one
  find("products").replaceChildren();
  find("products-count").textContent = "";
  if (started) return;
  started = true;
  makeHead();
  find("previous").addEventListener("click", () => turnBy(-1));
  find("next").addEventListener("click", () => turnBy(1));
  for (const status of STATUSES)
    find("search-status").append(
      make("option", { value: status }, text(status || "all_statuses")));
  let timer = null;
  find("search-text").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 250);
  });
  find("search-status").addEventListener("change", search);
  find("search").addEventListener("submit", (event) => event.preventDefault());
  find("csv").addEventListener("click", download);
}

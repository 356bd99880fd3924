// SPDX-License-Identifier: MIT
/** The forms that queue a task, one for each action of the guide. */

import { postOwn } from "./api.js";
import { find, make } from "./dom.js";
import { act } from "./live.js";
import { named, text } from "./texts.js";

/** What a field takes, and how its text becomes a parameter. */
const kinds = {
  number: {
    attributes: { inputmode: "numeric", pattern: "[1-9][0-9]*" },
    read: (value) => whole(value),
  },
  text: { attributes: {}, read: (value) => value },
  price: {
    attributes: { inputmode: "decimal", pattern: "[0-9]+([.,][0-9]+)?" },
    read: (value) => value.replace(",", "."),
  },
  numbers: {
    attributes: { pattern: "[0-9]+( *, *[0-9]+)*" },
    read: (value) => value.split(",").map((one) => whole(one.trim())),
  },
  area: { area: true, attributes: {}, read: (value) => value },
  prices: { area: true, attributes: {}, read: readPrices },
  file: {
    attributes: { type: "file", accept: "image/jpeg,image/png,image/webp" },
  },
};

/** [name, kind, required] of each action's fields; "!" makes it required. */
const actions = {
  get_user_data: [],
  get_all_products: ["user_id:number!"],
  create_product: [
    "title:text!", "price:price!", "catalog_id:number!", "brand_id:number",
    "size_id:number", "color_ids:numbers", "status_ids:numbers",
    "description:area!",
  ],
  update_product: [
    "item_id:number!", "title:text", "price:price", "description:area",
  ],
  update_prices: ["updates:prices!"],
  delete_product: ["item_id:number!"],
  get_stats: ["item_id:number!"],
  upload_photo: ["item_id:number!", "photo_url:text", "photo_file:file"],
  execute_http_request: ["url:text!", "method:text"],
};

/** Ids beyond 2^53 would lose digits as numbers. */
function whole(value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(text("bad_number", value));
  return number;
}

function readPrices(value) {
  return value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line, i) => {
      const match = /^(\d+)\s*[,;\s]\s*(\d+(?:[.,]\d+)?)$/.exec(line);
      if (match === null) throw new Error(text("bad_line", i + 1));
      return { item_id: whole(match[1]), price: match[2].replace(",", ".") };
    });
}

function parse(field) {
  const [name, kind] = field.replace("!", "").split(":");
  return { name, kind: kinds[kind], isFile: kind === "file",
    required: field.endsWith("!") };
}

function drawField(field) {
  const { name, kind, required } = parse(field);
  const attributes = { name, required, ...kind.attributes };
  return make(
    "label",
    { class: kind.area ? "wide" : null },
    make("span", { class: required ? "must" : null }, text(name)),
    make(kind.area ? "textarea" : "input", attributes),
  );
}

function drawFields() {
  const action = find("create-action").value;
  const fields = actions[action];
  find("create-name").textContent = action;
  find("create-fields").replaceChildren(...fields.map(drawField));
  find("create-must").hidden = !fields.some((each) => parse(each).required);
}

/** The file as base64: the backend makes a photo_url of it. */
async function readFile(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

async function readParams(form, action) {
  const params = {};
  for (const field of actions[action]) {
    const { name, kind, isFile } = parse(field);
    const input = form.elements.namedItem(name);
    if (isFile && input.files.length > 0)
      params.photo_data = await readFile(input.files[0]);
    else if (!isFile && input.value.trim() !== "")
      params[name] = kind.read(input.value.trim());
  }
  return action === "execute_http_request" ? { request: params } : params;
}

function readOptions(form) {
  const options = {};
  for (const name of ["priority", "expires_in"]) {
    const { value } = form.elements.namedItem(name);
    if (value !== "") options[name] = Number(value);
  }
  const due = form.elements.namedItem("not_before").value;
  if (due !== "") options.not_before = new Date(due).toISOString();
  return options;
}

/** Queues a task; gives what is to be told of it. */
async function create(form) {
  const action = find("create-action").value;
  const params = await readParams(form, action);
  const body = { action, params, ...readOptions(form) };
  const made = await postOwn("tasks/create", body);
  form.reset();
  find("create-action").value = action;
  drawFields();
  return text("created", named("action", action), made.task_id);
}

export function startCreate() {
  const choice = find("create-action");
  for (const action of Object.keys(actions))
    choice.append(make("option", { value: action }, named("action", action)));
  choice.addEventListener("change", drawFields);
  drawFields();
  find("create").addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => create(event.target));
  });
}

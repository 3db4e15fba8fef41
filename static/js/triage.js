/*
 * The board by keys. The row under the cursor is the one whose number has the focus, so that Enter opens it and Tab
 * goes to its next act. J, K and the arrows move, X selects (Shift and X a stretch); the letters are buttons with
 * data-key beside the rows (keys.js presses them), which act on the row under the cursor.
 * An act is sent at once and the cursor goes on to the next row; what must be told is asked in one dialog whose
 * form came with the preview, so that it is there before the next key. Every 20 seconds the rows are brought up to
 * date in place: none moves, none leaves, nothing takes the focus.
 * An empty board looks too, and says what came.
 * Without this file every row has its next act as a plain button.
 */

const board = document.querySelector("[data-board]");
const empty = document.querySelector("[data-board-empty]");
const beside = document.querySelector("[data-beside]");
const dialog = document.getElementById("board-ask");
const EVERY = 20_000;
const SHOW_AFTER = 60;
const PLAIN = ["take", "start", "resume", "acknowledge"];
const MOVES = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

const rows = () => [...(board?.querySelectorAll(".board-row") ?? [])];
const linkOf = (row) => row?.querySelector("[data-row-link]");
const actsOf = (row) => (row?.dataset.acts ?? "").split(" ");
const urlOf = (row, act = "") => `/triage/tickets/${row.dataset.number}/${act ? `${act}/` : ""}`;

let current = null;
let showing = 0;
let inPane = "";
const previews = new Map();

// --- asking the server ---------------------------------------------------------------------------

function cookie(name) {
  return decodeURIComponent(document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "");
}

async function ask(url, { body, background } = {}) {
  const headers = { "HX-Request": "true", "X-CSRFToken": cookie("csrftoken") };
  if (background) headers["Holdline-Background"] = "1";
  const answer = await fetch(url, { method: body ? "POST" : "GET", headers, body, credentials: "same-origin", redirect: "manual", cache: "no-store" });
  if (answer.status === 401 || answer.type === "opaqueredirect") {
    const xhr = { status: 401, getResponseHeader: (name) => answer.headers.get(name) };
    document.dispatchEvent(new CustomEvent("htmx:responseError", { detail: { xhr } }));
    throw new Error("signed out");
  }
  return answer;
}

function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

function parsedRow(html) {
  return parsed(`<table>${html}</table>`).querySelector(".board-row");
}

/* What is said in the corner, and what is kept there: triage_told.js. */
function tell(detail) {
  document.dispatchEvent(new CustomEvent("holdline:told", { detail }));
}

// --- the cursor ------------------------------------------------------------------------------------

function setCurrent(row, background = false) {
  if (current !== row) current?.classList.remove("is-current");
  current = row;
  row?.classList.add("is-current");
  const acts = actsOf(row);
  for (const button of beside?.querySelectorAll("[data-act]") ?? []) {
    button.disabled = !acts.includes(button.dataset.act) && !acts.includes(button.dataset.or);
  }
  const wait = beside?.querySelector("[data-or='resume'] span");
  if (wait) wait.textContent = acts.includes("resume") ? "Resume" : "Wait";
  if (beside) beside.hidden = !row;
  if (row) showPreview(row, background);
}

function goTo(row) {
  if (!row) return;
  setCurrent(row);
  linkOf(row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function neighbour(row, step) {
  const all = rows();
  for (let at = all.indexOf(row) + step; at >= 0 && at < all.length; at += step) {
    if (!all[at].classList.contains("is-done")) return all[at];
  }
  return null;
}

function move(step) {
  if (!current) return goTo(rows().find((row) => !row.classList.contains("is-done")));
  goTo(neighbour(current, step) ?? current);
}

/* As a click on its box, which selection.js counts; with stretch as one with Shift. */
function select(row, stretch) {
  row?.querySelector(".pick")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: stretch }));
}

// --- the preview -------------------------------------------------------------------------------------

const keyOf = (row) => [row.dataset.number, row.dataset.version, row.dataset.acts].join(":");

function previewOf(row, background = false) {
  const key = keyOf(row);
  if (!previews.has(key)) {
    const asked = ask(urlOf(row), { background }).then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error("no preview")))).then(parsed);
    asked.catch(() => previews.delete(key));
    previews.set(key, asked);
    if (previews.size > 60) previews.delete(previews.keys().next().value);
  }
  return previews.get(key);
}

/* Only what is looked at is asked for: a pane is a reading of its patient, and is written down as one. */
function showPreview(row, background) {
  if (!beside) return;
  clearTimeout(showing);
  if (inPane === keyOf(row)) return;
  showing = setTimeout(async () => {
    const key = keyOf(row);
    try {
      const found = await previewOf(row, background);
      if (current !== row || key !== keyOf(row)) return;
      const pane = beside.querySelector("[data-preview]");
      const focused = pane.contains(document.activeElement);
      pane.replaceChildren(found.cloneNode(true));
      if (focused) pane.querySelector("a")?.focus({ preventScroll: true });
      inPane = key;
    } catch {
      inPane = ""; // The row says what matters; the pane of another ticket beside it would mislead.
      if (current === row) beside.querySelector(`[data-pane]:not([data-pane="${row.dataset.number}"])`)?.remove();
    }
  }, SHOW_AFTER);
}

// --- acting --------------------------------------------------------------------------------------------

/* Sends an act and puts the answered row in place; the cursor went on before. What was typed is kept until done. */
async function send(row, name, body, form) {
  row.classList.add("is-busy");
  body.delete("csrfmiddlewaretoken"); // The header has today's: signing in again makes another.
  try {
    const answer = await ask(urlOf(row, name), { body });
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) {
      if (answer.status !== 400) return notDone(row, name, form, { status: answer.status });
      return again(row, name, parsed(await answer.text()));
    }
    const said = await answer.json();
    replace(row, parsedRow(said.row));
    if (answer.ok) tell({ words: said.said });
    else notDone(row, name, form, { words: said.said, status: answer.status });
  } catch (error) {
    notDone(row, name, form, { status: error.message === "signed out" ? 401 : 0 });
  } finally {
    row.classList.remove("is-busy");
  }
}

/* A form that came back with what is wrong; it never takes the place of another that is being filled in. */
function again(row, name, content) {
  const words = [...content.querySelectorAll(".errors")].map((one) => one.textContent).join(" ");
  if (document.querySelector("dialog[open]")) notDone(row, name, content.querySelector("form"), { words });
  else openForm(row, name, content);
}

function notDone(row, name, form, why) {
  const show = (words) => {
    const here = document.getElementById(row.id) ?? row;
    form.elements.version.value = here.dataset.version;
    openForm(here, name, form, words);
  };
  tell({ ...why, number: row.dataset.number, form, show, level: "warning" });
}

function replace(row, fresh) {
  if (!fresh || !row.isConnected) return;
  const focused = row.contains(document.activeElement);
  previews.delete(keyOf(row)); // A note changes no version, and stands in the pane all the same.
  if (inPane === keyOf(row)) inPane = "";
  row.replaceWith(fresh);
  if (row === current) {
    setCurrent(fresh);
    if (focused) linkOf(fresh).focus({ preventScroll: true });
  }
  board.dispatchEvent(new Event("change", { bubbles: true }));
}

function goOn(row) {
  goTo(neighbour(row, 1) ?? neighbour(row, -1));
}

function act(row, name) {
  if (!row || row.classList.contains("is-busy") || !actsOf(row).includes(name)) return;
  if (!PLAIN.includes(name)) return question(row, name);
  const body = new FormData();
  body.set("version", row.dataset.version);
  goOn(row);
  send(row, name, body);
}

let early = false;

async function question(row, name) {
  early = false;
  const mine = `${row.id} ${name}`;
  dialog.querySelector("[data-ask-body]").replaceChildren();
  dialog.dataset.waiting = mine;
  dialog.querySelector("h2").textContent = `${row.dataset.number}: one moment`;
  dialog.showModal();
  try {
    const found = previews.has(keyOf(row)) ? await previewOf(row) : null;
    const made = found?.querySelector(`template[data-ask="${name}"]`);
    const content = made ? made.content.cloneNode(true) : parsed(await (await ask(urlOf(row, name))).text());
    if (dialog.dataset.waiting === mine) openForm(row, name, content); // Else it was left meanwhile.
  } catch {
    if (dialog.dataset.waiting === mine) dialog.close();
    tell({ words: "This did not reach Holdline. Nothing was done; try again.", level: "error" });
  }
}

function openForm(row, name, content, why = "") {
  const form = content.matches?.("form") ? content : content.querySelector("form");
  if (!form) throw new Error("no form");
  const banner = why ? document.querySelector("[data-not-done]").content.cloneNode(true) : "";
  if (why) banner.querySelector("p").textContent = why;
  dialog.querySelector("h2").textContent = form.getAttribute("aria-label");
  dialog.querySelector("[data-ask-body]").replaceChildren(banner, content);
  delete dialog.dataset.waiting;
  if (!dialog.open) dialog.showModal();
  (form.querySelector("[aria-invalid]") ?? form.querySelector("select, input:not([type=hidden]), textarea"))?.focus();
  form.onsubmit = (event) => {
    event.preventDefault();
    event.stopPropagation();
    dialog.close();
    const here = document.getElementById(row.id) ?? row;
    if (here === current) goOn(here);
    send(here, name, new FormData(form), form);
  };
  if (early) form.requestSubmit();
  early = false;
}

dialog?.addEventListener("close", () => delete dialog.dataset.waiting);

dialog?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.target.closest("a, button, textarea")) return;
  event.preventDefault();
  if (dialog.dataset.waiting) early = true;
  else if (!event.repeat) dialog.querySelector("form")?.requestSubmit();
});

// --- live ----------------------------------------------------------------------------------------------

let newest = null;

async function live() {
  if (document.hidden || dialog?.open || document.documentElement.dataset.covered) return;
  const body = new FormData();
  for (const [name, value] of new URLSearchParams(location.search)) body.set(name, value);
  body.set("shown", rows().map((row) => row.dataset.number).join(","));
  try {
    const answer = await ask(board?.dataset.board ?? empty.dataset.boardEmpty, { body, background: true });
    if (answer.ok) update(await answer.json());
  } catch {
    // The next look tries again.
  }
}

function update(said) {
  newest = parsed(`<table>${said.bands}</table>`);
  const fresh = new Map([...newest.querySelectorAll(".board-row")].map((row) => [row.dataset.number, row]));
  for (const row of rows()) {
    const here = fresh.get(row.dataset.number);
    if (here) refresh(row, here);
    else if (row.dataset.number in said.gone && !row.classList.contains("is-done")) leave(row, said.gone[row.dataset.number]);
  }
  const shown = new Set(rows().map((row) => row.dataset.number));
  announce([...fresh.keys()].filter((number) => !shown.has(number)).length);
  const readouts = document.querySelector("[data-readouts]");
  if (readouts && !readouts.contains(document.activeElement)) readouts.innerHTML = said.readouts;
  const asOf = document.querySelector("[data-as-of]");
  if (asOf) asOf.textContent = said.as_of;
}

/* Cell by cell, so that what has the focus, and a tick, stays what it is. */
function refresh(row, fresh) {
  if (row.classList.contains("is-busy") || row.outerHTML === fresh.outerHTML) return;
  const box = row.querySelector(".pick");
  const mine = fresh.querySelector(".pick");
  const changed = keyOf(row) !== keyOf(fresh);
  row.classList.toggle("is-done", false);
  row.dataset.version = fresh.dataset.version;
  row.dataset.acts = fresh.dataset.acts;
  if (box && mine) box.value = mine.value;
  for (const [place, cell] of [...row.cells].entries()) {
    const other = fresh.cells[place];
    const keeps = cell.contains(document.activeElement) || (box && cell.contains(box)) || cell.tagName === "TH";
    if (!keeps && cell.innerHTML !== other.innerHTML) cell.innerHTML = other.innerHTML;
  }
  if (row === current && changed) setCurrent(row, true);
}

function leave(row, words) {
  row.classList.add("is-done");
  row.dataset.acts = "";
  row.querySelector(".pick")?.remove();
  const said = row.querySelector(".board-standing .standing span");
  if (said) said.textContent = words;
  row.querySelector(".board-next").replaceChildren();
  if (row === current) setCurrent(row, true);
  board.dispatchEvent(new Event("change", { bubbles: true }));
}

function announce(count) {
  const news = document.querySelector("[data-news]");
  const had = news.dataset.count ?? "0";
  if (had === String(count)) return;
  news.dataset.count = String(count);
  news.replaceChildren();
  if (!count) return;
  const show = Object.assign(document.createElement("button"), { type: "button", textContent: "show" });
  show.addEventListener("click", () => (board ? showNewest() : location.reload()));
  news.append(`${count} new: `, show);
}

function showNewest() {
  const number = current?.dataset.number;
  const ticked = new Set([...board.querySelectorAll(".pick:checked")].map((box) => box.value.split(":")[0]));
  for (const band of board.querySelectorAll("tbody")) band.remove();
  board.querySelector("table").append(...[...newest.querySelectorAll("tbody")].map((band) => band.cloneNode(true)));
  for (const box of board.querySelectorAll(".pick")) box.checked = ticked.has(box.value.split(":")[0]);
  announce(0);
  board.dispatchEvent(new Event("change", { bubbles: true }));
  current = null;
  goTo(document.getElementById(`t-${number}`) ?? rows()[0]);
}

// --- wiring --------------------------------------------------------------------------------------------

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.documentElement.dataset.keys === "off" && event.key.length === 1) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  if (event.shiftKey && event.key.toLowerCase() === "x") {
    event.preventDefault();
    select(current, true);
    return;
  }
  const onRow = event.target === document.body || board.contains(event.target) || beside?.contains(event.target);
  if (event.key in MOVES && onRow && !event.shiftKey && (event.key.length > 1 || event.repeat)) {
    event.preventDefault();
    move(MOVES[event.key]);
  } else if (event.key === "Enter" && event.target === document.body && current) {
    linkOf(current).click();
  }
}

if (board) {
  // Before keys.js, which would press the X button for Shift and X too.
  document.addEventListener("keydown", onKey, { capture: true });
  board.addEventListener("focusin", (event) => {
    const row = event.target.closest(".board-row");
    if (row && row !== current) setCurrent(row);
  });
  board.addEventListener("click", (event) => {
    const row = event.target.closest(".board-row");
    const next = event.target.closest("[data-do], [data-ask]");
    if (next && row && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      setCurrent(row);
      act(row, next.dataset.do ?? next.dataset.ask);
    } else if (row && !event.target.closest("a, button, label, input")) {
      goTo(row);
    }
  });
  beside?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act], [data-move], [data-select-row]");
    if (!button) return;
    if (button.dataset.move) move(Number(button.dataset.move));
    else if (button.dataset.act) act(current, actsOf(current).includes(button.dataset.act) ? button.dataset.act : button.dataset.or);
    else select(current, false);
  });
  setCurrent(rows().find((row) => !row.classList.contains("is-done")) ?? null);
  // A phone has no keys to press: nothing is focused there.
  if (matchMedia("(width > 720px)").matches && !location.hash && document.activeElement === document.body) linkOf(current)?.focus({ preventScroll: true });
}
if (board ?? empty) {
  setInterval(live, EVERY);
  document.addEventListener("visibilitychange", live);
}

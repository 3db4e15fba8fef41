/*
 * The Hold for Deductible page by keys. The line under the cursor is the one whose claim number has the focus, so that
 * Enter opens the claim. J, K and the arrows move, X ticks its box (Shift and X a stretch, counted by selection.js),
 * E opens its checks below it. "Select all" means one filter, not boxes: it is sent as `all`, and ticking or unticking
 * a box ends it. Q and C ask the server what the lines add up to and show its question in a window; Enter says Yes.
 * Without this file every button asks on a page of its own, and the checks of a line are a page as well.
 */

const form = document.querySelector("form[data-holds]");
const asked = document.querySelector("[data-hold-confirm]");
const MOVES = { ArrowDown: 1, ArrowUp: -1 };

const lines = () => [...form.querySelectorAll(".list-table > table > tbody > tr:not(.row-below)")];
const linkOf = (line) => line?.querySelector("tbody th a:not([data-row-toggle])");
const boxOf = (line) => line?.querySelector("input.pick");
const wholeBar = () => form.querySelector("[data-selection-bar]");

let current = null;
let all = null; // the button of "Select all" that is in force

// --- the cursor ----------------------------------------------------------------------------------

function setCurrent(line) {
  current?.classList.remove("is-current");
  current = line;
  line?.classList.add("is-current");
}

function move(step) {
  const shown = lines();
  const at = current ? shown.indexOf(current) + step : 0;
  const line = shown[Math.max(0, Math.min(shown.length - 1, at))];
  if (!line) return;
  setCurrent(line);
  linkOf(line)?.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest" });
}

function tick(stretch) {
  if (!current) move(0);
  const box = boxOf(current);
  box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: stretch }));
}

// --- the checks of a line ------------------------------------------------------------------------

async function toggle(line) {
  const link = line?.querySelector("[data-row-toggle]");
  if (!link) return;
  const below = line.nextElementSibling?.matches(".row-below") ? line.nextElementSibling : null;
  link.setAttribute("aria-expanded", String(!below));
  if (below) return below.remove();
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "manual" });
  if (!answer.ok) return location.assign(link.href);
  const row = document.createElement("tr");
  const cell = document.createElement("td");
  row.className = "row-below";
  row.setAttribute("role", "row");
  cell.setAttribute("role", "cell");
  cell.colSpan = line.cells.length;
  cell.innerHTML = await answer.text();
  row.append(cell);
  if (link.getAttribute("aria-expanded") === "true" && !line.nextElementSibling?.matches(".row-below")) line.after(row);
}

// --- all that match -------------------------------------------------------------------------------

function say() {
  const bar = wholeBar();
  if (!bar || !all) return;
  const count = Math.min(Number(all.dataset.lines), Number(all.dataset.most));
  const cut = Number(all.dataset.lines) > count;
  const words = `${cut ? "The first " : "All "}${count.toLocaleString("en-US")} selected${cut || !all.dataset.dollars ? "" : ` · ${all.dataset.dollars}`}`;
  bar.querySelector("[data-selection-count]").textContent = words;
  for (const part of bar.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== all.dataset.all || "notAll" in part.dataset;
  bar.hidden = false;
}

function selectAll(button) {
  leaveAll();
  for (const box of form.querySelectorAll("input.pick")) box.checked = box.name === button.dataset.all;
  form.dispatchEvent(new Event("change", { bubbles: true }));
  all = button;
  button.setAttribute("aria-pressed", "true");
  say();
}

function leaveAll() {
  all?.removeAttribute("aria-pressed");
  all = null;
  for (const part of wholeBar()?.querySelectorAll("[data-not-all]") ?? []) part.hidden = false;
}

// --- asking before anything is done ---------------------------------------------------------------

function bodyOf(button) {
  const body = new FormData(form, button);
  if (all) {
    body.delete("queue");
    body.delete("clear");
    body.set("all", all.dataset.all);
  }
  return body;
}

async function ask(button) {
  const url = new URL(button.formAction || form.action, location.href);
  const body = bodyOf(button);
  // Open at once: an Enter that comes before the answer must not open the claim under the cursor.
  asked.replaceChildren(asked.nextElementSibling.content.cloneNode(true));
  asked.showModal();
  const answer = await fetch(url, { method: "POST", headers: { "HX-Request": "true" }, body, credentials: "same-origin", redirect: "manual" }).catch(() => null);
  if (answer?.status !== 200) {
    asked.close();
    return plainly(button); // The page itself says what is wrong.
  }
  const question = await answer.text();
  if (!asked.open) return; // Escape said No already.
  asked.innerHTML = question;
  asked.querySelector("[name=confirm]")?.focus();
}

function plainly(button) {
  form.dataset.plainly = "yes";
  form.requestSubmit(button);
  delete form.dataset.plainly;
}

function watch() {
  form.addEventListener("click", (event) => {
    const every = event.target.closest("[data-all]");
    const opens = event.target.closest("[data-row-toggle]");
    if (every) {
      event.preventDefault();
      if (every === all) {
        leaveAll();
        form.querySelector("[data-select-none]")?.click();
      } else {
        selectAll(every);
      }
    } else if (opens && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      setCurrent(opens.closest("tr"));
      toggle(current);
    } else if (event.target.closest("input.pick, [data-select-none], [data-select-all]")) {
      leaveAll();
    }
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (form.dataset.plainly || button?.name !== "ask" || !asked?.showModal) return;
    event.preventDefault();
    ask(button);
  });
  form.addEventListener("focusin", (event) => {
    const line = event.target.closest("tbody > tr:not(.row-below)");
    // A press of the mouse gives the focus too, and what it presses must not move before it is let go.
    if (line && event.target.matches(":focus-visible")) setCurrent(line);
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || document.documentElement.dataset.keys === "off") return;
    const within = event.target.closest("tbody") && form.contains(event.target);
    if (MOVES[event.key] && within && !event.shiftKey) {
      event.preventDefault();
      move(MOVES[event.key]);
    } else if (event.key === "X" && event.shiftKey && !event.target.closest("input:not(.pick), textarea, select")) {
      event.preventDefault();
      tick(true);
    }
  }, true); // Before keys.js, to which Shift and X is X.
  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-holds-keys] button");
    if (!key) return;
    if (key.dataset.move) move(Number(key.dataset.move));
    else if ("selectRow" in key.dataset) tick(false);
    else {
      if (!current) move(0);
      toggle(current);
    }
  });
  const keys = document.querySelector("[data-holds-keys]");
  if (keys) keys.hidden = false;
}

if (form) watch();

/*
 * The callback board. J and K move from row to row (the focus is on the row's number, so Enter opens it); C, T and W
 * press the row's own buttons. "Log a call" opens as a dialog, where a digit chooses the outcome. Every half minute
 * the board is asked for again: what a row says is put in place; rows come, go or move only when the person says so.
 * Without this file every link and button leads to a page of its own.
 */

const EVERY = 30_000;
const board = () => document.getElementById("callbacks");
const rows = () => [...(board()?.querySelectorAll("[data-row]") ?? [])];
const current = () => board()?.querySelector("[data-row].is-current");

/* The keys of the row one is at are the page's; the help lists them with the rest. */
function choose(row, focus) {
  for (const other of rows()) {
    const here = other === row;
    other.classList.toggle("is-current", here);
    for (const button of other.querySelectorAll("[data-row-key]")) {
      if (here) button.dataset.key = button.dataset.rowKey;
      else delete button.dataset.key;
    }
  }
  if (!row || !focus) return;
  row.querySelector("[data-open]").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
  choose(all[next], true);
}

/* The call as a dialog. */

async function openCall(link) {
  const dialog = document.getElementById("log-call");
  const body = dialog?.querySelector("[data-call-body]");
  if (!body) return false;
  try {
    const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
    const words = await answer.text();
    if (!answer.ok || !words.includes("data-call-form")) throw new Error("no form");
    body.replaceChildren(...new DOMParser().parseFromString(words, "text/html").body.childNodes);
  } catch {
    return false;
  }
  dialog.querySelector("h2").textContent = body.firstElementChild.dataset.title;
  prepare(body);
  dialog.showModal();
  body.querySelector("input[name=outcome]")?.focus();
  return true;
}

function prepare(root) {
  for (const form of root.querySelectorAll("[data-call-form] form")) form.classList.add("has-digits");
}

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-move]");
  if (mover) return move(Number(mover.dataset.move));
  if (event.target.closest("[data-show-news]")) return showNews();
  const link = event.target.closest("a[data-call]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  openCall(link).then((opened) => opened || location.assign(link.href));
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row && row !== current()) choose(row, false);
});

/* A digit chooses how the call ended, unless it is being typed somewhere. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
  if (document.documentElement.dataset.keys === "off") return;
  if (event.target.closest?.("textarea, input:not([type=radio]), select")) return;
  const form = document.querySelector("dialog[open] [data-call-form]") ?? (document.querySelector("dialog[open]") ? null : document.querySelector("main [data-call-form]"));
  const choice = form?.querySelectorAll("input[name=outcome]")[Number(event.key) - 1];
  if (!choice) return;
  event.preventDefault();
  choice.click();
  choice.focus();
});

/* News, without moving anything. */

let fresh = null;

function parts(root) {
  return new Map([...root.querySelectorAll("[data-live]")].map((part) => [`${part.closest("[data-row]")?.id ?? ""}:${part.dataset.live}`, part]));
}

const order = (root) => [...root.querySelectorAll("[data-row]")].map((row) => `${row.closest("[data-group]").dataset.group} ${row.id}`);

function take(asked) {
  const shown = board();
  const was = order(shown);
  const is = order(asked);
  const moved = was.join() !== is.join();
  const there = parts(asked);
  for (const [key, part] of parts(shown)) {
    const news = there.get(key);
    // A count belongs to the rows that are shown; what has the focus stays as it is.
    if (!news || (moved && !key.startsWith("E") && !key.endsWith(":shift")) || part.contains(document.activeElement)) continue;
    if (part.innerHTML !== news.innerHTML) part.replaceChildren(...news.cloneNode(true).childNodes);
  }
  choose(current(), false);
  fresh = moved ? asked : null;
  tell(is.filter((one) => !was.includes(one)).length, was.filter((one) => !is.includes(one)).length);
}

function tell(came, went) {
  const news = document.querySelector("[data-news]");
  news.hidden = !fresh;
  if (!fresh) return;
  const count = Math.max(came, went, 1);
  news.querySelector("[data-news-words]").textContent = `${count === 1 ? "One row has" : `${count} rows have`} come, gone or moved.`;
}

function showNews() {
  if (!fresh) return;
  const at = current()?.id;
  board().replaceWith(fresh);
  fresh = null;
  tell(0, 0);
  const row = at ? document.getElementById(at) : null;
  choose(row ?? rows()[0], true);
}

async function ask() {
  if (document.hidden || document.querySelector("dialog[open]") || !board()) return;
  try {
    const answer = await fetch(board().dataset.board, { headers: { "HX-Request": "true", "Holdline-Background": "1" } });
    const words = answer.ok ? await answer.text() : "";
    const asked = new DOMParser().parseFromString(words, "text/html").getElementById("callbacks");
    if (asked && !document.querySelector("dialog[open]")) take(document.adoptNode(asked));
  } catch {
    // The network will be back; the page says what it said.
  }
}

if (board()) {
  for (const button of document.querySelectorAll("[data-move]")) button.hidden = false;
  const asked = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  if (asked?.matches("[data-row]")) choose(asked, true);
  setInterval(ask, EVERY);
}
prepare(document);

/*
 * What the board says in the corner: what was done, for a moment; and what was not. What somebody typed for a step
 * that did not come to be stays there with a button that shows the form again as it was left. It goes when that form
 * is sent after all, or when it is dismissed; until then the page asks before it is left.
 * triage.js says "holdline:told": { words, or the status of an answer that says nothing, number, level, form, show }.
 */

const STAYS = { success: 4000, warning: 10_000, error: 10_000 };
const BECAUSE = {
  0: "no answer came. See whether it was done before you send it again.",
  401: "you were signed out before it was done.",
  404: "it is not there for you any more.",
  413: "this is more than can be sent at one time. Shorten it.",
};

const keeper = document.querySelector("template[data-keeper]");
const toasts = document.getElementById("toasts");
const kept = new Map();
let passing = null;

function wordsOf({ words, status, number }) {
  const said = words ?? BECAUSE[status] ?? `Holdline could not do it (${status}). Send it again.`;
  return !number || said.startsWith(number) ? said : `${number}: ${said}`;
}

function say(words, level) {
  passing?.remove();
  passing = Object.assign(document.createElement("div"), { className: `toast is-${level}` });
  passing.append(Object.assign(document.createElement("p"), { textContent: words }));
  toasts.append(passing);
  const mine = passing;
  setTimeout(() => mine.remove(), STAYS[level]);
}

/* What had the focus goes with it: the row under the cursor takes it over. */
function drop(form) {
  const toast = kept.get(form);
  const focused = toast?.contains(document.activeElement);
  toast?.remove();
  kept.delete(form);
  if (focused) document.querySelector(".board-row.is-current [data-row-link]")?.focus({ preventScroll: true });
}

function keep(words, form, show) {
  drop(form);
  const toast = keeper.content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = words;
  toast.querySelector("[data-show-typed]").addEventListener("click", () => show(words));
  const dismiss = toast.querySelector("[data-dismiss]");
  dismiss.hidden = false;
  dismiss.addEventListener("click", () => drop(form));
  form.addEventListener("submit", () => drop(form), { once: true });
  kept.set(form, toast);
  toasts.append(toast);
}

if (keeper) {
  document.addEventListener("holdline:told", ({ detail }) => {
    if (detail.form) keep(wordsOf(detail), detail.form, detail.show);
    else say(wordsOf(detail), detail.level ?? "success");
  });
  window.addEventListener("beforeunload", (event) => {
    if (kept.size && !document.documentElement.dataset.covered) event.preventDefault();
  });
}

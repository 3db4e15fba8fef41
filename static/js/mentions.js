/*
 * Naming a colleague in a note: behind an @ the names that fit are offered below the box. Arrows mean one, Enter or
 * Tab takes it, Escape closes the list; without this file one types the username. All names are fetched once, so that
 * what is typed goes nowhere before the note is sent.
 */

const PEOPLE = "/notifications/people/";
const MOST = 6;
const BEFORE_CARET = /(?:^|[^\w@.])@([\p{L}\p{N}._+-]{0,40})$/u;
const BOXES = "form[action^='/escalations/'][action$='/steps/'] textarea[name=note]";

let people;
let list;
let said;
let box = null;
let active = -1;

async function everybody() {
  people ??= fetch(PEOPLE, { credentials: "same-origin", redirect: "manual" })
    .then((answer) => (answer.ok ? answer.json() : { people: [] }))
    .then((told) => told.people)
    .catch(() => { people = undefined; return []; });
  return people;
}

function build() {
  list = document.createElement("ul");
  list.className = "offered-names";
  list.id = "offered-names";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People you can name");
  list.hidden = true;
  said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("[role=option]");
    event.preventDefault();
    if (row) take(row.dataset.username);
  });
}

const begun = () => BEFORE_CARET.exec(box.value.slice(0, box.selectionStart))?.[1];

function fits(person, typed) {
  const sought = typed.toLowerCase();
  const words = [person.username, ...person.name.split(/\s+/)].map((word) => word.toLowerCase());
  return words.some((word) => word.startsWith(sought));
}

function mean(index) {
  const rows = [...list.children];
  active = rows.length ? (index + rows.length) % rows.length : -1;
  rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === active)));
  if (active < 0) box?.removeAttribute("aria-activedescendant");
  else box.setAttribute("aria-activedescendant", rows[active].id);
}

function rowOf(person, index) {
  const row = document.createElement("li");
  const username = document.createElement("span");
  row.id = `offered-name-${index}`;
  row.setAttribute("role", "option");
  row.dataset.username = person.username;
  username.textContent = `@${person.username}`;
  row.append(person.name, username);
  return row;
}

/* Below the box, in its own dialog if it stands in one: a dialog lies above all else. */
function place() {
  const home = box.parentElement;
  if (getComputedStyle(home).position === "static") home.classList.add("names-offered-here");
  home.append(list, said);
}

function close() {
  if (!list || list.hidden) return;
  list.hidden = true;
  active = -1;
  said.textContent = "";
  for (const name of ["aria-activedescendant", "aria-controls"]) box?.removeAttribute(name);
}

async function offer() {
  const typed = begun();
  if (typed === undefined) return close();
  const asked = box;
  const everyone = await everybody();
  if (box !== asked || begun() !== typed) return;
  const found = everyone.filter((person) => fits(person, typed)).slice(0, MOST);
  if (!found.length) return close();
  if (!list) build();
  list.replaceChildren(...found.map(rowOf));
  place();
  list.hidden = false;
  box.setAttribute("aria-controls", list.id);
  said.textContent = found.length === 1 ? "1 name fits." : `${found.length} names fit.`;
  mean(0);
}

function take(username) {
  const end = box.selectionStart;
  const start = end - begun().length;
  box.setRangeText(`${username} `, start, end, "end");
  close();
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.(BOXES)) return;
  box = event.target;
  box.setAttribute("aria-autocomplete", "list");
  offer();
});

document.addEventListener("keydown", (event) => {
  if (event.target !== box || !list || list.hidden || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") mean(active + (event.key === "ArrowDown" ? 1 : -1));
  else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) take(list.children[active].dataset.username);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

document.addEventListener("focusout", (event) => { if (event.target === box) close(); });

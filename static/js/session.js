/*
 * The end of a session, seen from a page. <html data-person="17" data-idle="900" data-absolute="43200">
 * A minute before the idle end a dialog asks "Still there?"; at the end a cover hides the page (patient data, a
 * shared desk) and keeps what was typed until the same person signs in again. The server decides: this file asks it
 * (/accounts/session/, with Holdline-Background: 1, which extends nothing) and tells it about real activity
 * (/accounts/stay/). Tabs share one moment of last activity; it holds a time and a number, never patient data.
 */

const root = document.documentElement;
const PERSON = root.dataset.person ?? "";
const IDLE = Number(root.dataset.idle) * 1000;
const WARNING = Math.min(60_000, IDLE / 2);
const TELL_EVERY = Math.min(120_000, IDLE / 4);
const MARGIN = 1500; // the server counts whole seconds
const KEY = "holdline:active";
const URLS = { session: "/accounts/session/", stay: "/accounts/stay/", again: "/accounts/login/?next=/accounts/signed-in-again/" };
const BACKGROUND = { "Holdline-Background": "1" };

let active = Date.now();
let told = Date.now();
let ends = Date.now() + Number(root.dataset.absolute) * 1000;
let timer;

const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

/* Shared between tabs of one browser; each works alone where storage is forbidden. */
function share(state) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ person: PERSON, at: active, state }));
  } catch {
    // The server's clock still ends the session.
  }
}

function make(name, facts = {}, ...children) {
  const made = Object.assign(document.createElement(name), facts);
  made.append(...children);
  return made;
}

function button(words, variant, press) {
  const made = make("button", { type: "button", className: `button button-${variant}` }, make("span", { textContent: words }));
  made.addEventListener("click", press);
  return made;
}

function dialog(className, id, title, words, ...buttons) {
  const box = make("dialog", { className, id });
  box.setAttribute("role", "alertdialog");
  box.setAttribute("aria-labelledby", `${id}-title`);
  box.setAttribute("aria-describedby", `${id}-words`);
  box.append(...(className === "cover" ? cover(id, title, words, buttons) : still(id, title, words, buttons)));
  document.body.append(box);
  return box;
}

function still(id, title, words, buttons) {
  const heading = make("h2", { id: `${id}-title`, textContent: title });
  const sentence = make("p", { id: `${id}-words` }, words);
  return [make("div", { className: "dialog-words" }, heading, sentence), make("div", { className: "dialog-foot" }, ...buttons)];
}

function cover(id, title, words, buttons) {
  const heading = make("h2", { id: `${id}-title`, textContent: title });
  const sentence = make("p", { id: `${id}-words`, className: "muted" }, words);
  return [make("div", { className: "cover-words" }, heading, sentence, make("div", { className: "row" }, ...buttons))];
}

async function ask(url, method, headers = {}) {
  const sent = method === "POST" ? { ...headers, "X-CSRFToken": cookie("csrftoken") } : headers;
  const answer = await fetch(url, { method, headers: sent, credentials: "same-origin", redirect: "manual", cache: "no-store" });
  return answer.ok ? answer.json() : null;
}

// --- still there? ------------------------------------------------------------------------------

const count = make("b", { className: "still-there-count" });
count.setAttribute("aria-hidden", "true");
let asking;

function askStillThere(left) {
  if (!asking) {
    const words = make("span", {}, "Nobody has touched this page for a while. It closes in ", make("span", { className: "visually-hidden", textContent: "about a minute" }), count, ". What you typed stays.");
    asking = dialog("dialog", "still-there", "Still there?", words, button("Sign out", "plain", signOut), button("Stay signed in", "primary", stay));
    asking.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
  }
  count.textContent = `${Math.max(1, Math.ceil(left / 1000))} s`;
  if (asking.open) return;
  asking.showModal();
  asking.querySelector(".button-primary").focus();
}

function stopAsking() {
  if (asking?.open) asking.close();
}

async function stay() {
  stopAsking();
  active = told = Date.now();
  share("in");
  tick();
  const state = await ask(URLS.stay, "POST").catch(() => undefined);
  if (state === null) look();
  else if (state) adopt(state);
}

function signOut() {
  const form = document.querySelector("form[action='/accounts/logout/']");
  if (form) return form.requestSubmit();
  const token = make("input", { type: "hidden", name: "csrfmiddlewaretoken", value: cookie("csrftoken") });
  const made = make("form", { method: "post", action: "/accounts/logout/", hidden: true }, token);
  document.body.append(made);
  made.submit();
}

// --- the cover -----------------------------------------------------------------------------------

let covering;
let before;

const REASONS = {
  idle: ["Signed out", "Nobody touched this page for a while, so it is covered. What you typed is still here; sign in again to go on."],
  absolute: ["Signed out after a long day", "A session lasts only so long. What you typed is still here; sign in again to go on."],
  elsewhere: ["Signed out", "You signed out in another tab or place. What you typed is still here; sign in again to go on."],
  other: ["Somebody else signed in", "This page belongs to another person, so it is covered. Nothing of it was sent."],
};

function coverPage(why) {
  stopAsking();
  if (covering?.open) return;
  before = document.activeElement;
  covering?.remove();
  for (const open of document.querySelectorAll("dialog[open]")) open.dataset.wasOpen = "yes";
  const [title, words] = REASONS[why] ?? REASONS.elsewhere;
  const link = make("a", { className: "button button-primary", href: URLS.again, target: "_blank", rel: "opener" }, make("span", { textContent: "Sign in again" }));
  const other = make("a", { className: "button button-plain", href: "/" }, make("span", { textContent: why === "other" ? "Go to your work" : "Leave this page" }));
  covering = dialog("cover", "cover", title, words, ...(why === "other" ? [] : [link]), other);
  covering.addEventListener("cancel", (event) => event.preventDefault());
  // Some browsers close a dialog at the second Escape whatever is asked; then it opens again.
  covering.addEventListener("close", () => root.dataset.covered && covering.showModal());
  root.dataset.covered = why;
  document.title = "Signed out · Holdline";
  covering.showModal();
  covering.querySelector("a").focus();
}

const title = document.title;

function uncover() {
  if (!covering?.open) return;
  delete root.dataset.covered;
  covering.close();
  document.title = title;
  document.dispatchEvent(new CustomEvent("holdline:signed-in"));
  before?.focus?.();
}

function adopt(state) {
  if (state.person === null) return coverPage(root.dataset.covered || "elsewhere");
  if (String(state.person) !== PERSON) return location.replace("/");
  ends = Date.now() + state.absolute_left * 1000;
  active = Math.max(active, Date.now() - (IDLE - state.idle_left * 1000));
  uncover();
  tick();
}

/* Ask the server how things are, without extending anything. */
async function look() {
  const state = await ask(URLS.session, "GET", BACKGROUND).catch(() => undefined);
  if (state) adopt(state);
}

async function end(why) {
  coverPage(why);
  const state = await ask(URLS.session, "POST", BACKGROUND).catch(() => undefined);
  if (state?.person) adopt(state);
}

// --- the clock -------------------------------------------------------------------------------------

function tick() {
  clearTimeout(timer);
  if (root.dataset.covered) return;
  const now = Date.now();
  const left = active + IDLE - now;
  if (ends <= now) return void end("absolute");
  if (left <= -MARGIN) return void end("idle");
  if (left <= WARNING) askStillThere(left);
  else stopAsking();
  timer = setTimeout(tick, Math.max(250, Math.min(left <= WARNING ? 1000 : left - WARNING, ends - now, 30_000)));
}

/* Typing is being there, although it asks nothing of the server: it is told now and then. */
function touched(event) {
  if (!event.isTrusted || asking?.open || root.dataset.covered) return;
  const now = Date.now();
  if (now - active < 1000) return;
  active = now;
  share("in");
  if (now - told < TELL_EVERY) return;
  told = now;
  ask(URLS.stay, "POST").then((state) => (state === null ? look() : adopt(state)), () => {});
}

function hear(event) {
  if (event.key !== KEY || !event.newValue) return;
  const said = JSON.parse(event.newValue);
  if (said.person !== PERSON) return void look();
  if (said.state === "out") return void look();
  active = Math.max(active, said.at);
  if (root.dataset.covered) look();
  else tick();
}

function refused(event) {
  const answer = event.detail.xhr;
  if (answer?.status !== 401) return;
  coverPage(answer.getResponseHeader("Holdline-Session") || "elsewhere");
}

if (PERSON && IDLE > 0) {
  share("in");
  tick();
  for (const kind of ["keydown", "pointerdown", "wheel", "touchstart"]) addEventListener(kind, touched, { passive: true, capture: true });
  addEventListener("storage", hear);
  addEventListener("focus", () => (root.dataset.covered ? look() : tick()));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  document.addEventListener("htmx:responseError", refused);
  document.addEventListener("holdline:other-person", () => coverPage("other"));
  document.addEventListener("submit", (event) => { if (event.target.getAttribute("action") === "/accounts/logout/") share("out"); });
  // Back after signing out: a page the browser kept whole is asked for anew.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

/*
 * The bell in the masthead: how many notifications are unread, asked every 30 seconds while somebody sees the page.
 * It asks by itself and says so (Holdline-Background: 1), which extends no session. An alarm that came is shown as a
 * toast in the page's status region: read out when there is a pause, and the focus stays where it is. Each is
 * announced once in a browser; what is kept for that is its number.
 */

const EVERY = 30_000;
const KEY = "holdline:alarm";
const PERSON = document.documentElement.dataset.person ?? "";
const bell = document.querySelector("[data-bell]");

let timer;
let asking = false;

function announced() {
  try {
    const [person, key] = (localStorage.getItem(KEY) ?? "").split(":");
    return person === PERSON ? Number(key) : 0;
  } catch {
    return Number(bell.dataset.announced ?? 0);
  }
}

function remember(key) {
  bell.dataset.announced = key;
  try {
    localStorage.setItem(KEY, `${PERSON}:${key}`);
  } catch {
    // Without storage each page announces an alarm once.
  }
}

function make(name, facts = {}, ...children) {
  const made = Object.assign(document.createElement(name), facts);
  made.append(...children);
  return made;
}

/* Written by hand, and not as HTML: the words are text. */
function announce(alarm) {
  const close = make("button", { type: "button", className: "icon-button", textContent: "×" });
  close.setAttribute("aria-label", "Dismiss");
  const link = make("a", { className: "bell-open", href: alarm.url, textContent: `Open ${alarm.number}` });
  const toast = make("div", { className: "toast is-error" }, make("p", { textContent: alarm.words }), link, close);
  toast.dataset.toast = "error";
  close.addEventListener("click", () => toast.remove());
  document.getElementById("toasts")?.append(toast);
}

function show({ unread, words, alarm }) {
  const badge = bell.querySelector("[data-bell-count]");
  badge.textContent = words;
  badge.hidden = !unread;
  bell.setAttribute("aria-label", unread ? `Notifications, ${words} unread` : "Notifications");
  if (!alarm || alarm.key <= announced()) return;
  remember(alarm.key);
  if (location.pathname !== alarm.url) announce(alarm);
}

async function ask() {
  if (asking || document.hidden || document.documentElement.dataset.covered) return;
  asking = true;
  try {
    const answer = await fetch(bell.dataset.bell, {
      headers: { "Holdline-Background": "1" },
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
    });
    // Signed out, or the server is away: the last count stays, and session.js says what there is to say.
    if (answer.ok) show(await answer.json());
  } catch {
    // No connection: asked again in half a minute.
  } finally {
    asking = false;
    clearTimeout(timer);
    timer = setTimeout(ask, EVERY);
  }
}

if (bell && PERSON) {
  ask();
  document.addEventListener("visibilitychange", ask);
  document.addEventListener("holdline:signed-in", ask);
  addEventListener("pageshow", (event) => event.persisted && ask());
}

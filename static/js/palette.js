/*
 * The palette, on Ctrl or Cmd with K and from the masthead's box: places at once from the page itself, records
 * from the server as htmx brings them. The focus stays in the box; aria-activedescendant says which row is meant.
 * What is typed is posted and kept nowhere.
 */

const isMac = "mac" in document.documentElement.dataset; // keys.js, which runs first, knows
const palette = document.getElementById("palette");
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function start() {
  const box = palette.querySelector("[role=combobox]");
  const list = palette.querySelector("[role=listbox]");
  const goals = palette.querySelector("[data-goals]");
  const found = document.getElementById("palette-found");
  const answer = document.getElementById("palette-answer");
  const none = palette.querySelector("[data-none]");
  const trouble = palette.querySelector("[data-trouble]");
  const count = palette.querySelector("[data-count]");
  let active = null;

  const words = () => box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const options = () => [...list.querySelectorAll("[role=option]")].filter((option) => !option.hidden);

  function mean(option) {
    active?.setAttribute("aria-selected", "false");
    active = option ?? null;
    if (!active) return box.removeAttribute("aria-activedescendant");
    active.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest" });
  }

  function move(event) {
    const rows = options();
    if (!rows.length) return;
    const at = rows.indexOf(active);
    const to = { Home: 0, End: rows.length - 1 }[event.key] ?? (at + STEPS[event.key] + rows.length) % rows.length;
    mean(rows[at < 0 && event.key === "ArrowUp" ? rows.length - 1 : to]);
  }

  /* A place fits when every word typed begins one of its words. */
  function sift() {
    const sought = words();
    for (const goal of goals.querySelectorAll("[data-goal]")) {
      const own = goal.querySelector(".found-words").textContent.toLowerCase().split(/\s+/);
      goal.hidden = !sought.every((word) => own.some((one) => one.startsWith(word)));
    }
    goals.hidden = !goals.querySelector("[data-goal]:not([hidden])");
  }

  function settle(answered) {
    const rows = options();
    if (!rows.includes(active)) mean(rows[0]);
    none.hidden = !answered || rows.length > 0;
    list.hidden = rows.length === 0;
    if (answered) count.textContent = rows.length ? `${rows.length} fit` : none.textContent;
  }

  function forget() {
    found.replaceChildren();
    answer.replaceChildren();
  }

  function say(sentence) {
    trouble.textContent = sentence;
    trouble.hidden = !sentence;
  }

  function show(text) {
    box.value = text;
    forget();
    count.textContent = "";
    say("");
    sift();
    mean(null);
    settle(false);
    if (!palette.open) palette.showModal();
    box.focus();
    box.setSelectionRange(text.length, text.length);
    if (text) window.htmx?.trigger(box, "again");
  }

  function go(beside) {
    if (!active) return beside ? undefined : box.form.requestSubmit();
    if (beside) return window.open(active.href, "_blank", "noopener");
    active.click();
  }

  box.addEventListener("input", () => {
    say("");
    if (!words().length) forget();
    sift();
    mean(options()[0]);
    settle(false);
  });

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      go(event.ctrlKey || event.metaKey);
    } else if (event.key in STEPS || event.key === "Home" || event.key === "End") {
      if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      move(event);
    }
  });

  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== active) mean(option);
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());

  // An answer to something else than what now stands in the box is too late: it never shows.
  palette.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const asked = requestConfig.parameters.q ?? "";
    const strayed = !new URL(xhr.responseURL || location.href).pathname.endsWith(new URL(box.form.action).pathname);
    if (strayed) say("You are signed out. Reload the page and sign in again.");
    if (strayed || asked !== box.value || !palette.open) event.detail.shouldSwap = false;
  });
  palette.addEventListener("htmx:afterSwap", () => settle(true));
  palette.addEventListener("htmx:responseError", () => say("The search did not answer. Press Enter to try its own page."));
  palette.addEventListener("htmx:sendError", () => say("The search cannot be reached. Check the connection and type again."));
  palette.addEventListener("close", () => {
    box.value = "";
    forget();
  });

  document.addEventListener("keydown", (event) => {
    const asked = event.key.toLowerCase() === "k" && (isMac ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey;
    if (!asked || event.isComposing || event.defaultPrevented) return;
    const other = document.querySelector("dialog[open]:not(#palette)");
    event.preventDefault();
    if (palette.open) palette.close();
    else if (!other) show("");
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette-open], [data-palette-box]")) return;
    event.preventDefault();
    show("");
  });

  document.querySelector("[data-palette-box]")?.addEventListener("input", (event) => {
    const typed = event.target.value;
    event.target.value = "";
    show(typed);
  });
}

if (palette) start();

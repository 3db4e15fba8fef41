/*
 * The clock of a live transfer: ticks what the server said, and nothing else. Without this file the page shows when
 * it began and how long it had rung; both buttons are plain forms.
 */

const two = (number) => String(number).padStart(2, "0");

/* As escalations/domain/waiting.py writes it. */
function clock(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

function run(ringing) {
  if (ringing.dataset.runs) return;
  ringing.dataset.runs = "yes";
  const began = Date.now() - Number(ringing.dataset.elapsed) * 1000;
  const enough = Number(ringing.dataset.enough);
  const time = ringing.querySelector("[data-clock]");
  const state = ringing.querySelector("[data-state]");
  const told = ringing.querySelector("[data-told]");
  const bar = ringing.querySelector("progress");
  let wasOver = Number(ringing.dataset.elapsed) >= enough;

  function tick() {
    if (!ringing.isConnected) return clearInterval(every);
    const seconds = Math.max(0, Math.floor((Date.now() - began) / 1000));
    const over = seconds >= enough;
    time.textContent = clock(seconds);
    state.textContent = over ? ringing.dataset.passed : ringing.dataset.keep.replace("{left}", clock(enough - seconds));
    state.classList.toggle("is-enough", over);
    bar.value = Math.min(seconds, enough);
    if (over && !wasOver) told.textContent = ringing.dataset.passed; // said once, not every second
    wasOver = over;
  }

  const every = setInterval(tick, 250);
  tick();
}

function runAll(root) {
  if (root.matches?.("[data-transfer-clock]")) run(root);
  for (const ringing of root.querySelectorAll?.("[data-transfer-clock]") ?? []) run(ringing);
}

/* A refusal comes with the panel as it is now, so it is shown; a page of another address, as of signing in, is not. */
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const panel = event.detail.target?.closest?.("[data-transfers]");
  if (!panel) return;
  const { xhr, pathInfo } = event.detail;
  const strayed = new URL(xhr.responseURL || location.href).pathname !== new URL(pathInfo.requestPath, location.href).pathname;
  if (strayed) {
    event.detail.shouldSwap = false;
    event.detail.isError = true;
  } else if ([400, 403, 409].includes(xhr.status) && xhr.responseText.includes("data-transfers")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

function sayTrouble(event) {
  const panel = event.detail.target?.closest?.("[data-transfers]");
  if (!panel) return;
  const said = panel.querySelector("[data-trouble]") ?? panel.insertBefore(document.createElement("p"), panel.firstChild);
  said.dataset.trouble = "";
  said.className = "transfer-refused";
  said.setAttribute("role", "alert");
  said.textContent = "This did not get through. Press it again; if it fails once more, reload the page.";
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:swapError"]) {
  document.body.addEventListener(name, sayTrouble);
}
document.body.addEventListener("htmx:load", (event) => runAll(event.target));
runAll(document);

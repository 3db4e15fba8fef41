/*
 * Panels loaded by address: one that does not arrive says so and offers to try again.
 * Without this file, or without script at all, the panel is the link to its page.
 */

const panelOf = (event) => event.detail.target?.closest?.("[data-panel]");

function show(panel, part) {
  for (const name of ["wait", "failed"]) {
    const found = panel.querySelector(`[data-${name}]`);
    if (found) found.hidden = name !== part;
  }
}

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const panel = panelOf(event);
  if (panel) show(panel, "wait");
});

/* A session that ended leads to the sign-in page: that is no panel. */
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const asked = event.detail.pathInfo?.requestPath;
  const came = event.detail.xhr?.responseURL;
  if (!panelOf(event) || !asked || !came) return;
  if (new URL(came).pathname !== new URL(asked, location.href).pathname) {
    event.detail.shouldSwap = false;
    event.detail.isError = true;
  }
});

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:sendAbort", "htmx:swapError"]) {
  document.body.addEventListener(name, (event) => {
    const panel = panelOf(event);
    if (panel) show(panel, "failed");
  });
}

/*
 * The first run.
 * data-own-zone    the zone of this computer's clock stands in the field until somebody types another
 * data-setup-said  the strip asks once before it leads away from what was typed on the page and is not saved
 */

const field = document.querySelector("[data-own-zone] input");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (field && !field.value && zone?.includes("/")) field.value = zone;

const said = document.querySelector("[data-setup-said]");
if (said) {
  let typed = false;
  document.querySelector("main")?.addEventListener("input", () => {
    typed = true;
  });
  said.closest("form").addEventListener("submit", (event) => {
    if (!typed) return;
    typed = false;
    event.preventDefault();
    said.textContent = "What you typed here is not saved. Press again to go on without it.";
  });
}

// Opens what an sftp:// address needs as soon as one is typed; without script it opens by its own heading.
const address = document.querySelector("#connection-form [name=address]");
const account = document.querySelector("[data-account]");

address?.addEventListener("input", () => {
  if (address.value.trim().toLowerCase().startsWith("sftp:")) account.open = true;
});

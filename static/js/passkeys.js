/*
 * Passkeys and security keys. A form [data-passkey] is sent once the browser has answered for a key:
 * data-passkey="add"      makes one, as data-passkey-options describes; its box "passwordless" asks for a passkey
 * data-passkey="use"      asks for one of those in data-passkey-options
 * data-passkey="sign-in"  asks for any passkey of this site; what for is fetched from the form's own address
 * The answer goes into the field "credential"; what goes wrong is said in [data-passkey-said].
 */

const able = Boolean(window.PublicKeyCredential && navigator.credentials);
const SAID = {
  NotAllowedError: "No key was used: it was cancelled, or took too long. Try again.",
  InvalidStateError: "This device or key is set up already.",
  SecurityError: "Keys cannot be used at this address.",
  ConstraintError: "This key cannot ask for a fingerprint, face or PIN. Take the tick out, or use another.",
  NotSupportedError: "This key cannot do what is needed here. Use another.",
};

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function add(form, options) {
  const asked = structuredClone(options.publicKey);
  if (form.elements.passwordless?.checked) {
    asked.authenticatorSelection = {
      ...asked.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required",
    };
  }
  const made = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
    },
  });
  return said(made, { attestationObject: text(made.response.attestationObject) });
}

async function use(options) {
  const asked = options.publicKey;
  const found = await navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
  });
  const { authenticatorData, signature, userHandle } = found.response;
  return said(found, {
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  });
}

function said(key, response) {
  return {
    id: key.id,
    rawId: text(key.rawId),
    type: key.type,
    response: { clientDataJSON: text(key.response.clientDataJSON), ...response },
    clientExtensionResults: {},
  };
}

async function optionsOf(form) {
  if (form.dataset.passkeyOptions) return JSON.parse(form.dataset.passkeyOptions);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  // Somebody half signed in is led on to the code.
  if (answer.redirected) return location.assign(answer.url);
  const found = await answer.json().catch(() => ({}));
  if (!found.request_options) throw new Error(found.refused ?? "Too many try at once. Wait a minute, then try again.");
  return found.request_options;
}

async function ask(form) {
  const told = form.querySelector("[data-passkey-said]");
  told.hidden = true;
  try {
    const options = await optionsOf(form);
    if (!options) return;
    const answer = form.dataset.passkey === "add" ? await add(form, options) : await use(options);
    form.elements.credential.value = JSON.stringify(answer);
    form.requestSubmit();
  } catch (error) {
    told.textContent = SAID[error.name] ?? error.message;
    told.hidden = false;
  } finally {
    delete form.dataset.asking;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !able;
  for (const note of form.querySelectorAll("[data-passkey-without]")) note.hidden = able;
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value || !able) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.asking) return;
    form.dataset.asking = "yes";
    ask(form);
  }, { capture: true });
}
window.addEventListener("pageshow", (event) => {
  // An answer is good once: coming back, a key is asked for anew.
  if (event.persisted) for (const form of document.querySelectorAll("form[data-passkey]")) form.elements.credential.value = "";
});

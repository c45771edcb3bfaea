// Passkeys: a form whose page asks for one gets the browser's answer into its hidden field, and is sent.
(() => {
  "use strict";

  const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: octets(one.id) }));

  const asked = {
    create: (options) => navigator.credentials.create({ publicKey: {
      ...options,
      challenge: octets(options.challenge),
      user: { ...options.user, id: octets(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
    } }),
    get: (options) => navigator.credentials.get({ publicKey: {
      ...options, challenge: octets(options.challenge), allowCredentials: known(options.allowCredentials),
    } }),
  };

  const answered = (credential) => {
    const said = credential.response;
    const response = { clientDataJSON: text(said.clientDataJSON) };
    if (said.attestationObject) response.attestationObject = text(said.attestationObject);
    if (said.authenticatorData) response.authenticatorData = text(said.authenticatorData);
    if (said.signature) response.signature = text(said.signature);
    if (said.userHandle) response.userHandle = text(said.userHandle);
    return {
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  };

  for (const button of document.querySelectorAll("[data-passkey]")) {
    const form = button.form;
    const failed = form.querySelector("[data-passkey-failed]");
    if (!window.PublicKeyCredential || !window.isSecureContext) { button.disabled = true; failed.hidden = false; continue; }
    button.addEventListener("click", async () => {
      failed.hidden = true;
      button.disabled = true;
      try {
        const credential = await asked[button.dataset.passkey](JSON.parse(button.dataset.options));
        form.querySelector("[data-passkey-answer]").value = JSON.stringify(answered(credential));
        HTMLFormElement.prototype.submit.call(form);
      } catch {
        failed.hidden = false;
        button.disabled = false;
      }
    });
  }
})();

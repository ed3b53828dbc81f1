/** An officer's own page: his six words, made of the keys in this browser, not of what the server says they are. */

import { fingerprint } from "../vault/fingerprint.js";
import { openKeyring } from "./keyring.js";

const shown = document.getElementById("fingerprint");
if (shown) {
  const { identity, sign } = await openKeyring();
  shown.textContent = await fingerprint(identity.recipient.raw, sign.public);
}

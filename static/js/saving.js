/** Files handed to whoever sits at the browser. */

/**
 * @param {BlobPart[]} parts
 * @param {string} name
 */
export function save(parts, name) {
  // Of no type that a browser would show: it is kept, whatever it is.
  const address = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Once the download has begun; at once, some browsers would find nothing there.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

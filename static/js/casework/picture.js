/** The picture that an authenticator reads, drawn here: its content is a secret and has no address. */

// The longest name makes 57 squares, margins included: they fit the narrowest phone.
const SQUARE = 5;
const MARGIN = 4;

/**
 * Draw black squares on white, in the dark as well: cameras read nothing else.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {string[]} rows of 0 and 1
 */
export function drawPicture(canvas, rows) {
  const side = (rows.length + 2 * MARGIN) * SQUARE;
  canvas.width = canvas.height = side;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = "white";
  pen.fillRect(0, 0, side, side);
  pen.fillStyle = "black";
  rows.forEach((row, y) => {
    [...row].forEach((square, x) => {
      if (square === "1") pen.fillRect((x + MARGIN) * SQUARE, (y + MARGIN) * SQUARE, SQUARE, SQUARE);
    });
  });
}

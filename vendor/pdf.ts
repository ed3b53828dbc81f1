// Papers, for the viewing frame: the library, its worker's half and its decoders in one classic script.
import "pdfjs-dist/legacy/build/pdf.worker.mjs";

export { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
export type { PDFDocumentProxy, PDFPageProxy, RenderTask } from "pdfjs-dist/legacy/build/pdf.mjs";

// Archives of evidence, loaded when some is exported.
export { Zip, ZipPassThrough } from "fflate";

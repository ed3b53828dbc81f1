/**
 * Bundle the libraries of package-lock.json into static/vendor, or into the folder named on the command line.
 *
 * The same lock gives the same bytes: tests/house/bundle.py builds again and compares.
 */

import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const MODULES = ["argon2", "ed25519", "hpke", "sha256", "zip"];
// The viewing frame has an origin of its own, from which no module loads: its library is a classic script, a global.
const CLASSIC = ["pdf"];
const ENTRIES = [...MODULES, ...CLASSIC];
const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;
// In the frame nothing can be fetched, so what pdf.js would load when a picture asks for it goes into the bundle.
const FETCHED_DECODER = /await import\(\s*\/\*webpackIgnore: true\*\/\s*\/\*@vite-ignore\*\/\s*`[^`]*\$\{this\._noWasmFilename\}`\)/g;
const DECODERS = ["jbig2_nowasm_fallback.js", "openjpeg_nowasm_fallback.js"];

/** @type {import("esbuild").Plugin} */
const decodersInside = {
  name: "decoders inside",
  setup({ onLoad }) {
    onLoad({ filter: /pdf\.worker\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const inside = DECODERS.map((name) => `"${name}": () => import("../../wasm/${name}")`).join(", ");
      const whole = source.replace(FETCHED_DECODER, `await ({ ${inside} })[this._noWasmFilename]()`);
      if (source.match(FETCHED_DECODER)?.length !== 1) throw new Error("pdf.js loads its decoders in another way");
      return { contents: whole, loader: "js" };
    });
  },
};

/**
 * @param {string} folder
 * @param {string[]} names
 * @param {Partial<import("esbuild").BuildOptions>} how
 * @returns {Promise<string[]>} the files that went into the bundles, relative to the root
 */
async function bundle(folder, names, how) {
  const built = await build({
    ...how,
    absWorkingDir: ROOT,
    entryPoints: names.map((name) => join(HERE, `${name}.ts`)),
    outdir: folder,
    bundle: true,
    target: "es2022",
    minify: true,
    charset: "utf8",
    // The marks that some sources carry stay at the end of the file; LICENSES.txt has every package's licence, whole.
    legalComments: "eof",
    banner: { js: "/*! Licences: LICENSES.txt */" },
    metafile: true,
    logLevel: "warning",
  });
  return Object.keys(built.metafile.inputs);
}

/**
 * @param {string} name
 * @returns {Promise<string>} a package's name, version and licence, and those of what it brings along
 */
async function licence(name) {
  const folder = join(ROOT, "node_modules", name);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const places = [folder, ...inputs.filter((path) => path.startsWith(`node_modules/${name}/`)).map((path) => join(ROOT, dirname(path)))];
  const texts = await Promise.all([...new Set(places)].sort().map(licencesIn));
  return `${name} ${version}\n\n${texts.flat().join("\n\n")}\n`;
}

/**
 * @param {string} folder
 * @returns {Promise<string[]>} the licences that lie there
 */
async function licencesIn(folder) {
  const names = (await readdir(folder)).filter((name) => name.startsWith("LICENSE")).sort();
  return Promise.all(names.map(async (name) => (await readFile(join(folder, name), "utf8")).trim()));
}

const folder = process.argv[2] ?? join(ROOT, "static", "vendor");
const inputs = [
  ...(await bundle(folder, MODULES, { format: "esm" })),
  ...(await bundle(folder, CLASSIC, { format: "iife", globalName: "pdfjs", plugins: [decodersInside] })),
];
const packages = [...new Set(inputs.flatMap((path) => PACKAGE.exec(path)?.[1] ?? []))].sort();
// An entry only hands on, so it tells the types of its bundle, too.
await Promise.all(ENTRIES.map((name) => copyFile(join(HERE, `${name}.ts`), join(folder, `${name}.d.ts`))));
const licences = await Promise.all(packages.map(licence));
await writeFile(join(folder, "LICENSES.txt"), licences.join(`\n${"-".repeat(80)}\n\n`));

/**
 * Bundle the libraries of package-lock.json into static/vendor, or into the folder named on the command line.
 *
 * The same lock gives the same bytes: tests/house/bundle.py builds again and compares.
 */

import { copyFile, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const ENTRIES = ["argon2", "ed25519", "hpke"];
const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * @param {string} folder
 * @returns {Promise<string[]>} the files that went into the bundles, relative to the root
 */
async function bundle(folder) {
  const built = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES.map((name) => join(HERE, `${name}.ts`)),
    outdir: folder,
    bundle: true,
    format: "esm",
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
 * @returns {Promise<string>} a package's name, version and licence
 */
async function licence(name) {
  const folder = join(ROOT, "node_modules", name);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const text = await readFile(join(folder, "LICENSE"), "utf8");
  return `${name} ${version}\n\n${text.trim()}\n`;
}

const folder = process.argv[2] ?? join(ROOT, "static", "vendor");
const inputs = await bundle(folder);
const packages = [...new Set(inputs.flatMap((path) => PACKAGE.exec(path)?.[1] ?? []))].sort();
// An entry only hands on, so it tells the types of its bundle, too.
await Promise.all(ENTRIES.map((name) => copyFile(join(HERE, `${name}.ts`), join(folder, `${name}.d.ts`))));
const licences = await Promise.all(packages.map(licence));
await writeFile(join(folder, "LICENSES.txt"), licences.join(`\n${"-".repeat(80)}\n\n`));

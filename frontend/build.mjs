// Builds everything the browser gets into src/bulk_lookup/web/static: two style and script bundles, a sprite, fonts, the mark.
// Nothing in it names another host, and file names stay plain: the server adds the hash of the content.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const target = process.argv[2] ?? join(here, "../src/bulk_lookup/web/static");

mkdirSync(dirname(target), { recursive: true });
// Made beside its place and then moved, so that a build that fails leaves the last one as it was.
const output = mkdtempSync(join(dirname(target), ".static-"));
chmodSync(output, 0o755);
try {
  await scripts();
  styles();
  fonts();
  writeFileSync(join(output, "icons.svg"), sprite());
  for (const name of readdirSync(join(here, "images"))) cpSync(join(here, "images", name), join(output, name));
  rmSync(target, { recursive: true, force: true });
  renameSync(output, target);
} finally {
  rmSync(output, { recursive: true, force: true });
}

async function scripts() {
  await esbuild.build({
    entryPoints: ["first", "app", "charts"].map((name) => join(here, "scripts", `${name}.ts`)),
    outdir: output,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
  });
}

function styles() {
  const css = join(output, "app.css");
  const cli = join(modules, "@tailwindcss/cli/dist/index.mjs");
  const args = [cli, "--input", join(here, "styles/app.css"), "--output", css, "--minify"];
  execFileSync(process.execPath, args, { cwd: here, stdio: ["ignore", "ignore", "pipe"] });
  writeFileSync(css, readFileSync(css, "utf8").replaceAll(/(["(])\.\/files\//g, "$1./fonts/"));
}

function fonts() {
  const folder = join(modules, "@fontsource-variable/inter/files");
  mkdirSync(join(output, "fonts"));
  for (const name of readdirSync(folder).filter((one) => one.endsWith("-opsz-normal.woff2"))) {
    cpSync(join(folder, name), join(output, "fonts", name));
  }
}

function sprite() {
  const names = readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean);
  const symbols = [...new Set(names)].map((name) => {
    const svg = readFileSync(join(modules, "lucide-static/icons", `${name}.svg`), "utf8");
    const inside = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${inside.replaceAll(/\s*\n\s*/g, "")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

// Opens reports in a real browser: what they say is seen, clicked, sorted and printed, and nothing in them does anything.
//
//     node tests/browser/run.mjs PROGRAM      PROGRAM: a built tokentrail
//
// Needs Chromium (`chromium` of Debian, or CHROMIUM=path). playwright-core, which drives it, is installed into the user's
// cache folder. With SCREENSHOTS=folder every page is kept as a picture. Last line: `N passed, N failed`; exit code 1 if any
// failed.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import zlib from "node:zlib";

const PLAYWRIGHT = "playwright-core@1.65.1";
const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "tokentrail", PLAYWRIGHT.replace("@", "-"));
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const PROGRAM = path.resolve(process.argv[2]);
const SHOTS = process.env.SCREENSHOTS;
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };
// Everything that means something in a page, a template, a style or a script, and what turns text around.
const HOSTILE = "<img src=x onerror=window.hit=1>'{{ 7*7 }}{% raw %}</script><script>window.hit=2</script></style></svg>]]>\u202ekcatta\u202c javascript:window.hit=3 &lt;b&gt; \u{1f469}\u200d\u{1f4bb}";
const AGENT = `<svg onload=window.hit=4>${"A".repeat(900)}`;

let passed = 0, failed = 0;
function check(holds, what) {
  if (holds) { passed += 1; return; }
  failed += 1;
  console.log(`failed: ${what}`);
}

function playwright() {
  if (!fs.existsSync(path.join(CACHE, "ready"))) {
    fs.rmSync(CACHE, { recursive: true, force: true });
    fs.mkdirSync(CACHE, { recursive: true });
    execFileSync("npm", ["install", "--silent", "--no-fund", "--no-audit", "--prefix", CACHE, PLAYWRIGHT], { stdio: "inherit" });
    fs.writeFileSync(path.join(CACHE, "ready"), "");
  }
  return createRequire(path.join(CACHE, "x.js"))("playwright-core");
}

function browser() {
  const named = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = named.find((one) => one && fs.existsSync(one));
  if (!found) throw new Error("no Chromium\n\nhint: apt install chromium, or name one by CHROMIUM=path");
  return found;
}

function report(folder, name, ...options) {
  const out = path.join(folder, `${name}.html`);
  execFileSync(PROGRAM, ["report", "--quiet", "--max-problems", "99", "--out", out, ...options], { cwd: ROOT });
  return out;
}

// The second sample with other names in it.
function hostile(folder) {
  const copy = path.join(folder, "hostile");
  fs.cpSync(path.join(ROOT, "sample-klue"), copy, { recursive: true });
  fs.rmSync(path.join(copy, "apps.toml"));
  for (const file of fs.readdirSync(copy, { recursive: true }).map((name) => path.join(copy, name))) {
    if (!/\.csv(\.gz)?$/.test(file)) continue;
    const packed = file.endsWith(".gz");
    const text = (packed ? zlib.gunzipSync(fs.readFileSync(file)) : fs.readFileSync(file)).toString();
    const changed = text.replaceAll("Klue Battlecards", HOSTILE).replaceAll("Python-urllib/3.12", AGENT).replaceAll("klue-battlecards-integration@", "<b>klue</b>@");
    fs.writeFileSync(file, packed ? zlib.gzipSync(changed) : changed);
  }
  return copy;
}

// What is wrong with a page as it is shown, whatever it says. Runs in the page.
function faults() {
  const all = [];
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  if (new Set(ids).size !== ids.length) all.push("an id stands twice");
  for (const link of document.querySelectorAll("a[href^='#']")) if (!document.getElementById(link.hash.slice(1))) all.push(`no target: ${link.hash}`);
  for (const link of document.querySelectorAll("a:not([href^='#'])")) if (!/^data:application\/json;base64,/.test(link.getAttribute("href"))) all.push(`leads elsewhere: ${link.getAttribute("href")}`);
  const foreign = document.querySelectorAll("img, iframe, object, embed, link, form, base, video, audio, foreignObject, image, use");
  if (foreign.length) all.push(`${foreign.length} elements that do not belong there`);
  if (document.scripts.length !== 1 || document.querySelectorAll("style").length !== 1) all.push("scripts or styles");
  for (const one of document.querySelectorAll("*")) for (const { name } of one.attributes) if (name === "style" || name.startsWith("on")) all.push(`${one.tagName} has ${name}`);
  if (document.documentElement.scrollWidth > innerWidth) all.push(`wider than the window: ${document.documentElement.scrollWidth} > ${innerWidth}`);
  if (window.hit !== undefined) all.push(`hostile text ran: ${window.hit}`);
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((one) => Number(one.tagName[1]));
  if (levels[0] !== 1 || levels.some((level, at) => at && level > levels[at - 1] + 1) || levels.filter((level) => level === 1).length !== 1) all.push("headings out of order");
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption?.textContent.trim() || [...table.tHead.rows[0].cells].some((one) => one.scope !== "col")) all.push("a table without caption or scopes");
    if ([...table.tBodies[0].rows].some((row) => row.cells.length !== table.tHead.rows[0].cells.length)) all.push("a row of another length");
  }
  for (const image of document.querySelectorAll("[role=img]")) if (!image.getAttribute("aria-label")) all.push("a figure that says nothing");
  return all;
}

// Texts that are too pale for their ground. Runs in the page.
function pale() {
  const parse = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)).reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (one) => { for (let at = one; at; at = at.parentElement) { const colour = parse(getComputedStyle(at).backgroundColor); if ((colour[3] ?? 1) > 0.99) return colour; } return [255, 255, 255]; };
  const all = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || ["SCRIPT", "STYLE"].includes(one.tagName) || !one.getClientRects().length) continue;
    const style = getComputedStyle(one);
    const [fore, back] = [light(parse(one.namespaceURI.endsWith("svg") ? style.fill : style.color)), light(ground(one))];
    const ratio = (Math.max(fore, back) + 0.05) / (Math.min(fore, back) + 0.05);
    if (ratio < 4.5) all.add(`${one.tagName}.${one.className} ${ratio.toFixed(2)}: ${walker.currentNode.textContent.trim().slice(0, 30)}`);
  }
  return [...all];
}

async function opened(chromium, file, options) {
  const context = await chromium.newContext(options);
  const page = await context.newPage();
  const noise = [];
  page.on("console", (message) => noise.push(message.text()));
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("request", (request) => { if (request.url() !== pathToFileURL(file).href) noise.push(`asks for ${request.url().slice(0, 60)}`); });
  await page.goto(pathToFileURL(file).href);
  return { context, page, noise };
}

async function looks(chromium, file, name) {
  for (const [how, options] of Object.entries({
    light: { viewport: DESK, colorScheme: "light" },
    dark: { viewport: DESK, colorScheme: "dark" },
    phone: { viewport: PHONE, colorScheme: "light", isMobile: true, hasTouch: true },
  })) {
    const { context, page, noise } = await opened(chromium, file, options);
    const wrong = await page.evaluate(faults);
    check(wrong.length === 0, `${name}, ${how}: ${wrong.slice(0, 5).join("; ")}`);
    const dim = await page.evaluate(pale);
    check(dim.length === 0, `${name}, ${how}: too pale: ${dim.slice(0, 5).join("; ")}`);
    check(noise.length === 0, `${name}, ${how}: ${noise.slice(0, 3).join("; ")}`);
    if (SHOTS) {
      await page.screenshot({ path: path.join(SHOTS, `${name}-${how}.png`) });
      await page.screenshot({ path: path.join(SHOTS, `${name}-${how}-whole.png`), fullPage: true });
    }
    await context.close();
  }
}

async function clicks(chromium, file, name) {
  const { context, page, noise } = await opened(chromium, file, { viewport: DESK });
  const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.click("#theme");
  check(before !== (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)), `${name}: the theme stays`);
  await page.click("#theme");
  check(before === (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)), `${name}: the theme does not come back`);

  // The longest table: each column up and down.
  const long = await page.evaluate(() => {
    const tables = [...document.querySelectorAll(".table")];
    return tables.reduce((most, one) => (one.querySelectorAll("tbody tr").length > most.querySelectorAll("tbody tr").length ? one : most)).id;
  });
  const table = page.locator(`[id="${long}"]`);
  const rows = await table.locator("tbody tr").count();
  check(rows > 10, `${name}: the longest table has ${rows} rows`);
  const columns = await table.locator("thead th").count();
  for (let column = 0; column < columns; column += 1) {
    for (const way of ["ascending", "descending"]) {
      const head = table.locator("thead th").nth(column);
      await head.locator("button").click();
      check((await head.getAttribute("aria-sort")) === way, `${name}: column ${column} is not ${way}`);
      const values = await table.evaluate((one, at) => [...one.querySelectorAll("tbody tr")].map((row) => row.cells[at]).map((cell) => (cell.dataset.sort === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.sort))), column);
      const told = values.filter((value) => value !== "");
      const sorted = [...told].sort((left, right) => (typeof left !== typeof right ? (typeof left === "number" ? -1 : 1) : (left < right ? -1 : left > right ? 1 : 0) * (way === "ascending" ? 1 : -1)));
      check(JSON.stringify(told) === JSON.stringify(sorted), `${name}: column ${column} ${way}: not in order`);
      check(values.slice(0, told.length).every((value) => value !== ""), `${name}: column ${column}: what is empty is not last`);
      check(values.length === rows, `${name}: rows are lost`);
    }
  }

  // The filter: only rows that have the words, and how many.
  const word = await table.evaluate((one) => one.querySelector("tbody tr").cells[1].textContent.trim().split(/\s+/)[0].toLowerCase());
  await table.locator("input[type=search]").fill(word);
  const shown = await table.evaluate((one) => [...one.querySelectorAll("tbody tr")].filter((row) => !row.hidden && row.getClientRects().length).map((row) => row.textContent.toLowerCase()));
  check(shown.length > 0 && shown.every((text) => text.includes(word)), `${name}: the filter shows rows without ${word}`);
  check((await table.locator("output").textContent()) === `${shown.length} of ${rows} rows`, `${name}: the filter's count`);
  await table.locator("input[type=search]").fill("no row has these words");
  check((await table.locator("output").textContent()) === `0 of ${rows} rows`, `${name}: nothing is found`);

  // A link to a row that the filter hides shows it.
  const target = await page.evaluate((id) => [...document.querySelectorAll("a[href^='#']")].map((link) => link.hash.slice(1)).find((to) => document.getElementById(to)?.closest(".table")?.id === id), long);
  if (target) {
    await page.evaluate((to) => { location.hash = to; }, target);
    await page.waitForFunction((to) => !document.getElementById(to).hidden, target, { timeout: 2000 }).then(() => check(true), () => check(false, `${name}: a link leads to a hidden row`));
  }
  await table.locator("input[type=search]").fill("");
  check((await table.locator("tbody tr:not([hidden])").count()) === rows, `${name}: not all rows come back`);
  check(noise.length === 0, `${name}, clicked: ${noise.join("; ")}`);
  await context.close();
}

async function prints(chromium, file, name) {
  const { context, page } = await opened(chromium, file, { viewport: DESK, colorScheme: "dark" });
  for (const format of ["A4", "Letter"]) {
    const pdf = await page.pdf({ format, landscape: true, printBackground: true });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    check(pdf.subarray(0, 5).toString() === "%PDF-" && pages > 1 && pages < 80, `${name}: ${pages} pages of ${format}`);
    if (SHOTS) fs.writeFileSync(path.join(SHOTS, `${name}-${format}.pdf`), pdf);
  }
  await page.emulateMedia({ media: "print" });
  check((await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) === "rgb(255, 255, 255)", `${name}: printed on dark paper`);
  check(await page.evaluate(() => [...document.querySelectorAll("nav, #theme, .filter")].every((one) => !one.getClientRects().length) && [...document.querySelectorAll("th")].every((one) => one.getClientRects().length && one.textContent.trim())), `${name}: buttons are printed, or headings are not`);
  await context.close();
}

async function withoutScript(chromium, file, name) {
  const { context, page } = await opened(chromium, file, { viewport: DESK, javaScriptEnabled: false });
  const text = await page.locator("body").innerText();
  check(text.length > 5000 && !text.includes("Only rows with"), `${name}: ${text.length} letters without script`);
  check(!(await page.locator("#theme").isVisible()), `${name}: a button that does nothing`);
  await context.close();
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "reports-"));
try {
  if (SHOTS) fs.mkdirSync(SHOTS, { recursive: true });
  const whole = ["sample-data/quiet", "sample-data/staged", "--apps", "sample-data/apps.toml"];
  const pages = {
    klue: report(folder, "klue", "sample-klue"),
    drift: report(folder, "drift", ...whole),
    week: report(folder, "week", "--weekly", ...whole, "sample-data/configuration"),
    nothing: report(folder, "nothing", "sample-klue/tokens"),
    hostile: report(folder, "hostile", hostile(folder)),
  };
  const chromium = await playwright().chromium.launch({ executablePath: browser(), args: ["--no-sandbox"] });
  for (const [name, file] of Object.entries(pages)) {
    await looks(chromium, file, name);
    if (name === "nothing") continue;
    await clicks(chromium, file, name);
    await prints(chromium, file, name);
    await withoutScript(chromium, file, name);
  }

  const { context, page } = await opened(chromium, pages.hostile, { viewport: DESK });
  const text = await page.locator("body").innerText();
  check(text.includes("<img src=x onerror=window.hit=1>'{{ 7*7 }}{% raw %}"), "hostile: the name is shown as it is");
  check(text.includes("\\u{202e}kcatta") && !text.includes("\u202e"), "hostile: what turns text around is visible, and does not");
  check(text.includes("<svg onload=window.hit=4>AAAA"), "hostile: the agent is shown as it is");
  await context.close();

  const { context: other, page: drift } = await opened(chromium, pages.drift, { viewport: DESK });
  const layer = JSON.parse(Buffer.from((await drift.locator("a.attachment").getAttribute("href")).split(",")[1], "base64").toString());
  check(layer.versions.layer === "4.5" && layer.domain === "enterprise-attack" && layer.techniques.length > 5, "the layer for the Navigator");
  check(layer.techniques.every((one) => /^T\d{4}(\.\d{3})?$/.test(one.techniqueID)), "techniques of the layer");
  check((await drift.locator("figure svg").count()) >= 6, "figures");
  await other.close();
  await chromium.close();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

// Opens a documentation page in Chromium, creates a lead through "Test Request" with an API key, and prints what happened.
// Input: {"browser", "origin", "path", "operation", "key", "screenshot"}.
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const { browser: executablePath, origin, path, operation, key, screenshot } = JSON.parse(readFileSync(0, "utf8"));
// As root, which CI runs as, Chromium starts only without its sandbox. The pages are our own.
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const seen = { title: "", console: [], failed: [], outside: [], created: null };
try {
  const page = await browser.newPage();
  // The page renders the whole document, which takes long beside other tests.
  page.setDefaultTimeout(120_000);
  await page.setViewport({ width: 1400, height: 1000 });
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const isOwn = [`${origin}/`, "data:", "blob:"].some((start) => request.url().startsWith(start));
    if (!isOwn) seen.outside.push(request.url());
    return isOwn ? request.continue() : request.abort();
  });
  page.on("requestfailed", (request) => seen.failed.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) seen.console.push(message.text());
  });
  page.on("pageerror", (error) => seen.console.push(String(error)));

  await page.goto(`${origin}${path}`, { waitUntil: "networkidle0" });
  seen.title = await page.title();
  if (screenshot) await page.screenshot({ path: screenshot });
  const open = await page.waitForSelector(`::-p-text(Test Request(${operation}))`);
  await open.scrollIntoView();
  await open.click();
  const token = await page.waitForSelector("[role=dialog] input[placeholder=Token]");
  await token.click();
  await page.keyboard.type(key);
  const isCreation = (response) => response.request().method() === "POST";
  const [response] = await Promise.all([
    page.waitForResponse(isCreation),
    page.waitForSelector("[role=dialog] ::-p-text(Send Request)").then((send) => send.click()),
  ]);
  seen.created = { status: response.status(), body: await response.json() };
  await page.waitForNetworkIdle();
  if (screenshot) await page.screenshot({ path: screenshot.replace(".png", "-request.png") });
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));

// One book in one reading engine: an order on standard input, facts as JSON on standard output.
//
// The order: {book, engine, shots, notes, scenes}. `notes` are the calls to try, as tests/engines/conftest.py finds
// them in the archive; `scenes` are places to take a picture of; pictures go into the folder `shots`.
import { mkdir } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

const PHONE = { width: 480, height: 720 };
// Without these Chromium asks its maker's hosts for updates and lists; a test needs no network.
const QUIET = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

// What the browser says of the engines themselves, not of a book.
const OWN = /^An iframe which has both allow-scripts and allow-same-origin/;

const order = JSON.parse(await text(process.stdin));
const { drive } = await import(`./${order.engine}.mjs`);
const { base, close } = await serve(order.book);
const browser = await chromium.launch({ executablePath: order.browser, chromiumSandbox: false, args: QUIET });
try {
  const started = performance.now();
  const page = await browser.newPage({ viewport: PHONE });
  const complaints = [];
  page.on("pageerror", error => complaints.push(String(error)));
  page.on("console", message => {
    if (/^(error|warning)$/.test(message.type()) && !OWN.test(message.text())) complaints.push(message.text());
  });
  page.on("requestfailed", request => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("response", answer => answer.status() >= 400 && complaints.push(`${answer.url()}: ${answer.status()}`));
  await mkdir(order.shots, { recursive: true });
  const shoot = name => page.screenshot({ path: `${order.shots}/${order.engine}-${name}.png` });
  const facts = await drive({ page, base, order, shoot, complaints });
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(JSON.stringify({ complaints, seconds, ...facts }));
} finally {
  await browser.close();
  close();
}

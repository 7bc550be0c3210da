// Thorium's navigator, r2-navigator-js 1.23: its own pop-up function, dialog and footnote style in a real browser.
//
// Only what belongs to Electron's window is replaced: the channel to its host, and the search for what can be tabbed to.
import { readFile } from "node:fs/promises";

const FROM = new URL("./node_modules/r2-navigator-js/dist/es8-es2017/src/electron/", import.meta.url);
const MODULES = {
  styles: "common/styles.js",
  events: "common/events.js",
  dialog: "renderer/common/popup-dialog.js",
  notes: "renderer/webview/popupFootNotes.js",
};
const PATH = new URL("./node_modules/path-webpack/path.js", import.meta.url);

// A tiny `require` around the real files, by the last part of the name that they ask for.
async function bundle() {
  const source = async url => `function (require, module, exports, process) {\n${await readFile(url, "utf8")}\n}`;
  const parts = [`path: ${await source(PATH)}`];
  for (const [name, path] of Object.entries(MODULES)) parts.push(`${name}: ${await source(new URL(path, FROM))}`);
  return `(() => {
    const sources = { ${parts.join(",\n")} };
    const names = { path: "path", styles: "styles", events: "events", "popup-dialog": "dialog", notes: "notes" };
    const given = {
      electron: { ipcRenderer: { sendToHost() {} } },
      tabbable: { tabbable: () => [] },
      bom: { removeUTF8BOM: text => text.replace(/^\\uFEFF/, "") },
    };
    const loaded = {};
    const require = asked => {
      const name = asked.split("/").pop();
      if (name in given) return given[name];
      const module = (loaded[name] ??= { exports: {} });
      if (!module.done) {
        module.done = true;
        sources[names[name]](require, module, module.exports, { cwd: () => "/" });
      }
      return module.exports;
    };
    window.thorium = { styles: require("styles"), popUp: require("notes").popupFootNote };
  })()`;
}

export async function drive({ page, base, order, shoot }) {
  const script = await bundle();
  async function open(href) {
    await page.goto(`${base}/book/EPUB/${href}`);
    await page.addScriptTag({ content: script }).catch(() => page.evaluate(script));
    await page.evaluate(() => {
      const style = document.createElementNS("http://www.w3.org/1999/xhtml", "style");
      style.textContent = window.thorium.styles.footnotesCssStyles;
      document.head.append(style);
    });
  }

  const notes = [];
  let there = "";
  for (const note of order.notes) {
    const [file] = note.call.split("#");
    if (file !== there) await open((there = file));
    notes.push(await popUp(page, note));
  }
  for (const [name, href, call] of order.scenes) {
    await open(call ?? href);
    if (call) await popUp(page, { call, target: "" }, true);
    await shoot(name);
  }
  await open(order.long);
  return { notes, faces: await faces(page), drawn: await drawn(page) };
}

// A call in a note that is hidden is touched where a reader meets it: in the pop-up to which the calls in `via` lead.
async function popUp(page, { call, target, via = [] }, stay = false) {
  const asked = [[...via, call].map(href => href.split("#")[1]), target.split("#")[1] ?? "", stay];
  return { call, ...(await page.evaluate(touchAll, asked)) };
}

// Runs in the book's document.
async function touchAll([steps, targetId, stay]) {
  const dialog = () => document.querySelector("dialog[open]");
  const shown = element => element !== null && element.getClientRects().length > 0;
  let touchable = false;
  let popped = false;
  for (const [n, id] of steps.entries()) {
    // A pop-up takes the ids of what it shows away.
    const link = n ? dialog()?.querySelector(`[idvoid="${id}"]`) : document.getElementById(id);
    touchable = Boolean(link) && shown(link);
    popped = touchable && (await window.thorium.popUp(link, () => {}, link.href, () => null, () => {}));
  }
  const text = popped && shown(dialog()) ? dialog().innerText.replace(/\s+/g, " ").trim() : null;
  const note = document.getElementById(targetId);
  const away = note === null ? null : getComputedStyle(note).display === "none";
  if (!stay) document.querySelectorAll("dialog").forEach(one => one.remove());
  document.documentElement.removeAttribute("class");
  return { touchable, popped, text, away };
}

// Every embedded face, asked for; as in pages/place.js, but in the book's own document.
async function faces(page) {
  return page.evaluate(async () => {
    await Promise.all(Array.from(document.fonts, face => face.load().catch(() => undefined)));
    return Array.from(document.fonts, face => [face.family.replaceAll('"', ""), face.style, face.weight, face.status]);
  });
}

// The fonts that the browser really drew the text with: [family, whether it came with the book].
async function drawn(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("DOM.enable");
  await session.send("CSS.enable");
  const { root } = await session.send("DOM.getDocument", { depth: 0 });
  const { nodeIds } = await session.send("DOM.querySelectorAll", { nodeId: root.nodeId, selector: "body *" });
  const found = new Map();
  for (const nodeId of nodeIds.slice(0, 200)) {
    const { fonts } = await session.send("CSS.getPlatformFontsForNode", { nodeId });
    for (const { familyName, isCustomFont } of fonts) found.set(`${familyName} ${isCustomFont}`, [familyName, isCustomFont]);
  }
  return [...found.values()];
}

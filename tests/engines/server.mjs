// A web server on the loopback: host pages (`/pages/`), engines (`/node_modules/`), the book whole and taken apart.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import JSZip from "jszip";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TYPES = {
  ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
  ".xhtml": "application/xhtml+xml", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".png": "image/png",
  ".ttf": "font/ttf", ".otf": "font/otf", ".epub": "application/epub+zip",
};

export async function serve(path) {
  const whole = await readFile(path);
  const archive = await JSZip.loadAsync(whole);

  async function find(name) {
    if (name === "/book.epub") return whole;
    if (name === "/favicon.ico") return Buffer.alloc(0);
    if (name.startsWith("/book/")) return archive.file(name.slice("/book/".length))?.async("nodebuffer");
    if (/^\/(pages|node_modules)\//.test(name)) return readFile(HERE + normalize(name)).catch(() => undefined);
  }

  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(new URL(request.url, "http://loopback").pathname);
    const data = await find(name);
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    response.writeHead(data ? 200 : 404, { "Content-Type": type }).end(data);
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

// epub.js 0.3: a note is a jump and a jump back.
export async function drive({ page, base, order, shoot }) {
  await page.goto(`${base}/pages/epubjs.html`);
  await page.waitForFunction(() => window.reader);
  const facts = await page.evaluate(() => window.reader.facts());
  const go = href => page.evaluate(to => window.reader.go(to), href);

  async function visit(entries) {
    for (const entry of entries) {
      entry.landed = await go(entry.href);
      await visit(entry.children ?? []);
    }
  }
  await visit(facts.toc);
  await visit(facts.landmarks);
  await visit(facts.pages);

  const notes = [];
  for (const note of order.notes) notes.push(await jump(page, go, note));

  for (const [name, href] of order.scenes) {
    await go(href);
    await shoot(name);
  }
  await go("nav.xhtml");
  facts.unveiled = await page.evaluate(() => window.reader.unveiled());
  await go(order.long);
  facts.faces = await page.evaluate(() => window.reader.faces());
  facts.turn = await page.evaluate(() => window.reader.turn());
  return { ...facts, notes };
}

// Touch the call, arrive at the note; touch the way back, arrive at the call.
async function jump(page, go, { call, target }) {
  const there = () => page.evaluate(() => window.reader.page());
  const arrives = href =>
    page.waitForFunction(to => window.reader.at(to), href, { timeout: 4000 }).then(() => true, () => false);
  const touch = async selector => {
    const { x, y } = await page.evaluate(it => window.reader.finger(it), selector);
    await page.mouse.click(x, y);
  };
  const [, id] = call.split("#");
  const [, noteId] = target.split("#");
  const found = await go(call);
  const from = await there();
  await touch(`#${id}`);
  const landed = await arrives(target);
  const moved = landed && (await there()) !== from;
  await go(target);
  const back = `#${noteId} a[role="doc-backlink"][href$="#${id}"]`;
  await page.evaluate(it => window.reader.show(it), back);
  await touch(back);
  return { call, found, landed, moved, back: await arrives(call) };
}

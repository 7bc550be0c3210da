// foliate-js 1.0: a note is a pop-up, whatever file it stands in; the list at a book's end can be read as well.
const WAIT = { timeout: 4000 };

export async function drive({ page, base, order, shoot, complaints }) {
  await page.goto(`${base}/pages/foliate.html`);
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

  await go("nav.xhtml");
  facts.unveiled = await page.evaluate(() => window.reader.unveiled());
  await go(order.long);
  facts.faces = await page.evaluate(() => window.reader.faces());
  facts.turn = await page.evaluate(() => window.reader.turn());
  for (const [name, href, call] of order.scenes) {
    await go(call ?? href);
    if (call) await open(page, go, call);
    await shoot(name);
    await page.evaluate(() => window.reader.close());
  }
  // When a pop-up closes, foliate throws away files that the text behind it still uses; that is no fault of the book.
  facts.complaints = [...complaints].filter(complaint => !complaint.startsWith("blob:"));

  const notes = [];
  for (const note of order.notes) notes.push(await popUp(page, go, note));
  return { ...facts, notes };
}

const fingerOn = (page, call, inPopup = false) =>
  page.evaluate(([id, inner]) => window.reader.finger(id, inner), [call.split("#")[1], inPopup]);

// Touch a call and wait for the pop-up; give what it holds, or null.
async function open(page, go, call, inPopup = false) {
  if (!inPopup) await go(call);
  const finger = await fingerOn(page, call, inPopup);
  if (!finger) return null;
  await page.mouse.click(finger.x, finger.y);
  return page.waitForFunction(() => window.reader.popup(), null, WAIT).then(it => it.jsonValue(), () => null);
}

// A call in a note that is hidden is touched where a reader meets it: in the pop-up to which the calls in `via` lead.
async function popUp(page, go, { call, target, via }) {
  const found = await go(call);
  for (const [n, step] of via.entries()) await open(page, go, step, n > 0);
  const popup = await open(page, go, call, via.length > 0);
  await page.evaluate(() => window.reader.close());
  const back = via.length > 0 ? null : await walkBack(page, go, call, target);
  return { call, found: found || via.length > 0, popup, back };
}

// From the note in its list back to the call; null where the list is not shown.
async function walkBack(page, go, call, target) {
  await go(target);
  const ends = [target.split("#")[1], call.split("#")[1]];
  const finger = await page.evaluate(([note, from]) => window.reader.link(note, from), ends);
  if (!finger) return null;
  await page.mouse.click(finger.x, finger.y);
  return page.waitForFunction(to => window.reader.at(to), call, WAIT).then(() => true, () => false);
}

// Where an element of a book's document stands on the screen, through the frame that shows it.
export function placeOf(element) {
  const inner = element.getBoundingClientRect();
  const frame = element.ownerDocument.defaultView.frameElement?.getBoundingClientRect() ?? { left: 0, top: 0 };
  return { x: inner.left + frame.left, y: inner.top + frame.top, width: inner.width, height: inner.height };
}

// Whether its beginning lies on the page that is turned up; the screen is `innerWidth` x `innerHeight`.
export function onScreen(element) {
  if (!element || element.getClientRects().length === 0) return false;
  const { x, y, height } = placeOf(element);
  return x > -1 && x < innerWidth && y + Math.min(height, 10) > 0 && y < innerHeight;
}

// The middle of an element's first line: where a finger would go.
export function fingerOn(element) {
  const frame = element.ownerDocument.defaultView.frameElement?.getBoundingClientRect() ?? { left: 0, top: 0 };
  const first = element.getClientRects()[0];
  return { x: frame.left + first.left + first.width / 2, y: frame.top + first.top + first.height / 2 };
}

// The first thing in a document that is no mere container: where a reader begins.
export function beginning(body) {
  let first = body;
  while (first.firstElementChild) first = first.firstElementChild;
  return first;
}

// What is marked as hidden and shown all the same.
export const unveiled = documant =>
  Array.from(documant.querySelectorAll("[hidden]"), element => element.getClientRects().length && element.id).filter(Boolean);

// What a reader is shown of an element, in one line.
export const words = element => element.innerText.replace(/\s+/g, " ").trim();

// Faces of a document: [family, style, weight, status] after each was asked for.
export async function faces(documant) {
  await Promise.all(Array.from(documant.fonts, face => face.load().catch(() => undefined)));
  return Array.from(documant.fonts, face => [face.family.replaceAll('"', ""), face.style, face.weight, face.status]);
}

// How far turning a page moves what stood on it: to the right where the next page came from the left. Null where there
// was no next page in that document.
export async function turned(element, turn) {
  const before = placeOf(element).x;
  await turn();
  await new Promise(resolve => setTimeout(resolve, 300));
  const moved = element.ownerDocument.defaultView ? placeOf(element).x - before : 0;
  return Math.abs(moved) > 1 ? moved : null;
}

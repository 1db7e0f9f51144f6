/** Keeps the page as the server would give it now: on every change it is fetched again, and only what differs is replaced. */
import { Idiomorph } from './idiomorph.js';

const shortestMs = 1_000;
const longestMs = 60_000;

const place = document.getElementById('live');
const still = () => document.querySelector('[data-live="off"]') !== null;

let source = null;
let retryMs = shortestMs;
let retry;
let fetching = false;
let again = false;
let freshAt = new Date();
let connected = false;

if (place !== null && !still()) {
  document.addEventListener('visibilitychange', () => (document.hidden ? pause() : resume()));
  if (document.hidden) say('paused');
  else connect();
}

function connect() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource('/live');
  source.addEventListener('open', () => {
    // What changed while nobody listened.
    if (!connected && retryMs > shortestMs) void update();
    connected = true;
    retryMs = shortestMs;
    say('live');
  });
  source.addEventListener('change', () => void update());
  source.addEventListener('error', () => {
    source.close();
    connected = false;
    say('stale');
    retry = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
    retryMs = Math.min(longestMs, retryMs * 2);
  });
}

function pause() {
  clearTimeout(retry);
  source?.close();
  source = null;
  connected = false;
  say('paused');
}

function resume() {
  if (source !== null) return;
  connect();
  void update();
}

/** One at a time; what changes meanwhile is fetched afterwards, and never more than two times a second. */
async function update() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  again = false;
  try {
    const response = await fetch(location.href, {
      headers: { accept: 'text/html' },
      redirect: 'error',
      signal: AbortSignal.timeout(15_000),
    });
    if (!response.ok) throw new Error(String(response.status));
    show(new DOMParser().parseFromString(await response.text(), 'text/html'));
    freshAt = new Date();
    if (connected) say('live');
  } catch {
    say('stale');
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  fetching = false;
  if (again && !document.hidden) void update();
}

function show(fresh) {
  document.title = fresh.title;
  for (const id of ['controls', 'main']) {
    const old = document.getElementById(id);
    const now = fresh.getElementById(id);
    if (old !== null && now !== null)
      Idiomorph.morph(old, now, { ignoreActiveValue: true, callbacks: { beforeNodeMorphed, beforeNodeRemoved, beforeAttributeUpdated } });
  }
}

/** What somebody is filling in stays as it is. */
function beforeNodeMorphed(old) {
  return !isInUse(old);
}

function beforeNodeRemoved(old) {
  return !isInUse(old);
}

/** What the reader has opened or closed is theirs. */
function beforeAttributeUpdated(name, element) {
  return !(name === 'open' && element.tagName === 'DETAILS');
}

function isInUse(node) {
  if (!(node instanceof HTMLFormElement)) return false;
  return [...node.elements].some(
    (field) =>
      (field === document.activeElement && field.tagName !== 'BUTTON') ||
      ('defaultValue' in field && field.type !== 'hidden' && field.value !== field.defaultValue) ||
      ('defaultChecked' in field && field.checked !== field.defaultChecked) ||
      (field instanceof HTMLSelectElement &&
        [...field.options].some((option) => option.selected !== option.defaultSelected && hasDefault(field))),
  );
}

/** A choice without a default shows its first option, which is then selected, but not by default. */
function hasDefault(select) {
  return select.selectedIndex !== 0 || [...select.options].some((option) => option.defaultSelected);
}

function say(state) {
  if (place === null || place.dataset.state === state) return;
  place.dataset.state = state;
  const since = freshAt.toISOString().slice(11, 19);
  place.textContent = { live: '● live', stale: `◌ stale since ${since} UTC`, paused: `‖ paused since ${since} UTC` }[state];
}

// Calls to the API. Every control of the page is one of them.

export class ApiFailure extends Error {}

async function call(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ApiFailure(body.error?.message ?? `erro ${answer.status}`);
  return body;
}

export const get = (path, signal) => call(path, { signal });

export const post = (path, body = {}) =>
  call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Milliseconds before the next try after a failed one. */
const RETRY_MS = 1000;
/** Seconds that one long poll waits. */
const WAIT_S = 25;

/**
 * Follows a state by long polls and hands every new one to `draw`; `lost(true)` when the program does not answer.
 * A hidden tab does not poll: browsers open only six connections to one address, for all tabs together.
 */
export async function follow(path, draw, lost) {
  let version = null;
  for (;;) {
    if (document.hidden) {
      await new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
      continue;
    }
    const abort = new AbortController();
    const hidden = () => document.hidden && abort.abort();
    document.addEventListener("visibilitychange", hidden);
    try {
      const query = version === null ? "" : `?after=${version}&wait_s=${WAIT_S}`;
      const state = await get(path + query, abort.signal);
      lost(false);
      if (state.version !== version) draw(state);
      version = state.version;
    } catch (error) {
      if (!abort.signal.aborted) {
        lost(true);
        version = null;
        await new Promise((again) => setTimeout(again, RETRY_MS));
      }
    } finally {
      document.removeEventListener("visibilitychange", hidden);
    }
  }
}

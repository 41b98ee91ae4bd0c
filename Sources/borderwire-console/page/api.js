// The page's way to its own program, and to nothing else.

/** A refusal or a failure of a request, with the server's stable code; "away" when nothing answered. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body?.error ?? "");
    this.status = status;
    this.code = body?.code ?? (status === 401 ? "no-session" : "failed");
    this.problems = body?.problems ?? [];
  }
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Refusal(0, { error: "", code: "away" });
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refusal(answer.status, body);
  return body;
}

const send = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const api = {
  start: () => ask("/api/start"),
  alert: (id) => ask(`/api/alert?id=${encodeURIComponent(id)}`),
  search: (words) => ask(`/api/search?limit=200&words=${encodeURIComponent(words)}`),
  outbox: () => ask("/api/outbox"),
  shown: (offsets) => send("/api/shown", { offsets }),
  check: (draft) => send("/api/check", draft),
  publish: (draft) => send("/api/publish", draft),
  acknowledge: (id, kind, note) => send("/api/ack", note ? { id, kind, note } : { id, kind }),
};

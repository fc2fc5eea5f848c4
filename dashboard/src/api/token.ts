/** The token of this tab, where the agent wants one. */

const KEY = "tracker.token";
const waiting = new Set<() => void>();
let isWanted = false;
let isRefused = false;

export function token(): string | null {
  return sessionStorage.getItem(KEY);
}

/** Keeps a token until the tab closes, and asks again for what was refused. */
export function keepToken(value: string): void {
  sessionStorage.setItem(KEY, value);
  isRefused = false;
  setWanted(false);
}

/** The agent wants a token, or another one. */
export function wantToken(): void {
  isRefused ||= token() !== null;
  sessionStorage.removeItem(KEY);
  setWanted(true);
}

export function isTokenWanted(): boolean {
  return isWanted;
}

/** Whether the last one was not known to the agent. */
export function isTokenRefused(): boolean {
  return isRefused;
}

export function onToken(changed: () => void): () => void {
  waiting.add(changed);
  return () => waiting.delete(changed);
}

function setWanted(value: boolean): void {
  if (isWanted === value) return;
  isWanted = value;
  for (const changed of waiting) changed();
}

/** Questions to the agent. */

import { token, wantToken } from "./token";

export type Query = Record<string, string | number | null | undefined>;

/** The agent's own words about what went wrong; `status` is 0 when it cannot be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The address of a question; what is empty is not asked. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return `/api/v1/${path}${text ? `?${text}` : ""}`;
}

/** Asks, and gives what is answered. */
export async function ask<T>(path: string, query: Query, signal: AbortSignal): Promise<T> {
  const headers: Record<string, string> = {};
  const known = token();
  if (known !== null) headers["Authorization"] = `Bearer ${known}`;
  let response: Response;
  try {
    response = await fetch(address(path, query), { headers, signal, credentials: "same-origin" });
  } catch (e) {
    if (signal.aborted) throw e;
    throw new ApiError(0, "");
  }
  if (response.status === 401) wantToken();
  if (!response.ok) throw new ApiError(response.status, await reason(response));
  return (await response.json()) as T;
}

async function reason(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { error?: { message?: string } };
    return body.error?.message ?? response.statusText;
  } catch {
    return response.statusText;
  }
}

// The page's calls to the sandbox's server.

const PREFIX = "/sandbox";

export async function ask(path, query = {}) {
  const search = new URLSearchParams(query).toString();
  return read(await fetch(`${PREFIX}${path}${search ? `?${search}` : ""}`, { cache: "no-store" }));
}

export async function tell(path, body, method = "POST") {
  const headers = { "content-type": "application/json" };
  return read(await fetch(`${PREFIX}${path}`, { method, headers, body: JSON.stringify(body) }));
}

async function read(response) {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.status === 204 ? {} : response.json();
}

export function streamUrl(person, after) {
  return `${PREFIX}/stream?${new URLSearchParams({ team: person.team, user: person.user, after })}`;
}

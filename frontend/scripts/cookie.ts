// Choices of a person that the server draws the page by: theme, sidebar, keys. They are no secret and live for a year.

const YEAR = 365 * 24 * 60 * 60;

export function keep(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? YEAR : 0}; SameSite=Lax${secure}`;
}

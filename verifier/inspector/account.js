// @ts-check
/** Who is signed in at the counter, if anybody. Kept in memory only. */

/** @typedef {{role: string, name: string, csrf_token: string}} Person */

export class Account {
  constructor() {
    /** @type {Person | null} */
    this.person = null;
  }

  /** Ask the counter; without signal whoever was signed in stays so. */
  async refresh() {
    try {
      const answer = await fetch("/api/v1/me", { cache: "no-store", signal: AbortSignal.timeout(5000) });
      const said = answer.ok ? await answer.json() : { role: null };
      this.person = said.role === null ? null : said;
    } catch {
      // No signal: nothing is learnt.
    }
    return this.person;
  }

  async signOut() {
    await fetch("/api/v1/sign-out", {
      method: "POST",
      headers: { "X-CSRF-Token": this.person?.csrf_token ?? "" },
    });
    this.person = null;
  }
}

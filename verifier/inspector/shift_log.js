// @ts-check
/** The log of the shift: kept on the phone, sent to the counter when there is signal. */

const SENT_STAYS = 12 * 3600;
const BATCH = 100;

export class ShiftLog {
  /** @param {import("./phone_store.js").PhoneStore} store @param {import("./clock.js").PhoneClock} clock */
  constructor(store, clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * @param {import("./screens.js").Verdict} verdict
   * @param {{isRecorded: boolean}} known whether the counter recorded it itself
   */
  async add(verdict, { isRecorded }) {
    await this.store.log({
      id: crypto.randomUUID(),
      checked_at: Math.floor(Date.parse(verdict.checked_at) / 1000),
      purpose: verdict.purpose ?? "",
      outcome: verdict.outcome,
      reasons: verdict.reasons ?? [],
      epoch: verdict.epoch,
      sent: isRecorded,
    });
  }

  /** Send what is waiting. @param {string} csrfToken */
  async sync(csrfToken) {
    const waiting = (await this.store.entries()).filter((entry) => !entry.sent).slice(0, BATCH);
    if (waiting.length === 0) return;
    // A clock that was ahead while there was no signal must not hold back the whole log for ever.
    const now = this.clock.now();
    const checks = waiting.map(({ sent, ...entry }) => ({
      ...entry,
      checked_at: Math.min(entry.checked_at, now),
    }));
    const answer = await fetch("/api/v1/checks/log", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken },
      body: JSON.stringify({ checks }),
    });
    if (!answer.ok) return;
    for (const entry of waiting) await this.store.log({ ...entry, sent: true });
  }

  /** The entries of this shift; what was sent long ago is forgotten. */
  async entries() {
    const old = this.clock.now() - SENT_STAYS;
    const entries = await this.store.entries();
    for (const entry of entries) {
      if (entry.sent && entry.checked_at < old) await this.store.drop(entry.id);
    }
    return entries.filter((entry) => !entry.sent || entry.checked_at >= old);
  }
}

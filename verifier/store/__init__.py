"""
What the verifier remembers: the only room of this counter that speaks SQL.

It never keeps a presentation: only the verdict, and of a session the claims of the verdict until
the session is forgotten (S-233). Functions take the session of the caller, who decides what
belongs into one transaction, and answer with values.
"""

from sqlalchemy import or_, select

from runtime.database import Database
from verifier.store.rows import CHECKS, ENROLMENTS, PASSKEYS, SESSIONS
from verifier.store.sessions import SessionState


def check(database: Database) -> list[str]:
    """Every invariant of these tables; one line per breach (./city fsck)."""
    breaches: list[str] = []
    with database.reading() as session:
        known = [state.value for state in SessionState]
        odd = select(SESSIONS.c.id).where(
            or_(
                SESSIONS.c.state.not_in(known),
                (SESSIONS.c.state == SessionState.ANSWERED.value) & SESSIONS.c.result.is_(None),
                (SESSIONS.c.state != SessionState.ANSWERED.value) & SESSIONS.c.result.is_not(None),
                SESSIONS.c.expires_at <= SESSIONS.c.created_at,
            )
        )
        breaches += [
            f"verifier_session {row.id}: state and result differ" for row in session.execute(odd)
        ]
        outcomes = ("passed", "failed", "indeterminate")
        for row in session.execute(select(CHECKS.c.id, CHECKS.c.outcome, CHECKS.c.reasons)):
            if row.outcome not in outcomes or (row.outcome == "passed") != (row.reasons == "[]"):
                breaches.append(f"verifier_check {row.id}: outcome and reasons differ")
        spent = select(ENROLMENTS.c.account_id).where(
            ENROLMENTS.c.used_at.is_not(None),
            ENROLMENTS.c.account_id.not_in(select(PASSKEYS.c.account_id)),
        )
        breaches += [
            f"verifier_account {row.account_id}: enrolled without a passkey"
            for row in session.execute(spent)
        ]
    return breaches

"""
What the issuing counter remembers: the only room of the counter that speaks SQL.

One file for each noun. Functions take the session of the caller, who decides what belongs into
one transaction, and answer with domain values.
"""

from issuer.store.check import check as check

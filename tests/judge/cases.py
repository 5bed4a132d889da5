"""Cases for the judge, of the workshop's permit; a change of None leaves a member out."""

import json
from datetime import timedelta

from cityhall.commands.judge import answer_line
from credentials.model import Status
from credentials.status import StatusArray, build_status_list_token
from tests.credentials.workshop import (
    AGENCY,
    ISSUER,
    LIST,
    NONCE,
    NOW,
    PERMIT_VCT,
    VERIFIER,
    issue_permit,
    present,
)


def status_list(status=Status.VALID, *, by=AGENCY, index=7):
    """The list that the permit names, with this status at its index."""
    array = StatusArray.all_valid(1024).with_statuses({index: status})
    return build_status_list_token(
        array,
        uri=LIST,
        signer=by,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=60),
        ttl=timedelta(minutes=1),
    )


def issuers(**changes):
    """The agency as a case brings it."""
    entry = {"keys": [dict(AGENCY.public_jwk)], "types": [PERMIT_VCT], **changes}
    return {ISSUER: entry}


def case(presentation=None, **changes):
    """A case that passes, but for its changes."""
    members = {
        "id": "case",
        "presentation": present(issue_permit()) if presentation is None else presentation,
        "now": int(NOW.timestamp()),
        "audience": VERIFIER,
        "nonce": NONCE,
        "require_holder_binding": True,
        "issuers": issuers(),
        "status_lists": {LIST: status_list()},
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def no_proofs(_presentation):
    """No child process is asked."""
    return {}


def judge(members):
    """The answer to one case."""
    return answer_line(json.dumps(members).encode(), prove=no_proofs)

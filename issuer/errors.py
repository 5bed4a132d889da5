"""
What the issuing counter can say no to, one class for each stable code (architecture 5).

Errors of the protocol itself (`invalid_grant`, `invalid_proof` …) live in `openid4vc.errors`; these
are the ones of the desk behind it. Messages carry no claims and no secrets.
"""


class IssuerError(Exception):
    """The root of everything that this counter refuses."""

    kind = "refused"
    code = "refused"


class BadRequest(IssuerError):
    """The request cannot be read."""

    kind = "malformed"
    code = "invalid_request"


class ClaimsRefused(IssuerError):
    """The claims do not fit their type; each fault is named by its path (S-105)."""

    kind = "malformed"
    code = "invalid_claims"


class NotSignedIn(IssuerError):
    """No service token, or one that does not hold."""

    kind = "unauthenticated"
    code = "invalid_token"

    @property
    def headers(self) -> dict[str, str]:
        """RFC 6750 section 3 asks for it on every 401."""
        return {"WWW-Authenticate": "Bearer"}


class NotAllowed(IssuerError):
    """The caller's role may not do this."""

    code = "role_not_allowed"


class TypeNotAccredited(IssuerError):
    """The agency is not accredited for this type of credential."""

    code = "type_not_accredited"


class NoSuchAgency(IssuerError):
    """No such agency, or not the caller's."""

    kind = "not_found"
    code = "no_such_agency"


class NoSuchCredential(IssuerError):
    """No such credential, or not the caller's."""

    kind = "not_found"
    code = "no_such_credential"


class NoSuchOffer(IssuerError):
    """No such offer, or one that is over."""

    kind = "not_found"
    code = "no_such_offer"


class NoSuchView(IssuerError):
    """No such view, or no such request for one."""

    kind = "not_found"
    code = "no_such_view"


class NoSuchPublication(IssuerError):
    """Nothing is published there."""

    kind = "not_found"
    code = "no_such_publication"


class NoSuchEnrolment(IssuerError):
    """The enrolment link is unknown, used or over."""

    kind = "not_found"
    code = "no_such_enrolment"


class NoSuchPasskey(IssuerError):
    """No officer has registered this passkey."""

    kind = "unauthenticated"
    code = "no_such_passkey"


class AgencyExists(IssuerError):
    """An agency of this name is already there."""

    kind = "conflict"
    code = "agency_exists"


class AgencyNotReady(IssuerError):
    """The agency has no certificates yet, so nothing that it signs would be trusted."""

    kind = "conflict"
    code = "agency_not_certified"


class StatusIsFinal(IssuerError):
    """A revoked credential stays revoked (S-062)."""

    kind = "conflict"
    code = "revoked_is_final"


class OfferIsOver(IssuerError):
    """The offer was taken, withdrawn or ran out."""

    kind = "conflict"
    code = "offer_is_over"


class CounterpartUnavailable(IssuerError):
    """The register or the verifier cannot be asked now."""

    kind = "unavailable"
    code = "counterpart_unavailable"


class BadCertificate(IssuerError):
    """The certificate is not one for this agency's key."""

    kind = "malformed"
    code = "invalid_certificate"


class PublicationContended(IssuerError):
    """Other processes published the list faster, again and again."""

    kind = "unavailable"
    code = "publication_contended"


class OfferBusy(IssuerError):
    """Somebody is at it right now; the same request may succeed in a moment."""

    kind = "unavailable"
    code = "temporarily_unavailable"

"""
The trust registry as it is published: signed by its key, never older than seen, and never other
words under the same version.
"""

import hashlib

from cityhall.monitor.findings import Report
from cityhall.monitor.public_log import PublicLog
from cityhall.monitor.seen import Seen
from credentials.errors import CredentialError
from credentials.keys import PublicKey, parse_jwk
from credentials.trust import TrustRegistry
from credentials.trust_document import build_trust_registry_json, read_trust_registry
from encoding.strict_json import canonical_json


def check_trust(log: PublicLog, seen: Seen, report: Report) -> TrustRegistry | None:
    """The registry when it holds; receipts are read with its keys."""
    try:
        registry = read_trust_registry(log.text("/trust"), keys=_read_keys(log))
    except CredentialError as error:
        report.breach("trust_refused", f"the trust registry does not hold: {error}")
        return None
    content = build_trust_registry_json(registry)
    lasting = {"issuers": content["issuers"], "verifiers": content["verifiers"]}
    digest = hashlib.sha256(canonical_json(lasting)).hexdigest()
    version, known = seen.trust
    if registry.version < version:
        report.breach("trust_rollback", f"version {registry.version} is shown, {version} was seen")
        return None
    if registry.version == version and known not in ("", digest):
        report.breach("trust_fork", f"version {version} was changed after it was seen")
        return None
    if registry.expires_at <= report.at:
        report.breach("trust_expired", "the trust registry has run out")
    seen.trust = (registry.version, digest)
    report.figures["trust_version"] = registry.version
    return registry


def _read_keys(log: PublicLog) -> list[PublicKey]:
    keys = log.json("/trust/keys").get("keys")
    return [parse_jwk(key) for key in (keys if isinstance(keys, list) else [])]

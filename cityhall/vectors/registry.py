"""Every folder of published vectors, by name, and the counts that a run of them gives."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from cityhall.vectors import (
    authored,
    barcodes,
    bitstring_status_lists,
    cbor_ld,
    conformance_schemas,
    data_integrity,
    did_jwk,
    did_key,
    did_web,
    did_webvh,
    jcs,
    jsonld_contexts,
    multibases,
    oauth,
    openid4vci,
    openid4vp,
    rdf_canon,
    sd_jwts,
    tlog,
    token_status_lists,
    vc_jose_cose,
    vcdm2,
    wycheproof,
)
from cityhall.vectors.shelf import Checks, Outcome, Result, Shelf, explain, run_checks

OLDER_HAIP: Checks = (
    ("*", explain("illustration of an older draft: HAIP 1.0 Final names dc+sd-jwt")),
)

FOLDERS: Mapping[str, Checks] = {
    "attestation-based-client-auth": oauth.ATTESTATION,
    "authored": authored.CHECKS,
    "bitstring-status-list": bitstring_status_lists.CHECKS,
    "cbor-ld": cbor_ld.CHECKS,
    "did-jwk": did_jwk.CHECKS,
    "did-key": did_key.CHECKS,
    "did-web": did_web.CHECKS,
    "did-webvh": did_webvh.CHECKS,
    "dpop": oauth.DPOP,
    "haip": OLDER_HAIP,
    "jcs": jcs.CHECKS,
    "jsonld-contexts": jsonld_contexts.CHECKS,
    "multibase": multibases.CHECKS,
    "oidf-conformance": conformance_schemas.CHECKS,
    "openid4vci": openid4vci.CHECKS,
    "openid4vp": openid4vp.CHECKS,
    "rdf-canon": rdf_canon.CHECKS,
    "sd-jwt": sd_jwts.SD_JWT,
    "sd-jwt-vc": sd_jwts.SD_JWT_VC,
    "tlog": tlog.CHECKS,
    "token-status-list": token_status_lists.CHECKS,
    "vc-barcodes": barcodes.BARCODES,
    "vc-di-ecdsa": data_integrity.CHECKS,
    "vc-di-eddsa": data_integrity.CHECKS,
    "vc-jose-cose": vc_jose_cose.CHECKS,
    "vcdm2": vcdm2.CHECKS,
    "wycheproof": wycheproof.CHECKS,
}


def run_folders(root: Path) -> dict[str, list[Result]]:
    """Every case below `root`; a folder that no check knows is unknown, file by file."""
    return {
        folder.name: list(run_checks(Shelf(folder.name, folder), FOLDERS.get(folder.name, ())))
        for folder in sorted(root.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
    }


def count_outcomes(results: Sequence[Result]) -> dict[Outcome, int]:
    """How many cases came out in each way."""
    counted = Counter(each.outcome for each in results)
    return {outcome: counted[outcome] for outcome in Outcome}

"""openvc-core in a process of its own: SD-JWT VC, JWT VC, JCS proofs, mdocs, both status lists."""

from cryptography import x509
from lines import serve
from openvc.keys import signing_key_from_jwk
from openvc.mdoc import verify_device_response
from openvc.proof.di_jcs import EcdsaJcsProofSuite, EddsaJcsProofSuite
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite
from openvc.status.bitstring import new_bitstring, set_status_bit
from openvc.status.issue import (
    build_status_list_credential,
    build_status_list_token,
    verify_status_list_token,
)
from openvc.status.status_list import check_credential_status
from openvc.status.token_status_list import check_token_status, new_status_list, set_status

JCS = {"eddsa-jcs-2022": EddsaJcsProofSuite, "ecdsa-jcs-2019": EcdsaJcsProofSuite}


def issue_sd_jwt(claims, disclosable, jwk, decoys, holder):
    return SdJwtVcProofSuite().issue(
        claims,
        signing_key=signing_key_from_jwk(jwk, "key-1"),
        disclosable=disclosable,
        holder_jwk=holder,
        decoys=decoys,
    )


def present_sd_jwt(text, jwk, audience, nonce):
    return SdJwtVcProofSuite().create_presentation(
        text, holder_key=signing_key_from_jwk(jwk, "key-2"), audience=audience, nonce=nonce
    )


def verify_sd_jwt(text, jwk, audience, nonce):
    found = SdJwtVcProofSuite().verify(
        text,
        public_key_jwk=jwk,
        audience=audience,
        nonce=nonce,
        require_key_binding=nonce is not None,
    )
    return found.claims


def issue_vc_jwt(document, jwk, key_id):
    return VcJwtProofSuite().sign(document, signing_key=signing_key_from_jwk(jwk, key_id))


def verify_vc_jwt(text, jwk):
    return VcJwtProofSuite().verify(text, public_key_jwk=jwk).credential


def issue_proof(document, suite, jwk, method):
    return JCS[suite]().add_proof(
        document, signing_key=signing_key_from_jwk(jwk, method), verification_method=method
    )


def verify_proof(document, suite, jwk):
    JCS[suite]().verify(document, public_key_jwk=jwk)
    return True


def verify_mdoc(response, transcript, root):
    documents = verify_device_response(
        bytes.fromhex(response),
        session_transcript=bytes.fromhex(transcript),
        trust_anchors=[x509.load_der_x509_certificate(bytes.fromhex(root))],
    )
    return [each.doc_type for each in documents]


def read_token_list(token, uri, index, jwk):
    claims = verify_status_list_token(token, public_key_jwk=jwk, expected_uri=uri)
    reference = {"status": {"status_list": {"uri": uri, "idx": index}}}
    return check_token_status(reference, resolve_status_list_token=lambda _: claims).status


def issue_token_list(uri, size, statuses, bits, jwk, expires):
    packed = new_status_list(size, bits=bits)
    for index, status in statuses:
        set_status(packed, index, status, bits=bits)
    return build_status_list_token(
        signing_key=signing_key_from_jwk(jwk, "key-1"),
        uri=uri,
        status_list=packed,
        bits=bits,
        ttl=300,
        expires=expires,
    )


def read_bitstring_list(credential, entry):
    """Its reader takes what is in the JWT; the signature is the business of another part."""
    found = check_credential_status(
        {"credentialStatus": entry}, resolve_status_list=lambda _: credential
    )
    return {"revoked": found.revoked, "suspended": found.suspended}


def issue_bitstring_list(uri, issuer, size, indices):
    bits = new_bitstring(size)
    for index in indices:
        set_status_bit(bits, index, 1)
    return build_status_list_credential(id=uri, issuer=issuer, bitstring=bytes(bits))


serve(
    {
        each.__name__: each
        for each in (
            issue_sd_jwt,
            present_sd_jwt,
            verify_sd_jwt,
            issue_vc_jwt,
            verify_vc_jwt,
            issue_proof,
            verify_proof,
            verify_mdoc,
            read_token_list,
            issue_token_list,
            read_bitstring_list,
            issue_bitstring_list,
        )
    }
)

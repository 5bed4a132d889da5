"""Values to JSON: what the routes answer. Nothing sealed in an errand leaves but what is shown."""

from collections.abc import Sequence

from encoding.strict_json import JsonValue
from wallet_api.details import (
    OfferDetail,
    RequestDetail,
    SigningInput,
    read_detail,
)
from wallet_api.model import Errand, HistoryEntry
from wallet_api.residents import TOKEN_LIFETIME, SignedIn

Answer = dict[str, JsonValue]


def show_session(signed_in: SignedIn) -> Answer:
    """A token response."""
    return {
        "resident_id": signed_in.caller.resident,
        "device_id": signed_in.caller.device,
        "access_token": signed_in.access_token,
        "token_type": "DPoP",
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
    }


def show_offer(errand: Errand) -> Answer:
    """An offer, without its code or token."""
    detail = read_detail(errand, OfferDetail)
    return {
        "id": errand.id,
        "state": errand.state,
        "issuer": detail.issuer.model_dump(mode="json"),
        "credentials": [
            {"id": one.id, "type": one.type, "label": dict(one.label), "format": one.format}
            for one in detail.credentials
        ],
        "tx_code": detail.tx_code.model_dump(mode="json") if detail.tx_code else None,
        "batch_size": detail.batch_size,
        "expires_at": int(errand.expires_at.timestamp()),
    }


def show_request(errand: Errand) -> Answer:
    """A request as the resident reads it."""
    detail = read_detail(errand, RequestDetail)
    return {
        "id": errand.id,
        "state": errand.state,
        "verifier": detail.verifier.model_dump(mode="json"),
        "purpose": dict(detail.purpose),
        "credentials": [
            {
                "query_id": asked.query_id,
                "required": asked.required,
                "candidates": [
                    candidate.model_dump(mode="json", exclude={"disclose"})
                    for candidate in asked.candidates
                ],
            }
            for asked in detail.credentials
        ],
        "satisfiable": detail.satisfiable,
        "expires_at": int(errand.expires_at.timestamp()),
    }


def show_signing_inputs(inputs: Sequence[SigningInput]) -> list[JsonValue]:
    """What the device signs, and with which key."""
    return [{"key": one.key, "input": one.input} for one in inputs]


def show_history(entries: Sequence[HistoryEntry]) -> list[JsonValue]:
    """History lines."""
    return [
        {
            "id": entry.id,
            "at": int(entry.at.timestamp()),
            "happening": entry.happening.value,
            "detail": dict(entry.detail),
        }
        for entry in entries
    ]

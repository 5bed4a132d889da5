"""
What is asked, beside what the resident holds: the candidates and what would be seen of each.

A candidate's claims are read from the very text that would be presented, so the screen cannot
promise less than leaves.
"""

from collections.abc import Mapping, Sequence

from credentials.reading import read_credential
from credentials.sd_jwt import disclosable_paths, select_disclosures
from encoding.strict_json import JsonValue
from openid4vc.dcql import Query
from openid4vc.matching import Candidate, Holding, QueryMatch, build_holding, match_query
from wallet_api.details import AskedCredential, CandidateCard, Party, RequestDetail, ShownClaim
from wallet_api.errors import BadRequest, NotFound, NothingMatches
from wallet_api.faces import claim_label, face_labels, order_claims
from wallet_api.model import Card

SD_JWT_FORMATS = frozenset({"dc+sd-jwt", "vc+sd-jwt"})


def match_cards(query: Query, cards: Sequence[Card]) -> tuple[list[AskedCredential], QueryMatch]:
    """Every question with the cards that answer it, and what has to be in an answer."""
    by_id = {card.id: card for card in cards}
    match = match_query(query, [_holding(card) for card in cards])
    asked = [
        AskedCredential(
            query_id=question.id,
            required=question.id not in match.optional_ids,
            candidates=[
                _show_candidate(by_id[candidate.holding.id], candidate)
                for candidate in match.candidates.get(question.id, ())
            ],
        )
        for question in query.credentials
    ]
    return asked, match


def check_choices(detail: RequestDetail, choices: Mapping[str, str]) -> dict[str, CandidateCard]:
    """A card for every required question, for no unasked one, each a candidate as shown."""
    if not detail.satisfiable:
        raise NothingMatches("you do not hold what this request asks for")
    asked = {one.query_id: one for one in detail.credentials}
    if not set(choices) <= {*detail.required_ids, *detail.optional_ids}:
        raise BadRequest("a choice answers nothing that was asked")
    chosen = {}
    for query_id in [*detail.required_ids, *detail.optional_ids]:
        credential_id = choices.get(query_id)
        if credential_id is None:
            if query_id in detail.required_ids:
                raise BadRequest(f"no credential was chosen for {query_id}")
            continue
        matching = [one for one in asked[query_id].candidates if one.credential_id == credential_id]
        if not matching:
            raise NotFound("the chosen credential does not answer this request")
        chosen[query_id] = matching[0]
    return chosen


def _holding(card: Card) -> Holding:
    text = card.copies[0].text
    credential = read_credential(text)
    is_sd_jwt = credential.format.value in SD_JWT_FORMATS
    return build_holding(
        credential, id=card.id, disclosable=disclosable_paths(text) if is_sd_jwt else ()
    )


def _show_candidate(card: Card, candidate: Candidate) -> CandidateCard:
    """What the verifier would see: read from the very text that would be presented."""
    text = card.copies[0].text
    credential = read_credential(text)
    if credential.format.value in SD_JWT_FORMATS:
        credential = read_credential(select_disclosures(text, candidate.disclose))
    labels = face_labels(card.face)
    requested = [
        [part for part in path if part != "credentialSubject"] for path in candidate.requested
    ]
    return CandidateCard(
        credential_id=card.id,
        label=_texts(card.face.get("label")),
        issuer=Party.model_validate(card.face["issuer"]),
        claims=[
            ShownClaim(
                path=list(path),
                label=claim_label(path, labels),
                value=value,
                required=any(list(path[: len(one)]) == one for one in requested),
            )
            for path, value in order_claims(credential.claims, labels)
        ],
        disclose=[list(path) for path in candidate.disclose],
    )


def _texts(value: JsonValue) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {language: str(text) for language, text in value.items()}

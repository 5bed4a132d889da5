"""
Views: a resident asks for a narrow copy of several credentials, for showing as a QR code.

1. this counter asks the verifier for a session of the view's purpose; the wallet answers it
2. when the verdict passed, the view's claims are taken from the credentials that were shown, their
   status references become its links, and an offer is made in one transaction with that decision
3. the wallet takes the offer; one of its key proofs must be by a key that presented, so the view
   stays on the same device. It lives 72 hours at most

What a view is made of stands in `view_recipes/*.json`. Nobody signs in here: the wallet proves
itself by what it presents. The database keeps no claims beyond the offer.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from credentials.model import Format, Link
from encoding.strict_json import JsonValue, parse_object
from issuer.agencies import require_type
from issuer.errors import ClaimsRefused, NoSuchView
from issuer.offers import Terms, Wish, add_offered, build_made, lint_wish
from issuer.office import Office
from issuer.store import view_requests as store
from issuer.store.view_requests import ViewRequest, ViewState
from issuer.tickets import derive_ticket, digest_ticket, draw_ticket
from issuer.verifier_door import SessionResult, VerifierDoor
from runtime import audit
from runtime.failpoints import failpoint

MAX_LIFE = timedelta(hours=72)
REQUEST_LIFE = timedelta(minutes=10)
ASKS_PER_MINUTE = 600
"""From one address: that of a wallet service, which limits each of its residents itself."""

_logger = logging.getLogger("city.issuer")
_RECIPES = Path(__file__).parent / "view_recipes"


@dataclass(frozen=True, slots=True)
class Recipe:
    """
    What a view is made of. `claims`: each from one claim of a shown credential, or from several
    joined by a space; a source is (query id, claim). `linked`: query id to type name.
    `ends_with`: the claim whose date the view does not outlive.
    """

    view: str
    purpose: str
    claims: Mapping[str, tuple[tuple[str, str], ...]]
    ends_with: tuple[str, str] | None
    linked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StartedView:
    """`ticket` is what the wallet polls with; `request_uri` opens the verifier's question."""

    ticket: str
    request_uri: str


@dataclass(frozen=True, slots=True)
class ViewAnswer:
    """What a poll is told."""

    state: ViewState
    offer_uri: str | None
    verdict: Mapping[str, JsonValue] | None


def start_view(
    office: Office, door: VerifierDoor, *, agency: str, view: str, caller: str
) -> StartedView:
    """Ask the verifier for a session and keep its id. `caller`: whose requests are counted."""
    office.limiter.require("views", caller, limit=ASKS_PER_MINUTE, per=timedelta(minutes=1))
    recipe = load_recipes().get(view)
    if recipe is None:
        raise NoSuchView("no such view")
    require_type(office, agency=agency, type_name=view)
    session = door.start_session(recipe.purpose)
    ticket = draw_ticket()
    with failpoint("issuer.start_view"), office.database.writing() as database:
        store.add_view_request(
            database,
            ViewRequest(
                id=digest_ticket(ticket),
                agency=agency,
                view=view,
                session=session.id,
                state=ViewState.WAITING,
                verdict=None,
                expires_at=office.clock() + REQUEST_LIFE,
            ),
        )
    return StartedView(ticket, session.request_uri)


def read_view(office: Office, door: VerifierDoor, *, agency: str, ticket: str) -> ViewAnswer:
    """How it stands; the first poll after the verdict decides."""
    with office.database.reading() as database:
        request = store.load_view_request(database, agency, digest_ticket(ticket))
    if request is None or request.expires_at <= office.clock():
        raise NoSuchView("no such request for a view, or it is over")
    if request.state is ViewState.WAITING:
        return _decide(office, door, request, ticket=ticket)
    return _build_answer(office, request, ticket=ticket, state=request.state)


@cache
def load_recipes() -> Mapping[str, Recipe]:
    """Every recipe, by the name of its view."""
    recipes = (parse_recipe(path.read_bytes()) for path in sorted(_RECIPES.glob("*.json")))
    return {recipe.view: recipe for recipe in recipes}


def parse_recipe(data: bytes) -> Recipe:
    """Read a recipe file."""
    value = parse_object(data)
    claims, linked, ends_with = value["claims"], value["linked"], value["ends_with"]
    if not isinstance(claims, dict) or not isinstance(linked, dict):
        raise ClaimsRefused("a recipe needs claims and linked")
    return Recipe(
        view=str(value["view"]),
        purpose=str(value["purpose"]),
        claims={name: _parse_sources(sources) for name, sources in claims.items()},
        ends_with=None if ends_with is None else _parse_source(ends_with),
        linked={query: str(name) for query, name in linked.items()},
    )


def build_claims(
    recipe: Recipe, shown: Mapping[str, Mapping[str, JsonValue]], *, optional: Collection[str]
) -> dict[str, JsonValue]:
    """The view's claims from the claims that were shown. `optional`: those it can do without."""
    claims: dict[str, JsonValue] = {}
    for name, sources in recipe.claims.items():
        values = [shown.get(query, {}).get(claim) for query, claim in sources]
        if any(value is None for value in values):
            if name in optional:
                continue
            raise ClaimsRefused(f"claim {name} of view {recipe.view} was not shown")
        claims[name] = values[0] if len(values) == 1 else " ".join(map(str, values))
    return claims


def _decide(office: Office, door: VerifierDoor, request: ViewRequest, *, ticket: str) -> ViewAnswer:
    """Waiting -> offered | refused, together with the offer; a poll that comes second reads it."""
    result = door.read_session(request.session)
    if not result.is_over:
        return ViewAnswer(ViewState.WAITING, None, None)
    offer = _build_offer(office, request, result, ticket) if result.has_passed else None
    state = ViewState.REFUSED if offer is None else ViewState.OFFERED
    with failpoint("issuer.decide_view"), office.database.writing() as database:
        is_first = store.record_view_answered(database, request, to=state, verdict=result.verdict)
        if is_first and offer is not None:
            wish, terms = offer
            credential = add_offered(
                database, office=office, wish=wish, terms=terms, now=office.clock(), request_id=None
            )
            audit.record(
                database,
                clock=office.clock,
                actor="wallet",
                action="offer_view",
                subject=credential,
                detail={"view": request.view},
            )
    return _build_answer(office, request, ticket=ticket, state=state, verdict=result.verdict)


def _build_offer(
    office: Office, request: ViewRequest, result: SessionResult, ticket: str
) -> tuple[Wish, Terms] | None:
    """What was shown, as an offer; None when no view can be made of it."""
    try:
        return _cook(office, load_recipes()[request.view], request, result, ticket)
    except ClaimsRefused as error:
        _logger.warning("a view cannot be made: %s", error)
        return None


def _cook(
    office: Office, recipe: Recipe, request: ViewRequest, result: SessionResult, ticket: str
) -> tuple[Wish, Terms]:
    """A wish of this counter's own, linted like every other."""
    if not result.holder_keys:
        raise ClaimsRefused("the verifier names no key that presented")
    missing = [query for query in recipe.linked if query not in result.references]
    if missing:
        raise ClaimsRefused(f"credentials without a status: {', '.join(missing)}")
    claims = office.catalog.by_name(request.view).claims
    optional = {claim.path[0] for claim in claims if not claim.required}
    wish = Wish(
        agency=request.agency,
        type=request.view,
        claims=build_claims(recipe, result.claims, optional=optional),
        format=Format.DC_SD_JWT,
        has_tx_code=False,
    )
    lint_wish(office, wish)
    return wish, Terms(
        ticket=_derive_offer(ticket),
        links=tuple(
            Link(type_name, result.references[query]) for query, type_name in recipe.linked.items()
        ),
        holder_keys=result.holder_keys,
        valid_until=_find_end(office.clock(), recipe, result.claims),
    )


def _find_end(
    now: datetime, recipe: Recipe, shown: Mapping[str, Mapping[str, JsonValue]]
) -> datetime:
    """72 hours from now, or the end of the day that the recipe names, whichever is earlier."""
    latest = now + MAX_LIFE
    if recipe.ends_with is None:
        return latest
    query, claim = recipe.ends_with
    try:
        last_day = date.fromisoformat(str(shown.get(query, {}).get(claim)))
    except ValueError as error:
        raise ClaimsRefused(f"claim {claim} is not a date") from error
    end = datetime.combine(last_day, time.max, tzinfo=UTC).replace(microsecond=0)
    if end <= now:
        raise ClaimsRefused(f"claim {claim} is over")
    return min(latest, end)


def _build_answer(
    office: Office,
    request: ViewRequest,
    *,
    ticket: str,
    state: ViewState,
    verdict: Mapping[str, JsonValue] | None = None,
) -> ViewAnswer:
    offer_uri = None
    if state is ViewState.OFFERED:
        wish = Wish(request.agency, request.view, {}, Format.DC_SD_JWT, has_tx_code=False)
        terms = Terms(_derive_offer(ticket))
        made = build_made(office, wish, credential="", terms=terms, now=office.clock())
        offer_uri = made.offer_uri
    return ViewAnswer(state, offer_uri, verdict if verdict is not None else request.verdict)


def _derive_offer(ticket: str) -> str:
    """The wallet's ticket leads to the offer's, so neither has to be stored."""
    return derive_ticket(ticket, purpose="view offer")


def _parse_sources(value: JsonValue) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or not value:
        raise ClaimsRefused("a recipe's claim needs sources")
    return tuple(_parse_source(source) for source in value)


def _parse_source(value: JsonValue) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise ClaimsRefused("a recipe's source is a query id and a claim")
    return str(value[0]), str(value[1])

"""
Getting a view from its agency: the agency asks for the credentials behind it, then offers it.

The wallet starts the agency's view session and hands the device the request to answer like any
other. When the agency has seen that the credentials hold, its session names an offer. Which
agency issues a view is looked up in the trust registry, unless the caller names one.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from runtime.clock import Clock
from runtime.fetch import Fetcher
from wallet_api.details import ViewDetail, read_detail, write_detail
from wallet_api.errors import IssuerRefused, NotFound, Unreachable
from wallet_api.issued import find_issuer
from wallet_api.model import Caller, Errand, ErrandKind, ViewState
from wallet_api.store.errands import ErrandStore
from wallet_api.trust_feed import TrustFeed

VIEW_LIFETIME = timedelta(minutes=30)
MAX_ANSWER_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class StartedView:
    """A view session: its id here, and the link of the request that has to be answered."""

    id: str
    request_uri: str


@dataclass(frozen=True, slots=True)
class Viewing:
    """The counter where views are asked for."""

    errands: ErrandStore
    fetcher: Fetcher
    trust: TrustFeed
    clock: Clock

    def start(self, caller: Caller, *, view: str, issuer: str | None) -> StartedView:
        """Ask the agency to look at the credentials behind this view."""
        agency = self._find_agency(view, issuer)
        answer = self.fetcher.post_json(
            f"{agency}/views", {"view": view}, max_bytes=MAX_ANSWER_BYTES
        )
        if 400 <= answer.status < 500 and answer.status != 429:
            raise IssuerRefused("the agency does not give this view now", code="view_refused")
        if not answer.is_success:
            raise Unreachable(f"the agency answered {answer.status}")
        members = _read(answer.body)
        status_uri, request_uri = _text(members, "status_uri"), _text(members, "request_uri")
        if _origin(status_uri) != _origin(agency):
            raise Unreachable("the agency named a status address that is not its own")
        errand = self.errands.begin(
            caller,
            kind=ErrandKind.VIEW,
            state=ViewState.WAITING,
            expires_at=self.clock() + VIEW_LIFETIME,
            detail=write_detail(ViewDetail(view=view, issuer=agency, status_uri=status_uri)),
        )
        return StartedView(id=errand.id, request_uri=request_uri)

    def poll(self, caller: Caller, view_id: str) -> tuple[ViewState, str | None]:
        """How it stands, and the offer once there is one."""
        errand = self.errands.load(caller, view_id, kind=ErrandKind.VIEW)
        detail = read_detail(errand, ViewDetail)
        if errand.state != ViewState.WAITING:
            return ViewState(errand.state), detail.offer_uri
        answer = self.fetcher.get(
            detail.status_uri, accept="application/json", max_bytes=MAX_ANSWER_BYTES
        )
        if answer.status == 404:
            return self._end(caller, errand, detail, to=ViewState.REFUSED, offer_uri=None)
        if not answer.is_success:
            raise Unreachable(f"the agency answered {answer.status}")
        members = _read(answer.body)
        match members.get("state"):
            case "offered":
                offer_uri = _text(members, "offer_uri")
                return self._end(caller, errand, detail, to=ViewState.OFFERED, offer_uri=offer_uri)
            case "refused":
                return self._end(caller, errand, detail, to=ViewState.REFUSED, offer_uri=None)
            case _:
                return ViewState.WAITING, None

    def _end(
        self,
        caller: Caller,
        errand: Errand,
        detail: ViewDetail,
        *,
        to: ViewState,
        offer_uri: str | None,
    ) -> tuple[ViewState, str | None]:
        done = detail.model_copy(update={"offer_uri": offer_uri})
        self.errands.move(caller, errand, to=to, detail=write_detail(done))
        return to, offer_uri

    def _find_agency(self, view: str, issuer: str | None) -> str:
        """The https identifier of the agency that is accredited for the view."""
        registry = self.trust.current()
        if issuer is not None:
            if find_issuer(registry, issuer) is None:
                raise NotFound("the trust registry does not know this agency")
            return issuer
        now = self.clock()
        for agency in registry.issuers:
            for accreditation in agency.accreditations:
                ends = accreditation.valid_until
                is_current = accreditation.valid_from <= now and (ends is None or now < ends)
                if is_current and any(
                    name.endswith(f"/types/{view}") for name in accreditation.types
                ):
                    return next(name for name in agency.identifiers if not name.startswith("did:"))
        raise NotFound("no agency issues this view")


def _read(body: bytes) -> dict[str, JsonValue]:
    try:
        return parse_object(body)
    except EncodingError as error:
        raise Unreachable("the agency's answer cannot be read") from error


def _text(members: dict[str, JsonValue], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise Unreachable(f"the agency's answer lacks {name}")
    return value


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Unreachable("the agency named an address that is none") from error
    return parts.scheme, parts.netloc

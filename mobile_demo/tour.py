"""
The main job without a browser, step by step with times.

Everything goes through the public doors: officers' API, OpenID4VCI, the mobile API, OpenID4VP, the
offline bundle. Each step says what must come out; a step that comes out otherwise fails the tour.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from credentials.keys import parse_jwk
from credentials.packing import packed_size
from encoding.strict_json import JsonValue
from mobile_demo.catalog import load_catalog
from mobile_demo.desk import Desk
from mobile_demo.device import Device, open_device
from mobile_demo.errors import DemoError
from mobile_demo.inspector import OfflineInspector
from mobile_demo.letters import object_of, objects_of, text_of
from mobile_demo.people import agency_for
from runtime.qr import qr_version

PURPOSE = "taxi-inspection"
VIEW = "taxi-inspection"
STALE_AFTER = timedelta(seconds=90)
BUNDLE_POLLS = 25
FOUR = ("driving-licence", "taxi-permit", "vehicle-registration", "insurance-certificate")


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it came out."""

    name: str
    expected: str
    found: str
    milliseconds: float
    details: Mapping[str, JsonValue]

    @property
    def is_good(self) -> bool:
        """Whether it came out as it must."""
        return self.expected == self.found


Outcome = tuple[str, Mapping[str, JsonValue]]
Report = Callable[[Step], None]


@dataclass(slots=True)
class Tour:
    """A resident, an inspector without network, and the operator's desk of a running city."""

    desk: Desk
    device: Device
    inspector: OfflineInspector
    report: Report
    steps: list[Step] = field(default_factory=list)
    offered: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)

    def run(self) -> bool:
        """All steps in order; False as soon as one is not as it must be."""
        return all(self._take(name, expected, act) for name, expected, act in self.plan())

    def plan(self) -> list[tuple[str, str, Callable[[], Outcome]]]:
        """Each step: its name, what must come out, and the act itself."""
        return [
            *[
                (f"{agency_for(type_)} issues the {type_}", "received", self._issue(type_))
                for type_ in FOUR
            ],
            ("transport asks for the four and offers the view", "received", self._get_view),
            ("the inspector fetches the offline bundle", "stored", self._get_bundle),
            ("the resident shows a QR, scanned offline", "passed", self._scan_fresh),
            ("the same QR again", "failed: replayed", self._scan_again),
            ("another QR, 90 seconds later", "failed: stale_code", self._scan_stale),
            ("the insurer revokes", "revoked", self._revoke),
            ("checked online at once", "failed: revoked insurance-certificate", self._check_online),
            ("the next bundle", "stored", self._get_next_bundle),
            ("checked offline", "failed: revoked insurance-certificate", self._scan_fresh),
            ("the insurer issues anew", "received", self._issue("insurance-certificate")),
            ("online, the four are asked for and joined", "passed", self._ask_online),
            ("another driver's licence is issued", "received", self._issue_other_licence),
            ("another driver's licence in their midst", "failed: join_failed", self._ask_mixed),
        ]

    def _take(self, name: str, expected: str, act: Callable[[], Outcome]) -> bool:
        started = time.perf_counter()
        try:
            found, details = act()
        except DemoError as error:
            found, details = f"{error.code}: {error}", {}
        elapsed = (time.perf_counter() - started) * 1000
        step = Step(name, expected, found, round(elapsed, 1), details)
        self.steps.append(step)
        self.report(step)
        return step.is_good

    def _issue(self, type_name: str) -> Callable[[], Outcome]:
        def act() -> Outcome:
            return self._offer_and_receive(type_name, example_of(type_name), key=type_name)

        return act

    def _offer_and_receive(
        self, type_name: str, claims: dict[str, JsonValue], *, key: str
    ) -> Outcome:
        agency = agency_for(type_name)
        officer = self.desk.letters("issuer", role="officer", agency=agency)
        offered = officer.post(
            "/api/v1/offers",
            {"agency": agency, "type": type_name, "claims": claims, "tx_code": True},
        )
        received = self.device.receive(
            text_of(offered, "offer_uri"), tx_code=text_of(offered, "tx_code")
        )
        self.offered[key] = text_of(offered, "credential_id")
        self.codes.append(text_of(received[0], "id"))
        return "received", {"credential_id": self.offered[key], "copies": len(received)}

    def _get_view(self) -> Outcome:
        received = self.device.fetch_view(VIEW)
        return "received", {"copies": len(received)}

    def _get_bundle(self) -> Outcome:
        letters = self.desk.letters("verifier", role="inspector")
        text = letters.text("/api/v1/bundle", accept="*/*")
        epoch = self.inspector.store(text)
        return "stored", {"bytes": len(text), "epoch": epoch}

    def _scan_fresh(self) -> Outcome:
        code = self.device.show(VIEW)
        self.codes = [code]
        return self._scan(code, later=timedelta(0))

    def _scan_again(self) -> Outcome:
        return self._scan(self.codes[-1], later=timedelta(seconds=1))

    def _scan_stale(self) -> Outcome:
        return self._scan(self.device.show(VIEW), later=STALE_AFTER)

    def _scan(self, code: str, *, later: timedelta) -> Outcome:
        verdict = self.inspector.check(code, now=self.desk.clock() + later)
        return describe(verdict), {
            "qr_bytes": packed_size(code),
            "qr_characters": len(code),
            "qr_version": qr_version(code),
            "verdict": verdict,
        }

    def _revoke(self) -> Outcome:
        agency = agency_for("insurance-certificate")
        officer = self.desk.letters("issuer", role="officer", agency=agency)
        identifier = self.offered["insurance-certificate"]
        receipt = officer.post(
            f"/api/v1/credentials/{identifier}/status",
            {"status": "revoked", "reason": "policy cancelled"},
        )
        return str(receipt.get("status")), {"receipt": receipt.get("receipt")}

    def _check_online(self) -> Outcome:
        letters = self.desk.letters("verifier", role="inspector")
        code = self.device.show(VIEW)
        verdict = letters.post("/api/v1/checks", {"qr": code, "purpose": PURPOSE})
        return describe(verdict), {"verdict": verdict}

    def _get_next_bundle(self) -> Outcome:
        closed = self.desk.close_epoch()
        for _ in range(BUNDLE_POLLS):
            outcome = self._get_bundle()
            if outcome[1]["epoch"] == closed["epoch"]:
                return outcome
            time.sleep(0.2)
        raise DemoError("the bundle does not carry the new epoch", code="bundle_late")

    def _ask_online(self) -> Outcome:
        return self._ask({})

    def _ask(self, choices: Mapping[str, str]) -> Outcome:
        business = self.desk.letters("verifier", role="business")
        session = business.post("/api/v1/sessions", {"purpose": PURPOSE})
        self.device.answer(text_of(session, "request_uri"), choices=choices, consent=lambda _: True)
        state = business.get(f"/api/v1/sessions/{text_of(session, 'id')}")
        verdict = state.get("verdict")
        if not isinstance(verdict, dict):
            return str(state.get("state")), {}
        return describe(verdict), {"verdict": verdict}

    def _issue_other_licence(self) -> Outcome:
        claims = example_of("driving-licence")
        claims["driver_number"] = f"{claims['driver_number']}9"
        return self._offer_and_receive("driving-licence", claims, key="other-licence")

    def _ask_mixed(self) -> Outcome:
        return self._ask({"driving_licence": self.codes[-1]})


def example_of(type_name: str) -> dict[str, JsonValue]:
    """The example claims of a type."""
    return dict(load_catalog().by_name(type_name).example)


def describe(verdict: Mapping[str, JsonValue]) -> str:
    """`passed`, or the outcome with each reason and the credential it is about."""
    outcome = text_of(verdict, "outcome")
    if outcome == "passed":
        return outcome
    found = dict.fromkeys(
        f"{check.get('reason')} {check.get('credential') or ''}".strip()
        if check.get("reason") == "revoked"
        else str(check.get("reason"))
        for check in objects_of(verdict, "checks")
        if check.get("outcome") != "passed"
    )
    return f"{outcome}: {', '.join(found)}"


def build_tour(desk: Desk, folder: Path, *, resident: str, report: Report) -> Tour:
    """A tour with a fresh resident and an inspector who has never scanned anything."""
    device = open_device(
        folder,
        resident,
        wallet_url=desk.urls["wallet_api"],
        fetcher=desk.fetcher,
        clock=desk.clock,
    )
    registration = desk.letters("verifier", role="operator").get("/api/v1/registration")
    inspector = OfflineInspector(
        purpose=PURPOSE, key=parse_jwk(object_of(registration, "bundle_key"))
    )
    return Tour(desk=desk, device=device, inspector=inspector, report=report)

"""`./city wallet`: a resident's wallet with a software device, through the same mobile API."""

import argparse
from collections.abc import Mapping, Sequence

from cityhall.command_line import show
from cityhall.desk import open_desk
from cityhall.errors import DeskError
from encoding.strict_json import JsonValue
from mobile_demo.device import Device, open_device

HELP = "receive, show and present as a resident"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """receive OFFER | answer REQUEST | show | list."""
    parser.add_argument("action", choices=("receive", "answer", "show", "list"))
    parser.add_argument("uri", nargs="?", help="an offer to receive, or a request to answer")
    parser.add_argument("--tx-code")
    parser.add_argument("--resident", default="resident", help="whose device (default: resident)")
    parser.add_argument("--consent", action="store_true", help="yes, share what is asked")
    parser.add_argument("--view", default="taxi-inspection")


def run(arguments: argparse.Namespace) -> int:
    """One act of the resident."""
    desk = open_desk(arguments)
    device = open_device(
        arguments.data_dir / "devices",
        arguments.resident,
        wallet_url=desk.urls["wallet_api"],
        fetcher=desk.fetcher,
        clock=desk.clock,
    )
    if arguments.action in {"receive", "answer"} and not arguments.uri:
        raise DeskError(f"name what to {arguments.action}")
    act = {"receive": receive, "answer": answer, "show": show_code, "list": list_cards}
    act[arguments.action](arguments, device)
    return 0


def receive(arguments: argparse.Namespace, device: Device) -> None:
    """Take the offer and keep view copies for showing without a network."""
    received = device.receive(arguments.uri, tx_code=arguments.tx_code)
    device.keep_views()
    show_cards(arguments, received)


def answer(arguments: argparse.Namespace, device: Device) -> None:
    """Answer with the first candidates; without --consent it is declined."""

    def consent(opened: Mapping[str, JsonValue]) -> bool:
        return bool(arguments.consent)

    show(arguments, device.answer(arguments.uri, choices={}, consent=consent))


def show_code(arguments: argparse.Namespace, device: Device) -> None:
    """The text of the QR, with a fresh key binding; receives the view first when there is none."""
    if not device.has_view(arguments.view):
        device.fetch_view(arguments.view)
    text = device.show(arguments.view)
    show(arguments, {"qr": text}, text)


def list_cards(arguments: argparse.Namespace, device: Device) -> None:
    """What the resident holds."""
    show_cards(arguments, device.credentials())


def show_cards(arguments: argparse.Namespace, cards: Sequence[Mapping[str, JsonValue]]) -> None:
    """A line a card for people; everything about them with --json."""
    lines = [
        f"{card.get('type')} ({card.get('format')}), {card.get('status')}, "
        f"copies: {card.get('copies')}, valid until {card.get('valid_until')}"
        for card in cards
    ]
    value: list[JsonValue] = [dict(card) for card in cards]
    show(
        arguments,
        {"credentials": value},
        "\n".join(lines) or "no cards yet: ./city wallet receive OFFER_URI",
    )

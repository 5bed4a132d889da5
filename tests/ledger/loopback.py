"""Transports for drivers in tests: plain HTTP to this machine, as `runtime.fetch` would do it."""

import urllib.error
import urllib.request

from ledger.errors import ChainUnavailable
from ledger.transport import HttpAnswer, HttpRequest

SECONDS = 5


def ask_http(request):
    """For `ledger.transport`."""
    words = urllib.request.Request(
        request.url,
        request.body or None,
        {"Content-Type": request.media_type},
        method=request.method,
    )
    try:
        with urllib.request.urlopen(words, timeout=SECONDS) as answer:
            return HttpAnswer(answer.status, answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return HttpAnswer(refusal.code, refusal.read())
    except OSError as error:
        raise ChainUnavailable(f"{request.url} does not answer") from error


def post(url, body):
    """For `ledger.json_rpc`."""
    return ask_http(HttpRequest("POST", url, body)).body

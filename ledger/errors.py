"""What can go wrong with proofs, notes and the log. `runtime.problems` maps each kind to HTTP."""


class LedgerError(Exception):
    """The root of this package's errors."""

    kind = "malformed"
    code = "invalid_request"


class Malformed(LedgerError):
    """A note, checkpoint, leaf, proof or policy that cannot be read."""

    def __init__(self, message: str, *, detail: str = "malformed") -> None:
        super().__init__(message)
        self.detail = detail


class NoteRefused(LedgerError):
    """A note that no known key signed, or on which the signature of a known key is wrong."""

    kind = "refused"
    code = "bad_note"

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


class AnchorError(LedgerError):
    """A proof that does not show what it should. `detail` is a stable fine code."""

    kind = "refused"
    code = "not_anchored"

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


class NoSuchEntry(LedgerError):
    """An epoch, tile or list that the log does not hold, or does not hold yet."""

    kind = "not_found"
    code = "not_found"


class OlderList(LedgerError):
    """A status list that is older than the one that the log already took."""

    kind = "conflict"
    code = "older_list"


class LogDamaged(LedgerError):
    """The stored log contradicts itself: nothing is appended or signed until a person looked."""

    kind = "unavailable"
    code = "log_damaged"


class ClockWentBack(LedgerError):
    """The clock reads earlier than the last epoch: an epoch closed now would be a lie."""

    kind = "unavailable"
    code = "clock_went_back"


class WitnessUnavailable(LedgerError):
    """A witness gave no usable cosignature."""

    kind = "unavailable"
    code = "witness_unavailable"


class WitnessIsAhead(LedgerError):
    """A witness saw a larger tree: this database was rolled back, or the log key is stolen."""

    kind = "unavailable"
    code = "witness_is_ahead"


class ChainUnavailable(LedgerError):
    """A chain cannot be asked, or did not say what became of a transaction."""

    kind = "unavailable"
    code = "chain_unavailable"


class ForeignChain(LedgerError):
    """A node that speaks for another chain, or a contract or answer that cannot be ours."""

    kind = "refused"
    code = "foreign_chain"

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail

"""What the operator's desk may answer instead of a result."""


class DeskError(Exception):
    """The command could not do its work; the message says what to do next."""

    kind = "refused"
    code = "cannot_work"


class NoCity(DeskError):
    """No running city was found."""

    kind = "not_found"
    code = "no_city"

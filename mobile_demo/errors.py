"""What the demo's people may meet."""


class DemoError(Exception):
    """A letter was answered with a refusal, or a step was not as it must be."""

    kind = "refused"
    code = "refused"

    def __init__(self, message: str, *, code: str = "refused") -> None:
        super().__init__(message)
        self.code = code

"""Properties are tried without a deadline: the machine may be busy."""

from hypothesis import settings

settings.register_profile("encoding", deadline=None, max_examples=150)
settings.load_profile("encoding")

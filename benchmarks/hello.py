"""A bare Flask application: what any request costs under the same server."""

from flask import Flask


def create_app() -> Flask:
    """One route, one word."""
    app = Flask(__name__)

    @app.post("/hello")
    def hello() -> str:
        return "hello"

    return app

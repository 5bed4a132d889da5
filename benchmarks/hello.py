"""A bare Flask application: what any request costs under the same server."""

from flask import Flask, request


def create_app() -> Flask:
    """One route, one word."""
    app = Flask(__name__)

    @app.post("/hello")
    def hello() -> str:
        request.get_data()  # an unread body would end the connection
        return "hello"

    return app

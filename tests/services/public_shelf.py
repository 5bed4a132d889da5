"""Public bytes on loopback, as the web server of a small city gives them out."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from encoding import base64url
from ledger.epoch import token_digest

HOST = "127.0.0.1"


class PublicShelf:
    """Public bytes on loopback, with ETags; counts who asks for what."""

    def __init__(self):
        self.files = {}
        self.asked = []
        self.is_away = False
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = urlsplit(self.path).path
                shelf.asked.append(path)
                if shelf.is_away or path not in shelf.files:
                    self.send_response(503 if shelf.is_away else 404)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                media_type, body = shelf.files[path]
                etag = f'"{base64url.encode(token_digest(body)[:12])}"'
                fresh = self.headers.get("If-None-Match") == etag
                self.send_response(304 if fresh else 200)
                self.send_header("Content-Type", media_type)
                self.send_header("ETag", etag)
                self.send_header("Content-Length", "0" if fresh else str(len(body)))
                self.end_headers()
                if not fresh:
                    self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self.server.server_port}"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self.thread.start()

    def put(self, path, media_type, body):
        self.files[path] = (media_type, body if isinstance(body, bytes) else body.encode())

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

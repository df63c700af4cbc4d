"""Style sheets, scripts and drawings leave compressed: they weigh most of a first visit.

Pages themselves do not: what they repeat of a request beside a form's token must not show in
their length.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_WORDS = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})


def compress_static_files(app: Flask) -> None:
    """Send static files of words compressed to browsers that take them so."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    is_static = (request.endpoint or "").endswith("static")
    if not is_static or response.status_code != 200 or response.mimetype not in _WORDS:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    response.set_data(_packed(response.get_data()))
    response.content_encoding = "gzip"
    tag, _ = response.get_etag()
    if tag:
        # The same file in other bytes: alike, but not to the byte.
        response.set_etag(tag, weak=True)
    return response


@lru_cache(maxsize=64)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)

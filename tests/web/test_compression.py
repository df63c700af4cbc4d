"""Style sheets, scripts and drawings leave compressed; pages do not."""

import gzip

import pytest
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize(
    "path",
    [
        "/bootstrap/static/css/bootstrap.min.css",
        "/static/css/theme.css",
        "/static/js/page.js",
        "/static/favicon.svg",
    ],
)
def test_static_file_is_the_same_compressed_and_smaller(client: FlaskClient, path: str) -> None:
    plain, packed = client.get(path, buffered=True), client.get(path, headers=GZIP, buffered=True)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    assert "Accept-Encoding" in plain.vary
    assert "Accept-Encoding" in packed.vary
    asked = GZIP | {"If-None-Match": packed.headers["ETag"]}
    again = client.get(path, headers=asked, buffered=True)
    assert again.status_code == 304


def test_page_with_a_form_is_not_compressed(client: FlaskClient) -> None:
    answer = client.get("/sign-in", headers=GZIP)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers

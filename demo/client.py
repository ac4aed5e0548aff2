"""JSON over HTTP to the programs that the demo started, and short lines for a terminal."""

import json
import urllib.error
import urllib.request

# Everything is on this machine: a proxy of the environment has no part in it.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class DemoError(Exception):
    """Something that the person at the terminal should read in one line."""


def call(method, url, body=None, token=None):
    """One JSON request; an error answer becomes its problem's detail."""
    headers = {"Accept": "application/json"}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with DIRECT.open(request, timeout=60) as reply:
            text = reply.read()
    except urllib.error.HTTPError as error:
        raise DemoError(f"{method} {url} answered {error.code}: {error.read().decode(errors='replace')}") from None
    return json.loads(text) if text else None


def cut(text, width):
    return text if len(text) <= width else text[: width - 1] + "…"

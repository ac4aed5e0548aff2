"""Pages of a list that was read whole; tokens are opaque to clients."""

import base64

from ..errors import AwsError


def page(items: list, token: str | None, size: int | None, largest: int) -> tuple[list, str | None]:
    size = min(size or largest, largest)
    try:
        start = int(base64.urlsafe_b64decode(token).decode().removeprefix("next:")) if token else 0
    except ValueError:
        raise AwsError("ValidationException", "The pagination token is not valid.", 400) from None
    following = start + size
    more = base64.urlsafe_b64encode(f"next:{following}".encode()).decode() if following < len(items) else None
    return items[start:following], more


def with_token(reply: dict, name: str, token: str | None) -> dict:
    return {**reply, name: token} if token else reply

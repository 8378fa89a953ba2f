"""Watching where messages are sealed: which generation of whose ratchet, and under which key and nonce."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from cordiale.mls import private_message, sender_data

Place = tuple[str, int, int, int]
"""Group, epoch, leaf and generation."""


@contextmanager
def watched(place: Callable[[Place], None], key: Callable[[bytes, bytes], None]) -> Iterator[None]:
    """Tell of every sealing before it is done, whichever module asks for it."""
    seal_message, seal = private_message.seal_message, private_message.seal

    def tell_place(content: Any, secret: Any, tree: Any, suite: Any, *more: Any) -> Any:
        framed = content.framed
        leaf, kind = framed.sender.leaf, private_message.RATCHET_OF[framed.type]
        place((framed.group_id.hex(), framed.epoch, leaf, tree.generation(leaf, kind)))
        return seal_message(content, secret, tree, suite, *more)

    def tell_key(suite: Any, used: bytes, nonce: bytes, *more: Any) -> bytes:
        key(used, nonce)
        return seal(suite, used, nonce, *more)

    holders = [module for name, module in sys.modules.items() if name.startswith("cordiale.mls.")]
    with ExitStack() as stack:
        for module in holders:
            if getattr(module, "seal_message", None) is seal_message:
                stack.enter_context(patch.object(module, "seal_message", tell_place))
        for module in (private_message, sender_data):
            stack.enter_context(patch.object(module, "seal", tell_key))
        yield

"""Files of others that are shipped inside the package: `assets/package.json` names them, its build fetches them."""

from importlib.resources import files

from cordiale.errors import NotFound


def asset(name: str) -> bytes:
    """The content of a shipped file. A tree that was never set up has none (`make demo` and `pip install` both do)."""
    try:
        return (files("cordiale") / "assets" / name).read_bytes()
    except FileNotFoundError:
        raise NotFound(name, what="file of the installation") from None

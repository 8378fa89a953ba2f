"""Files of others that are shipped inside the package: `assets/package.json` names them, its build fetches them."""

from importlib.resources import files
from pathlib import Path

from cordiale.errors import NotFound


def asset(name: str) -> bytes:
    """The content of a shipped file. A tree that was never set up has none (`make demo` and `pip install` both do)."""
    try:
        return (files("cordiale") / "assets" / name).read_bytes()
    except FileNotFoundError:
        raise NotFound(name, what="file of the installation") from None


def asset_path(name: str) -> Path:
    """Where a shipped file lies, for what reads only parts of it."""
    path = Path(str(files("cordiale") / "assets" / name))
    if not path.is_file():
        raise NotFound(name, what="file of the installation")
    return path

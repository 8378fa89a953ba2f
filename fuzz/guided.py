"""One target under atheris: `python -m fuzz.guided TARGET [libFuzzer's options] [corpus…]`.

The project's own modules are instrumented as they are imported, so that inputs which reach new code are found and kept.
"""

import importlib
import sys

import atheris


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["cordiale"]):
        one_input = importlib.import_module(f"fuzz.{name}").TestOneInput
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""`python -m cordiale`."""

from cordiale.cli.main import run

if __name__ == "__main__":
    run()

"""Lines are only added; one that broke off neither counts nor spoils the next."""

from pathlib import Path

from cordiale.analysis import line_file


def test_lines_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    assert list(line_file.whole(path)) == []
    line_file.append(path, [b"a", b"b"])
    line_file.append(path, [])
    line_file.append(path, [b"c"])
    assert list(line_file.whole(path)) == [b"a", b"b", b"c"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_broke_off_is_ended_first(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    line_file.append(path, [b"a"])
    with path.open("ab") as file:
        file.write(b"bro")
    assert list(line_file.whole(path)) == [b"a"]
    line_file.append(path, [b"c"])
    assert list(line_file.whole(path)) == [b"a", b"bro", b"c"]

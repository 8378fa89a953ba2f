"""The script that finds rules without check or test cannot be fooled by words alone."""

from pathlib import Path

import pytest

from tools import mls_rules

HEAD = "from mls.rules.refusal import refused, refuses\n\n"
CHECK = 'def check(x):\n    raise ProtocolViolation("no", rule="RFC 9420 §7.3 (2)")\n'
TEST = HEAD + 'def test_it() -> None:\n    with refused("7.3-2"):\n        check(0)\n'
RULE = '[[rule]]\nid = "7.3-2"\nsays = "It is signed."\n'


def project(root: Path, *, rules: str = RULE, engine: str = CHECK, test: str = TEST) -> Path:
    """A project of one module and one test."""
    for name, text in {
        mls_rules.CATALOGUE: rules,
        f"{mls_rules.ENGINE}/leaf.py": engine,
        f"{mls_rules.TESTS}/rules/test_leaf.py": test,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_a_rule_with_check_and_test(tmp_path: Path) -> None:
    assert mls_rules.faults(project(tmp_path)) == []


@pytest.mark.parametrize(
    "engine",
    [
        "",
        "# RFC 9420 §7.3 (2)\n",
        '"""RFC 9420 §7.3 (2)"""\n',
        'RULE = "RFC 9420 §7.3 (2)"\n',
        'raise ProtocolViolation("RFC 9420 §7.3 (2)", rule="")\n',
        'def one():\n    rule = "RFC 9420 §7.3 (2)"\n\ndef other(rule):\n    fail("no", rule=rule)\n',
    ],
)
def test_a_rule_that_is_only_spoken_of(tmp_path: Path, engine: str) -> None:
    assert mls_rules.faults(project(tmp_path, engine=engine)) == ["7.3-2 is not checked: It is signed."]


@pytest.mark.parametrize(
    "engine",
    [
        '_RULE: Final = "RFC 9420 §7.3 (2)"\nfail("no", rule=_RULE)\n',
        'RULES = {1: "RFC 9420 §7.3 (2)"}\nfail("no", rule=RULES[kind])\n',
        'fail("no", rule=given or "RFC 9420 §7.3 (2)")\n',
        'def check(x, *, rule: str = "RFC 9420 §7.3 (2)"):\n    fail("no", rule=rule)\n',
    ],
)
def test_a_rule_by_another_name(tmp_path: Path, engine: str) -> None:
    assert mls_rules.faults(project(tmp_path, engine=engine)) == []


@pytest.mark.parametrize(
    "test",
    [
        "",
        HEAD + '# refused("7.3-2")\ndef test_it() -> None:\n    check(0)\n',
        HEAD + 'def test_it() -> None:\n    """refused("7.3-2")"""\n',
        HEAD + 'def helper() -> None:\n    refused("7.3-2")\n',
        HEAD + '@pytest.mark.skip\ndef test_it() -> None:\n    refused("7.3-2")\n',
        HEAD + '@pytest.mark.xfail(reason="7.3-2")\ndef test_it() -> None:\n    refuses("7.3-2", [], b"")\n',
        HEAD + 'pytestmark = pytest.mark.skip\n\ndef test_it() -> None:\n    refused("7.3-2")\n',
        'def refused(rule): ...\n\ndef test_it() -> None:\n    refused("7.3-2")\n',
    ],
)
def test_a_test_that_asserts_nothing(tmp_path: Path, test: str) -> None:
    assert mls_rules.faults(project(tmp_path, test=test)) == ["7.3-2 is not tested: It is signed."]


def test_rules_that_nobody_listed(tmp_path: Path) -> None:
    engine = (
        CHECK + 'fail("no", rule="RFC 9420 §7.3 (9)")\nfail("no", rule="RFC 9420 §7.3")\nfail("", rule="cordiale 1")\n'
    )
    test = TEST + '\ndef test_other(rule: str) -> None:\n    refused("7.3-8")\n    refused(rule)\n'
    assert mls_rules.faults(project(tmp_path, engine=engine, test=test)) == [
        "7.3-9 is not in the catalogue: src/cordiale/mls/leaf.py:3",
        "§7.3 is cited without a number: src/cordiale/mls/leaf.py:4",
        "7.3-8 is not in the catalogue: tests/mls/rules/test_leaf.py::test_other",
        "a rule that is no literal is not in the catalogue: tests/mls/rules/test_leaf.py::test_other",
    ]


def row(rule: str, **fields: str) -> str:
    """One more rule."""
    return f'\n[[rule]]\nid = "{rule}"\nsays = "It holds."\n' + "".join(
        f"{key} = {text}\n" for key, text in fields.items()
    )


def test_other_kinds(tmp_path: Path) -> None:
    shown = '"tests/mls/rules/test_leaf.py::{}"'
    rules = RULE + "".join(
        (
            row("8-1", kind='"made"', shown=shown.format("test_it")),
            row("8-2", kind='"made"'),
            row("8-3", kind='"made"', shown=shown.format("test_that")),
            row("8-4", kind='"summary"', see='["7.3-2"]'),
            row("8-5", kind='"summary"', see='["7.3-7"]'),
            row("8-6", kind='"application"', where='"Elsewhere."'),
            row("8-7", kind='"recommended"'),
            row("8-8", kind='"other"'),
        )
    )
    assert mls_rules.faults(project(tmp_path, rules=rules)) == [
        "8-2 is shown by no test: It holds.",
        "8-3: there is no test tests/mls/rules/test_leaf.py::test_that",
        "8-5 sums up nothing, or what is not there: 7.3-7",
        "8-7: it is not said who sees to it",
        "8-8: there is no kind other",
    ]


def test_order_and_numbers(tmp_path: Path) -> None:
    later = row("12.2-1", kind='"summary"', see='["7.3-2"]')
    assert mls_rules.faults(project(tmp_path, rules=later + RULE)) == ["the rules are not in order"]
    assert "a number is given twice" in mls_rules.faults(project(tmp_path, rules=RULE + RULE))


def test_the_page() -> None:
    rule = mls_rules.Rule("12.2-3", "It is so.", "summary", ("13.2",), ("7.3-2",))
    assert mls_rules.page([rule]).endswith("| 12.2-3 | It is so. (Also §13.2.) | summary: 7.3-2 |\n")
    assert rule.cited() == "RFC 9420 §12.2 (3)"


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert mls_rules.main([]) == 0
    assert " 0 faults." in capsys.readouterr().out

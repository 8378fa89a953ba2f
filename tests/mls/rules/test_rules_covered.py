"""Every rule of the catalogue has its check and its test: the list of those that have not is empty."""

from tools import mls_rules


def test_no_rule_is_uncovered() -> None:
    assert mls_rules.faults() == []


def test_the_page_is_of_the_catalogue() -> None:
    page = (mls_rules.ROOT / mls_rules.PAGE).read_text(encoding="utf-8")
    assert page == mls_rules.page(mls_rules.catalogue())


def test_the_catalogue_is_of_some_size() -> None:
    """An empty one would have no uncovered rule either."""
    rules = mls_rules.catalogue()
    sections = {rule.section.partition(".")[0] for rule in rules}
    assert {"6", "7", "10", "11", "12", "13", "14", "15"} <= sections
    assert sum(rule.kind == "check" for rule in rules) >= 100
